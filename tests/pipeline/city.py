"""A whole service without its process: real database, feeds, relay and Bot API on loopback, and a clock in our hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from warn.app import build, knowing
from warn.app.chat import Chat
from warn.channel import Channel
from warn.channels.pacer import Pace, Pacer
from warn.fetching import Fetcher, Manners
from warn.model import Level, Poll, Preferences
from warn.pipeline.collect import collect
from warn.pipeline.editions import make_editions
from warn.pipeline.judge import judge, spread_all
from warn.pipeline.knowledge import Knowledge
from warn.pipeline.work import Work
from warn.settings import EmailSettings, Settings, SourceSettings, TelegramSettings, WebSettings
from warn.store import subscribers
from warn.web.pages import Site
from warn.web.site import application

from tests.app.running import ROOT, RULES, SECRET, ask
from tests.fakes.bot_api import BotApi, bot_api
from tests.fakes.smtp import Relay, smtp_relay
from tests.fakes.web import Web, body, serving

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EAGER = Preferences(quiet_from=None, quiet_until=None, digest_at=None)
SHORTAGE = "Pénurie de carburant à Bamako : longues files devant les stations"
FEEDS = """feeds:
  - {{id: one, url: "{0}/one", outlet: "RFI", grade: B2, core: true}}
  - {{id: two, url: "{0}/two", outlet: "Le Courrier", grade: C3, core: true}}
"""


@dataclass
class Moment:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class City:
    """`at`, `hear`, `judge`, `send` are what the service's jobs do."""

    work: Work
    settings: Settings
    fetcher: Fetcher
    web: Web
    relay: Relay
    api: BotApi
    clock: Moment = field(default_factory=Moment)
    channels: dict[str, Channel] = field(default_factory=dict)
    items: dict[str, list[str]] = field(default_factory=lambda: {"one": [], "two": []})

    def __post_init__(self) -> None:
        self.dispatcher = build.dispatcher(self.work, self.channels, self.clock)

    @property
    def database(self) -> Path:
        return self.settings.var / "warn.db"

    def reader(self, channel: Any, address: str, preferences: Preferences = EAGER) -> str:
        with self.work.store.write() as tx:
            known = subscribers.add_pending(
                tx, self.work.vault, channel, address, preferences, self.clock.now - timedelta(days=3)
            )
            subscribers.confirm(tx, known.id, self.clock.now - timedelta(days=3))
        return known.id

    def state(self, reader: str) -> str:
        with self.work.store.read() as tx:
            found = subscribers.get(tx, reader)
        return found.state if found else "erased"

    def publish(self, title: str, feed: str = "one", *, lead: str = "") -> None:
        items, number = self.items[feed], len(self.items[feed])
        items.insert(
            0,
            f"<item><title>{title}</title><link>https://example.org/{feed}/{number}</link>"
            f"<guid>{feed}-{number}</guid><description>{lead}</description>"
            f"<pubDate>{format_datetime(self.clock.now - timedelta(hours=1))}</pubDate></item>",
        )
        self.serve(feed)

    def serve(self, feed: str) -> None:
        text = f"<rss version='2.0'><channel><title>{feed}</title>{''.join(self.items[feed])}</channel></rss>"
        self.web.on(f"/{feed}", body(text.encode()))

    async def hear(self) -> Poll:
        """One poll of the feeds, judged at once as the service does."""
        gathered = await collect(self.work, self.work.sources["feeds"], self.fetcher, self.clock.now)
        if gathered.ingested.changed:
            await self.judge()
        return gathered.poll

    async def judge(self) -> None:
        await asyncio.to_thread(judge, self.work, self.clock.now)
        await asyncio.to_thread(spread_all, self.work, self.clock.now)

    def print_editions(self) -> int:
        with self.work.store.write() as tx:
            return make_editions(tx, self.work, self.clock.now)

    async def send(self) -> int:
        return await self.dispatcher.once()

    async def at(self, now: datetime) -> None:
        """Everything that is due then."""
        self.clock.now = now
        await self.judge()
        self.print_editions()
        await self.send()

    def deliveries(self, *, kind: str = "") -> list[dict[str, Any]]:
        rows = ask(
            self.database,
            "SELECT d.channel, d.recipient, d.state, d.attempt, d.last_error, d.edit_only, r.kind, r.subject "
            "FROM delivery d JOIN rendered r ON r.id = d.rendered_id ORDER BY d.id",
        )
        return [row for row in rows if not kind or row["kind"] == kind]

    def levels(self) -> dict[str, Level]:
        rows = ask(
            self.database,
            "SELECT rule, max(level) AS level FROM episode WHERE closed_at IS NULL GROUP BY rule",
        )
        return {row["rule"]: Level(row["level"]) for row in rows}


def page_of(found: City) -> httpx.AsyncClient:
    """The page of that service, as a browser asks it."""
    transport = httpx.ASGITransport(
        app=application(
            Site(lambda: found.work, found.clock, mail="email" in found.channels, judge=found.judge)
        )
    )
    return httpx.AsyncClient(transport=transport, base_url="https://alertes.example.org")


@cache
def shipped() -> Knowledge:
    """The shipped rules, read once: they are not changed by being used."""
    return knowing.read_rules(Settings(rules=RULES))


def knowledge_with(feeds: str) -> Knowledge:
    known = shipped()
    return replace(known, files={**known.files, "feeds.yaml": feeds})


@asynccontextmanager
async def city(folder: Path, *, without: Sequence[str] = (), **email: Any) -> AsyncIterator[City]:
    """Bamako with nobody in it yet. `email`: settings of the relay that differ."""
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(serving())
        relay = await stack.enter_async_context(smtp_relay())
        api = await stack.enter_async_context(bot_api())
        mail = {
            "host": "127.0.0.1",
            "port": relay.port,
            "security": "none",
            "sender": "Alertes <a@example.org>",
        }
        settings = Settings(
            rules=RULES,
            templates=ROOT / "templates",
            var=folder / "var",
            secret=SECRET,
            email=EmailSettings.model_validate(mail | email),
            telegram=TelegramSettings.model_validate({"token": api.token, "base_url": api.base_url}),
            web=WebSettings(address="https://alertes.example.org"),
            source=SourceSettings(allow_private=True),
        )  # fmt: skip
        store = build.open_database(settings, upgrade=True)
        stack.callback(store.close)
        known = knowledge_with(FEEDS.format(web.address))
        work = build.work(settings, store, known=known, pictures=False)
        quick = Pacer(Pace(start=1000, ceiling=1000, replies=1000, chat_s=0, group_s=0))
        channels, _ = build.channels(settings, Chat(settings, quick))
        channels = {name: channel for name, channel in channels.items() if name not in without}
        for channel in channels.values():
            await channel.open()
            stack.push_async_callback(channel.close)
        fetcher = Fetcher(Manners(allow_private=True, pace_s=0, attempts=1))
        stack.push_async_callback(fetcher.close)
        found = City(work, settings, fetcher, web, relay, api, channels=channels)
        for feed in found.items:
            found.publish("Football : les Aigles du Mali préparent la CAN", feed)
        yield found
