"""Telegram's parts. `build.chat` loads this module where there is a token, and only there.

The library takes 17 MB and a tenth of the time of a start (python -X importtime, November 2026), which a service
without Telegram, and every other command, would pay for nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime

from jinja2 import Environment

from warn.app.field import Field
from warn.app.reception import Reception
from warn.bot import Ground, bot_running
from warn.channel import Channel
from warn.channels import CHANNELS
from warn.channels.pacer import Pacer
from warn.channels.telegram import TelegramConfig
from warn.digest.languages import spoken
from warn.geo import Geography
from warn.pipeline.work import Work
from warn.settings import Settings


@dataclass(frozen=True, slots=True)
class Chat:
    """The channel and the bot share one pacer: answers and alerts share what Telegram allows."""

    settings: Settings
    pacer: Pacer = field(default_factory=Pacer)

    def channel(self) -> Channel:
        telegram = self.settings.telegram
        config = TelegramConfig(telegram.token.get_secret_value(), self.pacer, base_url=telegram.base_url)
        return CHANNELS["telegram"](config)

    def bot(
        self, work: Callable[[], Work], clock: Callable[[], datetime], acted: Callable[[], Awaitable[None]]
    ) -> AbstractAsyncContextManager[None]:
        """Takes commands at once; Telegram may answer later."""
        settings = self.settings
        return bot_running(
            settings.telegram.token.get_secret_value(),
            Reception(work, clock, acted),
            self.pacer,
            base_url=settings.telegram.base_url,
            admins=settings.telegram.admins,
            operator=settings.operator,
            web_address=settings.web.address,
            lang=settings.lang,
            sign_up=bool(settings.email.host and settings.email.sender),
            ground=ground_of(work().knowledge.geography, work().voice.templates),
            now=clock,
            field=Field(work, clock),
        )


def ground_of(known: Geography, templates: Environment) -> Ground:
    """The roads, and the towns on them as reports name them; any other is typed on a reader's page."""
    roads = [(one.id, one.names) for one in known.corridors]
    towns = {town for one in known.corridors for town in one.towns} - set(known.area.names.values())
    named = {place.name for town in towns if (place := known.gazetteer.one(town))}
    return Ground(roads, sorted(named), spoken(templates))
