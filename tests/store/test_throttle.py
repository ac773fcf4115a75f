"""How often something may be asked for, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from warn.store import Tx, open_store, tables, throttle
from warn.store.migrating import config

NOW = datetime(2025, 9, 14, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_so_many_are_allowed_in_a_window_that_begins_with_the_first(tx: Tx) -> None:
    asked = [throttle.allowed(tx, "a", 2, HOUR, NOW + n * HOUR / 4) for n in range(4)]
    assert asked == [True, True, False, False]
    assert throttle.allowed(tx, "b", 2, HOUR, NOW), "another mark has a window of its own"
    assert throttle.allowed(tx, "a", 2, HOUR, NOW + HOUR)
    assert not throttle.allowed(tx, "c", 0, HOUR, NOW)


def test_looking_whether_a_window_is_spent_counts_nothing(tx: Tx) -> None:
    assert not throttle.spent(tx, "a", 2, NOW)
    throttle.allowed(tx, "a", 2, HOUR, NOW)
    assert not throttle.spent(tx, "a", 2, NOW)
    throttle.allowed(tx, "a", 2, HOUR, NOW)
    assert throttle.spent(tx, "a", 2, NOW)
    assert not throttle.spent(tx, "a", 2, NOW + HOUR)


def test_nothing_is_kept_longer_than_its_window(tx: Tx) -> None:
    throttle.allowed(tx, "a", 2, HOUR, NOW)
    throttle.allowed(tx, "b", 2, 2 * HOUR, NOW)
    assert throttle.forget(tx, NOW + HOUR) == 1
    assert tx.connection().execute(text("SELECT mark FROM throttle")).scalars().all() == ["b"]


def test_a_database_of_the_first_version_becomes_that_of_this_one(empty_url: str) -> None:
    store = open_store(empty_url)
    engine = create_engine(empty_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        command.upgrade(config(connection), "0001")
    engine.dispose()
    assert store.needs_upgrade()
    store.upgrade()
    assert not store.needs_upgrade()
    with store.read() as tx:
        opts = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(tx.connection(), opts=opts), tables.METADATA) == []
    store.close()
