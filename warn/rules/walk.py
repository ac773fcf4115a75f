"""One alert through many ticks: `step` runs only where the reading turned, news came, or a timer falls due."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from warn.model import AlertState, By
from warn.moments import NEVER, Moments, distinct
from warn.rules.corrections import Lost, review
from warn.rules.ladder import NEW_EVIDENCE, Climb, Move, Terms
from warn.rules.series import NO_MOMENTS, Rungs, first_to_feed

Kept = Callable[[int], bool]
Marked = Callable[[Climb, Sequence[Move]], list[Move]]
"""What becomes of the first tick after the rules were edited."""


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """What one alert goes by: its ladder, when news came, and what keeps it open from when to when."""

    rungs: Rungs
    news: Moments
    terms: Terms
    kept: Kept | None = None
    keeper_turns: Moments = field(default_factory=lambda: NO_MOMENTS)
    lost: Lost | None = None
    marked: Marked | None = None
    clock: Moments | None = None  # the ticks, where many paths share them


def walk(climb: Climb, path: Path, ticks: Sequence[int]) -> Iterator[tuple[int, AlertState, list[Move]]]:
    """(which tick, the alert after it, what is told), for every tick with news.

    Stopwatches stand in the states after a correction, and at the end in what `climb` has come to.
    """
    rungs = path.rungs
    stops, news = _stops(path, ticks), path.news.tolist()
    gone = path.lost.losses.at if path.lost is not None else ()
    i = 0
    while i < len(ticks):
        now = ticks[i]
        moves: list[Move] = []
        if path.lost is not None and _heard(gone, climb.memory.checked, now):
            moves = _reviewed(climb, path.lost, now)
        kept = path.kept is not None and path.kept(now)
        last = bisect_right(rungs.moments, now) - 1
        first = first_to_feed(rungs, climb.memory.at, last, idle=climb.idle)
        fresh = climb.state.is_open and _heard(news, climb.memory.seen, now)
        moves += climb.step(rungs.between(first, last, often=len(ticks) > 1), now, kept=kept, news=fresh)
        if i == 0 and path.marked is not None:
            moves = path.marked(climb, moves)
        if moves:
            anew = moves[0].kind in {"withdrawn", "corrected"}
            yield i, climb.result() if anew else climb.state, moves
        until = _next(climb, path, ticks, stops, i, kept=kept)
        if climb.state.is_open:
            level = climb.state.level
            for told in _updates(climb, news, ticks, i, until):
                yield told, climb.state, [Move("updated", level, level, NEW_EVIDENCE)]
        i = until


def _reviewed(climb: Climb, lost: Lost, now: int) -> list[Move]:
    state = climb.result()
    after, wrong = review(state, lost, now, climb.terms)
    if after is not state:
        climb.become(after)
    return [] if wrong is None else [wrong]


def _next(climb: Climb, path: Path, ticks: Sequence[int], stops: Sequence[int], i: int, *, kept: bool) -> int:
    """The tick after i at which to look again: a stop, or when a stopwatch rings."""
    if i + 1 == len(ticks):
        return len(ticks)
    if climb.idle and path.lost is None:
        n = bisect_right(path.rungs.reached, path.rungs.index(ticks[i]))
        reached = path.rungs.reached[n] if n < len(path.rungs.reached) else None
        return len(ticks) if reached is None else bisect_left(ticks, path.rungs.moments[reached], i + 1)
    n = bisect_right(stops, i)
    rings = bisect_left(ticks, climb.due(kept=kept), i + 1)
    return min(stops[n] if n < len(stops) else len(ticks), rings)


@dataclass(frozen=True, slots=True)
class Rest:
    """An alert that was looked at up to `since` and has nothing to do before `until`, while its series stays."""

    state: AlertState
    since: int
    until: int

    def holds(self, state: AlertState, first: int, last: int) -> bool:
        return self.since <= first and last < self.until and (state is self.state or state == self.state)


@dataclass(frozen=True, slots=True)
class Sleep:
    """The same of all alerts of a rule; `states` are those that have anything to remember."""

    states: Mapping[By, AlertState]
    since: int
    until: int
    alerts: int


def quiet_until(climb: Climb, path: Path, now: int) -> int:
    """When something next turns, rings, is lost or becomes news after `now`."""
    news = int(path.news.searchsorted(now, side="right"))
    lost = NEVER if path.lost is None else path.lost.losses.after(now)
    fresh = int(path.news[news]) if news < len(path.news) else NEVER
    rings = NEVER if climb.idle else climb.due(kept=False)
    return min(path.rungs.after(now), fresh, lost, rings)


def _stops(path: Path, ticks: Sequence[int]) -> list[int]:
    """Ticks by which the reading or a keeper has turned, or a report was lost."""
    if len(ticks) == 1:
        return []
    turns = path.rungs.at
    if len(path.keeper_turns):
        turns = np.concatenate((turns, path.keeper_turns))
    if path.lost is not None:
        turns = np.concatenate((turns, np.array(path.lost.losses.at, dtype=np.int64)))
    clock = np.asarray(ticks, dtype=np.int64) if path.clock is None else path.clock
    found = distinct(np.searchsorted(clock, turns, side="left"))
    stops: list[int] = found[found < len(ticks)].tolist()
    return stops


def _heard(news: Sequence[int], since: int | None, now: int) -> bool:
    """Whether there is one after `since` (None: ever) and by `now`."""
    n = 0 if since is None else bisect_right(news, since)
    return n < len(news) and news[n] <= now


def _updates(climb: Climb, news: Sequence[int], ticks: Sequence[int], i: int, until: int) -> Iterator[int]:
    """Ticks after i and before `until` by which there was new evidence; as stepping there, only quicker."""
    seen = -NEVER if climb.memory.seen is None else climb.memory.seen
    while (n := bisect_right(news, max(seen, ticks[i]))) < len(news):
        i = bisect_left(ticks, news[n], i + 1)
        if i >= until:
            return
        seen = ticks[i]
        climb.news(seen)
        yield i
