"""What the bot's desk answers those who come back, and those who ask for what is not theirs to see."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
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


async def test_who_takes_a_stop_back_is_told_what_rose_meanwhile_and_nobody_else_is_told_again(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        desk = desk_of(bamako)
        bamako.reader("telegram", CHAT.address)
        bamako.reader("telegram", "1002")
        await desk.leave(CHAT)
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await bamako.send()
        assert [len(bamako.api.taken(chat=chat)) for chat in ("1001", "1002")] == [0, 1]
        bamako.clock.now += timedelta(minutes=5)
        newcomer = bamako.reader("telegram", "1003")
        with bamako.work.store.write() as tx:
            joined = {"new": bamako.clock.now.replace(tzinfo=None).isoformat(" "), "id": newcomer}
            tx.connection().exec_driver_sql(
                "UPDATE subscriber SET confirmed_at = :new WHERE id = :id", joined
            )
        assert await desk.undo_leave(CHAT)
        await bamako.at(bamako.clock.now + timedelta(minutes=1))
        assert [len(bamako.api.taken(chat=chat)) for chat in ("1001", "1002", "1003")] == [1, 1, 0]


async def test_who_joins_at_night_is_not_told_in_the_morning_what_was_held_back_for_others(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        asleep = replace(EAGER, quiet_from=time(22), quiet_until=time(6))
        bamako.clock.now = NOON.replace(hour=23)
        bamako.reader("telegram", CHAT.address, asleep)
        bamako.publish(SHORTAGE)
        await bamako.hear()
        bamako.clock.now += timedelta(hours=1)
        await desk_of(bamako).subscribe(Chat(1002, "private"), EAGER)
        await bamako.at(NOON.replace(day=21, hour=6, minute=1))
        assert [len(bamako.api.taken(chat=chat)) for chat in ("1001", "1002")] == [1, 0]


async def _alert(bamako: City, mode: str) -> None:
    bamako.reader("telegram", CHAT.address)
    ruled(bamako, mode=mode)
    bamako.publish(SHORTAGE)
    await bamako.hear()
