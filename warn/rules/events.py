"""Measures of incidents: how many, how much, how many more than before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warn.incidents import Incidents
from warn.model import By, Level
from warn.moments import Moments, distinct, span
from warn.rules.coverage import Known
from warn.rules.filters import ConfirmedBy, Filtered
from warn.rules.frame import Frame, History, Keys
from warn.rules.measures import Count, Spike, Sum
from warn.rules.rule import Rule
from warn.rules.series import NO_MOMENTS, Floats, Mask, Series, sample, stack, union

Ints = NDArray[np.int64]
CONFIRMED_NEAR = 2


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """The versions of one indicator's incidents that pass a measure's filters.

    `counts`: confirmed, or confirmation is not asked for; the others count as unconfirmed only. `keys`: the `by` of
    each version. `near`: as `geo.near` has it. All arrays are as long as the incidents' own.
    """

    frame: Frame
    passes: Mask
    counts: Mask
    near: NDArray[np.int8]
    keys: Keys

    @property
    def incidents(self) -> Incidents:
        return self.frame.incidents

    def key(self, version: int) -> By | None:
        code = int(self.keys.codes[version])
        return None if code < 0 else self.keys.names[code]


Mine = tuple[Picked, Ints]
"""Which of the versions picked are of one key."""


def pick(measure: Filtered, confirmed_by: ConfirmedBy | None, frame: Frame, by: Sequence[str]) -> Picked:
    """Filters drop incidents: one passes if any of its reports has what is asked for."""
    found = frame.incidents
    nearness = frame.incidents_near(measure)
    passes = frame.incidents_having(measure) & (nearness > 0)
    if measure.min_grade is not None:
        passes &= found.some(frame.columns.graded(measure.min_grade))
    if measure.min_reports or measure.min_origins:
        passes &= (found.sizes() >= measure.min_reports) & (found.origins >= measure.min_origins)
    keys = frame.incident_keys(by)
    passes &= keys.codes >= 0
    counts = nearness >= CONFIRMED_NEAR
    if confirmed_by is not None:
        asked = confirmed_by
        counts &= frame.once(("confirmed", asked.origins, asked.grade), lambda: confirmed(found, asked))
    return Picked(frame, passes, counts, nearness, keys)


def confirmed(found: Incidents, by: ConfirmedBy) -> Mask:
    """Versions with enough independent origins or a report of the grade asked for; a party's claim never confirms."""
    mask = np.zeros(len(found), dtype=np.bool_)
    if by.origins is not None:
        mask |= found.origins >= by.origins
    if by.grade is not None:
        mask |= found.some(found.columns.confirming(by.grade))
    return mask


def count(measure: Count | Sum, rule: Rule, history: History) -> dict[By, Series]:
    """Counts and sums: known facts are the lower end, and the upper one too where the window was watched."""
    picked = [
        pick(measure, measure.confirmed_by, history.frame(name), rule.by) for name in measure.indicators
    ]
    width = span(measure.over)
    known = history.known(measure.indicators, width, rule)
    wide = measure.unconfirmed > Level.CALM
    amount = isinstance(measure, Sum)
    return {
        key: _counted(mine, width, known, wide=wide, amount=amount)
        for key, mine in keyed(picked, rule).items()
    }


def spike(measure: Spike, rule: Rule, history: History) -> dict[By, Series]:
    """The rate of incidents in `over` to that in the `before` preceding it; a stretch with none counts as one."""
    picked = [
        pick(measure, measure.confirmed_by, history.frame(name), rule.by) for name in measure.indicators
    ]
    over, before = span(measure.over), span(measure.before)
    known = history.known(measure.indicators, over + before, rule)
    return {key: _spiked(mine, over, before, known) for key, mine in keyed(picked, rule).items()}


def keyed(picked: Sequence[Picked], rule: Rule) -> dict[By, list[Mine]]:
    """All that passes, by its `by` values in order; the one empty key stands there where the rule has no `by`."""
    found: dict[By, list[Mine]] = {} if rule.by else {(): []}
    for one in picked:
        for key, mine in one.keys.each(np.flatnonzero(one.passes)):
            found.setdefault(key, []).append((one, mine))
    return {key: found[key] for key in sorted(found)}


def window(one: Picked, mine: Ints, width: int, shift: int = 0) -> tuple[Moments, Moments, Floats]:
    """While each of these versions lies in (t - shift - width, t - shift]: from, until, value."""
    found = one.incidents
    start = np.maximum(found.start[mine], found.occurred[mine] + shift)
    end = np.minimum(found.end[mine], found.occurred[mine] + shift + width)
    return start, end, found.value[mine]


def _counted(picked: Sequence[Mine], width: int, known: Known, *, wide: bool, amount: bool) -> Series:
    counting = [(one, mine[one.counts[mine]]) for one, mine in picked]
    sure = _height([window(one, mine, width) for one, mine in counting], amount=amount)
    every = _height([window(one, mine, width) for one, mine in picked], amount=amount) if wide else sure
    at = union(sure[0], every[0], known.at)
    watched = sample(known.at, known.yes, at, False).astype(np.bool_)
    lo, wide_lo = (sample(*height, at, 0.0).astype(np.float64) for height in (sure, every))
    news = [_news(one, mine, width) for one, mine in (picked if wide else counting)]
    return Series(
        at=at,
        lo=lo,
        hi=np.where(watched, lo, np.inf),
        wide_lo=wide_lo if wide else None,
        wide_hi=np.where(watched, wide_lo, np.inf) if wide else None,
        news=distinct(*news) if news else NO_MOMENTS,
    )


def _spiked(picked: Sequence[Mine], over: int, before: int, known: Known) -> Series:
    counting = [(one, mine[one.counts[mine]]) for one, mine in picked]
    recent = _height([window(one, mine, over) for one, mine in counting], amount=False)
    earlier = _height([window(one, mine, before, over) for one, mine in counting], amount=False)
    at = union(recent[0], earlier[0], known.at)
    watched = sample(known.at, known.yes, at, False).astype(np.bool_)
    now, then = (sample(*height, at, 0.0).astype(np.float64) for height in (recent, earlier))
    times = np.round((now / over) / (np.maximum(then, 1.0) / before), 9)
    news = [_news(one, mine, over) for one, mine in counting]
    return Series(
        at=at,
        lo=np.where(watched, times, 0.0),
        hi=np.where(watched, times, np.inf),
        news=distinct(*news) if news else NO_MOMENTS,
    )


def _height(windows: Sequence[tuple[Moments, Moments, Floats]], *, amount: bool) -> tuple[Moments, Floats]:
    if not windows:
        return NO_MOMENTS, np.zeros(0)
    start, end, value = (np.concatenate(part) for part in zip(*windows, strict=True))
    return stack(start, end, value if amount else np.ones(len(start)))


def _news(one: Picked, mine: Ints, width: int) -> Moments:
    start, end, _ = window(one, mine[one.incidents.news[mine]], width)
    return start[start < end]
