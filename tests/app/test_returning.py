"""What the bot's desk answers those who come back, and those who ask for what is not theirs to see."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from warn.bot.ports import Chat
from warn.store import bounces, subscribers

from tests.app.running import ask
from tests.app.test_leaving import CHAT, desk_of
from tests.pipeline.city import EAGER, NOON, SHORTAGE, City, city
from tests.pipeline.ruled import ruled


async def test_who_blocked_the_bot_and_comes_back_is_no_subscriber_until_a_tap(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        desk = desk_of(bamako)
        reader = bamako.reader("telegram", CHAT.address)
        with bamako.work.store.write() as tx:
            bounces.gone(tx, reader, NOON)
        assert (await desk.preferences(CHAT), await desk.leave(CHAT)) == (None, None)
        await desk.subscribe(CHAT, EAGER)
        assert (await desk.preferences(CHAT), bamako.state(reader)) == (EAGER, "active")
        with bamako.work.store.write() as tx:
            subscribers.stop(tx, reader)
        assert await desk.stop(CHAT), "also the mark that is left is erased when they ask"
        assert ask(bamako.database, "SELECT * FROM subscriber") == []


async def test_an_alert_that_waits_for_a_person_can_neither_be_read_nor_muted(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        await _alert(bamako, mode="approve")
        desk = desk_of(bamako)
        assert (await desk.mute(CHAT, "1"), await desk.details(CHAT, "1", "fr")) == (None, ())
        assert ask(bamako.database, "SELECT number FROM episode") == [{"number": 1}]
    async with city(tmp_path / "other") as bamako:
        await _alert(bamako, mode="live")
        assert await desk_of(bamako).mute(CHAT, "1") == NOON + timedelta(days=1)
        assert await desk_of(bamako).mute(Chat(1002, "private"), "1") is None


async def _alert(bamako: City, mode: str) -> None:
    bamako.reader("telegram", CHAT.address)
    ruled(bamako, mode=mode)
    bamako.publish(SHORTAGE)
    await bamako.hear()
