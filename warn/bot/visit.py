"""One command or tap of one person, let in or turned away, and the ways to answer it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
    Update,
)
from telegram import Chat as TelegramChat
from telegram.constants import ChatMemberStatus, ChatType, ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from warn.bot.farewell import wish
from warn.bot.limits import Buckets, Remembered
from warn.bot.parts import Parts
from warn.bot.ports import Chat, ChatKind
from warn.bot.texts import LANGUAGES, fill

log = logging.getLogger(__name__)

Rows = Sequence[Sequence[tuple[str, str]]]  # (label, data or address)
STALE = timedelta(minutes=10)
# Leaving must work, however late the command arrives; and what tells of a reporter must not stay in the chat.
ALWAYS_HEARD = frozenset({"stop", "arret", "effacer", "erase", "signaler", "report"})
ALWAYS_TAPPED = frozenset({"stop", "erase", "report", "send", "drop"})
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_IN_CHARGE = frozenset({ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER})
KINDS: dict[str, ChatKind] = {
    ChatType.PRIVATE: "private",
    ChatType.GROUP: "group",
    ChatType.SUPERGROUP: "group",
    ChatType.CHANNEL: "channel",
}


@dataclass(slots=True)
class Door:
    """Remembers, for minutes, who asked how much and who is in charge of which group.

    `urgent` is for what must be heard from somebody who asked too much as well, yet not without end.
    """

    buckets: Buckets = field(default_factory=Buckets)
    urgent: Buckets = field(default_factory=lambda: Buckets(size=60.0))
    in_charge: Remembered[bool] = field(default_factory=lambda: Remembered(300.0))


@dataclass(slots=True)
class Visit:
    """`message` is the one that a tap was made under, None for a command; `sent_at` says when that one was sent.

    `said` is the command itself.
    """

    parts: Parts
    bot: ExtBot[Any]
    chat: Chat
    user: int
    lang: str
    words: tuple[str, ...] = ()
    message: int | None = None
    query: CallbackQuery | None = None
    answered: bool = False
    said: int | None = None
    sent_at: datetime | None = None

    def text(self, key: str, **values: Any) -> str:
        return fill(self.parts.translate(self.lang, key), **values)

    async def say(self, text: str, rows: Rows = ()) -> int:
        """A message of its own; its number in the chat."""
        sent = await self.bot.send_message(
            self.chat.id,
            text,
            parse_mode=ParseMode.HTML,
            message_thread_id=self.chat.thread,
            link_preview_options=_NO_PREVIEW,
            reply_markup=keyboard(rows),
            reply_parameters=self._under(),
        )
        return sent.message_id

    async def take_away(self, message: int | None) -> None:
        """Out of the chat, for both sides; what is gone already, or too old, is none the worse."""
        if message is None:
            return
        try:
            await self.bot.delete_message(self.chat.id, message)
        except (BadRequest, Forbidden):
            log.debug("a message could not be taken away")

    async def show(self, text: str, rows: Rows = ()) -> None:
        """In place of the message tapped, so that a conversation stays one message long."""
        if self.message is None:
            await self.say(text, rows)
            return
        try:
            await self.bot.edit_message_text(
                text,
                self.chat.id,
                self.message,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                reply_markup=keyboard(rows),
            )
        except BadRequest as error:
            if "not modified" not in error.message.lower():
                raise

    async def toast(self, text: str = "", *, alert: bool = False) -> None:
        """Ends the waiting circle on the button; a tap that is too old to be answered is none the worse."""
        if self.query is None or self.answered:
            return
        self.answered = True
        try:
            await self.bot.answer_callback_query(self.query.id, text[:200] or None, show_alert=alert)
        except BadRequest:
            log.debug("a tap was too old to be answered")

    def _under(self) -> ReplyParameters | None:
        """In a group it must be plain whom an answer is for."""
        if self.chat.kind != "group" or self.message is None:
            return None
        return ReplyParameters(self.message, allow_sending_without_reply=True)


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """None takes an earlier keyboard away. Telegram refuses data of more than 64 bytes; ours fail here first."""
    for row in rows:
        for label, data in row:
            if len(data.encode()) > 64:
                raise ValueError(f"the button {label!r} carries more than 64 bytes")
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )


async def admit(parts: Parts, door: Door, update: Update, bot: ExtBot[Any]) -> Visit | None:
    """None for who is turned away, in silence: too old, too many, not in charge, or not a chat we serve."""
    chat, message, query = update.effective_chat, update.effective_message, update.callback_query
    if chat is None or KINDS.get(chat.type) is None or not isinstance(message, Message):
        return None
    if query is None and not _meant_for_us(message, bot):
        return None
    person = update.effective_user.id if update.effective_user else chat.id
    words = _words(message) if query is None else ()
    if query is None and parts.now() - message.date > STALE and not _heard_late(message, words):
        return None
    if not door.buckets.take(person, parts.clock()) and not (
        _urgent(message, words, query) and door.urgent.take(person, parts.clock())
    ):
        return None
    if not await _in_charge(parts, door, chat, person, message if query is None else None, bot):
        await _let_go(bot, query)
        return None
    given = (update.effective_user.language_code or "") if update.effective_user else ""
    spoken = given[:2] if given[:2] in LANGUAGES else parts.lang
    thread = message.message_thread_id if message.is_topic_message else None
    whole = Chat(chat.id, KINDS[chat.type], thread)
    preferences = await parts.desk.preferences(whole)
    return Visit(
        parts=parts,
        bot=bot,
        chat=whole,
        user=person,
        lang=preferences.lang if preferences else spoken,
        words=words,
        message=message.message_id if query else None,
        query=query,
        said=None if query else message.message_id,
        sent_at=message.date if query else None,
    )


async def _in_charge(
    parts: Parts, door: Door, chat: TelegramChat, person: int, said: Message | None, bot: ExtBot[Any]
) -> bool:
    """Alone with us everybody is; a group's settings belong to its administrators, a channel's to who posts there."""
    if chat.type == ChatType.PRIVATE:
        return person == chat.id
    if chat.type == ChatType.CHANNEL and said is not None:
        return True
    if said is not None and said.sender_chat is not None and said.sender_chat.id == chat.id:
        return True  # an administrator who stays anonymous speaks as the group
    key = (chat.id, person)
    known = door.in_charge.get(key, parts.clock())
    if known is None:
        try:
            known = (await bot.get_chat_member(chat.id, person)).status in _IN_CHARGE
        except TelegramError:
            return False
        door.in_charge.put(key, known, parts.clock())
    return known


async def _let_go(bot: ExtBot[Any], query: CallbackQuery | None) -> None:
    """Ends the waiting circle on the button of somebody who has no say here, without a word."""
    if query is not None:
        try:
            await bot.answer_callback_query(query.id)
        except BadRequest:
            log.debug("a tap was too old to be answered")


def _meant_for_us(message: Message, bot: ExtBot[Any]) -> bool:
    """Where people talk to each other only a command is, and not another bot's."""
    first = (message.text or "").partition(" ")[0]
    if not first.startswith("/"):
        return message.chat.type == ChatType.PRIVATE
    name = first.partition("@")[2]
    return not name or name.lower() == bot.username.lower()


def _heard_late(message: Message, words: tuple[str, ...]) -> bool:
    """Also a link that was followed, and what is no text, which has to be taken away."""
    return _must_be_heard(message, words) or (words[0] == "start" and len(words) > 1)


def _urgent(message: Message, words: tuple[str, ...], query: CallbackQuery | None) -> bool:
    """To leave, and what must not stay in the chat of somebody whose phone may be looked through."""
    if query is not None:
        return (query.data or "").partition(":")[0] in ALWAYS_TAPPED
    return _must_be_heard(message, words)


def _must_be_heard(message: Message, words: tuple[str, ...]) -> bool:
    """To leave by command or in plain words, which are heard alone with us; and what is no text."""
    asked = message.chat.type == ChatType.PRIVATE and wish(words) == "leave"
    return asked or words[0] in ALWAYS_HEARD or message.text is None


def _words(message: Message) -> tuple[str, ...]:
    """`/Statut@our_bot now` -> ("statut", "now"); plain words -> ("", ...)."""
    text = message.text or ""
    if not text.startswith("/"):
        return ("", *text.split())
    first, *rest = text.split()
    return (first[1:].partition("@")[0].lower(), *rest)
