"""Keeps bot tokens and passwords out of logs: httpx writes whole addresses, and Telegram's hold the token.

And readers' addresses out of what is kept of a delivery.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Any

_TOKEN = re.compile(r"\b\d{3,}:[A-Za-z0-9_-]{20,}|(?<=/bot)\d+:[A-Za-z0-9_-]+")
_MAILBOX = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")
_HIDDEN = "[hidden]"


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without anything of the shape of a bot token and without the given secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, _HIDDEN)
    return _TOKEN.sub(_HIDDEN, text)


def without_addresses(text: str, *addresses: str) -> str:
    """What a mail server said, without what it likes to repeat and is kept with the delivery: the reader's address.

    Of the `addresses` known, the name before the @ is hidden also where it stands alone, as in `unknown user: "awa"`.
    """
    if "@" in text:  # rarely: this is asked of every mail
        text = _MAILBOX.sub(_HIDDEN, text)
    for address in addresses:
        name = address.rpartition("@")[0]
        for part in (name, name.partition("+")[0]):
            if part and part.casefold() in text.casefold():
                text = re.sub(
                    rf"(?<!\w)(?<!\w\.){re.escape(part)}(?!\.?\w)", _HIDDEN, text, flags=re.IGNORECASE
                )
    return text


class Redacting(logging.Filter):
    """To be added to every handler: a filter on a logger does not see what its children say."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if secret)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage(), self._secrets)
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = _trace(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text, self._secrets)
        return True


def install(handlers: Iterable[logging.Handler], secrets: Iterable[str] = ()) -> None:
    """Puts the filter on the handlers, and quietens the libraries that log whole addresses."""
    hiding = Redacting(secrets)
    for handler in handlers:
        handler.addFilter(hiding)
    for name in ("httpx", "httpcore", "telegram", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _trace(info: tuple[Any, BaseException | None, TracebackType | None] | Any) -> str:
    return "".join(traceback.format_exception(*info)).rstrip()
