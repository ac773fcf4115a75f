"""Subscribers by command: found by id or address, shown whole, erased whole."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from warn import quarantine
from warn.app import build
from warn.channel import Receipt
from warn.model import Evidence, Level, Observation, Preferences, Transition
from warn.settings import Settings
from warn.store import (
    Store,
    acts,
    alerts,
    bounces,
    dispatch,
    editions,
    outbox,
    reporters,
    reports,
    subscribers,
)
from warn.store.acts import Act
from warn.store.outbox import NewDelivery, Rendering, Tell
from warn.store.vault import Vault
from warn.web.addresses import address_of

from tests.app.running import RULES, SECRET, ask
from tests.app.running import warn as warn_process
from tests.cli.conftest import Prompt

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def opened(var: Path) -> Store:
    return build.open_database(Settings(rules=RULES, var=var, secret=SECRET), upgrade=True)


def subscribed(var: Path, address: str = "awa@example.org", *, gone: bool = False) -> str:
    store = opened(var)
    with store.write() as tx:
        known = subscribers.add_pending(
            tx, Vault(SECRET.encode()), "email", address, Preferences(kind="ngo"), NOW
        )
        subscribers.confirm(tx, known.id, NOW)
        if gone:
            bounces.gone(tx, known.id, NOW)
    store.close()
    return known.id


def test_everything_held_is_shown_to_who_asks_by_address_or_by_id(warn: Prompt) -> None:
    reader = subscribed(warn.var)
    by_id, by_address = (
        warn("subscribers", "export", reader),
        warn("subscribers", "export", "AWA@example.org"),
    )
    assert by_id.code == by_address.code == 0
    assert by_id.document == by_address.document
    assert (by_id.document["address"], by_id.document["preferences"]["kind"]) == ("awa@example.org", "ngo")


def test_a_reader_is_told_of_each_message_what_it_was_and_what_became_of_it(warn: Prompt) -> None:
    reader = subscribed(warn.var)
    store = opened(warn.var)
    evidence = Evidence(1, 1, 1, 1, {})
    with store.write() as tx:
        moved = Transition("fuel", (), NOW, "opened", Level.ALERT, Level.CALM, evidence, opened_at=NOW)
        alerts.apply(tx, NOW, [], [moved])
        told = Rendering("email", b"x", "[Alerte 3/4] Bamako", kind="alert", tells=(Tell(1, 1, Level.ALERT),))
        letter = NewDelivery("k", "email", reader, outbox.enqueue_rendered(tx, told, NOW), 1, NOW)
        outbox.enqueue(tx, [letter], NOW)
        (one,) = dispatch.claim(tx, NOW, 1, "me", ["email"])
        dispatch.ack_sent(tx, "me", NOW, [(one.id, Receipt("250 ok"))])
        bounces.returned(tx, one.id, "5.2.2", "the mailbox is full", NOW)
        editions.make_editions(tx, "daily", NOW.date(), [(reader, "email")], NOW)
        subscribers.pause(tx, reader)
        subscribers.resume(tx, reader, NOW)
        acts.record(tx, Act("mute", reader, "reader", NOW, details={"episode": "1", "level": 3}))
    store.close()
    held = warn("subscribers", "export", reader).document
    (message,) = held["deliveries"]
    assert (message["subject"], message["kind"], message["state"]) == ("[Alerte 3/4] Bamako", "alert", "dead")
    assert (message["last_code"], message["last_error"]) == ("dsn 5.2.2", "the mailbox is full")
    assert message["alerts"] == [{"number": 1, "rule": "fuel", "revision": 1, "level": 3}]
    assert message["created_at"].startswith("2026-11-20T12:00")
    assert [(one["edition"], one["local_date"]) for one in held["editions"]] == [("daily", "2026-11-20")]
    assert held["owed_from"].startswith("2026-11-20T12:00")
    assert held["acts"][0]["details"] == {"episode": "1", "level": 3}
    assert held["suppression"] is None


def test_who_bounced_and_who_reports_are_told_so_also_without_a_subscription(warn: Prompt) -> None:
    subscribed(warn.var, gone=True)
    store = opened(warn.var)
    with store.write() as tx:
        vault = Vault(SECRET.encode())
        known = reporters.welcome(tx, vault, "1001", reporters.invite(tx, NOW).token, NOW)
        assert known
        now = datetime.now(UTC)
        mark = quarantine.author([SECRET], known.mark, now)
        said = Observation("station_has_fuel", now, now, value=0, origins=(mark,), place="Kati", key="one")
        reports.receive(tx, said, now)
        subscribers.forget_unconfirmed(tx, NOW)
    store.close()
    assert warn("subscribers", "export", "awa@example.org").document["suppression"]["reason"] == "bounce"
    reporter = warn("subscribers", "export", "1001").document["reporter"]
    assert reporter["id"] == known.id
    assert [(one["indicator"], one["value"], one["place"]) for one in reporter["reports"]] == [
        ("station_has_fuel", 0, "Kati")
    ]


def test_an_erased_reader_is_gone_for_good(warn: Prompt) -> None:
    subscribed(warn.var)
    assert warn("subscribers", "erase", "awa@example.org").code == 0
    assert ask(warn.var / "warn.db", "SELECT * FROM subscriber") == []
    assert ask(warn.var / "warn.db", "SELECT kind, target FROM act") == [
        {"kind": "erase", "target": "subscriber"}
    ]
    for verb in ("export", "erase"):
        again = warn("subscribers", verb, "awa@example.org")
        assert again.code == 2
        assert "Nobody here has this id or address." in again.err
        assert "awa@" not in again.err


@pytest.mark.parametrize("given", ["awa@exämple.fr", "AWA@EXÄMPLE.FR ", "awa@xn--exmple-cua.fr"])
def test_a_domain_in_other_letters_is_found_as_its_owner_writes_it(warn: Prompt, given: str) -> None:
    address = address_of("awa@exämple.fr")
    assert address == "awa@xn--exmple-cua.fr"
    subscribed(warn.var, address)
    assert warn("subscribers", "export", given).document["address"] == address
    subscribed(warn.var, address, gone=True)
    assert warn("subscribers", "readmit", given).code == 0
    assert warn("subscribers", "erase", given).code == 0
    assert ask(warn.var / "warn.db", "SELECT * FROM subscriber") == []


def test_an_address_may_be_piped_in(warn: Prompt) -> None:
    from typer.testing import CliRunner
    from warn.cli import program

    subscribed(warn.var)
    done = CliRunner().invoke(
        program(), ["subscribers", "erase", "-"], env=warn.env, input="awa@example.org\n"
    )
    assert done.exit_code == 0, done.stderr
    assert ask(warn.var / "warn.db", "SELECT * FROM subscriber") == []


def test_an_address_that_came_back_is_readmitted_and_nobody_is_subscribed_by_that(warn: Prompt) -> None:
    subscribed(warn.var, gone=True)
    assert len(ask(warn.var / "warn.db", "SELECT * FROM suppression")) == 1
    assert warn("subscribers", "readmit", "awa@example.org").code == 0
    assert ask(warn.var / "warn.db", "SELECT * FROM suppression") == []
    assert [row["state"] for row in ask(warn.var / "warn.db", "SELECT state FROM subscriber")] == ["stopped"]
    assert warn("subscribers", "readmit", "awa@example.org").code == 2


def test_a_program_is_subscribed_by_the_real_command_and_erased_by_its_id(tmp_path: Path) -> None:
    made = warn_process("subscribers", "webhook", "https://example.org/hook", var=tmp_path)
    assert made.returncode == 0, made.stderr
    reader = made.stdout.split()[1]
    assert warn_process("subscribers", "erase", reader, var=tmp_path).returncode == 0
