"""A measure as a step function of time, built once from sorted arrays and sampled at one moment or at thousands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from warn.model import AlertState, Level
from warn.moments import NEVER, Moments, distinct
from warn.rules.coverage import Known
from warn.rules.ladder import Reading
from warn.rules.rule import Rule
from warn.rules.timers import last_fed

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
LEVEL = tuple(Level)
NO_MOMENTS: Moments = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """From at[i] on the measure lies in [lo[i], hi[i]]; at[0] is before any tick.

    `wide_lo`, `wide_hi`: the same with what is not confirmed, where a rule looks at both. `per_us`: ramps grow by so
    much each microsecond from at[i] on. `news`: when new evidence came in.
    """

    at: Moments
    lo: Floats
    hi: Floats
    wide_lo: Floats | None = None
    wide_hi: Floats | None = None
    per_us: Floats | None = None
    news: Moments = field(default_factory=lambda: NO_MOMENTS)

    def index(self, now: int) -> int:
        return int(self.at.searchsorted(now, side="right")) - 1

    def value(self, now: int) -> tuple[float, float]:
        """(lo, hi) at a moment."""
        i = self.index(now)
        by = 0.0 if self.per_us is None else self.per_us.item(i) * (now - self.at.item(i))
        return self.lo.item(i) + by, self.hi.item(i) + by

    def wide(self, now: int) -> tuple[float, float]:
        """(lo, hi) with what is not confirmed; the same as `value` where there is no difference."""
        if self.wide_lo is None or self.wide_hi is None:
            return self.value(now)
        i = self.index(now)
        return self.wide_lo.item(i), self.wide_hi.item(i)


@dataclass(frozen=True, eq=False)  # without slots: what is worked out once is kept
class Rungs:
    """A series seen through a ladder; only moments at which something differs from before are kept."""

    at: Moments
    sure: NDArray[np.int8]
    possible: NDArray[np.int8]
    quiet: Mask
    maybe_quiet: Mask

    def index(self, now: int) -> int:
        return int(np.searchsorted(self.at, now, side="right")) - 1

    @cached_property
    def readings(self) -> list[Reading]:
        """All of them."""
        columns = (self.at, self.sure, self.possible, self.quiet, self.maybe_quiet)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [
            Reading(at, LEVEL[sure], LEVEL[possible], quiet, maybe)
            for at, sure, possible, quiet, maybe in rows
        ]

    @cached_property
    def moments(self) -> list[int]:
        moments: list[int] = self.at.tolist()
        return moments

    @cached_property
    def reached(self) -> list[int]:
        """Where some level is reached for certain."""
        return list(np.flatnonzero(self.sure > 0).tolist())

    @cached_property
    def calm(self) -> list[int]:
        """Where no level is possible."""
        return list(np.flatnonzero(self.possible == 0).tolist())

    def after(self, now: int) -> int:
        """When it next turns; NEVER if it stays."""
        i = int(np.searchsorted(self.at, now, side="right"))
        return int(self.at[i]) if i < len(self.at) else NEVER

    def between(self, first: int, last: int, *, often: bool) -> list[Reading]:
        """From one to another, both included; `often`: more will be asked for, and all are made ready."""
        if often:
            return self.readings[first : last + 1]
        return [self.reading(n) for n in range(first, last + 1)]

    def part(self, first: int, last: int) -> Rungs:
        """Without what comes before `first`, and from `last` on."""
        these = slice(first, last)
        return Rungs(
            self.at[these], self.sure[these], self.possible[these], self.quiet[these], self.maybe_quiet[these]
        )

    def reading(self, i: int) -> Reading:
        return Reading(
            at=self.at.item(i),
            sure=LEVEL[self.sure.item(i)],
            possible=LEVEL[self.possible.item(i)],
            quiet=self.quiet.item(i),
            maybe_quiet=self.maybe_quiet.item(i),
        )


def unknown() -> Series:
    """Nothing was ever reported."""
    return Series(np.array([-NEVER], dtype=np.int64), np.array([-np.inf]), np.array([np.inf]))


def sample(at: Moments, values: NDArray[np.generic], moments: Moments, before: float) -> NDArray[np.generic]:
    """The values of a step function at many moments; `before` its first step."""
    if not len(at):
        return np.full(len(moments), before)
    i = np.searchsorted(at, moments, side="right") - 1
    found: NDArray[np.generic] = np.where(i >= 0, values[np.maximum(i, 0)], before)
    return found


def union(*several: Moments) -> Moments:
    """All moments at which any of several step functions turns, and one before them all."""
    return distinct(np.array([-NEVER], dtype=np.int64), *several)


def stack(start: Moments, end: Moments, amounts: Floats) -> tuple[Moments, Floats]:
    """How much lies on top of each other where intervals [start, end) carry amounts: a sorted array and a sum."""
    there = start < end
    at = np.concatenate((start[there], end[there]))
    bend = np.concatenate((amounts[there], -amounts[there]))
    order = np.argsort(at, kind="stable")
    at, height = at[order], np.cumsum(bend[order])
    last = np.append(at[1:] != at[:-1], True) if len(at) else np.zeros(0, dtype=np.bool_)
    return at[last], np.round(height[last], 9)


def all_known(several: Iterable[Known]) -> Known:
    """Known where each of several is."""
    found = list(several)
    if len(found) == 1:
        return found[0]
    at = union(*(one.at for one in found))
    yes = np.ones(len(at), dtype=np.bool_)
    for one in found:
        yes &= sample(one.at, one.yes, at, False).astype(np.bool_)
    return Known(at, yes)


def rungs(several: Sequence[Series], rule: Rule, cap: Level | None = None) -> list[Rungs]:
    """Each series through the rule's ladder. `cap`: the highest level that the unconfirmed can reach.

    All at once, because a rule may have thousands of alerts with a handful of moments each.
    """
    numbers = _numbers(rule)
    flat = [_flat(series, numbers) for series in several]
    starts = np.cumsum([0, *(len(at) for at, _, _ in flat)])
    at, lo, hi = (np.concatenate(part) for part in zip(*flat, strict=True))
    sure, possible = _reached(lo, hi, rule)
    quiet, maybe = _quiet(lo, hi, sure, possible, rule)
    if cap and any(series.wide_lo is not None for series in several):
        wide_lo = np.concatenate([_or(series.wide_lo, series.lo) for series in several])
        wide_hi = np.concatenate([_or(series.wide_hi, series.hi) for series in several])
        wide_sure, wide_possible = _reached(wide_lo, wide_hi, rule)
        sure = np.maximum(sure, np.minimum(wide_sure, int(cap)))
        possible = np.maximum(possible, np.minimum(wide_possible, int(cap)))
        also_quiet, also_maybe = _quiet(wide_lo, wide_hi, sure, possible, rule)
        quiet, maybe = quiet & also_quiet, maybe & also_maybe
    turns = np.append(
        [True],
        (sure[1:] != sure[:-1])
        | (possible[1:] != possible[:-1])
        | (quiet[1:] != quiet[:-1])
        | (maybe[1:] != maybe[:-1]),
    )
    turns[starts[:-1]] = True
    ends = np.append(0, np.cumsum(turns))[starts].tolist()
    kept = Rungs(at[turns], sure[turns], possible[turns], quiet[turns], maybe[turns])
    return [kept.part(first, last) for first, last in pairwise(ends)]


def _or(wide: Floats | None, plain: Floats) -> Floats:
    return plain if wide is None else wide


def readings(state: AlertState, rungs: Rungs, now: int) -> list[Reading]:
    """What `step` wants to be fed: the reading that stood when it was last fed, and all since.

    An alert without timers remembers nothing; for it the past begins where no level was last possible.
    """
    last = bisect_right(rungs.moments, now) - 1
    return rungs.readings[first_to_feed(rungs, last_fed(state), last, idle=not state.timers) : last + 1]


def first_to_feed(rungs: Rungs, fed: int, last: int, *, idle: bool) -> int:
    """Where to begin, for the reading at `last`; an idle alert needs nothing before the last calm."""
    first = max(0, bisect_right(rungs.moments, fed, 0, last + 1) - 1)
    if not idle:
        return first
    calm = bisect_right(rungs.calm, last) - 1
    first = max(first, rungs.calm[calm] if calm >= 0 else 0)
    reached = bisect_left(rungs.reached, first)
    return rungs.reached[reached] if reached < len(rungs.reached) and rungs.reached[reached] <= last else last


def _numbers(rule: Rule) -> list[float]:
    return [*rule.ladder.values(), *([] if rule.clears_at is None else [rule.clears_at])]


def _reached(lo: Floats, hi: Floats, rule: Rule) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """(reached for certain, not ruled out). A falling ladder is a rising one seen in a mirror."""
    sign = 1.0 if rule.rising else -1.0
    worst, best = (hi, lo) if rule.rising else (lo, hi)
    numbers = sign * np.array(list(rule.ladder.values()))
    steps = np.array([0, *(int(level) for level in rule.ladder)], dtype=np.int8)
    sure = steps[np.searchsorted(numbers, sign * best, side="right")]
    possible = steps[np.searchsorted(numbers, sign * worst, side="right")]
    return sure, possible


def _quiet(
    lo: Floats, hi: Floats, sure: NDArray[np.int8], possible: NDArray[np.int8], rule: Rule
) -> tuple[Mask, Mask]:
    if rule.clears_at is None:
        return possible == 0, sure == 0
    if rule.rising:
        return hi <= rule.clears_at, lo <= rule.clears_at
    return lo >= rule.clears_at, hi >= rule.clears_at


def _flat(series: Series, numbers: Sequence[float]) -> tuple[Moments, Floats, Floats]:
    """A ramp cut where it crosses a number, so that between its moments nothing turns."""
    if series.per_us is None:
        return series.at, series.lo, series.hi
    ends = np.append(series.at[1:], NEVER)
    cuts = [series.at]
    for number in numbers:
        for base in (series.lo, series.hi):
            with np.errstate(divide="ignore", invalid="ignore"):
                after = np.where(series.per_us != 0, (number - base) / series.per_us, -1.0)
            good = np.isfinite(after) & (after > 0) & (after < ends - series.at)
            crossing = series.at[good] + np.rint(after[good]).astype(np.int64)
            cuts += [crossing, crossing + 1]
    at = distinct(*cuts)
    at = at[at >= series.at[0]]
    i = np.searchsorted(series.at, at, side="right") - 1
    grown = series.per_us[i] * (at - series.at[i])
    return at, series.lo[i] + grown, series.hi[i] + grown
