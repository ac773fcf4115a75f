"""A bot of ours in conversation with a Bot API server of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from warn.bot.choices import Ground
from warn.bot.parts import Parts
from warn.bot.ports import Desk
from warn.bot.running import run_bot
from warn.channels.pacer import Pace, Pacer

from tests.bot.desk import DictDesk
from tests.fakes.bot_api import BotApi, bot_api

ADMIN = 77
ROADS = (
    ("rn1", {"fr": "Kayes, Bamako", "en": "Kayes, Bamako"}),
    ("rn7", {"fr": "Sikasso, Bamako", "en": "Sikasso"}),
)


def parts_for(api: BotApi, desk: Desk, **changes: Any) -> Parts:
    whole: dict[str, Any] = {
        "token": api.token,
        "desk": desk,
        "pacer": Pacer(Pace(start=1000, ceiling=1000, replies=1000, chat_s=0, group_s=0)),
        "now": lambda: datetime.now(UTC),
        "operator": "l’équipe <warn>",
        "web_address": "https://alertes.example.org",
        "admins": frozenset({ADMIN}),
        "base_url": api.base_url,
        "ground": Ground(ROADS, ("Kati", "Ségou")),
        "poll_s": 5,
    }
    return Parts(**(whole | changes))


async def until(true, *, seconds: float = 10.0) -> None:
    """Waits for what must come, and fails if it does not."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


@dataclass
class Talk:
    """One conversation: says and taps, and waits until the bot has answered everything."""

    api: BotApi
    desk: DictDesk
    seconds: float = 0.0  # the bot's own clock, which stands still
    _marks: int = field(default=0)

    async def say(self, text: str, **how: Any) -> list[dict[str, Any]]:
        return await self._answers(lambda: self.api.says(text, **how), how.get("chat", 1001))

    async def tap(self, data: str, message: int | None = None, **how: Any) -> list[dict[str, Any]]:
        chat = how.get("chat", 1001)
        under = message if message is not None else self.last(chat)["message_id"]
        return await self._answers(lambda: self.api.taps(data, under, **how), chat)

    def last(self, chat: int = 1001) -> dict[str, Any]:
        return self.api.taken(chat=chat)[-1]

    def data(self, chat: int = 1001) -> list[str]:
        markup = self.last(chat).get("reply_markup") or {}
        return [button["callback_data"] for row in markup.get("inline_keyboard", []) for button in row]

    def toasts(self) -> list[str]:
        return [call.data["text"] for call in self.api.calls("answerCallbackQuery") if call.data.get("text")]

    async def _answers(self, act, chat: int) -> list[dict[str, Any]]:
        """New messages of the chat, once a question asked behind has been answered."""
        before = len(self.api.taken(chat=chat))
        act()
        self._marks += 1
        mark = 900_000 + self._marks
        self.api.says("/aide", chat=mark)
        await until(lambda: self.api.taken(chat=mark))
        await until(self.idle, seconds=5)
        return self.api.taken(chat=chat)[before:]

    def idle(self) -> bool:
        """Nothing asked of the server for a moment."""
        sent = [call for call in self.api.journal if call.method != "getupdates"]
        return bool(sent) and asyncio.get_running_loop().time() - sent[-1].at > 0.08


@asynccontextmanager
async def talking(**changes: Any) -> AsyncIterator[Talk]:
    """`changes`: parts of the bot that are not as usual."""
    desk = DictDesk()
    async with bot_api() as api:
        conversation = Talk(api, desk)
        async with run_bot(parts_for(api, desk, clock=lambda: conversation.seconds, **changes)):
            yield conversation


@pytest_asyncio.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as conversation:
        yield conversation
