"""What commands do once, with the parts of the service."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from warn import desk, rows
from warn.app import build, folders, knowing
from warn.app.envfile import ENV
from warn.app.former import resume
from warn.digest.compose import compose_digest
from warn.digest.editions import next_edition
from warn.digest.variants import Variant
from warn.errors import UsageError
from warn.model import ChannelId, Coverage, Poll, Preferences, Refused, Transition
from warn.pipeline.collect import collect as ask
from warn.pipeline.editions import make_editions
from warn.pipeline.facts import gather
from warn.pipeline.health import SourceHealth, healths
from warn.pipeline.judge import judge, refresh, spread_all
from warn.pipeline.work import Work
from warn.settings import Settings
from warn.source import Source
from warn.speech import plural
from warn.store import acts, alerts, observations, polls
from warn.store.observations import Ingested

SHOWN_ASIDE = 3


@contextmanager
def opened(settings: Settings, database: Path | None = None, *, judges: bool = False) -> Iterator[Work]:
    """The working set over the service's database, or over another file (such as the replay's).

    `judges`: for commands that evaluate the present; to them an edit of the rules is one, as to the service.
    """
    if database is not None and not database.exists():
        raise UsageError(f"{database} does not exist.", "`warn replay` writes var/replay.db.")
    store = build.open_database(settings, f"sqlite:///{database}" if database else "", upgrade=True)
    try:
        with store.read() as tx:
            replayed = bool(acts.acts(tx, kind="replay"))
        work = build.work(settings, store, exercise=replayed)
        work.approves = replayed
        if judges and database is None:
            resume(work, settings)
        yield work
    finally:
        store.close()


async def collect(settings: Settings, wanted: Sequence[str], now: datetime) -> list[Poll]:
    """Each source asked for, or all that are on; one that fails stops no other."""
    with opened(settings, judges=True) as work:
        unknown = [one for one in wanted if one not in work.sources]
        if unknown:
            _, off = build.sources(settings, work.knowledge.files)
            why = off.get(unknown[0], f"Sources that are on: {', '.join(sorted(work.sources))}.")
            raise UsageError(f"The source '{unknown[0]}' is not on.", why)
        fetcher = build.fetcher(settings)
        try:
            found = [await ask(work, work.sources[one], fetcher, now) for one in wanted or _asked(work)]
        finally:
            await fetcher.close()
        if any(one.ingested.changed for one in found):
            judge(work, now)
            spread_all(work, now)
        return [one.poll for one in found]


def _asked(work: Work) -> list[str]:
    return [one.id for one in work.sources.values() if not one.pushed]


def poll_row(poll: Poll) -> dict[str, Any]:
    return {
        "source": poll.source,
        "at": poll.at,
        "outcome": poll.outcome,
        "message": poll.message,
        "found": poll.found,
        "refused": poll.refused,
        "parts": dict(poll.parts),
    }


def evaluate(settings: Settings, at: datetime | None, now: datetime) -> list[dict[str, Any]]:
    """The present is stored and queued; another moment is only shown."""
    with opened(settings, judges=at is None) as work:
        if at is None:
            told = [one.transition for one in judge(work, now)]
            spread_all(work, now)
            return [_transition_row(one) for one in told]
        with work.store.write() as tx:
            refresh(tx, work)
            states = alerts.states(tx)
        return [_transition_row(one) for one in work.engine.advance(states, [at]).transitions]


def _transition_row(moved: Transition) -> dict[str, Any]:
    return {
        "at": moved.at,
        "rule": moved.rule,
        "by": dict(moved.by),
        "reason": moved.kind,
        "level": int(moved.level),
        "value": moved.evidence.value,
        "threshold": moved.evidence.threshold,
    }


def preview(settings: Settings, at: datetime, lang: str, channel: str, database: Path | None) -> str:
    """The digest of a moment as plain text; nothing is queued."""
    if channel not in get_args(ChannelId) or channel in {"file", "webhook"}:
        raise UsageError(f"--channel {channel} is not known.", "It is `email` or `telegram`.")
    with opened(settings, database) as work:
        with work.store.write() as tx:
            refresh(tx, work)
        with work.store.read() as tx:
            facts = gather(tx, work, at)
        preferences = Preferences(lang=lang)
        variant = Variant(
            "email" if channel == "email" else "telegram",
            lang,
            "resident",
            edition="daily",
            edition_at=at,
            next_at=next_edition("daily", preferences, at),
        )
        message = compose_digest(work.voice.templates, facts, variant)
    text = message.text if channel == "email" else "\n\n".join(message.parts)
    return f"{message.subject}\n\n{text}" if channel == "email" else text


def editions(settings: Settings, now: datetime) -> int:
    with opened(settings) as work, work.store.write() as tx:
        refresh(tx, work)
        return make_editions(tx, work, now)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to; with faults and without --skip-bad nothing was stored."""

    stored: bool
    ingested: Ingested
    refused: tuple[Refused, ...]

    @property
    def data(self) -> dict[str, Any]:
        return {
            "imported": self.stored,
            "new": self.ingested.new,
            "revised": self.ingested.revised,
            "unchanged": self.ingested.unchanged,
            "refused": [
                {"line": one.line, "column": one.column, "reason": one.reason} for one in self.refused
            ],
        }

    @property
    def text(self) -> str:
        if not self.stored:
            return (
                f"Nothing was imported: {self._faults}. Correct the file, or take the good rows: --skip-bad."
            )
        done = self.ingested
        return f"{done.new} new, {done.revised} revised, {done.unchanged} unchanged, {self._faults}."

    @property
    def _faults(self) -> str:
        n = len(self.refused)
        return f"{n} {plural(n, 'fault', 'faults', 'en')}"


