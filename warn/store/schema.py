"""Migrations: which version the tables are of, and how they become current."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from warn.errors import StoreError

FOLDER = Path(__file__).parent / "migrations"


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def needs_upgrade(connection: Connection, where: str) -> bool:
    scripts = ScriptDirectory.from_config(config())
    present = set(MigrationContext.configure(connection).get_current_heads())
    unknown = present - {script.revision for script in scripts.walk_revisions()}
    if unknown:
        raise StoreError(
            f"The database {where} was written by a newer version of warn (revision {', '.join(sorted(unknown))}).",
            "Install that version, or restore an older backup.",
        )
    return present != set(scripts.get_heads())


def upgrade(connection: Connection, where: str) -> None:
    """One transaction for all steps: killed in the middle, the database is as it was."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:  # tables are rebuilt on SQLite; references are checked at the end instead of at each step
        _pragma(connection, "foreign_keys=OFF")
    try:
        with connection.begin():
            if not needs_upgrade(connection, where):
                return
            command.upgrade(config(connection), "head")
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise StoreError(f"The tables of {where} do not fit together.", "Run `warn db check`.")
    finally:
        if sqlite:
            _pragma(connection, "foreign_keys=ON")


def _pragma(connection: Connection, pragma: str) -> None:
    """Outside any transaction, where alone it has an effect."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
