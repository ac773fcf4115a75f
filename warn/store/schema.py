"""Migrations: which version the tables are of, and how they become current."""

from __future__ import annotations

import importlib
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect

from warn.errors import StoreError
from warn.store.tables import METADATA

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def needs_upgrade(connection: Connection, where: str) -> bool:
    """Read without Alembic: revisions are one line of files, named by their numbers."""
    known = sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
    present = set()
    if inspect(connection).has_table("alembic_version"):
        present = set(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars())
    unknown = present - set(known)
    if unknown:
        raise StoreError(
            f"The database {where} was written by a newer version of warn (revision {', '.join(sorted(unknown))}).",
            "Install that version, or restore an older backup.",
        )
    return present != {known[-1]}


def upgrade(connection: Connection, where: str) -> None:
    """One transaction for all steps: killed in the middle, the database is as it was."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:  # tables are rebuilt on SQLite; references are checked at the end instead of at each step
        _pragma(connection, "foreign_keys=OFF")
    try:
        with connection.begin():
            if not needs_upgrade(connection, where):
                return
            if inspect(connection).get_table_names():
                importlib.import_module("warn.store.migrating").to_newest(connection)
            else:
                _make_new(connection)
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise StoreError(f"The tables of {where} do not fit together.", "Run `warn db check`.")
    finally:
        if sqlite:
            _pragma(connection, "foreign_keys=ON")


def _make_new(connection: Connection) -> None:
    """An empty database gets the tables as the last migration leaves them (the tests hold the two alike).

    So the first start, too, does without Alembic and its memory.
    """
    METADATA.create_all(connection)
    newest = max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
    version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
    version.create(connection)
    connection.execute(version.insert().values(version_num=newest))


def _pragma(connection: Connection, pragma: str) -> None:
    """Outside any transaction, where alone it has an effect."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
