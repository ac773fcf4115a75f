"""A new secret, by command: what is told, what the doctor says, and who left does not come back over it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from warn import links
from warn.app import build
from warn.app.doctor import examine
from warn.app.folders import rules_texts
from warn.app.knowing import every_source
from warn.model import Preferences
from warn.settings import Settings, SourceSettings
from warn.store import subscribers

from tests.app.running import RULES
from tests.app.running import SECRET as OLD
from tests.cli.conftest import Prompt

NEW = "another-secret-of-the-tests-that-is-long-enough-9876543210"
BOTH = f"{NEW},{OLD}"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def settings(var: Path, secret: str) -> Settings:
    return Settings(_env_file=None, rules=RULES, var=var, secret=secret)


def joined(var: Path, secret: str, count: int) -> None:
    given = settings(var, secret)
    store = build.open_database(given, upgrade=True)
    with store.write() as tx:
        for n in range(count):
            subscribers.add_pending(
                tx, build.vault(given), "email", f"{n}@example.org", Preferences(), NOW, f"r{n}"
            )
            subscribers.confirm(tx, f"r{n}", NOW)
    store.close()


def said_of_the_secret(var: Path, secret: str) -> tuple[str, str]:
    quiet = SourceSettings(off=tuple(every_source(rules_texts(RULES))))
    given = settings(var, secret).model_copy(update={"source": quiet})
    found = {one.what: one for one in asyncio.run(examine(given, NOW))}["secret"]
    return found.state, found.said


def test_every_contact_stands_under_the_new_key_and_the_doctor_counts_them(warn: Prompt) -> None:
    joined(warn.var, OLD, 3)
    state, said = said_of_the_secret(warn.var, NEW)
    assert (state, "3 of 3 contacts open with none of the keys" in said) == ("fault", True)
    state, said = said_of_the_secret(warn.var, BOTH)
    assert (state, "3 contacts stand under a former key" in said) == ("ok", True)
    done = warn("secrets", "rotate", WARN_SECRET=BOTH)
    assert (done.code, done.err) == (0, "")
    assert "3 contacts were sealed anew; 3 stand under the newest key." in " ".join(done.out.split())
    assert said_of_the_secret(warn.var, NEW) == ("ok", "WARN_SECRET")
    assert (
        warn("subscribers", "export", "1@example.org", WARN_SECRET=NEW).document["address"] == "1@example.org"
    )
    assert "0 contacts were sealed anew" in warn("secrets", "rotate", WARN_SECRET=BOTH).out


def test_a_link_made_with_the_former_key_is_good_as_long_as_it_is_in_the_list() -> None:
    token = links.reader_token([OLD], "r1")
    assert links.read_reader_token(BOTH.split(","), token) == "r1"


def test_one_key_is_told_how_to_come_to_two(warn: Prompt) -> None:
    said = warn("secrets", "rotate")
    assert (said.code, "WARN_SECRET=NEW,OLD" in said.err) == (2, True)


def test_a_service_started_with_the_former_key_alone_is_not_cut_off(warn: Prompt) -> None:
    joined(warn.var, OLD, 1)
    service = build.open_database(settings(warn.var, OLD))
    assert service.lock_sender()
    said = warn("secrets", "rotate", WARN_SECRET=BOTH)
    assert (said.code, "--restarted" in said.err) == (1, True)
    assert warn("secrets", "rotate", "--restarted", WARN_SECRET=BOTH).code == 0
    service.close()


def test_what_no_key_opens_is_a_failure_that_says_so_also_in_french(warn: Prompt) -> None:
    joined(warn.var, "x" * 40, 1)
    said = warn("--lang", "fr", "secrets", "rotate", WARN_SECRET=BOTH)
    assert said.code == 1
    assert "1 ne s'ouvrent avec aucune des clés données" in said.out


def test_who_left_before_the_rotation_does_not_come_back_after_it(warn: Prompt) -> None:
    joined(warn.var, OLD, 2)
    assert warn("db", "backup", warn.var / "copy.db").code == 0
    assert warn("subscribers", "erase", "1@example.org").code == 0
    assert warn("secrets", "rotate", WARN_SECRET=BOTH).code == 0
    (warn.var / "warn.db").write_bytes(b"a page of noise " * 1000)
    for journal in ("-wal", "-shm"):
        (warn.var / f"warn.db{journal}").unlink(missing_ok=True)
    said = warn("db", "restore", warn.var / "copy.db", WARN_SECRET=BOTH)
    assert "Erased from it again: 1 who left since." in " ".join(said.out.split())
    assert warn("subscribers", "export", "1@example.org", WARN_SECRET=BOTH).code == 2
    assert warn("subscribers", "export", "0@example.org", WARN_SECRET=BOTH).code == 0


def test_the_file_of_the_first_start_may_hold_two_keys_as_well(tmp_path: Path) -> None:
    kept = settings(tmp_path, "")
    (first,) = build.secret_keys(kept)
    (tmp_path / "secret.key").write_text(f"{NEW},{first}\n")
    assert build.secret_keys(kept) == (NEW, first)
