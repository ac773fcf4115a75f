"""A backup put back: over a damaged database, never over a living service, and without its old post."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warn.app import build
from warn.model import Preferences
from warn.settings import Settings
from warn.store import Store, alerts, outbox, subscribers
from warn.store.outbox import NewDelivery, Rendering
from warn.store.vault import Vault

from tests.app.running import RULES, SECRET, ask
from tests.cli.conftest import Prompt

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def backup(warn: Prompt) -> Path:
    """Of a service with two readers and a message on its way to the first."""
    store = opened(warn.var)
    with store.write() as tx:
        for reader in ("a", "b"):
            subscribers.add_pending(
                tx, Vault(SECRET.encode()), "email", f"{reader}@example.org", Preferences(), NOW, reader
            )
            subscribers.confirm(tx, reader, NOW)
        alerts.apply(tx, NOW, [], [])
        body = outbox.enqueue_rendered(tx, Rendering("email", b"x"), NOW)
        outbox.enqueue(tx, [NewDelivery("key", "email", "a", body, 1, NOW)], NOW)
    store.close()
    copy = warn.var / "copy.db"
    assert warn("db", "backup", copy).code == 0
    return copy


def opened(var: Path) -> Store:
    settings = Settings(rules=RULES, var=var, secret=SECRET)
    return build.open_database(settings.database_url, upgrade=True)


def readers(var: Path) -> list[str]:
    return [row["id"] for row in ask(var / "warn.db", "SELECT id FROM subscriber ORDER BY id")]


def test_a_database_that_cannot_be_read_is_replaced(warn: Prompt, backup: Path) -> None:
    (warn.var / "warn.db").write_bytes(b"a page of noise " * 1000)
    said = warn("db", "restore", backup)
    assert (said.code, said.err) == (0, "")
    assert "is not known and may be in it again" in " ".join(said.out.split())
    assert (readers(warn.var), warn("db", "check").code) == (["a", "b"], 0)


def test_what_waited_is_held_for_a_person_and_who_left_since_does_not_come_back(
    warn: Prompt, backup: Path
) -> None:
    assert warn("subscribers", "erase", "b").code == 0
    said = warn("db", "restore", backup)
    assert "Erased from it again: 1 who left since" in " ".join(said.out.split())
    assert readers(warn.var) == ["a"]
    assert ask(warn.var / "warn.db", "SELECT state FROM delivery") == [{"state": "uncertain"}]
    acts = [row["kind"] for row in ask(warn.var / "warn.db", "SELECT kind FROM act")]
    assert acts == ["pause"], "nothing leaves before somebody looked"


def test_a_backup_on_a_new_machine_keeps_all_its_readers(warn: Prompt, backup: Path) -> None:
    (warn.var / "warn.db").unlink()
    fresh = opened(warn.var)
    with fresh.write() as tx:
        alerts.apply(tx, NOW.replace(day=21), [], [])
    fresh.close()
    assert warn("db", "restore", backup).code == 0
    assert readers(warn.var) == ["a", "b"]


def test_a_database_of_somebody_else_replaces_nothing(warn: Prompt, backup: Path) -> None:
    foreign = warn.var / "bookmarks.db"
    with closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE bookmark (address TEXT)")
    said = warn("db", "restore", foreign)
    assert said.code == 1
    assert "not one of warn's" in said.err
    assert readers(warn.var) == ["a", "b"]


def test_a_living_service_keeps_its_database(warn: Prompt, backup: Path) -> None:
    service = opened(warn.var)
    assert service.lock_sender()
    said = warn("db", "restore", backup)
    assert (said.code, "Stop it first" in said.err) == (1, True)
    assert ask(warn.var / "warn.db", "SELECT state FROM delivery") == [{"state": "ready"}]
    service.close()