def import_file(
    settings: Settings, path: Path, now: datetime, *, covers: str | None, skip_bad: bool, source: str
) -> Imported:
    """Whole or not at all, unless good rows are asked for."""
    with opened(settings, judges=True) as work:
        known = work.knowledge
        ground = rows.ground_of(known.geography, known.indicators, now=now, source=source)
        asked = [covered(covers, ground)] if covers is not None else []
        read = rows.read(folders.bytes_of(path), ground)
        records = [*read.coverage, *asked]
        if read.refused and not skip_bad:
            return Imported(stored=False, ingested=Ingested(), refused=read.refused)
        with work.store.write() as tx:
            done = observations.ingest(tx, read.observations, now)
            polls.set_aside(tx, source, read.refused, now)
            for record in records:
                polls.add_coverage(tx, record)
        if done.changed:
            judge(work, now)
            spread_all(work, now)
        return Imported(stored=True, ingested=done, refused=read.refused)


def covered(text: str, ground: rows.Ground) -> Coverage:
    """What `--covers FROM/TO` says; words that cannot be read are wrong usage."""
    try:
        return rows.covers(text, ground)
    except rows.CellError as error:
        raise UsageError(
            f"--covers: {error}.",
            "Write FROM/TO, as 2025-07-01/2025-12-05.",
            french=(f"--covers {text} ne se lit pas.", "Écrivez DÉBUT/FIN, comme 2025-07-01/2025-12-05."),
        ) from None


def export(settings: Settings, form: str, database: Path | None) -> str:
    if form not in {"csv", "jsonl"}:
        raise UsageError(f"--form {form} is not known.", "It is `csv` or `jsonl`.")
    with opened(settings, database) as work, work.store.read() as tx:
        known = knowing.every_source(work.knowledge.files)
        kept_back = {source.id for source in known.values() if not source.republish}
        found = [one for one in observations.load(tx) if one.source not in kept_back]
        watched = [one for one in polls.coverage(tx) if one.source not in kept_back]
    return rows.to_csv(found, tags=True) if form == "csv" else rows.to_jsonl(found, watched)


