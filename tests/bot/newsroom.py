"""The bot over a real database with the shipped forms: reporters, moderators, and a clock in our hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from warn.app import build
from warn.app.field import Field, invite
from warn.app.reception import Reception
from warn.bot.running import run_bot
from warn.pipeline.judge import judge
from warn.pipeline.work import Work
from warn.settings import Settings
from warn.store import reporters

from tests.app.running import ROOT, RULES, SECRET
from tests.bot.conftest import parts_for, until
from tests.fakes.bot_api import BotApi, bot_api
from tests.pipeline.city import shipped

AWA, BOUBA, COUMBA, STRANGER, BOSS = 1001, 1002, 1003, 1999, 42
HELP = "/stat"  # how the answer to /aide begins


@dataclass
class Newsroom:
    """`later` moves the clock of the quarantine; Telegram's own stays where it is."""

    work: Work
    api: BotApi
    moved: timedelta = field(default_factory=timedelta)
    judged: list[Any] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def later(self, **how: float) -> None:
        self.moved += timedelta(**how)

    @asynccontextmanager
    async def bot(self, **changes: Any) -> AsyncIterator[None]:
        """The bot's life until it is left; another one afterwards is a restart."""
        desk = Reception(lambda: self.work, self.now, self._acted)
        field_desk = Field(lambda: self.work, self.now)
        own = {"field": field_desk, "clock": self._seconds, "sweep_s": 0.02}
        async with run_bot(parts_for(self.api, desk, **(own | changes))):
            yield

    def _seconds(self) -> float:
        """Moves so fast that nobody asks too much of the bot; of limits see test_talk."""
        return len(self.api.journal) * 6.0

    async def _acted(self) -> None:
        self.judged += await asyncio.to_thread(judge, self.work, self.now())

    def vetted(self, *chats: int) -> None:
        with self.work.store.write() as tx:
            for chat in chats:
                _, link = invite(tx, "test", self.now())
                token = link.partition("-")[2]
                assert reporters.welcome(tx, self.work.vault, str(chat), token, self.now())

    def rows(self, question: str) -> list[Any]:
        with self.work.store.read() as tx:
            return list(tx.connection().execute(text(question)))

    async def say(self, words: str, chat: int = AWA, **how: Any) -> int:
        """Until the bot has answered or shown that it will not."""
        sent = self.api.says(words, chat=chat, **how)
        await self._behind(chat)
        return sent

    async def tap(self, data: str, message: int, chat: int = AWA, **how: Any) -> None:
        answered = len(self.api.calls("answerCallbackQuery"))
        self.api.taps(data, message, chat=chat, **how)
        await until(lambda: len(self.api.calls("answerCallbackQuery")) > answered)

    async def forge(self, data: str, message: int, chat: int = AWA, **how: Any) -> None:
        """The same for those who may meet silence."""
        self.api.taps(data, message, chat=chat, **how)
        await self._behind(chat)

    async def _behind(self, chat: int) -> None:
        """A plain question in the same chat is answered last, and taken away again."""
        how: dict[str, Any] = {"kind": "supergroup", "user": BOSS} if chat < 0 else {}
        self.api.admins[str(chat)].add(BOSS)
        before = {number for (name, number) in self.api.messages if name == str(chat)}
        asked = self.api.says("/aide", chat=chat, **how)
        await until(lambda: self._help(chat, before))
        del self.api.incoming[str(chat), asked], self.api.messages[str(chat), self._help(chat, before)[0]]

    def _help(self, chat: int, before: set[int]) -> list[int]:
        new = (
            (n, one) for (name, n), one in self.api.messages.items() if name == str(chat) and n not in before
        )
        return [n for n, one in new if one["text"].startswith(HELP)]

    def shown(self, chat: int = AWA) -> dict[str, Any]:
        return self.api.taken(chat=chat)[-1]

    def buttons(self, chat: int = AWA) -> dict[str, str]:
        """Label -> data, of the newest message."""
        markup = self.shown(chat).get("reply_markup") or {}
        return {b["text"]: b["callback_data"] for row in markup.get("inline_keyboard", []) for b in row}

    def toasts(self) -> list[str]:
        return [one.data["text"] for one in self.api.calls("answerCallbackQuery") if one.data.get("text")]

    def left_in(self, chat: int = AWA) -> list[str]:
        """What somebody finds who takes the phone."""
        said = [one for (name, _), one in self.api.incoming.items() if name == str(chat)]
        return [one.get("text", "") for one in (*said, *self.api.taken(chat=chat))]

    async def through(self, *labels: str, chat: int = AWA, start: str = "/signaler") -> None:
        """A whole conversation by the words on its buttons."""
        await self.say(start, chat)
        for label in labels:
            await self.tap(self.buttons(chat)[label], self.shown(chat)["message_id"], chat)


@asynccontextmanager
async def newsroom(folder: Path) -> AsyncIterator[Newsroom]:
    settings = Settings(
        _env_file=None, var=folder, rules=RULES, templates=ROOT / "templates", secret=SECRET,
        database=f"sqlite:///{folder / 'warn.db'}",
    )  # fmt: skip
    store = build.open_database(settings, upgrade=True)
    async with bot_api() as api:
        yield Newsroom(build.work(settings, store, known=shipped(), pictures=False), api)
    store.close()
