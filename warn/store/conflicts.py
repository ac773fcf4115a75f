"""What both databases can do but spell differently: insert unless it is there, and be the only writer of a table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

COUNTED = {"preserve_rowcount": True}  # else SQLAlchemy forgets how many rows an INSERT added


def insert_new(connection: Connection, target: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that leaves rows alone that collide with any unique key."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(target).on_conflict_do_nothing()
    return postgresql.insert(target).on_conflict_do_nothing()


def added(connection: Connection, target: Table, row: dict[str, Any]) -> bool:
    """Whether this row was not there before."""
    statement = insert_new(connection, target).inline().values(**row)
    return connection.execute(statement, execution_options=COUNTED).rowcount == 1


def alone(connection: Connection, name: str) -> None:
    """Until the end of the transaction nobody else writes this table; readers go on. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
