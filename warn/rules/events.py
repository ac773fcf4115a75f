"""Measures of incidents: how many, how much, how many more than before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from warn.rules.series import Floats, Mask, Series, sample, stack, union

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
        key: _counted(picked, key, width, known, wide=wide, amount=amount) for key in keys_of(picked, rule)
    }


def spike(measure: Spike, rule: Rule, history: History) -> dict[By, Series]:
    """The rate of incidents in `over` to that in the `before` preceding it; a stretch with none counts as one."""
    picked = [
        pick(measure, measure.confirmed_by, history.frame(name), rule.by) for name in measure.indicators
    ]
    over, before = span(measure.over), span(measure.before)
    known = history.known(measure.indicators, over + before, rule)
    return {key: _spiked(picked, key, over, before, known) for key in keys_of(picked, rule)}


def keys_of(picked: Iterable[Picked], rule: Rule) -> list[By]:
    """The `by` values of all that passes, in order; the one empty key where the rule has no `by`."""
    if not rule.by:
        return [()]
    return sorted({one.keys.names[code] for one in picked for code in np.unique(one.keys.codes[one.passes])})


def window(one: Picked, mask: Mask, width: int, shift: int = 0) -> tuple[Moments, Moments, Floats]:
    """While each marked version lies in (t - shift - width, t - shift]: from, until, value."""
    found = one.incidents
    start = np.maximum(found.start[mask], found.occurred[mask] + shift)
    end = np.minimum(found.end[mask], found.occurred[mask] + shift + width)
    return start, end, found.value[mask]


def _counted(
    picked: Sequence[Picked], key: By, width: int, known: Known, *, wide: bool, amount: bool
) -> Series:
    mine = [(one, one.passes & _of(one, key)) for one in picked]
    sure = _height([window(one, mask & one.counts, width) for one, mask in mine], amount=amount)
    every = _height([window(one, mask, width) for one, mask in mine], amount=amount) if wide else sure
    at = union(sure[0], every[0], known.at)
    watched = sample(known.at, known.yes, at, False).astype(np.bool_)
    lo, wide_lo = (sample(*height, at, 0.0).astype(np.float64) for height in (sure, every))
    news = [_news(one, mask if wide else mask & one.counts, width) for one, mask in mine]
    return Series(
        at=at,
        lo=lo,
        hi=np.where(watched, lo, np.inf),
        wide_lo=wide_lo if wide else None,
        wide_hi=np.where(watched, wide_lo, np.inf) if wide else None,
        news=distinct(*news),
    )


def _spiked(picked: Sequence[Picked], key: By, over: int, before: int, known: Known) -> Series:
    mine = [(one, one.passes & one.counts & _of(one, key)) for one in picked]
    recent = _height([window(one, mask, over) for one, mask in mine], amount=False)
    earlier = _height([window(one, mask, before, over) for one, mask in mine], amount=False)
    at = union(recent[0], earlier[0], known.at)
    watched = sample(known.at, known.yes, at, False).astype(np.bool_)
    now, then = (sample(*height, at, 0.0).astype(np.float64) for height in (recent, earlier))
    times = np.round((now / over) / (np.maximum(then, 1.0) / before), 9)
    news = [_news(one, mask, over) for one, mask in mine]
    return Series(
        at=at,
        lo=np.where(watched, times, 0.0),
        hi=np.where(watched, times, np.inf),
        news=distinct(*news),
    )


def _height(windows: Sequence[tuple[Moments, Moments, Floats]], *, amount: bool) -> tuple[Moments, Floats]:
    start, end, value = (np.concatenate(part) for part in zip(*windows, strict=True))
    return stack(start, end, value if amount else np.ones(len(start)))


def _news(one: Picked, mask: Mask, width: int) -> Moments:
    start, end, _ = window(one, mask & one.incidents.news, width)
    return start[start < end]


def _of(one: Picked, key: By) -> Mask:
    if not key:
        return one.passes
    mine: Mask = one.keys.codes == one.keys.code(key)
    return mine
