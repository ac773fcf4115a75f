"""From the outbox to the reader: each end a delivery can come to, on both databases."""

import asyncio
import random
import sys
from collections import defaultdict
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest
from sqlalchemy import text
from warn.channels.file import FileChannel, FileConfig
from warn.channels.pacer import Pace
from warn.errors import DeliveryError
from warn.model import Level
from warn.pipeline.dispatch import Dispatcher, reclaim
from warn.store import Store, dispatch, subscribers
from warn.store.outbox import Tell

from tests.dispatch.desk import KEYS, VAULT, Desk, Scripted, chat_channel, down, mail_channel
from tests.fakes.bot_api import LOST, bot_api
from tests.fakes.smtp import HANG_UP, smtp_relay
from tests.store.letters import lapse


def names(parcels):
    return [parcel.subject for parcel in parcels]


async def test_everything_due_leaves_once_by_the_readers_own_channel(store: Store):
    async with smtp_relay() as relay, bot_api() as api, AsyncExitStack() as stack:
        desk = Desk(store, {"email": mail_channel(relay), "telegram": chat_channel(api)})
        for channel in desk.channels.values():
            stack.push_async_callback(channel.close)
        for number in range(30):
            desk.queue(desk.reader(f"m{number}"), "alerte")
            desk.queue(desk.reader(f"c{1000 + number}", "telegram"), "alerte", channel="telegram")
        assert await desk.dispatcher.once() == 60
        assert desk.counts() == {"sent": 60}
        assert sorted(mail.recipient for mail in relay.mails) == sorted(
            f"m{n}@m{n}.example.org" for n in range(30)
        )
        assert sorted(message["chat"]["id"] for message in api.taken()) == list(range(1000, 1030))
        assert await desk.dispatcher.once() == 0


async def test_what_flies_or_waits_for_its_acknowledgement_is_never_more_than_the_channel_is_wide(
    store: Store,
):
    mails = Scripted(width=3)
    desk = Desk(store, {"email": mails})
    for number in range(20):
        desk.queue(desk.reader(f"r{number}"), "a", priority=3 if number % 4 else 1)
    unacknowledged: list[int] = []

    def look(_parcel):
        with store.read() as tx:
            unacknowledged.append(
                tx.connection()
                .execute(text("SELECT count(*) FROM delivery WHERE state='sending'"))
                .scalar_one()
            )

    mails.fault = look
    await desk.dispatcher.once()
    assert desk.counts() == {"sent": 20}
    assert max(unacknowledged) <= 3
    assert mails.most <= 3


async def test_a_relay_that_is_down_costs_no_attempt_is_told_once_and_holds_up_no_chat(store: Store):
    async with smtp_relay() as relay, bot_api() as api:
        desk = Desk(store, {"email": mail_channel(relay), "telegram": chat_channel(api)})
        relay.say("connect", *["421 4.3.2 closing"] * 4)
        for number in range(10):
            desk.queue(desk.reader(f"m{number}"), "a")
            desk.queue(desk.reader(f"c{1000 + number}", "telegram"), "a", channel="telegram")
        async with desk.running():
            await desk.until(lambda: len(api.taken()) == 10)
            assert not relay.mails
            desk.later(6)
            await desk.until(lambda: len(desk.told) == 1, 20)
            assert relay.connections <= 4 + 4, "it is tried by one, not by all"
            desk.later(6)
            await desk.until(lambda: len(relay.mails) == 10, 30)
            await desk.until(lambda: desk.counts() == {"sent": 20})
        assert "email" in desk.told[0]
        assert "cannot be reached" in desk.told[0]
        assert [line for line in desk.told if "again" in line][-1].startswith("Messages leave by email again")
        assert all(row.attempt == 1 for row in desk.rows().values()), (
            "nothing had left, so nothing was counted"
        )
        for channel in desk.channels.values():
            await channel.close()


