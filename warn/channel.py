"""What a channel is. Everything in `warn/channels/` is one file with one class of this shape and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery as the dispatcher hands it over: bytes fixed when enqueued, and the address just resolved.

    `key` is the idempotency key, the same in every retry. `form` says what `body` is: 'email' (RFC 5322 bytes without
    To, Message-ID and List-Unsubscribe, which the channel adds) or 'telegram' (JSON: parts, buttons, silent, edits).
    `token` replaces the placeholder in the body and is of the same length. `edits` is the provider id of a message
    that this one replaces, or marks as superseded; `edit_only`: where that message is gone, nothing is sent
    (DeliveryError 'suppressed'). `begun`: what an earlier try said of parts that arrived; `arrived` is told the same
    while others are still to follow, so that a kill between two parts repeats none. `stands` raises DeliveryError
    where the reader has left: for channels that keep a parcel waiting, to ask right before each part is sent.
    """

    id: int
    key: str
    form: str
    subject: str
    body: bytes
    address: str
    token: str
    priority: int
    created_at: datetime
    picture: bytes | None = None
    picture_ref: str = ""
    edits: str = ""
    edit_only: bool = False
    begun: str = ""
    arrived: Callable[[str], Awaitable[None]] | None = None
    stands: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The channel's proof: the provider's message id, and the id of an uploaded picture to be used again."""

    provider_id: str = ""
    picture_ref: str = ""
    detail: str = ""


class Channel(Protocol):
    """Sends parcels one by one; raises DeliveryError and nothing else. `width` parcels may be in flight at once."""

    id: str
    width: int

    async def open(self) -> None: ...

    async def send(self, parcel: Parcel) -> Receipt: ...

    async def check(self) -> str:
        """One line for `warn doctor`: what works, or DeliveryError saying what does not and what to do."""
        ...

    async def close(self) -> None: ...
