"""What is to be sent: rendered bytes, expansions to recipients, deliveries. Filled in the transaction of its cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from warn.model import EMPTY, Level, Recipient
from warn.store.database import Tx


@dataclass(frozen=True, slots=True)
class Tell:
    """One episode that a message speaks of, as it stood."""

    number: int
    revision: int
    level: Level


@dataclass(frozen=True, slots=True)
class Rendering:
    """The bytes of one variant, fixed from now on. `form`: 'email', 'telegram', ... (warn/channel.py)."""

    form: str
    body: bytes
    subject: str = ""
    picture: bytes | None = None
    kind: str = "alert"  # Message.kind
    tells: tuple[Tell, ...] = ()


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One message for one recipient. `priority`: 0 crisis, 1 alert, 2 tension and watch, 3 digest, 4 administrators.

    `resend`: what follows when it is not known whether it arrived: True sends again (alerts), False ends `uncertain`.
    `edits`: (episode number, revision): replaces the newest message sent to this recipient about that episode before
    that revision; where there is none it is sent as new, or dropped with `edit_only`.
    `lane`: deliveries of one lane leave in order; by default that of the recipient and channel.
    """

    idem_key: str
    channel: str
    recipient: str
    rendered_id: int
    priority: int
    due: datetime
    expires_at: datetime | None = None
    resend: bool = True
    edits: tuple[int, int] | None = None
    edit_only: bool = False
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A message on its way to many. `payload` is the caller's own: whatever it needs to choose again after a crash."""

    id: int
    key: str
    cursor: str
    payload: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


Choose = Callable[[Sequence[Recipient]], Iterable[NewDelivery]]


def alert_key(number: int, revision: int, recipient: str, channel: str, suffix: str = "") -> str:
    """Idempotency key of an alert message: of the highest alert where one message tells of several."""
    raise NotImplementedError


def digest_key(edition: str, local_date: date, recipient: str, channel: str) -> str:
    raise NotImplementedError


def enqueue_rendered(tx: Tx, rendering: Rendering, now: datetime) -> int:
    """The id of these bytes; the same bytes are kept once."""
    raise NotImplementedError


def enqueue_expansion(tx: Tx, key: str, payload: Mapping[str, Any], now: datetime) -> int:
    """Queued once per key; in the same transaction as the transitions it tells of."""
    raise NotImplementedError


def expansions(tx: Tx) -> list[Expansion]:
    """Those not finished, oldest first."""
    raise NotImplementedError


def expand(tx: Tx, expansion_id: int, choose: Choose, now: datetime, chunk: int = 1000) -> bool:
    """One chunk of active subscribers in id order goes through `choose`, cursor and deliveries in this transaction.

    True while there is more to do. Killed between chunks it resumes; a chunk done twice adds nothing.
    """
    raise NotImplementedError


def enqueue(tx: Tx, deliveries: Iterable[NewDelivery], now: datetime) -> int:
    """Adds those whose idempotency key is new, promotes the heads of their lanes; how many were added."""
    raise NotImplementedError


def make_editions(
    tx: Tx,
    edition: str,
    local_date: date,
    recipients: Iterable[tuple[str, str]],
    now: datetime,
    *,
    skipped: bool = False,
) -> set[tuple[str, str]]:
    """Claims (edition, local date, recipient, channel) for (recipient, channel) pairs; answers those that were new."""
    raise NotImplementedError


def editions_made(tx: Tx, edition: str, since: date) -> dict[tuple[str, str], date]:
    """(recipient, channel) -> newest local date made or skipped, at `since` or later."""
    raise NotImplementedError


def skipped_editions(tx: Tx, edition: str, recipients: Sequence[str], since: date) -> dict[str, list[date]]:
    """recipient -> dates that were skipped after the newest one made: the gap the next edition names."""
    raise NotImplementedError
