"""Subscribers by command: found by id or address, shown whole, erased whole."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from warn.app import build
from warn.model import Preferences
from warn.settings import Settings
from warn.store import bounces, subscribers
from warn.store.vault import Vault
from warn.web.addresses import address_of

from tests.app.running import RULES, SECRET, ask
from tests.app.running import warn as warn_process
from tests.cli.conftest import Prompt

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def subscribed(var: Path, address: str = "awa@example.org", *, gone: bool = False) -> str:
    settings = Settings(rules=RULES, var=var, secret=SECRET)
    store = build.open_database(settings, upgrade=True)
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
