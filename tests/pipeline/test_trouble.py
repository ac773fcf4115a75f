"""Channels that fail: what waits, what ends, who is no longer written to; never a loss, never another channel's harm."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.fakes.smtp import smtp_relay
from tests.pipeline.city import NOON, SHORTAGE, City, city

MINUTE = timedelta(minutes=1)


def states(bamako: City, channel: str) -> list[str]:
    return [row["state"] for row in bamako.deliveries() if row["channel"] == channel]


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


async def patiently(bamako: City, arrived: Callable[[], Any], seconds: float = 15.0) -> None:
    """A channel out of order is tried again after real seconds; the outbox's own pauses are our clock's."""
    async with asyncio.timeout(seconds):
        while not arrived():
            bamako.clock.now += MINUTE
            await bamako.send()
            await asyncio.sleep(0.05)


async def alarm(bamako: City) -> None:
    bamako.publish(SHORTAGE)
    await bamako.hear()
    await bamako.send()


async def test_a_relay_that_refuses_connections_costs_no_attempt_and_harms_no_other_channel(
    tmp_path: Path,
) -> None:
    port = closed_port()
    async with city(tmp_path, port=port) as bamako:
        bamako.reader("email", "reader@example.org")
        bamako.reader("telegram", "1001")
        await alarm(bamako)
        assert states(bamako, "telegram") == ["sent"]
        assert states(bamako, "email") == ["ready"]
        for n in range(1, 12):  # more often than attempts are counted
            bamako.clock.now = NOON + n * MINUTE
            await bamako.send()
        waiting = [row for row in bamako.deliveries() if row["channel"] == "email"]
        assert [(row["state"], row["attempt"]) for row in waiting] == [("ready", 0)]
        assert waiting[0]["last_error"]
        assert len(bamako.api.taken(chat="1001")) == 1


async def test_what_waited_for_the_relay_arrives_once_it_is_back(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.reader("email", "reader@example.org")
        bamako.relay.say("connect", "421 4.3.2 closing")
        await alarm(bamako)
        assert bamako.relay.mails == []
        await patiently(bamako, lambda: bamako.relay.mails)
        assert [mail.recipient for mail in bamako.relay.mails] == ["reader@example.org"]
        assert states(bamako, "email") == ["sent"]


async def test_a_mailbox_that_is_gone_is_not_written_to_again(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        both = {name: bamako.reader("email", f"{name}@example.org") for name in ("one", "two")}
        bamako.relay.say("rcpt", "550 5.1.1 no such user")
        await alarm(bamako)
        assert len(bamako.relay.mails) == 1
        here = bamako.relay.mails[0].recipient
        states_of = {f"{name}@example.org": bamako.state(reader) for name, reader in both.items()}
        assert sorted(states_of.values()) == ["active", "stopped"]
        assert states_of[here] == "active"
        bamako.clock.now = NOON + timedelta(days=1)
        bamako.publish("Mali : un convoi de camions-citernes attaqué à Loulouni")
        await bamako.hear()
        await bamako.send()
        assert {mail.recipient for mail in bamako.relay.mails} == {here}


async def test_a_chat_that_blocked_the_bot_ends_its_subscription_alone(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        gone, here = bamako.reader("telegram", "1001"), bamako.reader("telegram", "1002")
        bamako.api.blocked["1001"] = "Forbidden: bot was blocked by the user"
        await alarm(bamako)
        assert (bamako.state(gone), bamako.state(here)) == ("stopped", "active")
        assert len(bamako.api.taken(chat="1002")) == 1
        calls = len(bamako.api.calls("sendMessage"))
        bamako.clock.now = NOON + timedelta(days=1)
        await bamako.send()
        assert len(bamako.api.calls("sendMessage")) == calls


async def test_a_token_that_is_refused_keeps_messages_waiting_and_mail_going(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        reader = bamako.reader("telegram", "1001")
        bamako.reader("email", "reader@example.org")
        right, bamako.api.token = bamako.api.token, "987654321:another-token-that-nobody-knows-here"
        await alarm(bamako)
        assert len(bamako.relay.mails) == 1
        assert bamako.api.taken() == []
        assert bamako.state(reader) == "active"
        assert states(bamako, "telegram") == ["ready"]
        bamako.api.token = right
        await patiently(bamako, lambda: bamako.api.taken(chat="1001"))
        assert len(bamako.api.taken(chat="1001")) == 1


async def test_what_could_not_be_sent_in_its_time_expires_instead_of_coming_too_late(tmp_path: Path) -> None:
    async with city(tmp_path, port=closed_port()) as bamako:
        bamako.reader("email", "reader@example.org")
        await alarm(bamako)
        bamako.clock.now = NOON + timedelta(days=40)
        await bamako.send()
        assert states(bamako, "email") == ["expired"]


async def test_an_answer_lost_after_the_final_dot_repeats_an_alert_under_the_same_name(
    tmp_path: Path,
) -> None:
    """Nobody can know whether it arrived; the mail program sees that both are one."""
    async with city(tmp_path) as bamako:
        bamako.reader("email", "reader@example.org")
        bamako.relay.say("end", "hang up")
        await alarm(bamako)
        for n in range(1, 90):
            bamako.clock.now = NOON + n * 5 * MINUTE
            await bamako.send()
        both = bamako.relay.handed_over
        assert len(both) == 2
        assert both[0].content == both[1].content
        assert b"Message-ID:" in both[0].content


async def test_a_relay_that_moves_to_another_port_gets_what_waited_from_the_next_process(
    tmp_path: Path,
) -> None:
    """The operator corrects the setting and restarts: the outbox is in the database, not in the process."""
    async with city(tmp_path, port=closed_port()) as bamako:
        bamako.reader("email", "reader@example.org")
        await alarm(bamako)
        assert states(bamako, "email") == ["ready"]
        var = bamako.settings.var
    async with smtp_relay() as relay, city(tmp_path, port=relay.port) as again:
        assert again.settings.var == var
        again.clock.now = NOON + timedelta(minutes=30)
        await again.send()
        assert [mail.recipient for mail in relay.mails] == ["reader@example.org"]
        assert states(again, "email") == ["sent"]
