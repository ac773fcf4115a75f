"""Reporters and reports from the command line: what it answers, to people and programs, and what it never prints."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from warn import quarantine
from warn.app import build
from warn.model import Observation
from warn.settings import Settings
from warn.store import Tx, open_store, reporters
from warn.store.vault import Vault

from tests.app.running import SECRET
from tests.cli.conftest import Prompt

CHATS = ("700111", "700222", "700333")


def _reported(warn: Prompt) -> None:
    """Three people followed their links and said the same."""
    store = open_store(f"sqlite:///{warn.var / 'warn.db'}")
    keys = build.secret_keys(Settings(_env_file=None, secret=SECRET))
    vault = Vault(keys[-1].encode())
    now = datetime.now(UTC)
    with store.write() as tx:
        for nth, chat in enumerate(CHATS):
            _one(tx, keys, vault, chat, now - timedelta(minutes=nth))
    store.close()


def _one(tx: Tx, keys: tuple[str, ...], vault: Vault, chat: str, now: datetime) -> None:
    who = reporters.welcome(tx, vault, chat, reporters.invite(tx, now).token, now)
    assert who
    hour = now.replace(minute=0, second=0, microsecond=0)
    said = Observation(
        "power_hours", hour, hour, 3.0, source="bot", place="Bamako", precision="town", grade="C3"
    )
    said = replace(said, origins=(quarantine.author(keys, who.mark, hour),), key=f"k{chat}")
    assert quarantine.submit(tx, said, quarantine.authors(keys, who.mark, now), now) == "taken"


def test_a_link_is_good_for_one_reporter_and_can_be_taken_back(warn: Prompt) -> None:
    plain = warn("reporters", "invite")
    assert plain.out.startswith("To be sent to the bot: /start report-")
    made = warn("reporters", "invite", "--json", WARN_TELEGRAM__NAME="@bamako_bot").document
    assert made["link"].startswith("https://t.me/bamako_bot?start=report-")
    assert len(made["link"].partition("=")[2]) <= 64
    assert len(warn("reporters", "list", "--json").document) == 2
    assert "no longer" in warn("reporters", "revoke", made["reporter"]).out
    (left,) = warn("reporters", "list", "--json").document
    assert left["reporter"] in plain.out
    assert warn("reporters", "revoke", made["reporter"]).code == 2


def test_reports_are_listed_and_decided_by_number_and_nobody_is_named(warn: Prompt) -> None:
    assert warn("reports", "list").out.strip() == "No field report yet."
    _reported(warn)
    listed = warn("reports", "list", "--json")
    assert [one["report"] for one in listed.document["waiting"]] == [1, 2, 3]
    assert listed.document["counts"] == {"waiting": 3}
    assert warn("reports", "refuse", "3").out.strip() == "Report 3 is refused; what it said is erased."
    done = warn("reports", "accept", "1", "2").out.splitlines()
    assert all("when three reporters are in it" in line for line in done)
    assert warn("reports", "list").out.strip() == "2 accepted, 1 refused"
    people = warn("reporters", "list", "--json").document
    assert sorted(str(one["reports"]) for one in people) == [
        "{'accepted': 1}",
        "{'accepted': 1}",
        "{'refused': 1}",
    ]
    shown = listed.out + warn("reporters", "list").out + warn("reports", "list").out
    assert not [word for word in (*CHATS, "reporter-") if word in shown]


def test_a_wrong_number_changes_nothing_even_beside_a_right_one(warn: Prompt) -> None:
    warn("reports", "list")
    _reported(warn)
    done = warn("reports", "accept", "1", "9")
    assert (done.code, done.out) == (2, "")
    assert "Waiting: " in done.err
    assert warn("reports", "list", "--json").document["counts"] == {"waiting": 3}
    with open_store(f"sqlite:///{warn.var / 'warn.db'}").read() as tx:
        assert tx.connection().execute(text("SELECT count(*) FROM act")).scalar() == 0
