"""The bot's life: starts without Telegram, outlives outages, loses and repeats no command."""

import asyncio
import logging

from warn.bot import bot_running
from warn.bot.running import run_bot
from warn.channels.pacer import Pacer

from tests.bot.conftest import parts_for, until
from tests.bot.desk import DictDesk
from tests.fakes.bot_api import bot_api


async def test_it_starts_at_once_without_telegram_and_works_when_telegram_comes(caplog):
    async with bot_api() as gone:
        port = gone.port
    desk = DictDesk()
    began = asyncio.get_running_loop().time()
    async with run_bot(parts_for(gone, desk)):
        assert asyncio.get_running_loop().time() - began < 1
        await until(lambda: "cannot be reached" in caplog.text)
        async with bot_api(port=port) as api:
            api.says("/statut")
            await until(lambda: api.taken(chat=1001))
    assert gone.token not in caplog.text


async def test_it_ends_at_once_while_telegram_is_away():
    async with bot_api() as gone:
        pass
    began = asyncio.get_running_loop().time()
    async with run_bot(parts_for(gone, DictDesk())):
        await asyncio.sleep(0.05)
    assert asyncio.get_running_loop().time() - began < 3


async def test_commands_are_answered_once_across_a_restart():
    desk = DictDesk()
    async with bot_api() as api:
        async with run_bot(parts_for(api, desk)):
            api.says("/statut")
            await until(lambda: api.taken(chat=1001))
        api.says("/statut", chat=1002)
        async with run_bot(parts_for(api, desk)):
            await until(lambda: api.taken(chat=1002))
            await asyncio.sleep(0.1)
        assert len(api.taken(chat=1001)) == 1
        assert len(api.taken(chat=1002)) == 1


async def test_a_second_poller_is_named_and_neither_dies(caplog):
    desk = DictDesk()
    async with bot_api() as api, run_bot(parts_for(api, desk)), run_bot(parts_for(api, desk)):
        await until(lambda: "Another process polls" in caplog.text)
        api.says("/statut")
        await until(lambda: api.taken(chat=1001))


async def test_a_refused_token_is_one_clear_line_and_ends_cleanly(caplog):
    caplog.set_level(logging.WARNING)
    async with bot_api(token="1:another") as api:
        parts = parts_for(api, DictDesk(), token="123456789:AAwrongwrongwrongwrongwrong-12")
        async with run_bot(parts):
            await until(lambda: "WARN_TELEGRAM__TOKEN" in caplog.text)
    assert "AAwrong" not in caplog.text
    assert len([record for record in caplog.records if record.name.startswith("warn.")]) == 1


async def test_a_server_that_answers_nonsense_is_asked_again(caplog):
    desk = DictDesk()
    async with bot_api() as api, run_bot(parts_for(api, desk)):
        api.says("/statut")
        await until(lambda: api.taken(chat=1001))
        api.fault((502, "<html>Bad Gateway</html>"))
        api.says("/statut", chat=1002)
        await until(lambda: "was not delivered" in caplog.text)
        api.says("/statut", chat=1003)
        await until(lambda: api.taken(chat=1003))


async def test_the_way_in_needs_a_token_a_desk_and_the_pacer_of_the_channel():
    desk = DictDesk()
    async with (
        bot_api() as api,
        bot_running(api.token, desk, Pacer(), base_url=api.base_url, admins=[5], operator="X"),
    ):
        api.says("/start")
        await until(lambda: api.taken(chat=1001))
    assert "Qui parle\u00a0: X" in api.taken(chat=1001)[0]["text"]


async def test_telegram_keeps_a_command_until_it_is_answered_and_others_are_answered_meanwhile():
    class Slow(DictDesk):
        def __init__(self):
            super().__init__()
            self.free = asyncio.Event()

        async def stop(self, chat):
            await self.free.wait()
            return await super().stop(chat)

    desk = Slow()
    async with bot_api() as api:
        async with run_bot(parts_for(api, desk)):
            api.says("/stop")
            await until(lambda: any(update["message"]["text"] == "/stop" for update in api.updates))
            slow = api.updates[0]["update_id"]
            api.says("/aide", chat=1002)
            await until(lambda: api.taken(chat=1002))
            api.says("/aide", chat=1003)
            await until(lambda: api.taken(chat=1003))
            kept = [update["update_id"] for update in api.updates]
            desk.free.set()
        assert kept[0] == slow
        assert len(desk.asked) == len(api.taken(chat=1001)) == len(api.taken(chat=1002)) == 1
        assert not api.updates
