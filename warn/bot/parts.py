"""What the bot is made of; everything is handed in."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from warn.bot.choices import NOTHING, Ground
from warn.bot.field import FieldDesk
from warn.bot.ports import Desk
from warn.bot.texts import Translate, translate
from warn.channels.pacer import Pacer


@dataclass(frozen=True, slots=True)
class Parts:
    """`pacer` is the one of the Telegram channel. `ground`: what readers may choose among.

    `field`: where reports go, None where nobody takes any; what they leave in chats is swept away every `sweep_s`.
    `sign_up`: whether the page takes subscriptions by mail.

    `now` is wall time (the age of a command), `clock` counts seconds (limits and memories).
    """

    token: str
    desk: Desk
    pacer: Pacer
    now: Callable[[], datetime]
    operator: str
    web_address: str
    admins: frozenset[int] = frozenset()
    base_url: str = "https://api.telegram.org/bot"
    lang: str = "fr"
    sign_up: bool = False
    ground: Ground = NOTHING
    translate: Translate = translate
    clock: Callable[[], float] = time.monotonic
    poll_s: float = 25.0
    field: FieldDesk | None = None
    sweep_s: float = 60.0
