"""Opens the database, gives transactions, and turns what may go wrong there into one clear line."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from sqlmodel import Session

Tx = Session  # one transaction; commits when its `with` block ends, rolls back on any exception


def open_store(url: str, *, durable: bool = False) -> Store:
    """`sqlite:///var/warn.db` or `postgresql+psycopg://...`. Does not migrate; see `needs_upgrade`.

    `durable`: synchronous FULL on SQLite, for machines that lose power (an acknowledged send is then never forgotten).
    """
    raise NotImplementedError


class Store:
    """One database. Safe to use from several threads; `asyncio.to_thread` is the caller's."""

    def write(self) -> AbstractContextManager[Tx]:
        """One writing transaction (BEGIN IMMEDIATE on SQLite). Raises StoreError on lock, full disk, missing tables."""
        raise NotImplementedError

    def read(self) -> AbstractContextManager[Tx]:
        """One snapshot; writes fail. Never waits for writers."""
        raise NotImplementedError

    def needs_upgrade(self) -> bool:
        raise NotImplementedError

    def upgrade(self) -> None:
        """Creates or migrates the tables; nothing happens where they are current."""
        raise NotImplementedError

    def check(self) -> list[str]:
        """What is wrong with the database (integrity, foreign keys, migration), one line each; empty when sound."""
        raise NotImplementedError

    def backup(self, target: Path) -> None:
        """A consistent, compacted copy that is checked after it was written. SQLite only."""
        raise NotImplementedError

    def restore(self, source: Path) -> None:
        """Replaces the content by that of a checked backup. SQLite only; nothing else may be running."""
        raise NotImplementedError

    def lock_sender(self) -> bool:
        """True if this process alone sends from this file from now on: its leases may then be reclaimed at once."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
