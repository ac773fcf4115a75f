"""The bot: subscribing, preferences, leaving, and what administrators do from a chat. `bot_running` is the way in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

from warn.bot.choices import NOTHING, Ground
from warn.bot.field import FieldDesk
from warn.bot.parts import Parts
from warn.bot.ports import Chat, Desk
from warn.bot.running import run_bot
from warn.channels.pacer import Pacer

__all__ = ["Chat", "Desk", "FieldDesk", "Ground", "Parts", "bot_running"]


def bot_running(
    token: str,
    desk: Desk,
    pacer: Pacer,
    *,
    base_url: str = "https://api.telegram.org/bot",
    admins: Iterable[int] = (),
    operator: str = "warn",
    web_address: str = "",
    lang: str = "fr",
    sign_up: bool = False,
    ground: Ground = NOTHING,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    field: FieldDesk | None = None,
) -> AbstractAsyncContextManager[None]:
    """Enters at once, whether or not Telegram answers; on leaving, what was received is answered first.

    `pacer` is the one of the Telegram channel: answers and alerts share what Telegram allows. `operator` and
    `web_address` stand in the first message a reader gets; with `sign_up` the page takes subscriptions by mail.
    Without `field` the bot takes no reports.
    """
    return run_bot(
        Parts(
            token=token,
            desk=desk,
            pacer=pacer,
            now=now,
            operator=operator,
            web_address=web_address,
            admins=frozenset(admins),
            base_url=base_url,
            lang=lang,
            sign_up=sign_up,
            ground=ground,
            field=field,
        )
    )
