"""What Telegram's refusals and silences mean for a delivery. The words are those of its own server."""

from __future__ import annotations

from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from warn.channels.pacer import HeldBackError
from warn.channels.redact import redact
from warn.errors import DeliveryError

_GONE = ("chat not found", "group chat was deleted", "user not found", "peer_id_invalid")
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def judge(error: TelegramError) -> DeliveryError:
    """What an error means for this delivery and this chat; `code` 'token' concerns the whole channel."""
    said = redact(error.message)
    match error:
        case HeldBackError():
            return DeliveryError("refund", said, code="held back", retry_after_s=error.seconds)
        case RetryAfter():
            return DeliveryError("refund", said, code="429", retry_after_s=_seconds(error))
        case InvalidToken():
            said = "Telegram refuses the bot token. Set a valid WARN_TELEGRAM__TOKEN (from @BotFather)."
            return DeliveryError("refund", said, code="token", whole=True)
        case Forbidden() if "initiate conversation" in said.lower():
            said = f"{said}. Is WARN_TELEGRAM__TOKEN that of the bot that readers wrote to?"
            return DeliveryError("refund", said, code="stranger", retry_after_s=600)
        case Forbidden():
            return DeliveryError("gone", said, code="403")
        case ChatMigrated():
            return DeliveryError("retry", said, code=f"migrated:{error.new_chat_id}")
        case BadRequest():
            gone = any(words in said.lower() for words in _GONE)
            return DeliveryError("gone" if gone else "dead", said, code="400")
        case Conflict():
            return DeliveryError("refund", said, code="409")
        case NetworkError():
            return _unheard(error, said)
        case _:
            return DeliveryError("retry", said)


def _unheard(error: NetworkError, said: str) -> DeliveryError:
    """No proper answer: what stood on the wire tells whether the message may have arrived."""
    cause = error.__cause__
    if isinstance(cause, _NOT_SENT):
        return DeliveryError("refund", f"Telegram cannot be reached: {said}", code="connect", whole=True)
    if isinstance(error, TimedOut) or isinstance(cause, httpx.HTTPError):
        return DeliveryError("uncertain", f"Telegram did not answer: {said}", code="no answer")
    short = said.partition(". Parsing the server response")[0].rstrip(".")  # the library quotes all of it
    return DeliveryError("refund", f"Telegram is in trouble: {short}.", code="5xx", whole=True)


def _seconds(error: RetryAfter) -> float:
    given = error.retry_after
    return given.total_seconds() if isinstance(given, timedelta) else float(given)
