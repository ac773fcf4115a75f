"""What was erased stands nowhere in the files: the pages are overwritten, and the journal does not keep them."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

ERASED = "erased"
PAUSE_S = 1.0
PATIENCE_MS = 50


def erases(tx: Session, *names: str) -> None:
    """To be called in a transaction that takes away what somebody wanted gone; `names` must not come back either."""
    tx.info[ERASED] = [*erased(tx), *names]


def erased(tx: Session) -> list[str]:
    return list(tx.info.get(ERASED, ()))


class Wiping:
    """Empties the journal (`-wal`) of SQLite after such a transaction; while somebody reads in it, a later one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._due = False
        self._tried = -PAUSE_S

    def committed(self, tx: Session) -> None:
        self._due = self._due or ERASED in tx.info
        if self._due and time.monotonic() - self._tried >= PAUSE_S:
            self._due = not self._emptied()
            self._tried = time.monotonic()

    def _emptied(self) -> bool:
        """Never raises: what was committed stays so, and the next transaction tries again."""
        try:
            pooled = self._engine.raw_connection()
        except SQLAlchemyError:
            return False
        try:
            return _truncated(pooled.driver_connection)
        except sqlite3.Error:
            return False
        finally:
            pooled.close()


def _truncated(connection: Any) -> bool:
    (before,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
    try:
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout={before}")
    return not busy
