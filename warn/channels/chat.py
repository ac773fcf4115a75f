"""What a parcel of form 'telegram' carries, read back from the bytes of the outbox."""

from __future__ import annotations

import html
import re

from pydantic import BaseModel, ConfigDict, ValidationError

from warn.errors import DeliveryError

TEXT_UNITS = 4096
CAPTION_UNITS = 1024


class ChatBody(BaseModel):
    """`parts` are Telegram HTML in order; `buttons` are (label, callback data or address)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    parts: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...] = ()
    silent: bool = False


def read_chat_body(body: bytes) -> ChatBody:
    """Raises DeliveryError 'dead': bytes that cannot be read today cannot be read tomorrow."""
    try:
        return ChatBody.model_validate_json(body)
    except ValidationError as error:
        raise DeliveryError(
            "dead", f"The stored Telegram message cannot be read: {error.error_count()} faults."
        ) from error


def plain(part: str) -> str:
    """The part as a reader sees it: no tags, no entities."""
    return html.unescape(re.sub(r"<[^>]*>", "", part))


def units(text: str) -> int:
    """Length as Telegram counts it, in UTF-16 units, after entities are parsed."""
    return len(plain(text).encode("utf-16-le")) // 2
