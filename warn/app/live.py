"""`warn run`: the parts of the service, wired."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from warn import quarantine
from warn.app import build, folders, knowing
from warn.app.editing import announce
from warn.app.former import adopt, resume
from warn.app.leaving import forget, purge
from warn.app.notices import Notices
from warn.channel import Channel
from warn.channels import redact
from warn.errors import DeliveryError, StoreError, WarnError
from warn.fetching import Fetcher
from warn.pipeline.admin_words import phrase
from warn.pipeline.admins import dismiss
from warn.pipeline.alone import Post
from warn.pipeline.asking import ask_all
from warn.pipeline.collect import collect
from warn.pipeline.dispatch import Dispatcher, reclaim
from warn.pipeline.editions import make_editions
from warn.pipeline.health import healths
from warn.pipeline.judge import judge, spread_all
from warn.pipeline.knowledge import Knowledge
from warn.pipeline.work import Work
from warn.service import Job, Service, Timetable, serve
from warn.settings import Settings
from warn.source import Source
from warn.store import Store, aside
from warn.store.alerts import StoredTransition
from warn.web.pages import Site
from warn.web.site import application

log = logging.getLogger("warn")
EVALUATE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
MODERATE = timedelta(minutes=10)
DAY = timedelta(days=1)
RELOAD = timedelta(seconds=3)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Running:
    """The live service's parts. One lock serialises judging: SQLite has one writer, and so has the engine.

    `former`: the rules before an edit that administrators were not told of yet.
    """

    settings: Settings
    work: Work
    fetcher: Fetcher
    dispatcher: Dispatcher
    channels: Mapping[str, Channel]
    folder: Path
    stamp: Mapping[str, tuple[int, int]]
    notices: Notices
    judging: asyncio.Lock = field(default_factory=asyncio.Lock)
    not_before: dict[str, datetime] = field(default_factory=dict)
    former: Knowledge | None = None
    timetable: Timetable = field(default_factory=Timetable)

    async def collect(self, source: Source) -> None:
        """One poll, unless the provider asked us to stay away for longer; what it changed is judged at once."""
        now = utc_now()
        if now < self.not_before.get(source.id, now):
            return
        try:
            source = self.work.sources.get(source.id, source)  # a reload may have changed what it is asked
            gathered = await collect(self.work, source, self.fetcher, now)
        except StoreError as error:
            log.error("%s: nothing was stored: %s", source.id, error)  # noqa: TRY400  # one line says it
            return
        if gathered.retry_after_s:
            self.not_before[source.id] = now + timedelta(seconds=gathered.retry_after_s)
        if gathered.ingested.changed:
            await self.judge()

    async def judge(self) -> None:
        async with self.judging:
            try:
                told = await asyncio.to_thread(judge, self.work, utc_now())
                self.dispatcher.wake.set()  # the first readers need not wait for the last to be queued
                await asyncio.to_thread(spread_all, self.work, utc_now())
            except StoreError as error:
                log.error("nothing was judged: %s", error)  # noqa: TRY400  # one line says it
                return
        for one in told:
            moved = one.transition
            log.info(
                "no. %d %s %s: %s, level %d",
                one.number,
                moved.rule,
                dict(moved.by) or "",
                moved.kind,
                moved.level,
            )
        self.dispatcher.wake.set()
        former, self.former = self.former, None
        if former is not None:
            await self._edited(former, told)

    async def forget(self) -> None:
        """By itself: who left is erased also while no bulletin can be made."""
        try:
            await aside.write(self.work.store, lambda tx: forget(tx, utc_now()))
        except StoreError as error:
            log.error("nobody was erased: %s", error)  # noqa: TRY400  # one line says it

    async def print_editions(self) -> None:
        async with self.judging:
            try:
                await asyncio.to_thread(
                    spread_all, self.work, utc_now()
                )  # a hold that ends speaks before the bulletin
                count = await aside.write(self.work.store, lambda tx: make_editions(tx, self.work, utc_now()))
            except StoreError as error:
                log.error("editions wait: %s", error)  # noqa: TRY400  # one line says it
                return
        if count:
            log.info("%d editions queued", count)
        self.dispatcher.wake.set()

    async def notify(self, line: str) -> None:
        """What the dispatcher cannot mend by itself."""
        await self.notices.tell([line], utc_now())

    async def ask(self) -> None:
        """Administrators hear of what waits for them, and of alerts that nobody answered."""
        try:
            async with self.judging:
                lines = await aside.write(self.work.store, lambda tx: ask_all(tx, self.work, utc_now()))
        except StoreError as error:
            await self.notices.tell([f"The database cannot be used: {error}"], utc_now())
            return
        await self.notices.note(lines, utc_now())
        if lines:
            self.dispatcher.wake.set()

    async def moderate(self) -> None:
        """Field reports: what is too old goes, and moderators hear that something waits."""
        try:
            lines = await asyncio.to_thread(self._reported)
        except StoreError as error:
            log.error("field reports were not looked at: %s", error)  # noqa: TRY400  # one line says it
            return
        await self.notices.tell(lines, utc_now())

    def _reported(self) -> list[str]:
        with self.work.store.write() as tx:
            quarantine.tidy(tx, utc_now())
            return quarantine.ask(tx)

    async def purge(self) -> None:
        """Once a day what need not be kept any longer."""
        try:
            count = await aside.write(self.work.store, lambda tx: purge(tx, utc_now()))
            if self.work.store.journal is not None:
                await asyncio.to_thread(self.work.store.journal.forget, utc_now())
        except StoreError as error:
            log.error("nothing was purged: %s", error)  # noqa: TRY400  # one line says it
            return
        log.info("%d old deliveries purged", count)

    async def reload(self) -> None:
        """Files that changed are taken over whole or not at all; the last good set stays in service."""
        stamp = await asyncio.to_thread(folders.stamp, self.folder)
        if stamp == self.stamp:
            return
        self.stamp = stamp
        try:
            known = await asyncio.to_thread(lambda: knowing.knowledge_of(folders.rules_texts(self.folder)))
        except WarnError as error:
            said = error.said(self.work.lang)
            await self.notices.tell([phrase(self.work.lang, "unused", error=said)], utc_now())
            return
        async with self.judging:
            before = self.work.sources
            former = await asyncio.to_thread(self._adopt, known)
            self.former = self.former or former
        self._plan(before)
        log.info("rules reloaded: %d", len(known.rules))
        await self.judge()

    def _adopt(self, known: Knowledge) -> Knowledge:
        self.work.sources, _ = build.sources(self.settings, known.files)
        self.work.options = build.options(self.settings, known, self.work.sources)
        self.work.impacts = build.listed(self.folder)
        return adopt(self.work, known)

    async def _edited(self, former: Knowledge, told: Sequence[StoredTransition]) -> None:
        """After the first evaluation under edited rules: what administrators are told and asked of it."""
        try:
            lines = await asyncio.to_thread(announce, self.work, former, told, utc_now())
        except StoreError as error:
            log.error("the edit of the rules was not told: %s", error)  # noqa: TRY400  # one line says it
            return
        await self.notices.note(lines, utc_now())
        await self.ask()

    async def tell_of_sources(self) -> None:
        """Once a day a line for each source that went silent or finds nothing any more."""

        def troubles() -> list[tuple[str, str]]:
            with self.work.store.read() as tx:
                found = healths(tx, self.work.sources.values(), utc_now())
            return [(name, one.trouble) for name, one in found.items() if one.trouble]

        for name, trouble in await asyncio.to_thread(troubles):
            log.warning("source %s %s", name, trouble)

    def plan(self) -> None:
        """Puts everything on the timetable."""
        self._plan({})
        start = utc_now()
        for job in (
            Job("evaluate", self.judge, EVALUATE, start + timedelta(seconds=1)),
            Job("editions", self.print_editions, MINUTE, start + timedelta(seconds=5)),
            Job("forget", self.forget, MINUTE, start + timedelta(seconds=10)),
            Job("ask", self.ask, MINUTE, start + timedelta(seconds=20)),
            Job("reports", self.moderate, MODERATE, start + timedelta(seconds=30)),
            Job("sources", self.tell_of_sources, DAY, start + timedelta(minutes=10)),
            Job("purge", self.purge, DAY, start + timedelta(minutes=15)),
            Job("reload", self.reload, RELOAD, start + RELOAD),
        ):
            self.timetable.put(job)

    def _plan(self, before: Mapping[str, Source]) -> None:
        """The polls of sources that came, went or changed their pace since `before`.

        First runs are spread, so that nobody is asked for everything at once.
        """
        old, new = _paces(before), _paces(self.work.sources)
        for gone in old.keys() - new.keys():
            self.timetable.drop(f"collect-{gone}")
        fresh = [name for name in new if old.get(name) != new[name]]
        for nth, name in enumerate(fresh):
            first = utc_now() + timedelta(seconds=2 + 3 * nth)
            poll = self._polling(self.work.sources[name])
            self.timetable.put(Job(f"collect-{name}", poll, new[name], first))

    def _polling(self, source: Source) -> Callable[[], Awaitable[None]]:
        async def poll() -> None:
            await self.collect(source)

        return poll


def _paces(sources: Mapping[str, Source]) -> dict[str, timedelta]:
    return {name: source.every for name, source in sources.items() if not source.pushed}


async def run(settings: Settings, ready: Callable[[str], None]) -> None:
    """Until SIGTERM or SIGINT, while no other service works on the same database."""
    secrets = [*build.secret_keys(settings), settings.telegram.token.get_secret_value()]
    secrets.append(settings.email.password.get_secret_value())
    redact.install(logging.getLogger().handlers, secrets)
    store = await asyncio.to_thread(build.open_database, settings, upgrade=True)
    try:
        post = Post(store, build.process_name())
        async with post.held():
            await _run(settings, store, post, ready)
    finally:
        store.close()


async def _run(settings: Settings, store: Store, post: Post, ready: Callable[[str], None]) -> None:
    work = await asyncio.to_thread(build.work, settings, store)
    former = await asyncio.to_thread(resume, work, settings)
    left = await asyncio.to_thread(reclaim, store, utc_now())
    for state, count in left.states.items():
        log.warning("%d deliveries that a killed process left are %s", count, state)
    await asyncio.to_thread(_dismiss, work)
    chat = build.chat(settings)
    channels, off = build.channels(settings, chat)
    _, quiet = build.sources(settings, work.knowledge.files)
    for name, reason in sorted({**off, **quiet}.items()):
        log.info("%s is off: %s", name, reason)
    folder = folders.rules_folder(settings.rules)
    running = Running(
        settings=settings,
        work=work,
        fetcher=build.fetcher(settings),
        dispatcher=build.dispatcher(work, channels, utc_now),
        channels=channels,
        folder=folder,
        stamp=folders.stamp(folder),
        notices=build.notices(settings, channels),
        former=former,
    )
    running.dispatcher.notify = running.notify
    running.dispatcher.give_up(left.given_up)
    await serve(_service(running, post, chat), ready)
    await running.fetcher.close()


def _dismiss(work: Work) -> None:
    with work.store.write() as tx:
        if count := dismiss(tx, work):
            log.info("%d messages to former administrators are not sent", count)


def _service(running: Running, post: Post, chat: Any) -> Service:
    running.plan()
    web = running.settings.web
    return Service(
        timetable=running.timetable,
        dispatch=partial(post.run, running.dispatcher),
        drain=running.dispatcher.drain,
        channels=_open(running.channels),
        bot=chat.bot(lambda: running.work, utc_now, running.judge) if chat else None,
        page=application(
            Site(
                lambda: running.work,
                utc_now,
                "email" in running.channels,
                web.sign_ups,
                running.judge,
                running.dispatcher.stuck,
            )
        ),
        host=web.host,
        port=web.port,
        proxies=web.proxies,
    )


@asynccontextmanager
async def _open(channels: Mapping[str, Channel]) -> AsyncIterator[None]:
    """A channel that does not open now is tried again at its first delivery."""
    for name, channel in channels.items():
        try:
            await channel.open()
        except DeliveryError as error:
            log.warning("%s does not answer yet: %s", name, error)
    try:
        yield
    finally:
        for channel in channels.values():
            await channel.close()
