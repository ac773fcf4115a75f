import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from warn.errors import StoreError
from warn.model import Poll
from warn.store import Store, open_store, polls, tables

from tests.store.letters import crashing

NOW = datetime(2025, 9, 14, 8, tzinfo=UTC)
POLL = Poll("feeds", NOW, "ok", found=3)


def test_the_migrated_tables_are_exactly_those_of_the_models(store: Store) -> None:
    with store.read() as tx:
        context = MigrationContext.configure(
            tx.connection(), opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, tables.METADATA) == []


def test_a_new_database_needs_its_tables_and_then_no_more(empty_url: str) -> None:
    store = open_store(empty_url)
    assert store.needs_upgrade()
    store.upgrade()
    assert not store.needs_upgrade()
    store.upgrade()
    assert store.check() == []
    store.close()


def test_missing_tables_are_one_line_with_the_remedy(empty_url: str) -> None:
    store = open_store(empty_url)
    with pytest.raises(StoreError, match=r"lacks tables\. Run `warn db upgrade`\."), store.read() as tx:
        polls.polls(tx)
    store.close()


def test_a_database_of_a_newer_version_is_left_alone(store: Store) -> None:
    with store.write() as tx:
        tx.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for verb in (store.needs_upgrade, store.upgrade, store.check):
        with pytest.raises(StoreError, match="newer version"):
            verb()


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    with crashing(store) as tx:
        polls.record_poll(tx, POLL)
    with store.read() as tx:
        assert polls.polls(tx) == []


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises((StoreError, DBAPIError)), store.read() as tx:
        polls.record_poll(tx, POLL)
    with store.write() as tx:
        polls.record_poll(tx, POLL)


def test_a_reader_sees_one_moment_and_does_not_wait_for_a_writer(store: Store) -> None:
    with store.read() as reader:
        assert polls.polls(reader) == []
        with store.write() as writer:
            polls.record_poll(writer, POLL)
        assert polls.polls(reader) == []
    with store.read() as reader:
        assert polls.polls(reader) == [POLL]


def test_threads_that_read_before_they_write_all_get_their_turn(store: Store) -> None:
    def count_up() -> None:
        for _ in range(25):
            with store.write() as tx:
                states = polls.http_state(tx, "feeds")
                number = int(states["a"].cursor) if states else 0
                polls.put_http_state(tx, "feeds", "a", polls.HttpState(cursor=str(number + 1)), NOW)

    if store.path is None:
        pytest.skip("PostgreSQL lets writers run side by side; claims lock their rows instead")
    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        assert polls.http_state(tx, "feeds")["a"].cursor == "100"


