"""What an erasure, or the end of what somebody asked for, leaves nowhere."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from warn.app.leaving import purge
from warn.bot.ports import Chat
from warn.store import bounces, subscribers

from tests.app.running import ask
from tests.app.test_leaving import desk_of
from tests.pipeline.city import NOON, SHORTAGE, city

CHAT = Chat(1001, "private")
DAY = timedelta(days=1)


async def test_a_mute_goes_when_its_day_is_over_and_one_that_counts_stays(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.reader("telegram", CHAT.address)
        bamako.publish(SHORTAGE)
        await bamako.hear()
        assert await desk_of(bamako).mute(CHAT, "1")
        left = []
        for later in (DAY / 2, 2 * DAY):
            with bamako.work.store.write() as tx:
                purge(tx, NOON + later)
            left.append(len(ask(bamako.database, "SELECT * FROM act WHERE kind = 'mute'")))
        assert left == [1, 0]


async def test_of_a_chat_that_blocked_us_nothing_stays_and_of_a_dead_mailbox_its_mark(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        chat, mail = bamako.reader("telegram", CHAT.address), bamako.reader("email", "awa@example.org")
        with bamako.work.store.write() as tx:
            for one in (chat, mail):
                bounces.gone(tx, one, NOON)
            purge(tx, NOON)
        with bamako.work.store.read() as tx:
            assert subscribers.get(tx, chat) is None
            assert subscribers.is_suppressed(tx, bamako.work.vault, "email", "awa@example.org")


async def test_what_a_server_said_of_a_mailbox_goes_with_its_reader(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        reader = bamako.reader("email", "awa@petite-ong.example")
        bamako.relay.say("rcpt", "450 4.2.1 petite-ong.example is asleep")
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await bamako.send()
        said = "SELECT last_error FROM delivery WHERE last_error LIKE '%petite%'"
        assert ask(bamako.database, said)
        with bamako.work.store.write() as tx:
            subscribers.erase(tx, reader)
        assert not ask(bamako.database, said)