def source_rows(settings: Settings, now: datetime) -> list[dict[str, Any]]:
    """Every source with its state, the ones that are off too."""
    with opened(settings) as work:
        every = knowing.every_source(work.knowledge.files)
        _, off = build.sources(settings, work.knowledge.files)
        with work.store.read() as tx:
            health = healths(tx, every.values(), now)
            counts = polls.aside_counts(tx)
            aside = {source_id: polls.aside(tx, source_id, SHOWN_ASIDE) for source_id in counts}
    return [
        _source_row(source, health[source_id], off.get(source_id, ""), counts, aside)
        for source_id, source in sorted(every.items())
    ]


def _source_row(
    source: Source,
    health: SourceHealth,
    why_off: str,
    counts: Mapping[str, int],
    aside: Mapping[str, list[tuple[str, Refused, int]]],
) -> dict[str, Any]:
    tried, good = health.tried, health.good
    return {
        "id": source.id,
        "title": source.title,
        "on": not why_off,
        "why_off": why_off,
        "pushed": source.pushed,
        "every_s": source.every.total_seconds(),
        "expected_every_s": source.expected_every.total_seconds(),
        "state": "off" if why_off else health.standing if good else "never",
        "last_poll": tried.at if tried else None,
        "outcome": tried.outcome if tried else None,
        "message": tried.message if tried else "",
        "last_success": good.at if good else None,
        "trouble": "" if why_off else health.trouble,
        "refused_rows": counts.get(source.id, 0),
        "refused": [
            {"reason": one.reason, "excerpt": one.excerpt, "line": one.line, "times": times}
            for _, one, times in aside.get(source.id, ())
        ],
        "indicators": list(source.indicators),
        "terms": source.terms,
    }


def source_lines(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line for each; below it what is wrong, and the newest rows that were set aside."""
    for one in found:
        never = "no success" if one["outcome"] else "not asked"
        state = never if one["state"] == "never" else one["state"]
        yield f"{one['id']:18} {state:11} {'; '.join(_said_of(one))}"
        if one["trouble"] and one["last_success"]:
            yield f"{'':18} ! {one['trouble']}"
        for row in one["refused"]:
            yield f"{'':18}   set aside {row['times']}x: {row['reason']}"


def _said_of(one: Mapping[str, Any]) -> Iterator[str]:
    if one["why_off"]:
        yield one["why_off"]
    elif not one["outcome"]:
        yield "waits for what is sent to us" if one["pushed"] else f"is asked every {_span(one['every_s'])}"
    else:
        yield f"{one['outcome']}: {one['message']}"
        if one["last_success"] != one["last_poll"]:
            when = f"{one['last_success']:%Y-%m-%d %H:%M} UTC" if one["last_success"] else "never"
            yield f"last success {when}"
        else:
            yield f"{one['last_poll']:%Y-%m-%d %H:%M} UTC"
    if one["refused_rows"]:
        n = one["refused_rows"]
        yield f"{n} {plural(n, 'kind', 'kinds', 'en')} of row set aside"


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    days, hours = minutes // 1440, minutes // 60
    return f"{days} d" if minutes % 1440 == 0 else f"{hours} h" if minutes % 60 == 0 else f"{minutes} min"


def init(folder: Path) -> Iterator[str]:
    """Copies of rules/ and templates/, and a commented .env; what exists is left as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("rules", "templates"):
        target = folder / name
        if target.exists():
            yield f"{target} exists and is left as it is"
        else:
            shutil.copytree(folders.packaged(name), target)
            yield f"{target} written"
    env = folder / ".env"
    if env.exists():
        yield f"{env} exists and is left as it is"
    else:
        env.write_text(ENV, encoding="utf-8")
        env.chmod(0o600)
        yield f"{env} written; every line in it is optional"
    yield f"Next: cd {folder} && warn doctor"


def act(
    settings: Settings, verb: str, words: Sequence[str], who: str, now: datetime, lang: str = "en"
) -> str:
    """An administrator's act from the command line, and what follows from it, at once."""
    with opened(settings, judges=True) as work:
        answer = desk.act(work.store, verb, desk.Request(f"cli:{who}", words, now, lang))
        judge(work, now)
        spread_all(work, now)
    return answer
