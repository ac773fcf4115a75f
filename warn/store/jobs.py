"""Several replicas without a leader: a job's slot is a unique row, a role that must be single is a fenced lease."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, or_, select

from warn.store import times
from warn.store.conflicts import added
from warn.store.database import Tx
from warn.store.tables import JobRunRow, LeaseRow, table

RUN = table(JobRunRow)
LEASE = table(LeaseRow)


def start(tx: Tx, job: str, slot: int, owner: str, now: datetime, *, stale_s: float = 600.0) -> bool:
    """True for exactly one caller per (job, slot); again when the winner neither finished nor beat for `stale_s`."""
    connection = tx.connection()
    row = {"job": job, "slot": slot, "owner": owner, "started_at": now, "beat_at": now, "outcome": ""}
    if added(connection, RUN, row):
        return True
    taken_over = (
        RUN.update()
        .where(RUN.c.job == job, RUN.c.slot == slot, RUN.c.finished_at.is_(None))
        .where(RUN.c.beat_at < now - timedelta(seconds=stale_s))
        .values(owner=owner, started_at=now, beat_at=now)
    )
    return connection.execute(taken_over).rowcount == 1


def beat(tx: Tx, job: str, slot: int, owner: str, now: datetime) -> bool:
    """False when somebody else took the slot over."""
    return _change(tx.connection(), job, slot, owner, beat_at=now)


def finish(tx: Tx, job: str, slot: int, owner: str, now: datetime, outcome: str = "") -> bool:
    return _change(tx.connection(), job, slot, owner, beat_at=now, finished_at=now, outcome=outcome)


def last_run(tx: Tx, job: str) -> tuple[int, datetime | None] | None:
    """(slot, finished_at) of the newest slot."""
    question = select(RUN.c.slot, RUN.c.finished_at).where(RUN.c.job == job).order_by(RUN.c.slot.desc())
    row = tx.connection().execute(question.limit(1)).first()
    return row and (row.slot, row.finished_at)


def forget_runs(tx: Tx, before: datetime) -> int:
    return tx.connection().execute(RUN.delete().where(RUN.c.started_at < before)).rowcount


def take_lease(tx: Tx, role: str, owner: str, ttl_s: float, now: datetime) -> int | None:
    """The fence while `owner` holds the role (taken or renewed), None while somebody else does.

    On PostgreSQL the database's clock decides and `now` is not used, so that replicas need not agree on the time.
    A renewal in time keeps the fence; whoever takes the role anew gets a higher one.
    """
    connection = tx.connection()
    now = times.deciding(connection, now)
    until = now + timedelta(seconds=ttl_s)
    lease = LEASE.c
    if added(connection, LEASE, {"role": role, "owner": owner, "fence": 1, "expires_at": until}):
        return 1
    kept = (lease.owner == owner) & (lease.expires_at >= now)
    taken = (
        LEASE.update()
        .where(lease.role == role, or_(lease.owner == owner, lease.expires_at < now))
        .values(owner=owner, expires_at=until, fence=case((kept, lease.fence), else_=lease.fence + 1))
        .returning(lease.fence)
    )
    return connection.execute(taken).scalar_one_or_none()


def release_lease(tx: Tx, role: str, owner: str) -> bool:
    """The row stays, and with it the fence, so that a number is never used twice."""
    released = LEASE.update().where(LEASE.c.role == role, LEASE.c.owner == owner)
    past = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
    return tx.connection().execute(released.values(owner="", expires_at=past)).rowcount == 1


def _change(connection: Connection, job: str, slot: int, owner: str, **values: object) -> bool:
    mine = RUN.update().where(RUN.c.job == job, RUN.c.slot == slot, RUN.c.owner == owner)
    return connection.execute(mine.where(RUN.c.finished_at.is_(None)).values(**values)).rowcount == 1
