"""What was being watched, as of when: only inside it may a count be called complete.

A good poll vouches, once made, for everything since the previous good one (or further back, where its body reaches)
up to its own moment less the source's lag. So every moment x has a moment c(x) from which it counts as watched;
NEVER, where nobody looked. All of it is arrays: `edges` cut time into stretches, `since` gives c for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warn.model import Coverage, Poll, SourceFacts
from warn.moments import NEVER, Moments, distinct, micros


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """Moments in (edges[i], edges[i + 1]] count as watched from since[i] on; outside of the edges, never."""

    edges: Moments
    since: Moments


NOWHERE = Watched(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """From at[i] on, is the window completely watched? Before at[0] it is not."""

    at: Moments
    yes: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """The good polls of a source: when, how far back each body reached, and which core parts answered."""

    at: Moments
    reach: Moments
    parts: tuple[NDArray[np.bool_], ...]

    def more(self, other: Looked) -> Looked:
        """With later ones."""
        pairs = zip(self.parts, other.parts, strict=True)
        return Looked(
            np.concatenate((self.at, other.at)),
            np.concatenate((self.reach, other.reach)),
            tuple(np.concatenate(pair) for pair in pairs),
        )


def looked(facts: SourceFacts, polls: Iterable[Poll]) -> Looked:
    """`polls` in order of time."""
    good = [poll for poll in polls if poll.good]
    return Looked(
        at=np.array([micros(p.at) for p in good], dtype=np.int64),
        reach=np.array([_reach(p) for p in good], dtype=np.int64),
        parts=tuple(
            np.array([p.parts.get(part, not p.parts) for p in good], dtype=np.bool_)
            for part in facts.core_parts
        ),
    )


def watched(
    indicator: str,
    sources: Iterable[SourceFacts],
    polls: Mapping[str, Sequence[Poll]],
    records: Iterable[Coverage],
) -> Watched:
    """Any source that is watched is enough. `polls`: by source, in order of time."""
    asked = [facts for facts in sources if facts.vouches and indicator in facts.lag_s]
    return watched_by(indicator, asked, lambda facts: looked(facts, polls.get(facts.id, ())), records)


def watched_by(
    indicator: str,
    sources: Iterable[SourceFacts],
    seen: Callable[[SourceFacts], Looked],
    records: Iterable[Coverage],
) -> Watched:
    """The same of polls that were put into arrays already."""
    found = [
        _source(seen(facts), round(facts.lag_s[indicator] * 1e6))
        for facts in sources
        if facts.vouches and indicator in facts.lag_s
    ]
    for record in records:
        if not record.indicators or indicator in record.indicators:
            edges = np.array([micros(record.start), micros(record.end)], dtype=np.int64)
            if edges[1] > edges[0]:
                found.append(Watched(edges, np.array([-NEVER], dtype=np.int64)))
    return at_least(found, 1)


def at_least(several: Sequence[Watched], enough: int) -> Watched:
    """Watched by so many at once."""
    several = [one for one in several if len(one.since)]
    if len(several) < enough:
        return NOWHERE
    if len(several) == 1:
        return several[0]
    edges = distinct(*(one.edges for one in several))
    since = np.stack([_since(one, edges[1:]) for one in several])
    since.partition(enough - 1, axis=0)
    return Watched(edges, since[enough - 1])


def complete(one: Watched, width: int, stale: int) -> Known:
    """When the window (t - width, t] is known: at most `stale` of it was not being watched, as of t."""
    edges = np.concatenate(([-NEVER], one.edges, [NEVER]))
    since = np.concatenate(([NEVER], one.since, [NEVER])) if len(one.since) else np.array([NEVER])
    edges = edges if len(one.since) else np.array([-NEVER, NEVER])
    at, short, slope = _unwatched(edges, since, width)
    return _at_most(at, short, slope, stale)


def gaps(one: Watched, start: int, end: int, as_of: int) -> list[tuple[int, int]]:
    """The stretches of (start, end] that were not watched, as of a moment."""
    seen = np.flatnonzero(one.since <= as_of)
    found, at = [], start
    for i in seen:
        left, right = int(one.edges[i]), int(one.edges[i + 1])
        if right <= at or left >= end:
            continue
        if left > at:
            found.append((at, left))
        at = max(at, right)
    if at < end:
        found.append((at, end))
    return found


def _source(seen: Looked, lag: int) -> Watched:
    if not seen.parts:
        return _polled(seen.at, seen.reach, lag)
    parts = [_polled(seen.at[answered], seen.reach[answered], lag) for answered in seen.parts]
    return at_least(parts, -(-len(parts) // 2))


def _reach(poll: Poll) -> int:
    return NEVER if poll.reaches_back_to is None else micros(poll.reaches_back_to)


def _polled(at: Moments, reach: Moments, lag: int) -> Watched:
    """Moments of good polls and how far back their bodies reach, in order of time -> what they vouch for."""
    if not len(at):
        return NOWHERE
    ends = at - lag
    starts = np.minimum.accumulate(np.minimum(reach, ends[0]))
    reaching = np.flatnonzero(np.diff(starts, prepend=ends[0]) < 0)[::-1]
    edges = np.concatenate((starts[reaching], ends))
    since = np.concatenate((at[reaching], at[1:]))
    keep = np.flatnonzero(np.diff(edges) > 0)
    return Watched(np.append(edges[keep], edges[-1]), since[keep])


def _since(one: Watched, moments: Moments) -> Moments:
    """c(x) for each moment."""
    i = np.searchsorted(one.edges, moments, side="left") - 1
    inside = (i >= 0) & (i < len(one.since))
    return np.where(inside, one.since[np.clip(i, 0, len(one.since) - 1)], NEVER)


def _unwatched(edges: Moments, since: Moments, width: int) -> tuple[Moments, Moments, Moments]:
    """How much of the window was not watched, as a function of t: (from when, how much then, growing by).

    A stretch (a, b] that becomes watched at c weighs in as it enters the window, and until c or until it has left.
    """
    a, b, c = edges[:-1], edges[1:], since
    late = c > a  # others were watched as they passed
    a, b, c = a[late], b[late], c[late]
    turns = np.stack((a, b, a + width, b + width))
    bends = np.repeat(np.array([1, -1, -1, 1], dtype=np.int64), len(a)).reshape(4, -1)
    before = turns < c
    inside = np.minimum(b, c) - np.maximum(a, c - width)
    drop = np.where((c < NEVER) & (inside > 0), -inside, 0)
    left = -np.where(before, bends, 0).sum(axis=0)
    at = np.concatenate((turns[before], c))
    bend = np.concatenate((bends[before], left))
    jump = np.concatenate((np.zeros(int(before.sum()), dtype=np.int64), drop))
    order = np.argsort(at, kind="stable")
    at, bend, jump = at[order], bend[order], jump[order]
    slope = np.cumsum(bend)
    grown = np.concatenate(([0], np.cumsum(slope[:-1] * np.diff(at)))) + np.cumsum(jump)
    last = np.append(np.flatnonzero(np.diff(at)), len(at) - 1) if len(at) else np.zeros(0, dtype=np.int64)
    return at[last], grown[last], slope[last]


def _at_most(at: Moments, short: Moments, slope: Moments, stale: int) -> Known:
    """Where the piecewise linear function is at most `stale`."""
    if not len(at):
        return Known(np.array([-NEVER], dtype=np.int64), np.array([True]))
    ends = np.append(at[1:], NEVER)
    now = short <= stale
    crosses = np.where(slope > 0, at + (stale - short) + 1, np.where(slope < 0, at + (short - stale), NEVER))
    within = (crosses > at) & (crosses < ends) & np.where(slope > 0, now, ~now)
    moments = np.concatenate((at, crosses[within]))
    yes = np.concatenate((now, ~now[within]))
    order = np.argsort(moments, kind="stable")
    moments, yes = moments[order], yes[order]
    keep = np.append([True], yes[1:] != yes[:-1])
    return Known(moments[keep], yes[keep])
