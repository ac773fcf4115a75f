"""Administrators without a bot: what did not leave is seen and sent again by command."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from warn.app import build
from warn.model import Preferences
from warn.settings import Settings
from warn.store import dispatch, outbox, subscribers
from warn.store.outbox import NewDelivery, Rendering

from tests.app.running import RULES, SECRET, ask
from tests.cli.conftest import Prompt

NOW = datetime.now(UTC)
WHY = "The relay said 550 5.7.1 [hidden] is not for you."


@pytest.fixture
def post(warn: Prompt) -> Prompt:
    """One mail sent, one refused for good, one that may have arrived, one on its way for an hour."""
    settings = Settings(_env_file=None, rules=RULES, var=warn.var, secret=SECRET)
    store = build.open_database(settings, upgrade=True)
    with store.write() as tx:
        body = outbox.enqueue_rendered(tx, Rendering("email", b"x", "Tension 2/4", kind="digest"), NOW)
        for n in range(4):
            subscribers.add_pending(
                tx, build.vault(settings), "email", f"awa{n}@example.org", Preferences(), NOW, f"r{n}"
            )
            subscribers.confirm(tx, f"r{n}", NOW)
        due = NOW - timedelta(hours=1)
        outbox.enqueue(
            tx, [NewDelivery(f"k{n}", "email", f"r{n}", body, 3, due, resend=False) for n in range(3)], NOW
        )
        first, second, third = (one.id for one in dispatch.claim(tx, NOW, 9, "me", ["email"]))
        dispatch.ack_sent(tx, "me", NOW, [(first, outbox_receipt())])
        dispatch.ack_failed(tx, "me", NOW, second, "dead", WHY, code="550 5.7.1", random=lambda: 1.0)
        dispatch.ack_failed(tx, "me", NOW, third, "uncertain", "no answer", random=lambda: 1.0)
        outbox.enqueue(tx, [NewDelivery("k3", "email", "r3", body, 3, due)], NOW)
    store.close()
    return warn


def outbox_receipt():
    from warn.channel import Receipt

    return Receipt("250")


def test_what_was_given_up_is_listed_with_its_reason_and_without_an_address(post: Prompt) -> None:
    said = post("outbox")
    assert (said.code, said.err) == (0, "")
    assert f"2 email     digest   dead       {NOW:%Y-%m-%d %H:%M} UTC  {WHY}" in said.out
    assert "The oldest delivery has waited for 6" in said.out
    assert "email      ready            1" in said.out
    assert "awa" not in said.out
    assert "r1" not in said.out.split()


def test_a_program_reads_the_same_as_one_document(post: Prompt) -> None:
    found = post("outbox", "--json").document
    assert set(found) == {"paused", "oldest_waits_s", "counts", "letters", "left_off"}
    assert {(one["state"], one["count"]) for one in found["counts"]} == {
        ("sent", 1), ("dead", 1), ("uncertain", 1), ("ready", 1),
    }  # fmt: skip
    assert [(one["id"], one["state"], one["why"]) for one in found["letters"]] == [
        (3, "uncertain", "no answer"), (2, "dead", WHY),
    ]  # fmt: skip
    assert post("outbox", "--limit", "1", "--json").document["left_off"] == 1


def test_it_is_sent_again_by_number_or_all_together_and_that_is_recorded(post: Prompt) -> None:
    assert "1 delivery is tried again." in post("outbox", "requeue", "2").out
    assert "1 delivery is tried again." in post("outbox", "requeue", "--all").out
    assert post("outbox", "--json").document["letters"] == []
    assert {row["state"] for row in ask(post.var / "warn.db", "SELECT state FROM delivery")} == {
        "sent",
        "ready",
    }
    acts = ask(post.var / "warn.db", "SELECT kind, by FROM act")
    assert [(one["kind"], one["by"].partition(":")[0]) for one in acts] == [("requeue", "cli")] * 2


@pytest.mark.parametrize("words", [(), ("2", "--all"), ("two",)])
def test_what_names_nothing_is_wrong_usage(post: Prompt, words: tuple[str, ...]) -> None:
    said = post("outbox", "requeue", *words)
    assert (said.code, said.out) == (2, "")


def test_after_a_restore_a_service_without_a_bot_sends_what_waited(post: Prompt) -> None:
    assert post("db", "backup", post.var / "copy.db").code == 0
    assert "warn outbox" in " ".join(post("db", "restore", post.var / "copy.db").out.split())
    assert post("outbox", "--json").document["paused"]
    assert "Sending is paused: `warn resume`." in post("outbox").out
    assert "3 deliveries are tried again." in post("outbox", "requeue", "--all").out
    assert post("resume").code == 0
    assert not post("outbox", "--json").document["paused"]


def test_answers_are_french_where_that_is_asked_for(post: Prompt) -> None:
    said = post("--lang", "fr", "outbox").out
    assert "perdu" in said
    assert "Renvoyer\u00a0: `warn outbox requeue NUMÉRO...`" in said
    assert "Quels envois ?" in post("--lang", "fr", "outbox", "requeue").err
    assert "email      actif      4" in post("--lang", "fr", "subscribers", "count").out
    assert "Effacé\u00a0:" in post("--lang", "fr", "subscribers", "erase", "awa0@example.org").out
    assert "Personne ici" in post("--lang", "fr", "subscribers", "erase", "awa0@example.org").err
    assert "ne signale aucun échec" in post("--lang", "fr", "bounces", __file__).out


def test_nothing_at_all_is_said_so(warn: Prompt) -> None:
    assert warn("outbox").out.strip() == "Nothing was ever queued."
