"""The sending side of the outbox: claim, acknowledge, sweep. Order within a lane is kept by head-of-line promotion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from warn.channel import Parcel, Receipt
from warn.store.database import Tx

CAP = 8  # attempts; the eighth failure is final


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery this owner may send until `lease_until`. `parcel` completes it with what the store cannot know."""

    id: int
    key: str
    channel: str
    recipient: str
    priority: int
    attempt: int
    kind: str
    form: str
    subject: str
    body: bytes
    created_at: datetime
    lease_until: datetime
    picture: bytes | None = None
    picture_ref: str = ""
    edits: str = ""

    def parcel(self, address: str, token: str) -> Parcel:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery as an administrator sees it: no address."""

    id: int
    channel: str
    recipient: str
    kind: str
    subject: str
    state: str
    attempt: int
    code: str
    error: str
    created_at: datetime


def claim(
    tx: Tx,
    now: datetime,
    room: int,
    owner: str,
    channels: Sequence[str],
    *,
    lease_s: float = 60.0,
    paused: bool = False,
) -> list[Claimed]:
    """Up to `room` deliveries that are due, highest priority first, a fifth of the room kept for digests.

    Counts the attempt. `paused`: administrators' deliveries only.
    """
    raise NotImplementedError


def ack_sent(tx: Tx, owner: str, now: datetime, receipts: Iterable[tuple[int, Receipt]]) -> set[int]:
    """Marks as sent what this owner still holds, and promotes the next of each lane; answers the ids it held."""
    raise NotImplementedError


def ack_failed(
    tx: Tx,
    owner: str,
    now: datetime,
    id: int,
    kind: str,
    message: str,
    *,
    code: str = "",
    retry_after_s: float | None = None,
    random: Callable[[], float],
) -> str:
    """What follows from a DeliveryError of `kind` (or 'suppressed'); the new state, '' if the lease was lost.

    retry: again after full-jitter backoff, `dead` at the cap. refund: again, not counted. dead and gone: `dead`.
    uncertain: again or `uncertain`, as the delivery says.
    """
    raise NotImplementedError


def extend(tx: Tx, owner: str, now: datetime, ids: Iterable[int], lease_s: float = 60.0) -> set[int]:
    """Renews leases of sends that take long; answers those still held."""
    raise NotImplementedError


def sweep(tx: Tx, now: datetime) -> dict[str, int]:
    """Every few seconds: expires, ends what the cap or a dead sender left, promotes lanes without an open row."""
    raise NotImplementedError


def reclaim(tx: Tx, now: datetime) -> int:
    """At boot, only after `Store.lock_sender()` said yes: leases of the process that died end at once."""
    raise NotImplementedError


def letters(tx: Tx, states: Sequence[str] = ("dead", "uncertain"), limit: int = 50) -> list[Letter]:
    raise NotImplementedError


def requeue(tx: Tx, ids: Iterable[int], now: datetime, expires_at: datetime | None = None) -> int:
    """Dead, uncertain or expired deliveries start again with a full count of attempts."""
    raise NotImplementedError


def counts(tx: Tx) -> dict[tuple[str, str], int]:
    """(channel, state) -> how many."""
    raise NotImplementedError


def oldest_due(tx: Tx, now: datetime) -> float:
    """Seconds that the longest waiting delivery is overdue; 0 when nothing waits."""
    raise NotImplementedError


def purge(tx: Tx, before: datetime) -> int:
    """Deletes finished deliveries (and bytes nobody needs) older than that, except of episodes still open."""
    raise NotImplementedError