async def test_a_revoked_token_is_told_at_once_and_nothing_is_lost(store: Store):
    async with smtp_relay() as relay, bot_api() as api:
        chats = chat_channel(api, token="123456789:AAwrongWRONGwrongWRONGwrongWRONG_-123")
        desk = Desk(store, {"telegram": chats, "email": mail_channel(relay)})
        for number in range(5):
            desk.queue(desk.reader(f"c{1000 + number}", "telegram"), "a", channel="telegram")
            desk.queue(desk.reader(f"m{number}"), "a")
        async with desk.running():
            await desk.until(lambda: len(relay.mails) == 5 and bool(desk.told))
        waiting = [row for row in desk.rows().values() if row.channel == "telegram"]
        assert {(row.state, row.attempt, row.last_code) for row in waiting if row.last_code} == {
            ("ready", 0, "token")
        }
        assert {row.state for row in waiting} == {"ready"}
        assert len(desk.told) == 1
        assert "WARN_TELEGRAM__TOKEN" in desk.told[0]
        for channel in desk.channels.values():
            await channel.close()


async def test_a_wrong_password_of_the_relay_is_told_and_refunded(store: Store):
    async with smtp_relay(login=("warn", "right")) as relay:
        desk = Desk(store, {"email": mail_channel(relay, username="warn", password="wrong")})
        desk.queue(desk.reader("r"), "a")
        await desk.dispatcher.once()
        await asyncio.sleep(0)
        row = desk.rows()["a-r"]
        assert (row.state, row.attempt, row.last_code) == ("ready", 0, "auth")
        assert "password" in desk.told[0]


async def test_while_a_channel_is_out_one_delivery_at_a_time_tries_it(store: Store):
    mails = Scripted(width=8)
    mails.fault = lambda _parcel: down()
    desk = Desk(store, {"email": mails})
    for number in range(30):
        desk.queue(desk.reader(f"r{number}"), "a")
    await desk.dispatcher.once()
    assert mails.most == 8
    mails.most = 0
    async with desk.running():
        for _ in range(3):
            desk.later(6)
            await asyncio.sleep(0.7)
        assert mails.most == 1
        mails.fault = lambda _parcel: None
        await desk.until(lambda: len(mails.sent) == 30)
    assert desk.counts() == {"sent": 30}


async def test_a_digest_in_backoff_does_not_hold_a_later_alert_to_the_same_reader(store: Store):
    async with smtp_relay() as relay:
        desk = Desk(store, {"email": mail_channel(relay)})
        reader = desk.reader("r")
        desk.queue(reader, "bulletin", priority=3, resend=False)
        relay.say("rcpt", "450 4.2.1 later")
        await desk.dispatcher.once()
        desk.queue(reader, "alerte", priority=1)
        await desk.dispatcher.once()
        assert desk.states() == {"bulletin-r": "ready", "alerte-r": "sent"}
        desk.later(60)
        await desk.dispatcher.once()
        assert desk.states()["bulletin-r"] == "sent"
        await desk.channels["email"].close()


async def test_alerts_to_one_reader_keep_their_order_and_a_crisis_overtakes(store: Store):
    mails = Scripted(width=4)
    desk = Desk(store, {"email": mails})
    reader = desk.reader("r")
    for name in ("one", "two", "three"):
        desk.queue(reader, name, priority=2)
    desk.queue(reader, "crisis", priority=0)
    await desk.dispatcher.once()
    told = names(mails.sent)
    assert told.index("crisis") < 2
    assert [name for name in told if name != "crisis"] == ["one", "two", "three"]


async def test_digests_get_their_fifth_however_narrow_the_channel(store: Store):
    mails = Scripted(width=2)
    desk = Desk(store, {"email": mails})
    for number in range(40):
        desk.queue(desk.reader(f"a{number}"), "alerte", priority=1)
    for number in range(10):
        desk.queue(desk.reader(f"d{number}"), "bulletin", priority=3)
    await desk.dispatcher.once()
    first = names(mails.sent)[:40]
    assert 6 <= first.count("bulletin") <= 10


async def test_an_expired_message_is_not_sent_and_says_so(store: Store):
    mails = Scripted()
    desk = Desk(store, {"email": mails})
    desk.queue(desk.reader("r"), "old", expires_at=desk.now())
    desk.later(1)
    await desk.dispatcher.once()
    assert (desk.states(), mails.sent) == ({"old-r": "expired"}, [])


