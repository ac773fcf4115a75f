"""How often something may be asked for: counted by keyed hash, and forgotten with its window."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from warn.store.conflicts import added
from warn.store.database import Tx
from warn.store.tables import ThrottleRow, table

THROTTLE = table(ThrottleRow)


def allowed(tx: Tx, mark: str, most: int, window: timedelta, now: datetime) -> bool:
    """Counts one more; True for the first `most` of a window, which begins with the first.

    `mark` is a keyed hash made by the caller, so that the database tells neither who asked nor for whom.
    """
    forget(tx, now)
    connection = tx.connection()
    if added(connection, THROTTLE, {"mark": mark, "count": 1, "until": now + window}):
        return most > 0
    c = THROTTLE.c
    once_more = THROTTLE.update().where(c.mark == mark).values(count=c.count + 1).returning(c.count)
    return int(connection.execute(once_more).scalar_one()) <= most


def spent(tx: Tx, mark: str, most: int, now: datetime) -> bool:
    """Whether a window has seen so many already; counts nothing and writes nothing."""
    c = THROTTLE.c
    seen = select(c.count).where(c.mark == mark, c.until > now)
    return (tx.connection().execute(seen).scalar() or 0) >= most


def forget(tx: Tx, now: datetime) -> int:
    """Everything whose window is over."""
    return tx.connection().execute(THROTTLE.delete().where(THROTTLE.c.until <= now)).rowcount