def test_the_file_and_its_companions_are_private(sqlite_store: Store) -> None:
    assert sqlite_store.path
    with sqlite_store.write() as tx:
        polls.record_poll(tx, POLL)
    for file in sqlite_store.path.parent.glob("warn.db*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "warn.db"
    path.touch(mode=0o644)
    open_store(f"sqlite:///{path}").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_embedded_database_works_as_decided(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        asked = {
            name: tx.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 10_000}


def test_a_durable_store_puts_commits_on_the_disk_at_once_and_bursts_at_a_steady_pace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []

    def fsync(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)

    monkeypatch.setattr(os, "fsync", fsync)
    for durable in (False, True):
        store = open_store(f"sqlite:///{tmp_path / 'warn.db'}", durable=durable)
        store.upgrade()
        synced.clear()
        with store.write() as tx:
            polls.record_poll(tx, POLL)
        assert synced == ["warn.db-wal"] * durable, "the caller may tell a reader that it is done"
        began = time.monotonic()
        for n in range(20):
            with store.write() as tx:
                polls.record_poll(tx, Poll(f"feeds{n}", NOW, "ok"))
        store.close()
        paces = int((time.monotonic() - began) / 0.25)
        assert 2 * durable <= len(synced) <= durable * (2 + paces), (
            "few, and the last of them not left behind"
        )


def fill_up(store: Store) -> None:
    with store.write() as tx:
        tx.connection().execute(text("PRAGMA max_page_count=1"))
        for n in range(2000):
            polls.record_poll(tx, Poll(f"feeds{n}", NOW, "ok", message="x" * 500))


def test_a_full_disk_is_one_line_and_loses_nothing_that_was_stored(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        polls.record_poll(tx, POLL)
    with pytest.raises(StoreError, match=r"disk of the database .* is full\. Free some space"):
        fill_up(sqlite_store)
    with sqlite_store.read() as tx:
        assert polls.polls(tx) == [POLL]


def test_a_locked_database_is_one_line(sqlite_store: Store) -> None:
    with closing(sqlite3.connect(str(sqlite_store.path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            sqlite_store.read() as tx
        ):  # the patience of this one connection, so that the test does not wait 10 s
            tx.connection().exec_driver_sql("PRAGMA busy_timeout=50")
        with pytest.raises(StoreError, match="locked by another program"), sqlite_store.write() as tx:
            polls.record_poll(tx, POLL)


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "warn.db"
    path.write_bytes(b"this is not a database, it is a letter " * 100)
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match=r"not a database.*warn db restore"):
        store.needs_upgrade()
    store.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "cannot be read"),
        ("mysql://host/name", "No database of the kind mysql"),
        ("sqlite://", "must be a file"),
        ("sqlite:////proc/nowhere/warn.db", "cannot be opened"),
    ],
)
def test_a_wrong_address_is_one_line(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        open_store(url)


def test_a_server_that_does_not_answer_is_one_line_without_the_password(tmp_path: Path) -> None:
    store = open_store(f"postgresql://warn:s3cret@/warn?host={tmp_path}")
    with pytest.raises(StoreError, match="does not answer") as caught, store.read() as tx:
        polls.polls(tx)
    assert "s3cret" not in str(caught.value)
    store.close()


def test_what_a_server_cuts_off_is_one_line_and_not_a_defect(
    postgres_server: Callable[..., str], postgres_tables: str
) -> None:
    store = open_store(postgres_server(postgres_tables))
    for question, answer in (
        ("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(5)", "statement timeout"),
        ("SET TRANSACTION READ ONLY; DELETE FROM poll", "read-only"),
    ):
        with pytest.raises(StoreError, match=answer), store.write() as tx:
            tx.connection().execute(text(question))
    store.close()


def test_a_backup_holds_everything_and_can_be_restored(sqlite_store: Store, tmp_path: Path) -> None:
    with sqlite_store.write() as tx:
        polls.record_poll(tx, POLL)
    copy = tmp_path / "backup.db"
    sqlite_store.backup(copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite_store.write() as tx:
        polls.record_poll(tx, Poll("feeds", NOW, "error"))
    sqlite_store.restore(copy)
    assert sqlite_store.check() == []
    with sqlite_store.read() as tx:
        assert polls.polls(tx) == [POLL]


def test_a_damaged_backup_is_not_restored(sqlite_store: Store, tmp_path: Path) -> None:
    with sqlite_store.write() as tx:
        polls.record_poll(tx, POLL)
    copy = tmp_path / "backup.db"
    sqlite_store.backup(copy)
    data = bytearray(copy.read_bytes())
    data[4096 * 3 : 4096 * 9] = b"\xff" * (4096 * 6)
    copy.write_bytes(data)
    with pytest.raises(StoreError, match="not sound"):
        sqlite_store.restore(copy)
    with sqlite_store.read() as tx:
        assert polls.polls(tx) == [POLL]


def test_a_backup_that_cannot_be_written_leaves_no_half_file(sqlite_store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="could not be written"):
        sqlite_store.backup(tmp_path / "nowhere" / "backup.db")
    with pytest.raises(StoreError, match="There is no backup"):
        sqlite_store.restore(tmp_path / "nowhere" / "backup.db")


def test_only_one_process_sends_from_a_file(sqlite_store: Store) -> None:
    other = open_store(f"sqlite:///{sqlite_store.path}")
    assert sqlite_store.lock_sender()
    assert sqlite_store.lock_sender()
    assert not other.lock_sender()
    sqlite_store.close()
    assert other.lock_sender()
    other.close()