async def test_a_passing_refusal_is_tried_for_hours_before_it_is_dead(store: Store):
    async with smtp_relay() as relay:
        desk = Desk(store, {"email": mail_channel(relay)})
        desk.queue(desk.reader("r"), "a")
        relay.say("rcpt", *["450 4.2.1 later"] * 100)
        began = desk.now()
        for _ in range(60):
            await desk.dispatcher.once()
            if desk.states()["a-r"] != "ready":
                break
            desk.later(900)
        assert desk.states()["a-r"] == "dead"
        assert (desk.now() - began).total_seconds() > 8 * 3600
        await desk.channels["email"].close()


async def test_trouble_at_telegram_costs_no_attempt_and_holds_the_channel(sqlite_store: Store):
    async with bot_api() as api:
        desk = Desk(sqlite_store, {"telegram": chat_channel(api)})
        api.fault(*[(502, "<html>Bad Gateway</html>")] * 3)
        for chat in range(1001, 1004):
            desk.queue(desk.reader(f"c{chat}", "telegram"), "crise", channel="telegram", priority=0)
        async with desk.running():
            await desk.until(lambda: {row.last_code for row in desk.rows().values()} == {"5xx"})
            assert {(row.state, row.attempt) for row in desk.rows().values()} == {("ready", 0)}
            desk.later(6)
            await desk.until(lambda: desk.counts() == {"sent": 3}, 20)
        await desk.channels["telegram"].close()


async def test_one_chat_that_fails_as_telegram_would_holds_up_nobody_and_is_counted(store: Store):
    def fault(parcel):
        if parcel.address in {"1", "2"}:
            return DeliveryError("refund", "Telegram is in trouble.", code="5xx", whole=True)
        return None

    chats = Scripted(id="telegram", fault=fault)
    desk = Desk(store, {"telegram": chats})
    for bad in ("c1", "c2"):
        desk.queue(desk.reader(bad, "telegram"), "alerte", channel="telegram", priority=1)

    async with asyncio.timeout(30), desk.running():
        await desk.until(lambda: {row.last_code for row in desk.rows().values()} == {"5xx"})
        for batch in range(20):
            for number in range(3):
                desk.queue(
                    desk.reader(f"c10{batch}{number}", "telegram"), "b", channel="telegram", priority=2
                )
            many = 3 * batch + 3
            while len(chats.sent) < many:
                desk.later(6)  # by then the two are due again
                desk.dispatcher.wake.set()
                await asyncio.sleep(0.02)
            rows = desk.rows()
            tried = [rows[f"alerte-{bad}"] for bad in ("c1", "c2")]
            if all(row.attempt and row.state == "ready" for row in tried):
                break
        else:
            pytest.fail("nothing was counted")
        chats.fault = lambda _parcel: None
        desk.later(3600)
        await desk.until(lambda: set(desk.counts()) == {"sent"})


async def test_while_a_channel_is_out_each_reader_tries_it_in_turn_and_nothing_is_counted(store: Store):
    tries: list[str] = []

    def fault(parcel):
        tries.append(parcel.subject)
        return down()

    mails = Scripted(width=1, fault=fault)
    desk = Desk(store, {"email": mails})
    for number in range(3):
        desk.queue(desk.reader(f"r{number}"), f"n{number}", priority=number)
    window = desk.dispatcher.windows[0]
    for _ in range(6):
        window.breaker.closed_until = 0.0
        await desk.dispatcher.once()
        desk.later(6)
    assert tries == ["n0", "n1", "n2"] * 2
    assert {row.attempt for row in desk.rows().values()} == {0}


async def test_a_relay_that_hangs_up_before_the_message_costs_no_attempt(sqlite_store: Store):
    async with smtp_relay() as relay:
        desk = Desk(sqlite_store, {"email": mail_channel(relay)})
        desk.queue(desk.reader("r"), "crise", priority=0)
        relay.say("mail", HANG_UP)
        async with desk.running():
            await desk.until(lambda: desk.rows()["crise-r"].last_code == "lost")
            desk.later(6)
            await desk.until(lambda: desk.counts() == {"sent": 1}, 20)
        assert desk.rows()["crise-r"].attempt == 1
        await desk.channels["email"].close()


