"""From what an analyst wrote to step functions: which module builds which measure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from warn.model import By, Level
from warn.moments import DAY, NEVER, distinct, span
from warn.rules.events import count, spike
from warn.rules.filters import Filtered, Measured
from warn.rules.frame import History
from warn.rules.measures import (
    Anomaly,
    Change,
    Count,
    DaysUntil,
    Latest,
    Leaf,
    Ratio,
    Silence,
    Spike,
    State,
    Sum,
)
from warn.rules.quantities import quantity
from warn.rules.ramps import days_until, silence, state
from warn.rules.rule import Rule
from warn.rules.series import Series, union

SPARE = 8 * DAY


def build(rule: Rule, history: History) -> dict[By, Series]:
    """One series per `by` value, for every measure that looks at observations."""
    measure = rule.measure
    match measure:
        case Count() | Sum():
            return count(measure, rule, history)
        case Spike():
            return spike(measure, rule, history)
        case Silence():
            return silence(measure, rule, history)
        case DaysUntil():
            return days_until(measure, rule, history)
        case State():
            return state(measure, rule, history)
        case Ratio():
            return _ratio(measure, rule, history)
    assert isinstance(measure, Filtered)
    return quantity(measure, rule, history, rule.by)


def reach_of(measure: Measured, rule: Rule, history: History) -> int:
    """How far back before a moment a measure may look, in microseconds; NEVER where there is no end to it.

    With some days to spare: which reports are one event depends on those around them.
    """
    match measure:
        case Ratio():
            return max(reach_of(part, rule, history) for part in (measure.ratio.of, measure.ratio.to))
        case State():
            reach = span(measure.state.expires)
        case Spike():
            reach = span(measure.over) + span(measure.before)
        case Anomaly():
            reach = span(measure.history)
        case Change(against="median" | "before"):
            reach = span(measure.back) + max(history.stale(name, rule) for name in measure.indicators)
        case Filtered(over=over) if over is not None:
            reach = span(over)
        case Latest():
            reach = max(history.stale(name, rule) for name in measure.indicators)
        case _:
            return NEVER
    return reach + SPARE


def placed(rule: Rule) -> bool:
    """Whether places and roads matter to a rule."""
    measure = rule.measure
    parts = (measure.ratio.of, measure.ratio.to) if isinstance(measure, Ratio) else (measure,)
    asked = any(isinstance(part, Filtered) and (part.near is not None or part.inside) for part in parts)
    return asked or "corridor" in rule.by


def cap_of(rule: Rule) -> Level | None:
    """The highest level that unconfirmed incidents can reach, where the measure counts incidents."""
    return rule.measure.unconfirmed if isinstance(rule.measure, Count | Sum) else None


def _ratio(measure: Ratio, rule: Rule, history: History) -> dict[By, Series]:
    """Joined on `by`: only values that both have."""
    above = _part(measure.ratio.of, rule, history)
    below = _part(measure.ratio.to, rule, history)
    return {by: _divided(above[by], below[by]) for by in sorted(above.keys() & below.keys())}


def _part(measure: Leaf, rule: Rule, history: History) -> dict[By, Series]:
    if isinstance(measure, Count | Sum):
        return count(measure, rule, history)
    return quantity(measure, rule, history, rule.by)


def _divided(above: Series, below: Series) -> Series:
    """Unknown where either is, or where the lower one is 0."""
    at = union(above.at, below.at)
    of_lo, of_hi = _at(above, at)
    to_lo, to_hi = _at(below, at)
    known = (of_lo == of_hi) & (to_lo == to_hi) & (to_lo != 0) & np.isfinite(of_lo) & np.isfinite(to_lo)
    values = np.round(np.divide(of_lo, to_lo, out=np.zeros(len(at)), where=known), 10)
    news = distinct(above.news, below.news)
    return Series(at, np.where(known, values, -np.inf), np.where(known, values, np.inf), news=news)


def _at(series: Series, at: np.ndarray) -> Sequence[np.ndarray]:
    i = np.searchsorted(series.at, at, side="right") - 1
    return series.lo[i], series.hi[i]
