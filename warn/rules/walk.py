"""One alert through many ticks: `step` runs only where the reading turned, news came, or a timer falls due."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from warn.model import AlertState, By
from warn.moments import NEVER, Moments
from warn.rules.corrections import Lost, review
from warn.rules.ladder import NEW_EVIDENCE, Move, Terms, due, step
from warn.rules.series import NO_MOMENTS, Rungs, readings
from warn.rules.timers import checked_until, evidence_seen, told_again

Kept = Callable[[int], bool]
Marked = Callable[[AlertState, Sequence[Move]], tuple[AlertState, list[Move]]]
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


def walk(state: AlertState, path: Path, ticks: Sequence[int]) -> Iterator[tuple[int, AlertState, list[Move]]]:
    """(which tick, the alert after it, what is told), for every tick at which anything turned."""
    stops = _stops(path, ticks)
    at_list: list[int] = path.rungs.at.tolist()
    news: list[int] = path.news.tolist()
    gone = path.lost.losses.at if path.lost is not None else ()
    i = 0
    while i < len(ticks):
        now = ticks[i]
        before, moves = state, []
        if path.lost is not None and _heard(gone, checked_until(state), now):
            state, wrong = review(state, path.lost, now, path.terms)
            moves = [] if wrong is None else [wrong]
        kept = path.kept is not None and path.kept(now)
        state, stepped = step(
            state, readings(state, path.rungs, at_list, now), now, path.terms,
            kept=kept, news=state.is_open and _heard(news, evidence_seen(state), now),
        )  # fmt: skip
        if i == 0 and path.marked is not None:
            state, stepped = path.marked(state, stepped)
        if state is not before:
            yield i, state, moves + stepped
        n = bisect_right(stops, i)
        rings = bisect_left(ticks, due(state, path.terms, kept=kept), i + 1)
        until = min(stops[n] if n < len(stops) else len(ticks), rings)
        for told, updated in _updates(state, news, ticks, i, until) if state.is_open else ():
            yield told, updated, [Move("updated", updated.level, updated.level, NEW_EVIDENCE)]
            state = updated
        i = until


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


def quiet_until(state: AlertState, path: Path, now: int) -> int:
    """When something next turns, rings, is lost or becomes news after `now`."""
    news = int(np.searchsorted(path.news, now, side="right"))
    lost = NEVER if path.lost is None else path.lost.losses.after(now)
    fresh = int(path.news[news]) if news < len(path.news) else NEVER
    return min(path.rungs.after(now), fresh, lost, due(state, path.terms))


def _stops(path: Path, ticks: Sequence[int]) -> list[int]:
    """Ticks by which the reading or a keeper has turned, or a report was lost."""
    lost = () if path.lost is None else path.lost.losses.at
    turns = np.concatenate((path.rungs.at, path.keeper_turns, np.array(lost, dtype=np.int64)))
    found = np.unique(np.searchsorted(np.asarray(ticks, dtype=np.int64), turns, side="left"))
    stops: list[int] = found[found < len(ticks)].tolist()
    return stops


def _heard(news: Sequence[int], since: int, now: int) -> bool:
    n = bisect_right(news, since)
    return n < len(news) and news[n] <= now


def _updates(
    state: AlertState, news: Sequence[int], ticks: Sequence[int], i: int, until: int
) -> Iterator[tuple[int, AlertState]]:
    """Ticks after i and before `until` by which there was new evidence; the same as stepping there, only quicker."""
    seen = evidence_seen(state)
    while (n := bisect_right(news, max(seen, ticks[i]))) < len(news):
        i = bisect_left(ticks, news[n], i + 1)
        if i >= until:
            return
        seen = ticks[i]
        state = told_again(state, seen)
        yield i, state