async def test_alerts_that_are_given_up_are_told_together_and_bulletins_are_not(store: Store):
    mails = Scripted()
    mails.fault = lambda _parcel: DeliveryError("dead", "554 5.5.1 no", code="554")
    desk = Desk(store, {"email": mails})
    desk.queue(desk.reader("d"), "bulletin", priority=3)
    await desk.dispatcher.once()
    assert desk.told == []
    for number in range(3):
        desk.queue(desk.reader(f"r{number}"), "a")
    await desk.dispatcher.once()
    await asyncio.sleep(0)
    desk.queue(desk.reader("r3"), "a")
    await desk.dispatcher.once()
    await asyncio.sleep(0)
    assert len(desk.told) == 1
    assert "3 messages" in desk.told[0]
    assert "554 5.5.1 no" in desk.told[0]


async def test_crises_that_expired_unsent_are_told_together(store: Store):
    desk = Desk(store, {"email": Scripted()})
    for number in range(5):
        desk.queue(desk.reader(f"r{number}"), "crise", priority=0, expires_at=desk.now())
    desk.queue(desk.reader("d"), "bulletin", priority=3, expires_at=desk.now())
    desk.queue(desk.reader("c7", "telegram"), "crise", channel="telegram", priority=0, expires_at=desk.now())
    desk.later(1)
    await desk.dispatcher.once()
    await asyncio.sleep(0)
    assert desk.counts() == {"expired": 7}
    assert sorted(desk.told) == [
        "email: 5 messages given up, see /dead. The newest: its time was over",
        "telegram: messages given up, see /dead. That channel is off.",
    ]


async def test_a_wrong_address_ends_the_subscription_and_bars_the_address(store: Store):
    async with smtp_relay() as relay:
        desk = Desk(store, {"email": mail_channel(relay)})
        reader = desk.reader("r")
        desk.queue(reader, "a")
        desk.queue(reader, "b")
        relay.say("rcpt", "550 5.1.1 no such user")
        await desk.dispatcher.once()
        assert desk.states() == {"a-r": "dead", "b-r": "suppressed"}
        assert desk.reader_state(reader) == "stopped"
        desk.reader("again", address="r@r.example.org")
        desk.queue("r", "c")
        await desk.dispatcher.once()
        assert desk.states()["c-r"] == "suppressed"
        assert relay.mails == []
        await desk.channels["email"].close()


async def test_a_full_mailbox_pauses_its_reader_after_three_times(store: Store):
    async with smtp_relay() as relay:
        desk = Desk(store, {"email": mail_channel(relay)})
        reader = desk.reader("r")
        for name in ("a", "b", "c"):
            assert desk.reader_state(reader) == "active"
            desk.queue(reader, name)
            relay.say("rcpt", "552 5.2.2 mailbox full")
            await desk.dispatcher.once()
        assert desk.counts() == {"dead": 3}
        assert desk.reader_state(reader) == "paused"
        await desk.channels["email"].close()


async def test_a_blocked_bot_ends_the_subscription_of_that_chat_alone(store: Store):
    async with bot_api() as api:
        desk = Desk(store, {"telegram": chat_channel(api)})
        api.blocked["1001"] = "Forbidden: bot was blocked by the user"
        for chat in (1001, 1002):
            desk.queue(desk.reader(f"c{chat}", "telegram"), "a", channel="telegram")
        await desk.dispatcher.once()
        assert desk.states() == {"a-c1001": "dead", "a-c1002": "sent"}
        assert (desk.reader_state("c1001"), desk.reader_state("c1002")) == ("stopped", "active")
        await desk.channels["telegram"].close()


async def test_where_everybody_is_called_gone_nobody_is_erased_but_the_first_few(store: Store):
    mails = Scripted(width=8)
    mails.fault = lambda _parcel: DeliveryError("gone", "550 5.1.1 unknown in local table", code="550 5.1.1")
    desk = Desk(store, {"email": mails})
    readers = [desk.reader(f"r{number}") for number in range(40)]
    for reader in readers:
        desk.queue(reader, "a")
    await desk.dispatcher.once()
    await asyncio.sleep(0)
    erased = [reader for reader in readers if desk.reader_state(reader) == "stopped"]
    assert len(erased) <= 3
    assert desk.counts() == {"dead": len(erased), "ready": 40 - len(erased)}
    assert len(desk.told) == 1
    assert "nobody is erased" in desk.told[0]
    mails.fault = lambda _parcel: None
    desk.later(601)
    await desk.dispatcher.once()
    assert desk.counts()["sent"] == 40 - len(erased)


