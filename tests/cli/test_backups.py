"""A backup put back: over a damaged database, never over a living service, without its old post and without who left."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warn.app import build
from warn.model import Observation, Preferences
from warn.settings import Settings
from warn.store import Store, alerts, outbox, reports, subscribers
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
        alerts.apply(tx, datetime.now(UTC), [], [])
        body = outbox.enqueue_rendered(tx, Rendering("email", b"x"), NOW)
        outbox.enqueue(tx, [NewDelivery("key", "email", "a", body, 1, NOW)], NOW)
    store.close()
    copy = warn.var / "copy.db"
    assert warn("db", "backup", copy).code == 0
    return copy


def opened(var: Path) -> Store:
    settings = Settings(rules=RULES, var=var, secret=SECRET)
    return build.open_database(settings, upgrade=True)


def readers(var: Path) -> list[str]:
    return [row["id"] for row in ask(var / "warn.db", "SELECT id FROM subscriber ORDER BY id")]


def test_a_database_that_cannot_be_read_is_replaced(warn: Prompt, backup: Path) -> None:
    (warn.var / "warn.db").write_bytes(b"a page of noise " * 1000)
    said = warn("db", "restore", backup)
    assert (said.code, said.err) == (0, "")
    assert "Erased from it again: 0 who left since. Deliveries" in " ".join(said.out.split())
    assert (readers(warn.var), warn("db", "check").code) == (["a", "b"], 0)


def test_who_left_does_not_come_back_over_a_database_that_cannot_be_read_either(
    warn: Prompt, backup: Path
) -> None:
    assert warn("subscribers", "erase", "b").code == 0
    for journal in ("-wal", "-shm"):
        (warn.var / f"warn.db{journal}").unlink(missing_ok=True)
    (warn.var / "warn.db").write_bytes(b"a page of noise " * 1000)
    (warn.var / "warn.erased" / ".nfs0001").write_text("left by a file server")
    said = warn("db", "restore", backup)
    assert "Erased from it again: 1 who left since. Deliveries" in " ".join(said.out.split())
    assert readers(warn.var) == ["a"]


def test_what_is_kept_of_who_left_is_a_keyed_hash_for_thirty_days(warn: Prompt, backup: Path) -> None:
    assert warn("subscribers", "erase", "b").code == 0
    kept = list((warn.var / "warn.erased").iterdir())
    said = "".join(path.read_text() for path in kept)
    assert len(kept) == 2
    assert Vault(SECRET.encode()).mark("erased", "b") in said
    assert Vault(SECRET.encode()).mark("email", "b@example.org") not in said
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)
    store = opened(warn.var)
    assert store.journal
    store.journal.forget(datetime.now(UTC) + timedelta(days=30))
    assert len(list((warn.var / "warn.erased").iterdir())) == 2
    store.journal.forget(datetime.now(UTC) + timedelta(days=31))
    assert [path.name for path in (warn.var / "warn.erased").iterdir()] == ["since"]
    store.close()


def test_reports_that_were_erased_do_not_come_back(warn: Prompt) -> None:
    store = opened(warn.var)
    with store.write() as tx:
        for mark in ("one", "two"):
            said = Observation("station_has_fuel", NOW, NOW, origins=(mark,), key=mark)
            reports.receive(tx, said, NOW)
    store.backup(warn.var / "copy.db")
    with store.write() as tx:
        reports.erase(tx, ["one"], NOW)
    store.close()
    assert warn("db", "restore", warn.var / "copy.db").code == 0
    assert ask(warn.var / "warn.db", "SELECT mark FROM report") == [{"mark": "two"}]


def test_where_not_all_who_left_are_known_the_restore_says_so(warn: Prompt, backup: Path) -> None:
    shutil.rmtree(warn.var / "warn.erased")
    (warn.var / "warn.db").write_bytes(b"a page of noise " * 1000)
    said = warn("db", "restore", backup)
    assert "are not known and may be in it again" in " ".join(said.out.split())


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
