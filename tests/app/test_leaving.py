"""What is not kept, and that the rest is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from warn import links
from warn.app.leaving import forget, purge
from warn.app.reception import Reception
from warn.bot.ports import Chat
from warn.model import Preferences
from warn.store import editions, subscribers, throttle

from tests.app.running import RULES, ask
from tests.app.test_reloading import running
from tests.pipeline.city import EAGER, NOON, SHORTAGE, City, city

CHAT = Chat(1001, "private")


def after(bamako: City, time: timedelta) -> int:
    with bamako.work.store.write() as tx:
        return forget(tx, NOON + time)


def desk_of(bamako: City) -> Reception:
    async def acted() -> None: ...

    return Reception(lambda: bamako.work, bamako.clock, acted)


async def test_who_taps_stop_is_erased_after_ten_minutes_unless_they_come_back(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        desk = desk_of(bamako)
        other = Chat(1002, "private")
        for chat in (CHAT, other):
            await desk.subscribe(chat, Preferences())
            await desk.leave(chat)
        await desk.undo_leave(other)
        assert after(bamako, timedelta(minutes=9)) == 0
        assert await desk.preferences(CHAT) == Preferences()
        assert after(bamako, timedelta(minutes=10)) == 1
        assert (await desk.preferences(CHAT), await desk.preferences(other)) == (None, Preferences())


async def test_who_comes_back_by_start_or_by_a_code_within_the_ten_minutes_is_not_erased(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        desk, coder = desk_of(bamako), Chat(1002, "private")
        for chat in (CHAT, coder):
            await desk.subscribe(chat, Preferences())
            await desk.leave(chat)
        bamako.clock.now += timedelta(minutes=2)
        mail = bamako.reader("email", "awa@example.org")
        await desk.subscribe(CHAT, Preferences())
        assert await desk.take(
            coder, links.join_code(bamako.work.keys, mail, bamako.clock.now + timedelta(minutes=5))
        )
        assert after(bamako, timedelta(minutes=12)) == 0
        assert None not in {await desk.preferences(CHAT), await desk.preferences(coder)}
        await desk.leave(CHAT)
        assert after(bamako, timedelta(minutes=12)) == 1, "a second goodbye counts like the first"


async def test_who_tapped_stop_before_an_outage_of_days_is_erased_after_it(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        desk = desk_of(bamako)
        await desk.subscribe(CHAT, Preferences())
        await desk.leave(CHAT)
        assert after(bamako, timedelta(days=3)) == 1
        assert ask(bamako.database, "SELECT * FROM subscriber") == []


async def test_the_service_erases_those_who_left_by_a_job_of_its_own(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        desk = desk_of(bamako)
        bamako.clock.now = datetime.now(UTC) - timedelta(minutes=11)  # the service reads the clock itself
        await desk.subscribe(CHAT, Preferences())
        await desk.leave(CHAT)
        service = running(bamako, RULES)
        service.plan()
        assert "forget" in service.timetable.ids()
        await service.forget()
        assert ask(bamako.database, "SELECT * FROM subscriber") == []


async def test_an_address_that_never_confirms_is_gone_with_its_link_and_limits_with_their_window(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        with bamako.work.store.write() as tx:
            subscribers.add_pending(tx, bamako.work.vault, "email", "awa@example.org", Preferences(), NOON)
            throttle.allowed(tx, "a mark", 5, timedelta(hours=1), NOON)
        assert after(bamako, links.CONFIRM) == 0
        assert ask(bamako.database, "SELECT * FROM throttle") == []
        assert after(bamako, links.CONFIRM + timedelta(minutes=1)) == 1
        assert ask(bamako.database, "SELECT * FROM subscriber") == []


async def test_deliveries_of_long_ago_go_and_those_of_an_open_alert_stay(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.reader("telegram", "1001", replace(EAGER, digest_at=time(12)))
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await bamako.at(NOON + timedelta(hours=1))
        with bamako.work.store.write() as tx:
            assert purge(tx, NOON + timedelta(days=30)) == 0
            tx.connection().exec_driver_sql("UPDATE episode SET closed_at = opened_at")
        assert len(bamako.deliveries()) == 2
        with bamako.work.store.write() as tx:
            assert purge(tx, NOON + timedelta(days=29)) == 0
            assert editions.editions_made(tx, "daily", NOON.date())
            assert purge(tx, NOON + timedelta(days=31)) == 2
            assert not editions.editions_made(tx, "daily", NOON.date())
        assert bamako.deliveries() == []