async def test_a_bot_that_readers_never_wrote_to_loses_no_reader(sqlite_store: Store):
    async with bot_api() as api:
        desk = Desk(sqlite_store, {"telegram": chat_channel(api)})
        for chat in range(1001, 1007):
            api.blocked[str(chat)] = "Forbidden: bot can't initiate conversation with a user"
            desk.queue(desk.reader(f"c{chat}", "telegram"), "a", channel="telegram")
        await desk.dispatcher.once()
        await asyncio.sleep(0)
        assert desk.counts() == {"ready": 6}
        assert {desk.reader_state(f"c{chat}") for chat in range(1001, 1007)} == {"active"}
        assert len(desk.told) == 1
        assert "WARN_TELEGRAM__TOKEN" in desk.told[0]
        await desk.channels["telegram"].close()


async def test_a_group_that_moved_is_known_by_its_new_name_from_then_on(store: Store):
    async with bot_api() as api:
        desk = Desk(store, {"telegram": chat_channel(api)})
        api.moved["-1005"] = -1001005
        reader = desk.reader("g", "telegram", "-1005")
        desk.queue(reader, "a", channel="telegram")
        await desk.dispatcher.once()
        api.moved.clear()
        desk.queue(reader, "b", channel="telegram")
        await desk.dispatcher.once()
        assert desk.counts() == {"sent": 2}
        assert [message["chat"]["id"] for message in api.taken()] == [-1001005, -1001005]
        await desk.channels["telegram"].close()


async def test_a_group_known_by_its_name_may_move_too(sqlite_store: Store):
    async with bot_api() as api:
        desk = Desk(sqlite_store, {"telegram": chat_channel(api)})
        api.moved["@bamako"] = -1001005
        desk.queue(desk.reader("g", "telegram", "@bamako"), "a", channel="telegram")
        await desk.dispatcher.once()
        assert desk.counts() == {"sent": 1}
        await desk.channels["telegram"].close()


@pytest.mark.parametrize(("resend", "after", "arrived"), [(True, "sent", 2), (False, "uncertain", 1)])
async def test_silence_after_the_final_dot_repeats_an_alert_and_leaves_a_digest_to_a_person(
    store: Store, resend, after, arrived
):
    async with smtp_relay() as relay:
        desk = Desk(store, {"email": mail_channel(relay)})
        desk.queue(desk.reader("r"), "a", priority=1 if resend else 3, resend=resend)
        relay.say("end", HANG_UP)
        await desk.dispatcher.once()
        desk.later(60)
        await desk.dispatcher.once()
        assert desk.states() == {"a-r": after}
        assert len(relay.handed_over) == arrived
        assert len({mail.content for mail in relay.handed_over}) == 1, (
            "the same message, by its Message-ID too"
        )
        with store.read() as tx:
            listed = dispatch.letters(tx)
        assert [letter.state for letter in listed] == ([] if resend else ["uncertain"])
        await desk.channels["email"].close()


async def test_a_chat_message_whose_answer_was_lost_is_treated_by_the_same_policy(store: Store):
    async with bot_api() as api:
        desk = Desk(store, {"telegram": chat_channel(api)})
        api.fault(LOST, LOST)
        desk.queue(desk.reader("c1001", "telegram"), "bulletin", channel="telegram", priority=3, resend=False)
        await desk.dispatcher.once()
        desk.queue(desk.reader("c1002", "telegram"), "alerte", channel="telegram")
        await desk.dispatcher.once()
        desk.later(60)
        await desk.dispatcher.once()
        assert desk.states() == {"bulletin-c1001": "uncertain", "alerte-c1002": "sent"}
        await desk.channels["telegram"].close()


