"""Opens the database, gives transactions, and turns what may go wrong there into one clear line."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from warn.errors import StoreError
from warn.store import copies, schema
from warn.store.erased import Journal
from warn.store.faults import explained
from warn.store.syncing import Syncing
from warn.store.wiping import Wiping, erased

Tx = Session  # one transaction; commits when its `with` block ends, rolls back on any exception
Marks = Callable[[str], Sequence[str]]
BUSY_S = 10.0
TURN_S = 60.0  # how long a thread waits for the others of this process


def open_store(url: str, *, durable: bool = False, marks: Marks | None = None) -> Store:
    """`sqlite:///var/warn.db` or `postgresql://...`. Does not migrate; see `needs_upgrade`.

    `durable`: what SQLite committed is on the disk within a quarter second, for machines that lose power.
    `marks`: the keyed hashes under which SQLite's journal of the erased knows them; without it none is kept.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            "The address of the database cannot be read.", "Example: sqlite:///var/warn.db"
        ) from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return Store(_sqlite_engine(parsed), _sqlite_path(parsed), durable=durable, marks=marks)
    if backend == "postgresql":
        return Store(_postgres_engine(parsed), None)
    raise StoreError(
        f"No database of the kind {backend} is known here.", "Use sqlite:///FILE or postgresql://HOST/NAME."
    )


class Store:
    """One database. Safe to use from several threads; `asyncio.to_thread` is the caller's."""

    def __init__(
        self,
        engine: Engine,
        path: Path | None,
        *,
        durable: bool = False,
        marks: Marks | None = None,
    ) -> None:
        self.path = path
        self.journal = Journal(path, marks) if path and marks else None
        self._syncing = Syncing(path.with_name(f"{path.name}-wal")) if path and durable else None
        self.where = str(path) if path else engine.url.render_as_string(hide_password=True)
        self._writer = engine
        # Options, not a second pool: both kinds of transaction take turns on the same connections.
        self._reader = engine.execution_options(warn_reading=True)
        if path is None:
            self._reader = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        # Threads of one process take turns here, at once and fairly; SQLite's own waiting polls with growing pauses.
        self._turn = Lock() if path else None
        self._wiping = Wiping(engine) if path else None
        self._sender_lock: int | None = None

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """One writing transaction (BEGIN IMMEDIATE on SQLite). Raises StoreError on lock, full disk, missing tables."""
        with (
            self._taking_turns(),
            explained(self.where),
            Session(self._writer, expire_on_commit=False) as tx,
            tx.begin(),
        ):
            yield tx
            if self.journal is not None:
                self.journal.note(erased(tx))
        if self._syncing is not None:
            self._syncing.committed()
        if self._wiping is not None:
            self._wiping.committed(tx)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """One snapshot; writes fail. Never waits for writers."""
        with explained(self.where), Session(self._reader, expire_on_commit=False) as tx, tx.begin():
            yield tx

    def needs_upgrade(self) -> bool:
        """Raises StoreError where the database was written by a newer version of this program."""
        with explained(self.where), self._reader.connect() as connection:
            return schema.needs_upgrade(connection, self.where)

    def upgrade(self) -> None:
        """Creates or migrates the tables; nothing happens where they are current."""
        with self._taking_turns(), explained(self.where), self._writer.connect() as connection:
            schema.upgrade(connection, self.where)

    def check(self) -> list[str]:
        """What is wrong with the database (integrity, foreign keys, migration), one line each; empty when sound."""
        with explained(self.where), self._reader.connect() as connection:
            faults = copies.faults(self.path) if self.path else []
            if not faults and schema.needs_upgrade(connection, self.where):
                faults.append("The tables are those of an older version: run `warn db upgrade`.")
            return faults

    def backup(self, target: Path) -> None:
        """A consistent, compacted copy that is checked after it was written. SQLite only."""
        copies.backup(self._file("backed up", "pg_dump"), target)

    def restore(self, source: Path) -> None:
        """Replaces the content by that of a checked backup, its tables brought to this version. SQLite only.

        Nothing of what stood there is read, for it may be damaged. Refused while a service runs on it.
        """
        path = self._file("restored", "pg_restore")
        if not self.lock_sender():
            raise StoreError(f"A service is running on {path}.", "Stop it first; nothing was changed.")
        copy = copies.draft(source, path)
        restored = Store(_sqlite_engine(URL.create("sqlite", database=str(copy))), copy)
        try:
            restored.upgrade()
        finally:
            restored.close()
        self._writer.dispose()
        with self._taking_turns():
            copies.put_in_place(copy, path)

    def lock_sender(self) -> bool:
        """True if this process alone sends from this file from now on: its leases may then be reclaimed at once."""
        if self.path is None:
            return False
        if self._sender_lock is None:
            handle = os.open(f"{self.path}.sender", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return False
            self._sender_lock = handle
        return True

    def close(self) -> None:
        if self._syncing is not None:
            self._syncing.close()
        self._writer.dispose()
        if self._sender_lock is not None:
            os.close(self._sender_lock)
            self._sender_lock = None

    def _file(self, verb: str, tool: str) -> Path:
        if self.path is None:
            raise StoreError(f"A PostgreSQL database is not {verb} by this command.", f"Use {tool}.")
        return self.path

    @contextmanager
    def _taking_turns(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=TURN_S):
            raise StoreError(
                f"The database {self.where} was kept busy by this program itself.", "Restart it."
            )
        try:
            yield
        finally:
            self._turn.release()


def _postgres_engine(url: URL) -> Engine:
    options = "-c timezone=UTC -c lock_timeout=10s"
    return create_engine(
        url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args={"options": options}
    )


def _sqlite_path(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise StoreError("The database must be a file.", "Example: sqlite:///var/warn.db")
    return Path(url.database).absolute()


def _sqlite_engine(url: URL) -> Engine:
    path = _sqlite_path(url)
    _create_private(path)
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_S}, pool_timeout=TURN_S
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, the driver never does
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "journal_size_limit=67108864",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads before it writes would fail at once, without waiting, when it wants the lock later.
        reading = bool(connection.get_execution_options().get("warn_reading"))
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _create_private(path: Path) -> None:
    """The file holds a list of subscribers: nobody but its owner may read it, from its first moment."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StoreError(
            f"The database {path} cannot be opened ({error.strerror}).",
            "Check that the folder exists and this user may write there.",
        ) from error
