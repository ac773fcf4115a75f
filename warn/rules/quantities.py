"""Measures of quantities that stand until the next reading: newest, mean, median, extremes, change, anomaly."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from warn.model import By
from warn.moments import DAY, NEVER, Moments, span
from warn.rules.filters import Filtered
from warn.rules.frame import History
from warn.rules.measures import Anomaly, Change, Latest, Max, Mean, Median, Min
from warn.rules.reports import Ints, Rows, Stretch, best, newest, on_top, rows_by, speaking, stretch, turns
from warn.rules.rule import Rule
from warn.rules.series import Floats, Mask, Series, unknown

Entry = tuple[int, int, float]
"""(occurred, order, value)."""
YEAR: Final = 365.25 * DAY
ROBUST: Final = 1.4826
"""The median absolute deviation of a normal distribution times this is its standard deviation."""
MOST_AT_ONCE: Final = 2_000
"""Windows with more reports than that are gone through one by one."""
SCALE: Final = 1e6
"""Sums of values with up to six decimals are exact, whatever came before them."""


def quantity(measure: Filtered, rule: Rule, history: History, by: Sequence[str]) -> dict[By, Series]:
    """One series per `by` value; unknown while too few report, or the newest is too old."""
    stale = min(history.stale(name, rule) for name in measure.indicators)
    width = NEVER if measure.over is None else span(measure.over)
    if measure.over is None and (measure.min_reports or measure.min_origins):
        width = stale + 1
    rows = rows_by(measure, history, measure.indicators, by, width)
    found = {key: _series(rows[key], measure, stale) for key in sorted(rows)}
    return found if by else found or {(): unknown()}


def _series(rows: Rows, measure: Filtered, stale: int) -> Series:
    """For all moments at which a report comes or goes."""
    at = turns(rows)
    part = stretch(rows, at)
    which = newest(rows, at) if part is None else np.where(part[1] > part[0], part[1] - 1, -1)
    enough = _enough(rows, at, measure, which)
    with np.errstate(invalid="ignore"):
        said = np.where(enough, np.round(_values(rows, at, which, enough, part, measure), 10), np.nan)
    fresh = np.where(which >= 0, rows.occurred[which] + stale + 1, -NEVER)
    before = np.append(np.nan, said[:-1])
    comes = np.zeros(len(at), dtype=np.bool_)
    comes[np.searchsorted(at, rows.enter)] = True
    news = at[comes & ~np.isnan(said) & (said != before)]
    return _aged(np.append(-NEVER, at), np.append(np.nan, said), np.append(-NEVER, fresh), news)


def _enough(rows: Rows, at: Moments, measure: Filtered, which: Ints) -> Mask:
    """Where as many report as are asked for, from as many origins."""
    if measure.min_reports <= 1 and not measure.min_origins:
        return which >= 0
    enough = on_top(rows, at, np.ones(len(rows), dtype=np.int64)) >= max(1, measure.min_reports)
    if not measure.min_origins:
        return enough
    return enough & (speaking(rows, at) >= measure.min_origins)


def _values(
    rows: Rows, at: Moments, which: Ints, enough: Mask, part: Stretch | None, measure: Filtered
) -> Floats:
    """The measure at each moment; NaN where it cannot be told."""
    match measure:
        case Latest():
            return _newest_values(rows, at, which)
        case Mean():
            return _means(rows, at, part)
        case Median():
            return _swept(rows, at, _middle) if part is None else _medians(rows, *part)
        case Min() | Max() if part is not None and int((part[1] - part[0]).sum()) <= MOST_AT_ONCE * len(rows):
            return _reduced(np.minimum if isinstance(measure, Min) else np.maximum, rows, *part)
        case Min() | Max():
            order = np.argsort(rows.value if isinstance(measure, Max) else -rows.value, kind="stable")
            rank = np.empty(len(rows), dtype=np.int64)
            rank[order] = np.arange(len(rows))
            found = best(rows, at, rank)
            return np.where(found >= 0, rows.value[found], np.nan)
        case Change():
            return _one_by_one(rows, at, enough, lambda entries: _change(entries, measure))
        case Anomaly():
            return _one_by_one(rows, at, enough, lambda entries: _anomaly(entries, measure))
    raise TypeError(f"{measure.kind} is no quantity")


def _reduced(how: np.ufunc, rows: Rows, first: Ints, last: Ints) -> Floats:
    """One value of each stretch; NaN where it is empty."""
    padded = np.append(rows.value, np.nan)
    ends: Floats = how.reduceat(padded, np.column_stack((first, np.maximum(last, first))).ravel())[::2]
    return np.where(last > first, ends, np.nan)


def _newest_values(rows: Rows, at: Moments, which: NDArray[np.int64]) -> Floats:
    """Several of the same moment give their median."""
    said: Floats = np.where(which >= 0, rows.value[which], np.nan)
    twice = np.append(rows.occurred[1:] == rows.occurred[:-1], False)
    twice[1:] |= twice[:-1].copy()
    for i in np.flatnonzero((which >= 0) & twice[which]).tolist():
        first, last = np.searchsorted(rows.occurred, [rows.occurred[which[i]], rows.occurred[which[i]] + 1])
        here = slice(int(first), int(last))
        there = (rows.enter[here] <= at[i]) & (at[i] < rows.leave[here])
        said[i] = np.median(rows.value[here][there])
    return said


def _means(rows: Rows, at: Moments, part: Stretch | None) -> Floats:
    """By exact sums, so that what lies far back leaves no trace of rounding."""
    scaled = np.rint(rows.value * SCALE)
    exact = np.abs(scaled).sum() < 2**52 and bool(
        (np.abs(scaled / SCALE - rows.value) < 1e-12 * (1 + np.abs(rows.value))).all()
    )
    if not exact:
        return _swept(rows, at, lambda values: float(np.mean(values)))
    whole = scaled.astype(np.int64)
    if part is None:
        sums, count = on_top(rows, at, whole), on_top(rows, at, np.ones(len(rows), dtype=np.int64))
    else:
        upto = np.append(0, np.cumsum(whole))
        sums, count = upto[part[1]] - upto[part[0]], part[1] - part[0]
    mean: Floats = sums / SCALE / np.maximum(count, 1)
    return mean


def _medians(rows: Rows, first: Ints, last: Ints) -> Floats:
    """Of each stretch, kept in order while it moves on; NaN where it is empty."""
    values: list[float] = []
    numbers: list[float] = rows.value.tolist()
    said = []
    begin = end = 0
    for start, stop in zip(first.tolist(), last.tolist(), strict=True):
        while end < stop:
            insort(values, numbers[end])
            end += 1
        while begin < start:
            del values[bisect_left(values, numbers[begin])]
            begin += 1
        half, odd = divmod(end - begin, 2)
        if odd:
            said.append(values[half])
        else:
            said.append((values[half - 1] + values[half]) / 2 if values else np.nan)
    return np.array(said, dtype=np.float64)


def _middle(values: Sequence[float]) -> float:
    """Of sorted values."""
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def _swept(rows: Rows, at: Moments, value: Callable[[list[float]], float]) -> Floats:
    """Goes through all moments once, keeping the values that count in order."""
    values: list[float] = []
    numbers: list[float] = rows.value.tolist()
    said = np.full(len(at), np.nan)
    for i, (come, gone) in enumerate(_comings(rows, at)):
        for n in gone:
            del values[bisect_left(values, numbers[n])]
        for n in come:
            insort(values, numbers[n])
        if values:
            said[i] = value(values)
    return said


def _one_by_one(
    rows: Rows, at: Moments, enough: Mask, value: Callable[[list[Entry]], float | None]
) -> Floats:
    """The same for measures that look at each report in the window."""
    entries: list[Entry] = []
    every = list(zip(rows.occurred.tolist(), range(len(rows)), rows.value.tolist(), strict=True))
    said = np.full(len(at), np.nan)
    for i, (come, gone) in enumerate(_comings(rows, at)):
        for n in gone:
            del entries[bisect_left(entries, every[n])]
        for n in come:
            insort(entries, every[n])
        found = value(entries) if enough[i] else None
        if found is not None:
            said[i] = found
    return said


def _comings(rows: Rows, at: Moments) -> Iterator[tuple[list[int], list[int]]]:
    """Which reports come and which go at each moment."""
    come, gone = np.argsort(rows.enter, kind="stable"), np.argsort(rows.leave, kind="stable")
    comes = np.searchsorted(rows.enter[come], at, side="right").tolist()
    goes = np.searchsorted(rows.leave[gone], at, side="right").tolist()
    coming, going = come.tolist(), gone.tolist()
    c = g = 0
    for more, less in zip(comes, goes, strict=True):
        yield coming[c:more], going[g:less]
        c, g = more, less


def _aged(moments: Moments, values: Floats, until: Moments, news: Moments) -> Series:
    """Values until they are stale, unknown from then on."""
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
        news=news,
    )


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
    """(value - expected) / SD of the residuals; expected = linear trend + one constant per calendar month.

    The trend is fitted to what is left once each month's mean is taken off, which is the same by least squares.
    """
    when = np.array([e[0] for e in past] + [newest], dtype=np.int64)
    months = when.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) % 12
    month, this = months[:-1], int(months[-1])
    count = np.bincount(month, minlength=12)
    fitted = 1 + int(np.count_nonzero(count))
    if not count[this] or len(past) <= fitted:
        return None
    years, values = (when[:-1] - newest) / YEAR, np.array([e[2] for e in past])
    year_of, value_of = (np.bincount(month, x, 12) / np.maximum(count, 1) for x in (years, values))
    apart, rest = years - year_of[month], values - value_of[month]
    square = float(apart @ apart)
    trend = float(apart @ rest) / square if square > 1e-12 else 0.0
    residuals = rest - trend * apart
    spread = float(np.sqrt((residuals @ residuals) / (len(past) - fitted)))
    expected = float(value_of[this] - trend * year_of[this])
    return None if spread < 1e-9 else (value - expected) / spread


def _between(entries: list[Entry], start: int, end: int) -> list[Entry]:
    """Reports with start <= occurred < end."""
    return entries[bisect_left(entries, (start,)) : bisect_left(entries, (end,))]
