"""What a link into the chat (`t.me/our_bot?start=KIND-PAYLOAD`) may ask for; every kind stands in this table.

Telegram allows 64 characters of A-Z a-z 0-9 _ - after `start=`. A kind holds no hyphen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from warn.bot.joining import from_mail, from_page
from warn.bot.reporting import invited
from warn.bot.visit import Visit

Start = Callable[[Visit, str], Awaitable[None]]

STARTS: Mapping[str, Start] = MappingProxyType({"mail": from_mail, "read": from_page, "report": invited})


def asked(words: tuple[str, ...]) -> tuple[Start, str] | None:
    """What the words after /start ask for; None for a plain start and for a link that is not of ours."""
    kind, _, payload = (words[1] if len(words) > 1 else "").partition("-")
    found = STARTS.get(kind)
    return (found, payload) if found is not None and payload else None
