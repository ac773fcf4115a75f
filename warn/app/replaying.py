"""`warn replay`: its own database, files only, and the page as it stood at the end."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warn import rows
from warn.app import build, folders, knowing
from warn.app.painting import Painters
from warn.app.timeline import lines, outcome
from warn.channels.file import FileChannel, FileConfig
from warn.errors import ConfigError, UsageError
from warn.pipeline.dispatch import reclaim
from warn.pipeline.judge import refresh
from warn.pipeline.knowledge import Knowledge
from warn.pipeline.replay import KIND, READERS, Clock, History, finish, live_through, prepare
from warn.pipeline.work import Work
from warn.service import page_running, stopping
from warn.settings import Settings
from warn.sources import SOURCES
from warn.store import Store, acts, open_store, subscribers
from warn.web.pages import Site
from warn.web.site import application

Report = Callable[[float, float, str], None]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to."""

    end: datetime
    folder: Path
    data: dict[str, Any]

    def text(self, lang: str) -> str:
        return "\n".join(lines(self.data, lang, self.folder))


async def replay(settings: Settings, files: Sequence[Path], *, pictures: bool, progress: Report) -> Replayed:
    """Goes on where an interrupted replay of the same facts, rules and version stopped; else starts anew."""
    gc.set_threshold(
        100_000, 50, 50
    )  # five months make few cycles: looking for them took a sixth of the time
    known = knowing.read_rules(settings)
    history = read_history(settings, known, files)
    database, outbox = settings.var / "replay.db", settings.var / "outbox"
    print_ = _fingerprint(known, history, pictures)
    store = _open(database, outbox, print_)
    work = _work(settings, store, known)
    painters = Painters(folders.fonts(folders.templates_folder(settings.templates))) if pictures else None
    work.voice = replace(work.voice, draw=painters)
    clock = Clock(history.start)
    channel = FileChannel(FileConfig(outbox, fsync=False))
    dispatcher = build.dispatcher(work, {"file": channel}, clock)
    await channel.open()
    try:
        with store.write() as tx:
            clock.now = prepare(tx, work, history, print_)
            refresh(tx, work)
        reclaim(store, clock.now)
        whole = (history.end - history.start).total_seconds()

        def told(now: datetime) -> None:
            progress((now - history.start).total_seconds(), whole, f"{now:%d %b %Y}")

        await live_through(work, history, dispatcher, clock, clock.now, told)
        with store.write() as tx:
            finish(tx, clock.now)
            data = outcome(tx, work, history.start, history.end, outbox)
        return Replayed(clock.now, outbox, data)
    finally:
        await channel.close()
        if painters:
            painters.close()
        store.close()


async def serve(settings: Settings, end: datetime, ready: Callable[[str], None]) -> None:
    """The page over the replay's database, its clock standing at the replay's last moment."""
    store = open_store(_url(settings.var / "replay.db"))
    work = _work(settings, store, knowing.read_rules(settings))
    with store.write() as tx:
        refresh(tx, work)
    page = application(Site(lambda: work, lambda: end))
    try:
        async with stopping() as stop, page_running(page, settings.web.host, settings.web.port) as address:
            ready(address)
            await stop.wait()
    finally:
        store.close()


def read_history(settings: Settings, known: Knowledge, files: Sequence[Path]) -> History:
    """Observation files (default: those of rules/history) as one history; a bad row is a fault."""
    folder = folders.rules_folder(settings.rules)
    found = [path for given in files or [folder / "history"] for path in folders.observation_files(given)]
    if not found:
        raise UsageError(
            "There are no observation files.", f"Looked in {', '.join(map(str, files)) or folder}."
        )
    ground = rows.ground_of(known.geography, known.indicators, now=datetime.now(UTC), source="file")
    read = [(path, rows.read(folders.bytes_of(path), ground)) for path in found]
    for path, one in read:
        for refused in one.refused[:1]:
            raise ConfigError(
                f"{path}:{refused.line or 1}: {refused.reason}.", "`warn import` lists every bad row."
            )
    observed = [row for _, one in read for row in one.observations]
    if not observed:
        raise UsageError("The files hold no observation.", "See `warn import --help` for the columns.")
    return History.of(observed, [cover for _, one in read for cover in one.coverage])


def _open(database: Path, outbox: Path, fingerprint: str) -> Store:
    database.parent.mkdir(parents=True, exist_ok=True)
    store = open_store(_url(database))
    store.upgrade()
    with store.read() as tx:
        begun = acts.acts(tx, kind=KIND)
        people = subscribers.counts(tx)
        over = bool(acts.acts(tx, kind=f"{KIND}-finished"))
    if people and not begun:
        store.close()
        raise UsageError(f"{database} has subscribers: it is no replay's.", "Set WARN_VAR to another folder.")
    if begun and (over or begun[0].target != fingerprint):
        store.close()
        _clear(outbox)  # first: killed before the database goes, the next start does it again
        for name in (
            database,
            *database.parent.glob(f"{database.name}-*"),
            *database.parent.glob(f"{database.name}.*"),
        ):
            name.unlink(missing_ok=True)
        return _open(database, outbox, fingerprint)
    if not begun:
        _clear(outbox)  # files of a replay whose database was removed by hand
    return store


def _clear(outbox: Path) -> None:
    """Removes what former replays wrote; a live service may write to the same folder."""
    for name, _ in READERS:
        for path in outbox.glob(f"*-{name}-*"):
            path.unlink(missing_ok=True)


def _work(settings: Settings, store: Store, known: Knowledge) -> Work:
    """As the service has it, but that nobody's approval is waited for, and that nothing is asked of the network."""
    work = build.work(settings, store, known=known, exercise=True, pictures=False)
    work.approves = True
    work.sources = {SOURCES["file"].id: SOURCES["file"]}
    work.engine = build.engine(known, work.sources)
    return work


def _fingerprint(known: Knowledge, history: History, pictures: bool) -> str:
    """Equal for replays that must end alike."""
    told = [(one.ref, one.known_at, one.value) for one in history.observations]
    return f"{known.digest}-{build.short_hash(repr((told, history.start, history.end, pictures)))}"


def _url(path: Path) -> str:
    return f"sqlite:///{path}"
