"""The Application of python-telegram-bot, made from the parts handed in; it opens nothing before it is started."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from telegram import BotCommand, ChatMemberUpdated, Update
from telegram.constants import ChatMemberStatus
from telegram.error import Forbidden, RetryAfter, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackContext,
    CallbackQueryHandler,
    ChatMemberHandler,
    ExtBot,
    MessageHandler,
    filters,
)

from warn.bot.admin import Admin
from warn.bot.parts import Parts
from warn.bot.ports import Chat
from warn.bot.talk import COMMANDS, tapped, unknown
from warn.bot.texts import COMMANDS as MENUS
from warn.bot.visit import KINDS, Door, Visit, admit
from warn.channels.redact import redact

log = logging.getLogger(__name__)

AnyApplication = Application[Any, Any, Any, Any, Any, Any]
ALLOWED_UPDATES = ("message", "channel_post", "callback_query", "my_chat_member")
AT_ONCE = 16
_AWAY = frozenset({ChatMemberStatus.LEFT, ChatMemberStatus.BANNED})


def build_application(parts: Parts) -> AnyApplication:
    """Without an Updater: `running` polls by itself, and knows what to do when Telegram is away."""
    application = (
        ApplicationBuilder()
        .token(parts.token)
        .base_url(parts.base_url)
        .rate_limiter(parts.pacer)
        .updater(None)
        .job_queue(None)
        .concurrent_updates(AT_ONCE)
        .get_updates_read_timeout(parts.poll_s + 15)
        .connect_timeout(20)
        .read_timeout(20)
        .pool_timeout(20)
        .build()
    )
    desk = _Reception(parts)
    text = (filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST) & filters.TEXT
    application.add_handler(MessageHandler(text, desk.on_message))
    application.add_handler(CallbackQueryHandler(desk.on_tap))
    other = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & ~filters.StatusUpdate.ALL
    application.add_handler(MessageHandler(other, desk.on_unwanted))
    application.add_handler(ChatMemberHandler(desk.on_standing, ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_handler(
        MessageHandler(filters.StatusUpdate.MIGRATE, desk.on_migration),
    )
    application.add_error_handler(_on_error)
    return application


async def set_menus(bot: ExtBot[Any], lang: str) -> None:
    """The commands people see, per language; those of `lang` where theirs is not spoken. Never fatal."""
    for code, menu in (("", MENUS.get(lang, MENUS["fr"])), *MENUS.items()):
        with suppress(TelegramError):
            await bot.set_my_commands(
                [BotCommand(name, text) for name, text in menu.items()], language_code=code or None
            )


@dataclass(slots=True)
class _Reception:
    """Updates of one chat are answered one after the other, those of different chats at the same time."""

    parts: Parts
    door: Door = field(default_factory=Door)
    admin: Admin = field(default_factory=Admin)
    locks: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def on_message(self, update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
        async def answer(visit: Visit) -> None:
            command = COMMANDS.get(visit.words[0])
            if command is not None:
                await command(visit)
            elif not await self.admin.command(visit) and update.channel_post is None:
                await unknown(visit)

        await self._receive(update, context, answer)

    async def on_tap(self, update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
        data = (update.callback_query.data or "") if update.callback_query else ""

        async def answer(visit: Visit) -> None:
            name, _, rest = data.partition(":")
            if name in {"admin", "judge"}:
                await self.admin.tapped(visit, name, rest)
            elif (found := tapped(data)) is not None:
                await found[0](visit, found[1])

        await self._receive(update, context, answer)

    async def on_unwanted(self, update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
        """A position, a picture, a voice: refused unread, and out of the chat."""

        async def answer(visit: Visit) -> None:
            await visit.take_away(visit.said)
            await visit.say(visit.text("unwanted"))

        await self._receive(update, context, answer)

    async def on_standing(self, update: Update, _context: CallbackContext[Any, Any, Any, Any]) -> None:
        """Blocked or thrown out: what we keep is erased now, not at the next failed delivery."""
        change: ChatMemberUpdated | None = update.my_chat_member
        if change is not None and change.new_chat_member.status in _AWAY:
            await self.parts.desk.gone(Chat(change.chat.id, KINDS[change.chat.type]))

    async def on_migration(self, update: Update, _context: CallbackContext[Any, Any, Any, Any]) -> None:
        message = update.effective_message
        if message is not None and message.migrate_to_chat_id is not None:
            await self.parts.desk.moved(
                Chat(message.chat.id, "group"), Chat(message.migrate_to_chat_id, "group")
            )

    async def _receive(
        self,
        update: Update,
        context: CallbackContext[Any, Any, Any, Any],
        answer: Callable[[Visit], Awaitable[None]],
    ) -> None:
        chat = update.effective_chat
        if chat is None:
            return
        lock = self.locks.setdefault(chat.id, asyncio.Lock())
        async with lock:
            visit = await admit(self.parts, self.door, update, context.bot)
            if visit is None:
                return
            try:
                await answer(visit)
            except TelegramError:
                raise
            except Exception:
                log.exception("a command failed")
                await visit.toast()
                await visit.say(visit.text("trouble"))
            await visit.toast()


async def _on_error(_update: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
    """Somebody who blocked us while we answered is no fault; the rest is logged without addresses."""
    error = context.error
    if isinstance(error, Forbidden | RetryAfter):
        log.info("an answer was not delivered: %s", redact(str(error)))
    elif isinstance(error, TelegramError):
        log.warning("an answer was not delivered: %s", redact(str(error)))
    else:
        log.error("the bot failed", exc_info=error)
