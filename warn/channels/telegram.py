"""Telegram messages through python-telegram-bot."""

from __future__ import annotations

from dataclasses import dataclass

from warn.channel import Parcel, Receipt
from warn.channels.pacer import Pacer


@dataclass(frozen=True, slots=True)
class TelegramConfig:
    """`base_url` ends in `/bot`, as python-telegram-bot wants it. `pacer` is shared with the bot of the same token."""

    token: str
    pacer: Pacer
    base_url: str = "https://api.telegram.org/bot"
    width: int = 16


class TelegramChannel:
    """Addresses are a chat id, or `chat:thread` for a topic."""

    id = "telegram"

    def __init__(self, config: TelegramConfig) -> None: ...
    async def open(self) -> None: ...
    async def send(self, parcel: Parcel) -> Receipt: ...
    async def check(self) -> str: ...
    async def close(self) -> None: ...
