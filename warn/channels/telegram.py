"""Telegram messages through python-telegram-bot: parts in order, a picture uploaded once, edits in place."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, TelegramError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from warn.channel import Parcel, Receipt
from warn.channels.chat import CAPTION_UNITS, ChatBody, read_chat_body, units
from warn.channels.pacer import Pacer, Turn
from warn.channels.telegram_errors import judge
from warn.errors import DeliveryError

_T = TypeVar("_T")
_ROW_CHARS = 30
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_EDIT_LOST = ("message to edit not found", "message can't be edited", "message_id_invalid")


@dataclass(frozen=True, slots=True)
class TelegramConfig:
    """`base_url` ends in `/bot`, as python-telegram-bot wants it; all bots of a token share `pacer`."""

    token: str
    pacer: Pacer
    base_url: str = "https://api.telegram.org/bot"
    width: int = 32
    timeout_s: float = 20.0


class TelegramChannel:
    """Addresses are a chat id or `@name`, with `:thread` behind it for a topic.

    A receipt's `provider_id` lists the messages sent (`p` before one that is a picture), and is what a later parcel
    gives as `edits`; `begun` of a failure lists those before it. Its `detail` is `migrated:<new chat id>` where a group
    has moved: the address is then to be changed for good.
    """

    id = "telegram"

    def __init__(self, config: TelegramConfig) -> None:
        self.width = config.width
        timeout = config.timeout_s
        self._bot: ExtBot[Turn | int] = ExtBot(
            config.token,
            base_url=config.base_url,
            rate_limiter=config.pacer,
            request=HTTPXRequest(
                connection_pool_size=config.width + 4,
                connect_timeout=timeout,
                read_timeout=timeout,
                write_timeout=timeout,
                pool_timeout=timeout,
            ),
        )

    async def open(self) -> None:
        """No call yet: the service must start without the network."""

    async def send(self, parcel: Parcel) -> Receipt:
        body = read_chat_body(parcel.body)
        sending = _Sending(self._bot, parcel, body, _target(parcel.address))
        sending.sent = parcel.begun.split(",") if parcel.begun else []
        try:
            return await sending.run()
        except TelegramError as error:
            failure = judge(error)
            failure.begun = ",".join(sending.sent)
            raise failure from error

    async def check(self) -> str:
        try:
            me = await self._bot.get_me()
        except TelegramError as error:
            raise judge(error) from error
        return f"@{me.username} answers."

    async def close(self) -> None:
        # shutdown() would skip them unless getMe had succeeded
        for request in self._bot._request:  # noqa: SLF001
            await request.shutdown()


@dataclass(slots=True)
class _Target:
    chat: int | str
    thread: int | None
    detail: str = ""


@dataclass(slots=True)
class _Sending:
    """One parcel on its way; `sent` grows with every part that arrived."""

    bot: ExtBot[Turn | int]
    parcel: Parcel
    body: ChatBody
    target: _Target
    sent: list[str] = field(default_factory=list)
    picture_ref: str = ""

    @property
    def turn(self) -> Turn:
        return Turn(self.parcel.priority, self.parcel.stands)

    async def run(self) -> Receipt:
        if self.parcel.edits and not self.sent and await self._edit(self.parcel.edits.split(",")):
            return self._receipt(self.parcel.edits)
        if self.parcel.edit_only:
            raise DeliveryError("suppressed", "The message to be edited is gone.", code="edit")
        await self._send_all()
        return self._receipt(",".join(self.sent))

    def _receipt(self, provider_id: str) -> Receipt:
        return Receipt(provider_id, self.picture_ref or self.parcel.picture_ref, self.target.detail)

    async def _send_all(self) -> None:
        parts = list(self.body.parts)
        picture = bool(self.parcel.picture or self.parcel.picture_ref)
        captioned = picture and len(parts) == 1 and units(parts[0]) <= CAPTION_UNITS
        if picture and not self.sent:
            await self._send_picture(parts[0] if captioned else self.parcel.subject, last=captioned)
        rest = [] if captioned else parts[len(self.sent) - picture :]
        for number, part in enumerate(rest, 1):
            if self.sent and self.parcel.arrived is not None:
                await self.parcel.arrived(",".join(self.sent))
            await self._send_text(part, last=number == len(rest))

    async def _send_text(self, part: str, *, last: bool) -> None:
        message = await self._follow(
            lambda target: self.bot.send_message(
                target.chat,
                part,
                parse_mode=ParseMode.HTML,
                message_thread_id=target.thread,
                disable_notification=self.body.silent or bool(self.sent),
                link_preview_options=_NO_PREVIEW,
                reply_markup=self._keyboard() if last else None,
                reply_parameters=self._below_picture(),
                rate_limit_args=self.turn,
            )
        )
        self.sent.append(str(message.message_id))

    async def _send_picture(self, caption: str, *, last: bool) -> None:
        photo: str | bytes = self.parcel.picture_ref or self.parcel.picture or b""
        try:
            message = await self._photo(photo, caption, last=last)
        except BadRequest as error:
            forgotten = bool(self.parcel.picture_ref) and "file" in error.message.lower()
            if not (forgotten and self.parcel.picture):
                raise
            message = await self._photo(self.parcel.picture, caption, last=last)
        self.picture_ref = message.photo[-1].file_id if message.photo else ""
        self.sent.append(f"p{message.message_id}")

    async def _photo(self, photo: str | bytes, caption: str, *, last: bool) -> Message:
        return await self._follow(
            lambda target: self.bot.send_photo(
                target.chat,
                photo,
                caption=caption[:CAPTION_UNITS] if not last else caption,
                parse_mode=ParseMode.HTML if last else None,
                message_thread_id=target.thread,
                disable_notification=self.body.silent,
                reply_markup=self._keyboard() if last else None,
                rate_limit_args=self.turn,
            )
        )

    async def _edit(self, earlier: list[str]) -> bool:
        """False where the earlier message cannot be edited any more: it is then sent anew."""
        texts = [int(name) for name in earlier if name.isdigit()]
        captions = [int(name[1:]) for name in earlier if name.startswith("p") and name[1:].isdigit()]
        try:
            if not texts and captions and units(self.body.parts[0]) <= CAPTION_UNITS:
                await self._edit_one(captions[0], self.body.parts[0], caption=True, last=True)
                return True
            if not texts or len(self.body.parts) > len(texts):
                return False
            for number, (message, part) in enumerate(zip(texts, self.body.parts, strict=False), 1):
                await self._edit_one(message, part, caption=False, last=number == len(self.body.parts))
        except BadRequest as error:
            if any(words in error.message.lower() for words in _EDIT_LOST):
                return False
            raise
        except ChatMigrated as error:  # in its new chat the same number may be another message
            self._move(error)
            return False
        return True

    async def _edit_one(self, message: int, part: str, *, caption: bool, last: bool) -> None:
        keyboard = self._keyboard() if last else None
        edit = self._edit_caption if caption else self._edit_text
        try:
            await edit(message, part, keyboard)
        except BadRequest as error:
            if "message is not modified" not in error.message.lower():
                raise

    def _edit_text(
        self, message: int, part: str, keyboard: InlineKeyboardMarkup | None
    ) -> Coroutine[Any, Any, object]:
        return self.bot.edit_message_text(
            part,
            self.target.chat,
            message,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            link_preview_options=_NO_PREVIEW,
            rate_limit_args=self.turn,
        )

    def _edit_caption(
        self, message: int, part: str, keyboard: InlineKeyboardMarkup | None
    ) -> Coroutine[Any, Any, object]:
        return self.bot.edit_message_caption(
            self.target.chat,
            message,
            caption=part,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            rate_limit_args=self.turn,
        )

    async def _follow(self, call: Callable[[_Target], Coroutine[Any, Any, _T]]) -> _T:
        """A group that moved is followed once, a topic that was deleted is left for the general one."""
        try:
            return await call(self.target)
        except ChatMigrated as error:
            self._move(error)
        except BadRequest as error:
            if self.target.thread is None or "thread not found" not in error.message.lower():
                raise
            self.target = _Target(self.target.chat, None, "thread gone")
        return await call(self.target)

    def _move(self, error: ChatMigrated) -> None:
        self.target = _Target(error.new_chat_id, self.target.thread, f"migrated:{error.new_chat_id}")

    def _below_picture(self) -> ReplyParameters | None:
        """The text that a picture was too small for hangs on the picture."""
        if self.sent and self.sent[-1].startswith("p"):
            return ReplyParameters(int(self.sent[-1][1:]), allow_sending_without_reply=True)
        return None

    def _keyboard(self) -> InlineKeyboardMarkup | None:
        """Short labels share a row."""
        rows: list[list[InlineKeyboardButton]] = []
        width = _ROW_CHARS
        for label, target in self.body.buttons:
            address = target.startswith(("https://", "http://", "tg://"))
            button = InlineKeyboardButton(
                label, url=target if address else None, callback_data=None if address else target
            )
            if width + len(label) > _ROW_CHARS:
                rows.append([])
                width = 0
            rows[-1].append(button)
            width += len(label)
        return InlineKeyboardMarkup(rows) if rows else None


def _target(address: str) -> _Target:
    chat, _, thread = address.partition(":")
    name = chat if chat.startswith("@") else chat.removeprefix("-")
    if not (name.isdigit() or name.startswith("@")) or (thread and not thread.isdigit()):
        raise DeliveryError("dead", "This is not a Telegram chat.", code="address")
    return _Target(chat if chat.startswith("@") else int(chat), int(thread) if thread else None)
