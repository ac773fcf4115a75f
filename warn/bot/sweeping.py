"""Takes conversations about reports out of the chats when their time is over, also those of before a restart."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from warn.bot.field import FieldDesk
from warn.bot.parts import Parts
from warn.errors import StoreError

NOTHING = "\u2026"
log = logging.getLogger(__name__)


async def sweep(bot: ExtBot[Any], parts: Parts, stop: asyncio.Event) -> None:
    """Until the service ends; what Telegram does not answer for now is tried again at the next round."""
    if parts.field is None:
        return
    while not stop.is_set():
        try:
            await _round(bot, parts.field)
        except (TelegramError, StoreError):
            log.info("conversations about reports are taken away later")
        with suppress(TimeoutError):
            async with asyncio.timeout(parts.sweep_s):
                await stop.wait()


async def _round(bot: ExtBot[Any], field: FieldDesk) -> None:
    for chat, message in await field.traces():
        await take_away(bot, chat, message)
        await field.forget_trace(chat, message)


async def take_away(bot: ExtBot[Any], chat: int, message: int) -> None:
    """Out of the chat, for both sides; where Telegram lets nobody delete it any more (two days), ours says nothing.

    What is gone already, or stands where we are blocked, is let be; any other failure is the caller's.
    """
    with suppress(Forbidden):
        try:
            await bot.delete_message(chat, message)
        except BadRequest:
            with suppress(BadRequest):
                await bot.edit_message_text(NOTHING, chat, message)