@pytest.mark.parametrize("leave", [subscribers.erase, subscribers.pause])
async def test_who_leaves_between_two_parts_gets_no_more_of_them(store: Store, leave):
    async with bot_api() as api:
        pace = Pace(start=1000, ceiling=1000, replies=1000, chat_s=0.2, group_s=0, patience_s=5)
        desk = Desk(store, {"telegram": chat_channel(api, pace)})
        reader = desk.reader("c1001", "telegram")
        desk.queue(reader, "bulletin", channel="telegram", parts=("un", "deux", "trois"), priority=3)
        async with desk.running():
            await desk.until(lambda: len(api.taken()) == 1)
            with store.write() as tx:
                leave(tx, reader)
            await desk.until(lambda: not desk.dispatcher.windows[0].held)
        assert [message["text"] for message in api.taken()] == ["un"]
        assert desk.counts() == {"suppressed": 1}
        await desk.channels["telegram"].close()


async def test_a_message_is_marked_as_out_of_date_though_the_first_answer_was_lost(sqlite_store: Store):
    async with bot_api() as api:
        desk = Desk(sqlite_store, {"telegram": chat_channel(api)})
        reader = desk.reader("c1001", "telegram")
        desk.queue(reader, "TENSION 2/4", channel="telegram", priority=2, tells=(Tell(12, 1, Level.TENSION),))
        await desk.dispatcher.once()
        api.fault(LOST)
        desk.queue(reader, "Dépassé", channel="telegram", priority=2, edits=(12, 2), edit_only=True)
        await desk.dispatcher.once()
        desk.later(60)
        await desk.dispatcher.once()
        assert desk.counts() == {"sent": 2}
        assert [message["text"] for message in api.taken()] == ["Dépassé"]
        assert len(api.calls("editMessageText")) == 2
        await desk.channels["telegram"].close()


@pytest.mark.parametrize("resend", [True, False])
async def test_a_sender_killed_between_two_parts_repeats_none_that_arrived(store: Store, url: str, resend):
    async with bot_api() as api:
        desk = Desk(store, {"telegram": chat_channel(api)})
        desk.queue(
            desk.reader("c1001", "telegram"), "bulletin", channel="telegram", priority=1 if resend else 3,
            resend=resend, parts=("un", "deux", "trois"),
        )  # fmt: skip
        api.fault(None, None, 60)  # the third part hangs while its sender is killed
        sender = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.dispatch.child", url, str(api.port)
        )
        async with asyncio.timeout(20):
            while len(api.calls("sendMessage")) < 3:
                await asyncio.sleep(0.02)
        sender.kill()
        await sender.wait()
        with store.write() as tx:
            lapse(tx)
            dispatch.sweep(tx, desk.now())
        assert desk.states() == {"bulletin-c1001": "ready" if resend else "uncertain"}
        if not resend:
            with store.write() as tx:
                dispatch.requeue(tx, [letter.id for letter in dispatch.letters(tx)], desk.now())
        await desk.dispatcher.once()
        assert [message["text"] for message in api.taken()] == ["un", "deux", "trois"]
        assert desk.states() == {"bulletin-c1001": "sent"}
        await desk.channels["telegram"].close()


async def test_a_dead_letter_that_was_mended_leaves_after_being_queued_again(store: Store):
    mails = Scripted()
    mails.fault = lambda _parcel: DeliveryError("dead", "554 5.5.1 no", code="554")
    desk = Desk(store, {"email": mails})
    desk.queue(desk.reader("r"), "a")
    await desk.dispatcher.once()
    mails.fault = lambda _parcel: None
    with store.write() as tx:
        (letter,) = dispatch.letters(tx)
        assert dispatch.requeue(tx, [letter.id], desk.now()) == 1
    await desk.dispatcher.once()
    assert (desk.states(), len(mails.sent)) == ({"a-r": "sent"}, 1)


async def test_a_policy_that_refuses_us_is_told_once_and_bars_no_reader(store: Store):
    async with smtp_relay() as relay:
        desk = Desk(store, {"email": mail_channel(relay)})
        relay.say("rcpt", *["550 5.7.1 we do not like you"] * 2)
        for number in range(2):
            desk.queue(desk.reader(f"r{number}"), "a")
        await desk.dispatcher.once()
        await asyncio.sleep(0)
        assert {row.state for row in desk.rows().values()} == {"ready"}
        assert len(desk.told) == 1
        assert "5.7.1" in desk.told[0]
        assert desk.reader_state("r0") == "active"
        desk.later(3700)
        await desk.channels["email"].close()


