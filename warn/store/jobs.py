"""Several replicas without a leader: a job's slot is a unique row, a role that must be single is a lease with a fence."""

from __future__ import annotations

from datetime import datetime

from warn.store.database import Tx


def start(tx: Tx, job: str, slot: int, owner: str, now: datetime, *, stale_s: float = 600.0) -> bool:
    """True for exactly one caller per (job, slot); again when the winner neither finished nor beat for `stale_s`."""
    raise NotImplementedError


def beat(tx: Tx, job: str, slot: int, owner: str, now: datetime) -> bool:
    raise NotImplementedError


def finish(tx: Tx, job: str, slot: int, owner: str, now: datetime, outcome: str = "") -> bool:
    raise NotImplementedError


def last_run(tx: Tx, job: str) -> tuple[int, datetime | None] | None:
    """(slot, finished_at) of the newest slot."""
    raise NotImplementedError


def take_lease(tx: Tx, role: str, owner: str, ttl_s: float, now: datetime) -> int | None:
    """The fence while `owner` holds the role (taken or renewed), None while somebody else does.

    On PostgreSQL the database's clock decides and `now` is not used, so that replicas need not agree on the time.
    """
    raise NotImplementedError


def release_lease(tx: Tx, role: str, owner: str) -> bool:
    raise NotImplementedError
