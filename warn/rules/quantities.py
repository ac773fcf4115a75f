"""Measures of quantities that stand until the next reading: newest, mean, median, extremes, change, anomaly."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Final

import numpy as np

from warn.model import By
from warn.moments import DAY, NEVER, span
from warn.rules.filters import Filtered
from warn.rules.frame import Frame, History
from warn.rules.measures import Anomaly, Change, Latest, Max, Mean, Median, Min
from warn.rules.rule import Rule
from warn.rules.series import NO_MOMENTS, Series, unknown

Entry = tuple[int, int, float]
"""(occurred, order of arrival, value)."""
Value = Callable[[list[Entry], list[float]], float | None]
"""From the reports in the window, by time and by value, to the measure; None: cannot be told."""
YEAR: Final = 365.25 * DAY
ROBUST: Final = 1.4826
"""The median absolute deviation of a normal distribution times this is its standard deviation."""


@dataclass(frozen=True, slots=True)
class Row:
    """One report while it counts: from `enter` until `leave`."""

    enter: int
    leave: int
    occurred: int
    order: int
    value: float
    origins: tuple[str, ...]


def quantity(measure: Filtered, rule: Rule, history: History, by: Sequence[str]) -> dict[By, Series]:
    """One series per `by` value; unknown while too few report, or the newest is too old."""
    value = _value_of(measure)
    stale = min(history.stale(name, rule) for name in measure.indicators)
    width = NEVER if measure.over is None else span(measure.over)
    if measure.over is None and (measure.min_reports or measure.min_origins):
        width = stale + 1
    rows: dict[By, list[Row]] = {}
    for name in measure.indicators:
        for key, row in rows_of(measure, history.frame(name), by, width):
            rows.setdefault(key, []).append(row)
    found = {key: _swept(rows[key], value, measure, stale) for key in sorted(rows)}
    return found if by else found or {(): unknown()}


def rows_of(measure: Filtered, frame: Frame, by: Sequence[str], width: int) -> Iterator[tuple[By, Row]]:
    """Reports that pass the filters; only what is known to the town can be near something."""
    columns = frame.columns
    mask = frame.having(measure) & (frame.nearness(measure) == 2)
    if measure.min_grade is not None:
        mask &= columns.graded(measure.min_grade)
    keys = frame.keys(by)
    for i in np.flatnonzero(mask).tolist():
        key, occurred = keys[i], int(columns.occurred[i])
        enter = max(occurred, int(columns.known[i]))
        leave = min(occurred + width, int(columns.superseded[i]))
        if key is not None and enter < leave:
            row = columns.rows[i]
            yield key, Row(enter, leave, occurred, i, row.value, row.origins or (row.source,))


@dataclass(slots=True)
class _Bag:
    """The reports that count at one moment."""

    entries: list[Entry] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    origins: Counter[str] = field(default_factory=Counter)

    def put(self, row: Row) -> None:
        insort(self.entries, (row.occurred, row.order, row.value))
        insort(self.values, row.value)
        self.origins.update(row.origins)

    def take(self, row: Row) -> None:
        del self.entries[bisect_left(self.entries, (row.occurred, row.order, row.value))]
        del self.values[bisect_left(self.values, row.value)]
        self.origins.subtract(row.origins)

    def enough(self, measure: Filtered) -> bool:
        if len(self.entries) < max(1, measure.min_reports):
            return False
        return not measure.min_origins or sum(n > 0 for n in self.origins.values()) >= measure.min_origins


def _swept(rows: Sequence[Row], value: Value, measure: Filtered, stale: int) -> Series:
    """Goes through all moments at which a report comes or goes, once."""
    events = sorted(
        [(row.enter, 1, n) for n, row in enumerate(rows)]
        + [(row.leave, 0, n) for n, row in enumerate(rows) if row.leave < NEVER // 2]
    )
    bag = _Bag()
    at: list[int] = [-NEVER]
    said: list[float | None] = [None]
    fresh: list[int] = [-NEVER]
    news: list[int] = []
    for n, (moment, comes, which) in enumerate(events):
        (bag.put if comes else bag.take)(rows[which])
        if n + 1 < len(events) and events[n + 1][0] == moment:
            continue
        now = value(bag.entries, bag.values) if bag.enough(measure) else None
        if comes and now is not None and now != said[-1]:
            news.append(moment)
        at.append(moment)
        said.append(now)
        fresh.append(bag.entries[-1][0] + stale + 1 if bag.entries else -NEVER)
    return _aged(at, said, fresh, news)


def _aged(at: list[int], said: list[float | None], fresh: list[int], news: list[int]) -> Series:
    """Values until they are stale, unknown from then on."""
    moments = np.array(at, dtype=np.int64)
    until = np.array(fresh, dtype=np.int64)
    values = np.array([np.nan if v is None else round(v, 10) for v in said])
    values[until <= moments] = np.nan
    ends = np.append(moments[1:], NEVER)
    ages = ~np.isnan(values) & (until < ends)
    at_all = np.concatenate((moments, until[ages]))
    all_values = np.concatenate((values, np.full(int(ages.sum()), np.nan)))
    order = np.argsort(at_all, kind="stable")
    at_all, all_values = at_all[order], all_values[order]
    nothing = np.isnan(all_values)
    return Series(
        at=at_all,
        lo=np.where(nothing, -np.inf, all_values),
        hi=np.where(nothing, np.inf, all_values),
        news=np.array(news, dtype=np.int64) if news else NO_MOMENTS,
    )


def _value_of(measure: Filtered) -> Value:
    match measure:
        case Latest():
            return lambda entries, _: _newest(entries)
        case Mean():
            return lambda _, values: fmean(values)
        case Median():
            return lambda _, values: median(values)
        case Min():
            return lambda _, values: values[0]
        case Max():
            return lambda _, values: values[-1]
        case Change():
            return lambda entries, _: _change(entries, measure)
        case Anomaly():
            return lambda entries, _: _anomaly(entries, measure)
    raise TypeError(f"{measure.kind} is no quantity")


def _newest(entries: list[Entry]) -> float:
    """Several of the same moment give their median."""
    first = bisect_left(entries, (entries[-1][0],))
    return entries[-1][2] if first == len(entries) - 1 else median(e[2] for e in entries[first:])


def _change(entries: list[Entry], measure: Change) -> float | None:
    newest, back = entries[-1][0], span(measure.back)
    if measure.against == "before":
        end = bisect_left(entries, (newest - back + 1,))
        norm = [_newest(entries[:end])] if end else []
    elif measure.against == "median":
        norm = [e[2] for e in _between(entries, newest - back, newest)]
    else:
        norm = [
            e[2]
            for years in range(1, 1 + int((newest - entries[0][0] + back) // YEAR))
            for e in _between(
                entries, newest - round(years * YEAR) - back // 2, newest - round(years * YEAR) + back // 2
            )
        ]
    middle = median(norm) if norm else 0.0
    return None if middle == 0 else 100.0 * (_newest(entries) / middle - 1.0)


def _anomaly(entries: list[Entry], measure: Anomaly) -> float | None:
    newest = entries[-1][0]
    past = _between(entries, newest - span(measure.history), newest)
    if len(past) < measure.min_points:
        return None
    value = _newest(entries)
    if measure.method == "seasonal":
        return _seasonal(past, newest, value)
    middle = median(e[2] for e in past)
    spread = ROBUST * median(abs(e[2] - middle) for e in past)
    return None if spread == 0 else (value - middle) / spread


def _seasonal(past: Sequence[Entry], newest: int, value: float) -> float | None:
    """(value - expected) / SD of the residuals; expected = linear trend + one constant per calendar month."""
    when = np.array([e[0] for e in past] + [newest], dtype=np.int64)
    months = when.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) % 12
    seen = np.unique(months)
    design = np.column_stack(((when - newest) / YEAR, (months[:, None] == seen[None, :]).astype(np.float64)))
    values = np.array([e[2] for e in past])
    if not (months[:-1] == months[-1]).any() or len(past) <= design.shape[1]:
        return None
    fitted, *_ = np.linalg.lstsq(design[:-1], values, rcond=None)
    residuals = values - design[:-1] @ fitted
    spread = float(np.sqrt((residuals**2).sum() / (len(past) - design.shape[1])))
    return None if spread < 1e-9 else (value - float(design[-1] @ fitted)) / spread


def _between(entries: list[Entry], start: int, end: int) -> list[Entry]:
    """Reports with start <= occurred < end."""
    return entries[bisect_left(entries, (start,)) : bisect_left(entries, (end,))]
