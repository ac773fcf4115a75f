"""From one database to another, table by table; the copy is compared before anybody relies on it."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Integer, Table, func, select

from warn.errors import StoreError
from warn.store.database import Store
from warn.store.tables import METADATA

CHUNK = 5000


def move(source: Store, target: Store) -> dict[str, int]:
    """Copies every row into an empty, migrated database; table -> rows. Nothing is kept there if anything differs."""
    copied: dict[str, int] = {}
    with source.read() as old, target.write() as new:
        there = new.connection()
        for table in METADATA.sorted_tables:
            if there.execute(select(func.count()).select_from(table)).scalar_one():
                raise StoreError(f"The database {target.where} is not empty.", "Name a new one.")
            copied[table.name] = _copy(old.connection(), there, table)
            if _sum(old.connection(), table) != _sum(there, table):
                raise StoreError(f"The copy of {table.name} differs from its original.", "Nothing was moved.")
            _continue_counting(there, table)
    return copied


def _rows(connection: Connection, table: Table) -> Any:
    return connection.execute(select(table), execution_options={"yield_per": CHUNK})


def _copy(source: Connection, target: Connection, table: Table) -> int:
    count = 0
    for part in _rows(source, table).mappings().partitions(CHUNK):
        target.execute(table.insert(), [dict(row) for row in part])
        count += len(part)
    return count


def _sum(connection: Connection, table: Table) -> int:
    """The same whatever the order of the rows: databases sort text differently."""
    total = 0
    for row in _rows(connection, table):
        digest = blake2b(repr(tuple(row)).encode(), digest_size=8).digest()
        total = (total + int.from_bytes(digest, "big")) % 2**64
    return total


def _continue_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL's sequences do not notice rows that brought their numbers along."""
    column = table.autoincrement_column
    if connection.dialect.name != "postgresql" or column is None or not isinstance(column.type, Integer):
        return
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    highest = select(func.max(column)).scalar_subquery()
    connection.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))