async def test_a_reader_who_left_is_sent_nothing_that_was_queued_before(store: Store):
    mails = Scripted()
    desk = Desk(store, {"email": mails})
    desk.queue("nobody", "a")
    await desk.dispatcher.once()
    assert (desk.states(), mails.sent) == ({"a-nobody": "suppressed"}, [])


async def test_an_address_that_does_not_open_holds_up_nobody_else_and_is_told_once(store: Store):
    mails = Scripted()
    desk = Desk(store, {"email": mails})
    for number in range(3):
        desk.queue(desk.reader(f"r{number}"), "a")
    with store.write() as tx:
        tx.connection().execute(
            text("UPDATE subscriber SET contact = :damaged WHERE id = 'r1'"), {"damaged": b"x" * 40}
        )
    for _ in range(3):
        await desk.dispatcher.once()
        desk.later(601)
    await asyncio.sleep(0)
    assert desk.states() == {"a-r0": "sent", "a-r1": "ready", "a-r2": "sent"}
    assert (desk.rows()["a-r1"].attempt, len(desk.told)) == (0, 1)
    assert "does not open" in desk.told[0]


async def test_an_exception_that_nobody_foresaw_is_one_delivery_tried_again(store: Store):
    mails = Scripted()
    mails.fault = lambda parcel: ValueError("oops") if parcel.subject == "bad" else None
    desk = Desk(store, {"email": mails})
    desk.queue(desk.reader("r1"), "bad")
    desk.queue(desk.reader("r2"), "good")
    await desk.dispatcher.once()
    assert desk.states() == {"bad-r1": "ready", "good-r2": "sent"}
    assert "ValueError: oops" in desk.rows()["bad-r1"].last_error


async def test_a_fault_in_the_dispatchers_own_work_is_survived_and_shows_while_it_lasts(sqlite_store: Store):
    mails = Scripted()
    desk = Desk(sqlite_store, {"email": mails})
    desk.queue(desk.reader("r"), "a")
    faults = [ValueError("oops")] * 3

    def clock():
        if faults:
            raise faults.pop()
        return desk.now()

    desk.dispatcher = Dispatcher(
        store=sqlite_store, vault=VAULT, keys=KEYS, channels=desk.channels, owner="me", clock=clock,
        random=lambda: 0.5, sleep=lambda _seconds: asyncio.sleep(0.01),
    )  # fmt: skip
    assert desk.dispatcher.stuck() == ["email"]
    async with desk.running():
        await desk.until(lambda: desk.counts() == {"sent": 1})
        await desk.until(lambda: desk.dispatcher.stuck() == [])
    assert faults == []


async def test_a_drain_takes_nothing_new_and_lets_what_flies_be_acknowledged(store: Store):
    mails = Scripted(width=2, gate=asyncio.Event())
    desk = Desk(store, {"email": mails})
    for number in range(5):
        desk.queue(desk.reader(f"r{number}"), "a")
    async with desk.running():
        await desk.until(lambda: mails.flying == 2)
        draining = asyncio.create_task(desk.dispatcher.drain(5))
        await asyncio.sleep(0.05)
        assert mails.gate
        mails.gate.set()
        await draining
        assert desk.counts() == {"sent": 2, "ready": 3}


async def test_a_send_that_takes_long_keeps_its_lease(store: Store):
    mails = Scripted(gate=asyncio.Event())
    desk = Desk(store, {"email": mails})
    desk.queue(desk.reader("r"), "a")
    async with desk.running():
        await desk.until(lambda: mails.flying == 1)
        with store.write() as tx:
            lapse(tx)
        await desk.dispatcher.windows[0].renew(after_s=0.0)
        with store.write() as tx:
            assert dispatch.sweep(tx, desk.now()).states == {}
        assert mails.gate
        mails.gate.set()
        await desk.until(lambda: desk.counts() == {"sent": 1})
    assert len(mails.sent) == 1


