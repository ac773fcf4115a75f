"""One poll of one source, start to end: outcomes are values, and one bad source stops no other."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from warn.errors import SourceError
from warn.fetching.client import NOTED, Fetcher
from warn.model import EMPTY, Coverage, Observation, Outcome, Poll, Refused
from warn.rows import Ground, checked, ground_of
from warn.source import Body, Context, Parsed, Source, Validators

log = logging.getLogger("warn.collect")
FAILURES: tuple[Outcome, ...] = ("blocked", "embargoed", "not_released", "schema_changed")
UNCHANGED = Parsed("no_data", message="unchanged since the last poll")


@dataclass(frozen=True, slots=True)
class Collected:
    """What one poll gave. `validators` are to be stored in the transaction that stores the observations."""

    poll: Poll
    observations: tuple[Observation, ...] = ()
    refused: tuple[Refused, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    validators: Mapping[str, Validators] = field(default_factory=lambda: EMPTY)
    withdrawn: tuple[str, ...] = ()  # refs of what the provider has deleted
    complete_since: datetime | None = (
        None  # what occurred later and is not among the observations was deleted, too
    )
    retry_after_s: float | None = None


async def collect_one(
    source: Source,
    fetcher: Fetcher,
    context: Context,
    options: Mapping[str, Any] = EMPTY,
    validators: Mapping[str, Validators] = EMPTY,
    recent: Sequence[Observation] = (),
) -> Collected:
    """Asks, reads and judges; never raises. `context.now` is the moment of the poll.

    `recent`: current observations of the last three days that have a title, for sources that `settle`.
    """
    started = asyncio.get_running_loop().time()
    visit = fetcher.visit(validators)
    try:
        bodies = await source.fetch(visit, {"now": context.now, **options})
    except SourceError as error:
        return _failed(source, context.now, error, started)
    except Exception as error:
        log.exception("source %s failed while asking", source.id)
        return _failed(source, context.now, SourceError("error", _unforeseen("asking", error)), started)
    readings = [(body, await asyncio.to_thread(read_body, source, body, context)) for body in bodies]
    collected = _merged(source, context.now, readings, visit.learned, started)
    return _settled(source, collected, recent, context.now)


def _settled(source: Source, collected: Collected, recent: Sequence[Observation], now: datetime) -> Collected:
    if source.settle is None or not collected.observations:
        return collected
    kept = source.settle(collected.observations, recent, now)
    held = len(collected.observations) - len(kept)
    poll = collected.poll
    if held > 0:
        poll = replace(poll, message=f"{poll.message}; {held} held back")
    return replace(collected, observations=kept, poll=poll)


def read_body(source: Source, body: Body, context: Context) -> Parsed:
    """What the parser makes of one body, without what cannot be true; its defects are outcomes, not exceptions."""
    if body.not_modified:
        return UNCHANGED
    if body.outcome != "ok":
        return Parsed(body.outcome, message=body.message)
    try:
        return _plausible(source.parse(body.content, replace(context, part=body.part)), context)
    except Exception as error:
        log.exception("source %s failed while reading %s", source.id, body.part or "its body")
        return Parsed("error", message=_unforeseen("reading", error))


def _plausible(parsed: Parsed, context: Context) -> Parsed:
    """Without what cannot be true; where nothing remains, units or columns have changed their meaning."""
    kept, refused = checked(parsed.observations, ground_for(context))
    if not refused:
        return parsed
    outcome: Outcome = parsed.outcome if kept else "schema_changed"
    message = f"{parsed.message}; {len(refused)} cannot be true: {refused[0].reason}"[:500]
    return replace(
        parsed, outcome=outcome, observations=kept, message=message, refused=(*parsed.refused, *refused)
    )


def ground_for(context: Context) -> Ground:
    """What the rules folder knows, or the clock alone where a body is read without it."""
    if context.places is None:
        return Ground(context.now)
    return ground_of(context.places, context.indicators, now=context.now)


def outcome_of(error: SourceError) -> Outcome:
    return next((outcome for outcome in FAILURES if outcome == error.outcome), "error")


def _unforeseen(doing: str, error: Exception) -> str:
    said = " ".join(str(error).split())[:120]
    return f"a defect of ours while {doing}: {type(error).__name__}{': ' if said else ''}{said}"


def _failed(source: Source, at: datetime, error: SourceError, started: float) -> Collected:
    took = asyncio.get_running_loop().time() - started
    parts = dict.fromkeys(source.core_parts, False)
    poll = Poll(source.id, at, outcome_of(error), str(error), parts=parts, took_s=took)
    return Collected(poll, retry_after_s=error.retry_after_s)


def _merged(
    source: Source,
    at: datetime,
    readings: list[tuple[Body, Parsed]],
    learned: Mapping[str, Validators],
    started: float,
) -> Collected:
    good = {"ok", "no_data"}
    found = tuple(o for _, parsed in readings for o in parsed.observations)
    refused = tuple(r for _, parsed in readings for r in parsed.refused)
    parts = {body.part: parsed.outcome in good for body, parsed in readings if body.part}
    outcome = _outcome([parsed.outcome for _, parsed in readings], by_part=bool(source.core_parts))
    poll = Poll(
        source=source.id,
        at=at,
        outcome=outcome,
        message=_message(readings, len(found)),
        reaches_back_to=_reach([parsed for _, parsed in readings]),
        parts=parts,
        found=len(found),
        refused=len(refused),
        took_s=asyncio.get_running_loop().time() - started,
    )
    kept = {body.asked for body, parsed in readings if parsed.outcome in good}
    strange = [body.part for body, parsed in readings if parsed.outcome == "schema_changed"]
    kept |= {asked for asked in learned if asked.startswith(NOTED) and not _about(asked, strange)}
    return Collected(
        poll,
        found,
        refused,
        tuple(c for _, parsed in readings for c in parsed.coverage),
        {asked: seen for asked, seen in learned.items() if asked in kept},
        tuple(f"{source.id}:{key}" for _, parsed in readings for key in parsed.withdrawn),
        complete_since=_complete([parsed for _, parsed in readings]),
    )


def _about(noted: str, parts: Sequence[str]) -> bool:
    """Whether a note is of one of these parts, or of one that is its continuation ("english-1015")."""
    name = noted.removeprefix(NOTED)
    return any(part == name or part.startswith(f"{name}-") for part in parts)


def _outcome(outcomes: list[Outcome], *, by_part: bool) -> Outcome:
    """Of feeds one answer is enough (coverage looks at each); of pages every one is needed."""
    failures = [outcome for outcome in outcomes if outcome not in {"ok", "no_data"}]
    if failures and (not by_part or len(failures) == len(outcomes)):
        return Counter(failures).most_common(1)[0][0]
    if "ok" in outcomes:
        return "ok"
    return "no_data" if outcomes else "error"


def _message(readings: list[tuple[Body, Parsed]], found: int) -> str:
    if not readings:
        return "nothing was asked: no address is set"
    if len(readings) == 1:
        return readings[0][1].message
    bad = [
        f"{b.part or b.url} {p.outcome} ({p.message})"
        for b, p in readings
        if p.outcome not in {"ok", "no_data"}
    ]
    total = f"{found} observations from {len(readings) - len(bad)} of {len(readings)}"
    return f"{total}; failed: {'; '.join(bad)}"[:2000] if bad else total


def _complete(readings: list[Parsed]) -> datetime | None:
    """Since when nothing is missing: only where every body came and says so."""
    said = [parsed.complete_since for parsed in readings if parsed.outcome in {"ok", "no_data"}]
    moments = [moment for moment in said if moment is not None]
    return max(moments) if moments and len(moments) == len(readings) else None


def _reach(readings: list[Parsed]) -> datetime | None:
    """How far back every body that came reaches; said only where all of them say it."""
    reaches = [parsed.reaches_back_to for parsed in readings if parsed.outcome in {"ok", "no_data"}]
    said = [reach for reach in reaches if reach is not None]
    return max(said) if said and len(said) == len(reaches) else None
