"""Mail that comes back, and alerts that go to programs, through the commands and the service's own parts."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warn import links
from warn.app import mending
from warn.app.build import open_database
from warn.channels.verp import verp
from warn.digest.compose import compose_alert
from warn.pipeline.post import json_body
from warn.settings import Settings
from warn.store import Store, bounces, subscribers

from tests.app.running import SECRET, warn
from tests.channels.test_bounces import notice
from tests.digest import world
from tests.dispatch.desk import Desk, Scripted, mail_channel
from tests.fakes.smtp import smtp_relay


async def sent(store: Store, *names: str) -> Desk:
    desk = Desk(store, {"email": Scripted()})
    reader = desk.reader("r")
    for name in names:
        desk.queue(reader, name)
    await desk.dispatcher.once()
    return desk


def returned(desk: Desk, key: str, status: str, said: str = "said") -> str:
    with desk.store.write() as tx:
        return bounces.returned(tx, desk.rows()[key].id, status, said, desk.now())


async def test_a_hard_bounce_ends_the_subscription_at_once_and_is_counted_once(store: Store):
    desk = await sent(store, "a")
    assert returned(desk, "a-r", "5.1.1") == "gone"
    assert (desk.states()["a-r"], desk.reader_state("r")) == ("dead", "stopped")
    assert returned(desk, "a-r", "5.1.1") == ""


async def test_the_third_soft_bounce_in_thirty_days_pauses_and_older_ones_are_forgotten(store: Store):
    desk = await sent(store, "a", "b", "c", "d")
    assert returned(desk, "a-r", "4.2.2") == "counted"
    desk.later(31 * 86400)
    assert [returned(desk, f"{name}-r", "5.2.2") for name in "bcd"] == ["counted", "counted", "paused"]
    assert desk.reader_state("r") == "paused"


async def test_what_was_said_of_an_address_that_is_gone_is_not_kept(store: Store):
    async with smtp_relay() as relay:
        desk = Desk(store, {"email": mail_channel(relay)})
        desk.reader("r", address="awa.traore@example.net")
        for name, said in (
            ("a", "452 4.2.2 inbox of awa.traore is full"),
            ("b", "550 5.1.1 no awa.traore here"),
        ):
            desk.queue("r", name, expires_at=desk.now() + timedelta(hours=1))
            relay.say("rcpt", said)
            await desk.dispatcher.once()
            desk.later(7200)
        assert desk.reader_state("r") == "stopped"
        assert [(row.last_code, row.last_error) for row in desk.rows().values()] == [
            ("452 4.2.2", ""),
            ("550 5.1.1", ""),
        ]
        await desk.channels["email"].close()


@pytest.mark.parametrize("status", ["4.7.28", "4.4.1", "4.3.2"])
async def test_what_is_said_of_us_pauses_no_reader_however_often(store: Store, status):
    desk = await sent(store, "a", "b", "c", "d")
    assert {returned(desk, f"{name}-r", status) for name in "abcd"} == {"counted"}
    assert desk.reader_state("r") == "active"


@pytest.mark.parametrize(
    ("stage", "answer"),
    [("rcpt", "550 No such user here"), ("rcpt", "552 no"), ("rcpt", "553 no"), ("rcpt", "550 5.1.0 Address rejected"),
     ("rcpt", "550 5.5.0 Requested action not taken: mailbox unavailable"),
     ("rcpt", "550 5.4.1 Recipient address rejected: Access denied."),
     ("end", "554 delivery error: dd This user doesn't have a yahoo.com account (r) [0]")],
)  # fmt: skip
async def test_an_address_that_most_likely_is_none_is_paused_the_third_time(
    sqlite_store: Store, stage, answer
):
    async with smtp_relay() as relay:
        desk = Desk(sqlite_store, {"email": mail_channel(relay)})
        for name in "abc":
            assert desk.reader_state(desk.reader("r")) == "active"
            desk.queue("r", name)
            relay.say(stage, answer)
            await desk.dispatcher.once()
        assert (desk.counts(), desk.reader_state("r")) == ({"dead": 3}, "paused")
        await desk.channels["email"].close()


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"])
async def test_nobody_there_is_the_same_at_once_and_in_a_notice(sqlite_store: Store, status):
    async with smtp_relay() as relay:
        desk = Desk(sqlite_store, {"email": mail_channel(relay)})
        desk.queue(desk.reader("r"), "a")
        desk.queue(desk.reader("s"), "a")
        await desk.dispatcher.once()
        assert returned(desk, "a-r", status) == "gone"
        desk.queue("s", "b")
        relay.say("rcpt", f"550 {status} no")
        await desk.dispatcher.once()
        assert (desk.reader_state("r"), desk.reader_state("s")) == ("stopped", "stopped")
        await desk.channels["email"].close()


async def test_notices_in_other_words_pause_the_third_time_and_those_of_us_never(store: Store):
    desk = await sent(store, "a", "b", "c", "d", "e")
    for name in "ab":
        assert returned(desk, f"{name}-r", "5.5.0", "smtp; 550 blocked as spam") == "counted"
    said = "smtp; 550 5.5.0 Requested action not taken: mailbox unavailable"
    assert [returned(desk, f"{name}-r", "5.5.0", said) for name in "cde"] == ["counted", "counted", "paused"]


@pytest.mark.parametrize("said", ["452 4.2.2 the account is over quota", "452 mailbox full"])
async def test_a_mailbox_that_stays_full_until_bulletins_are_out_of_date_is_paused(store: Store, said):
    async with smtp_relay() as relay:
        desk = Desk(store, {"email": mail_channel(relay)})
        desk.reader("r")
        for name in "abc":
            desk.queue("r", name, priority=3, expires_at=desk.now() + timedelta(hours=7))
            relay.say("rcpt", said)
            await desk.dispatcher.once()
            desk.later(86400)
        await desk.dispatcher.once()
        assert (desk.counts(), desk.reader_state("r")) == ({"expired": 3}, "active")
        desk.queue("r", "d", priority=3, expires_at=desk.now() + timedelta(hours=7))
        relay.say("rcpt", said)
        await desk.dispatcher.once()
        assert desk.reader_state("r") == "paused"
        await desk.channels["email"].close()


async def test_who_comes_back_begins_anew(store: Store):
    desk = await sent(store, *"abcd")
    assert [returned(desk, f"{name}-r", "5.2.2") for name in "abc"][-1] == "paused"
    with desk.store.write() as tx:
        assert subscribers.resume(tx, "r", desk.now())
    assert returned(desk, "d-r", "5.2.2") == "counted"


async def test_a_refusal_by_policy_is_our_fault_and_ends_nobodys_subscription(store: Store):
    desk = await sent(store, "a")
    assert returned(desk, "a-r", "5.7.1") == "counted"
    assert desk.reader_state("r") == "active"


async def test_one_reader_whom_a_provider_refuses_holds_up_nobody_there_and_is_paused_in_the_end(
    sqlite_store: Store,
):
    async with smtp_relay() as relay:
        relay.unwelcome["r7@gmail.example"] = "550 5.7.1 this user takes nothing from you"
        desk = Desk(sqlite_store, {"email": mail_channel(relay)})
        for number in range(40):
            desk.reader(f"r{number}", address=f"r{number}@gmail.example")
        for name, taken in (("a", 39), ("b", 78)):
            for number in range(40):
                desk.queue(f"r{number}", name)
            await desk.dispatcher.once()
            assert desk.counts()["sent"] == taken
        desk.queue("r7", "c")
        for _ in range(40):
            desk.later(3700)
            await desk.dispatcher.once()
        assert (desk.counts()["dead"], desk.reader_state("r7")) == (3, "paused")
        assert {row.last_code for row in desk.rows().values()} == {"", "550 5.7.1 rcpt"}
        await desk.channels["email"].close()


async def test_where_notices_call_everybody_gone_only_the_first_few_are_believed(store: Store):
    desk = Desk(store, {"email": Scripted()})
    for number in range(8):
        desk.queue(desk.reader(f"r{number}"), "a")
    await desk.dispatcher.once()
    said = [returned(desk, f"a-r{number}", "5.1.1") for number in range(8)]
    assert said == ["gone"] * 3 + ["doubted"] * 5
    assert [desk.reader_state(f"r{number}") for number in (2, 3)] == ["stopped", "active"]


async def test_a_complaint_ends_it_for_good(store: Store):
    desk = await sent(store, "a")
    assert returned(desk, "a-r", "complaint") == "gone"
    desk.reader("again", address="r@r.example.org")
    desk.queue("again", "b")
    await desk.dispatcher.once()
    assert desk.states()["b-again"] == "suppressed"


@pytest.mark.slow
async def test_the_command_reads_a_notice_from_a_file_and_what_is_none_changes_nothing(tmp_path: Path):
    settings = Settings(var=tmp_path / "var", secret=SECRET)
    store = open_database(settings, upgrade=True)
    desk = await sent(store, "a")
    number = desk.rows()["a-r"].id
    store.close()
    file = tmp_path / "notice.eml"
    file.write_bytes(notice(verp(SECRET, number, "bounce.example.org")))
    done = warn("bounces", file, var=tmp_path / "var")
    assert (done.returncode, f"Delivery {number}, 5.1.1" in done.stdout) == (0, True)
    file.write_bytes(b"From: x@y.z\r\n\r\nMerci\r\n")
    assert "nothing was changed" in warn("bounces", file, var=tmp_path / "var").stdout
    assert warn("bounces", tmp_path / "none", var=tmp_path / "var").returncode == 2


def test_a_program_is_subscribed_with_a_secret_that_is_told_once(tmp_path: Path):
    settings = Settings(var=tmp_path, secret=SECRET)
    said = mending.add_webhook(settings, "https://example.org/in", "en", 2, datetime.now(UTC))
    person, secret = (line.split()[1] for line in said.splitlines()[:2])
    assert len(secret) >= 32
    store = open_database(settings)
    with store.read() as tx:
        found = subscribers.get(tx, person)
    store.close()
    assert found is not None
    assert (found.channel, found.state, found.preferences.immediate_from) == ("webhook", "active", 2)


def test_an_alert_for_a_program_holds_what_a_person_reads_and_what_a_program_needs():
    facts = world.october()
    alert = next(one for one in facts.alerts if one.shown)
    variant = world.variant("webhook", "en")
    message = compose_alert(world.shipped_environment(), facts, alert, variant, ())
    body = json_body(message, facts.now, [alert])
    said = json.loads(body)
    (told,) = said["alerts"]
    assert (told["number"], told["rule"], told["level"]) == (
        alert.number,
        alert.state.rule,
        int(alert.state.level),
    )
    assert said["headline"] == message.subject
    assert said["text"]
    assert datetime.fromisoformat(told["valid_until"]) > facts.now - timedelta(days=60)
    stamp = str(int(facts.now.timestamp()))
    links.check_body(["s"], stamp, links.body_signature("s", stamp, body), body, facts.now)