@pytest.mark.parametrize("others", [False, True])
async def test_a_lease_that_ran_out_on_the_way_repeats_nothing_and_leaves_no_doubt(store: Store, *, others):
    """After a locked database, a suspend, or a clock set right; `others` swept before this process could."""
    mails = Scripted(gate=asyncio.Event())
    desk = Desk(store, {"email": mails})
    for number in range(2):
        desk.queue(desk.reader(f"a{number}"), "alerte", priority=1)
        desk.queue(desk.reader(f"d{number}"), "bulletin", priority=3, resend=False)
    async with desk.running():
        await desk.until(lambda: mails.flying == 4)
        desk.later(70)
        with store.write() as tx:
            lapse(tx)
            if others:
                assert dispatch.sweep(tx, desk.now()).states == {"ready": 2, "uncertain": 2}
        await desk.dispatcher.tidy()
        await desk.dispatcher.windows[0].turn()
        assert mails.flying == 4
        assert mails.gate
        mails.gate.set()
        await desk.until(lambda: desk.counts() == {"sent": 4})
    assert sorted(parcel.key for parcel in mails.sent) == sorted(desk.states())


async def test_a_database_that_stays_locked_repeats_nothing(sqlite_store: Store):
    mails = Scripted(gate=asyncio.Event())
    desk = Desk(sqlite_store, {"email": mails})
    desk.queue(desk.reader("a"), "alerte", priority=1)
    desk.queue(desk.reader("d"), "bulletin", priority=3, resend=False)
    async with desk.running():
        await desk.until(lambda: mails.flying == 2)
        with sqlite_store.write() as tx:
            lapse(tx)
            assert mails.gate
            mails.gate.set()
            await asyncio.sleep(0.1)
            tidying = asyncio.create_task(desk.dispatcher.tidy())
            await asyncio.sleep(0.1)
        await tidying
        await desk.until(lambda: desk.counts() == {"sent": 2})
    assert len(mails.sent) == 2


async def test_two_processes_share_the_outbox_without_a_double(store: Store):
    mails = Scripted(width=3)
    desk = Desk(store, {"email": mails})
    for number in range(40):
        desk.queue(desk.reader(f"r{number}"), "a")
    done = await asyncio.gather(desk.dispatcher.once(), desk.another("you").once())
    assert sum(done) == 40
    assert len({parcel.key for parcel in mails.sent}) == len(mails.sent) == 40


async def test_a_process_that_is_alone_takes_back_at_boot_what_the_killed_one_held(sqlite_store: Store):
    mails = Scripted()
    desk = Desk(sqlite_store, {"email": mails})
    desk.queue(desk.reader("r"), "a")
    with sqlite_store.write() as tx:
        assert len(dispatch.claim(tx, desk.now(), 1, "killed", ["email"])) == 1
    assert reclaim(sqlite_store, desk.now()).states == {"ready": 1}
    await desk.dispatcher.once()
    assert desk.states() == {"a-r": "sent"}


async def test_a_folder_that_takes_no_files_trips_its_channel_alone(store: Store, tmp_path):
    folder = tmp_path / "gone"
    files = FileChannel(FileConfig(folder))
    mails = Scripted()
    desk = Desk(store, {"file": files, "email": mails})
    desk.queue(desk.reader("f", "file", "reader"), "a", channel="file", priority=1)
    desk.queue(desk.reader("r"), "a")
    await desk.dispatcher.once()
    row = desk.rows()["a-f"]
    assert (row.state, row.attempt) == ("ready", 0)
    assert desk.states()["a-r"] == "sent"


async def test_order_within_each_lane_is_kept_under_failures_at_random(store: Store):
    chance = random.Random(7)
    mails = Scripted(width=6)
    mails.fault = lambda _parcel: (
        DeliveryError("retry", "later", code="450") if chance.random() < 0.3 else None
    )
    desk = Desk(store, {"email": mails})
    readers = [desk.reader(f"r{number}") for number in range(5)]
    for number in range(6):
        for reader in readers:
            desk.queue(reader, f"{number}", priority=3 if number % 2 else 1)
    for _ in range(40):
        await desk.dispatcher.once()
        desk.later(3600)
    assert desk.counts() == {"sent": 30}
    order = defaultdict(list)
    for parcel in mails.sent:
        order[parcel.address, parcel.priority].append(int(parcel.subject))
    assert all(a < b for numbers in order.values() for a, b in pairwise(numbers))
