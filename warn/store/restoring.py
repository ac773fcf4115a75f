"""When an old copy of the database is put back: nothing is sent twice, nobody who left comes back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from warn.store import acts, alerts, reports, subscribers
from warn.store.acts import Act
from warn.store.database import Tx
from warn.store.erased import Journal
from warn.store.tables import DeliveryRow, SubscriberRow, table

DELIVERY, SUBSCRIBER = table(DeliveryRow), table(SubscriberRow)
WHY = "restored from a backup"
OPEN = ("blocked", "ready", "sending")


@dataclass(frozen=True, slots=True)
class Before:
    """The database that is replaced: its first evaluation, by which it is known again, and who is to stay a reader."""

    first: datetime
    readers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Settled:
    """`held`: deliveries that are `uncertain` now. `erased`: readers who had left; `complete`: these are all."""

    held: int
    erased: int
    complete: bool


def before(tx: Tx, leaving: Collection[str]) -> Before | None:
    """None where it never evaluated anything. `leaving`: readers who asked to be erased."""
    first = alerts.first_tick(tx)
    return None if first is None else Before(first, frozenset(_readers(tx) - set(leaving)))


def settle(tx: Tx, was: Before | None, journal: Journal | None, now: datetime) -> Settled:
    """After a restore, in the database that was put back.

    What waited when the copy was made may have arrived since, so a person decides; sending is paused until then. Who
    is not among the readers of `was` is erased again, but only if it was a later state of this same database; and so
    is, with what they reported, whoever stands in the journal.
    """
    unknown = DELIVERY.update().where(DELIVERY.c.state.in_(OPEN))
    held = tx.connection().execute(
        unknown.values(state="uncertain", last_error=WHY, done_at=now, lease_owner="", lease_until=None)
    )
    same = was is not None and was.first == alerts.first_tick(tx)
    left = _readers(tx) - was.readers if was is not None and same else set()
    noted = journal.read(now) if journal is not None else None
    if journal is not None and noted is not None:
        left |= set(journal.left(_readers(tx), noted))
        reports.erase(tx, journal.left(reports.marks(tx), noted), now)
    copied = alerts.last_tick(tx)
    complete = same or (noted is not None and copied is not None and noted.since <= copied)
    erased = sum(subscribers.erase(tx, reader) for reader in sorted(left))
    acts.record(tx, Act("pause", "*", "cli", now, reason=WHY))
    return Settled(held.rowcount, erased, complete)


def _readers(tx: Tx) -> set[str]:
    return set(tx.connection().execute(select(SUBSCRIBER.c.id)).scalars())
