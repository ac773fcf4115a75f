"""Backups of the embedded database, each checked before anybody relies on it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from warn.errors import StoreError

OURS = {"alembic_version", "subscriber"}  # by these tables a database of this program is known


def backup(source: Path, target: Path) -> None:
    """VACUUM INTO a private temporary name, checked, then renamed: a half-written backup never has the final name."""
    partial = target.with_name(f"{target.name}.partial")
    with _explained(f"The backup {target} could not be written"):
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(source, timeout=10, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(partial),))
        _require_sound(partial)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)


def draft(source: Path, target: Path) -> Path:
    """A checked copy of a backup beside the database that it will replace; it holds a list of people, like it."""
    if not source.is_file():
        raise StoreError(f"There is no backup {source}.", "Name a file that `warn db backup` wrote.")
    copy = target.with_name(f"{target.name}.restoring")
    with _explained(f"The backup {source} could not be restored"):
        _require_sound(source)
        _require_ours(source)
        copy.unlink(missing_ok=True)
        os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(copy, timeout=10)) as new,
        ):
            old.backup(new)
    return copy


def put_in_place(copy: Path, target: Path) -> None:
    """What stood there may be damaged, so nothing of it is opened; its journals go with it."""
    with _explained(f"{target} could not be replaced"):
        with copy.open("rb") as written:
            os.fsync(written.fileno())
        for journal in ("-wal", "-shm"):
            target.with_name(f"{target.name}{journal}").unlink(missing_ok=True)
        copy.replace(target)


def faults(path: Path) -> list[str]:
    """Integrity and references; empty when sound."""
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as connection:
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError as error:
            return [f"The file cannot be read as a database: {error}."]
    lines = [] if found == ["ok"] else [f"Damaged: {line}" for line in found]
    return lines + [
        f"A row of {row[0]} refers to a row of {row[2]} that is not there." for row in dangling[:10]
    ]


def _require_sound(path: Path) -> None:
    found = faults(path)
    if found:
        raise StoreError(f"The backup {path} is not sound: {found[0]}", "Take an older one.")


def _require_ours(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    if not tables >= OURS:
        raise StoreError(
            f"{path} is a database, but not one of warn's.", "Name a file that `warn db backup` wrote."
        )


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"{what}: {error}.", "Check free space and rights, and that no other program runs."
        ) from error
