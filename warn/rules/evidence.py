"""The evidence of a transition: its numbers always, the reports behind them unless it must be quick."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from warn.incidents import grade_of
from warn.model import By, Evidence, Level
from warn.moments import DAY, span
from warn.rules.build import cap_of
from warn.rules.filters import Filtered, Measured
from warn.rules.frame import History
from warn.rules.ladder import Move
from warn.rules.measures import (
    Anomaly,
    Change,
    Count,
    DaysUntil,
    Families,
    Ratio,
    Rules,
    Silence,
    Spike,
    State,
)
from warn.rules.ruleset import LoadedRule
from warn.rules.series import Series


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers of a rule, put together once: its ladder from the lowest level up, and what evidence repeats."""

    loaded: LoadedRule
    ladder: tuple[tuple[Level, float], ...]
    numbers: Mapping[Level, float]
    at: str
    thresholds: Mapping[str, float]
    rising: bool
    cap: Level | None

    def level(self, value: float) -> Level:
        """The highest level whose number a value meets."""
        met = Level.CALM
        for level, number in self.ladder:
            if (value >= number) if self.rising else (value <= number):
                met = level
        return met


def scale_of(loaded: LoadedRule) -> Scale:
    ladder = loaded.rule.ladder
    thresholds = {level.word: number for level, number in ladder.items()}
    return Scale(
        loaded,
        tuple(ladder.items()),
        dict(ladder),
        loaded.at,
        thresholds,
        loaded.rule.rising,
        cap_of(loaded.rule),
    )


def numbers_of(scale: Scale, series: Series, now: int, move: Move) -> Evidence:
    """Value, interval and thresholds: all that a timeline shows.

    `value` is the number that gave the level: of confirmed incidents, or of all where those reach no further.
    """
    lo, hi = telling(scale, series, now)
    return Evidence(
        value=spoken(lo, hi),
        lo=lo if math.isfinite(lo) else None,
        hi=hi if math.isfinite(hi) else None,
        threshold=_threshold(scale, move),
        thresholds=scale.thresholds,
        rule_at=scale.at,
        rule_hash=scale.loaded.digest,
    )


def telling(scale: Scale, series: Series, now: int) -> tuple[float, float]:
    """The interval that gives the level: of confirmed incidents, or of all where those reach no further."""
    lo, hi = series.value(now)
    if scale.cap and series.wide_lo is not None:
        wide_lo, wide_hi = series.wide(now)
        if (lo, hi) != (wide_lo, wide_hi) and min(scale.level(wide_lo), scale.cap) > scale.level(lo):
            return wide_lo, wide_hi
    return lo, hi


def spoken(lo: float, hi: float) -> float | None:
    """The number a message says; None where nothing is known."""
    return lo if math.isfinite(lo) else hi if math.isfinite(hi) else None


def evidence_of(
    loaded: LoadedRule, history: History, by: By, tree: Mapping[str, Any], numbers: Evidence
) -> Evidence:
    """The numbers, and what stands behind them."""
    measure = loaded.rule.measure
    counted, left_out = list(counted_in(tree)), list(counted_in(tree, counted=False))
    over = measure.over if isinstance(measure, Filtered) else None
    first = next((i for i in tree.get("incidents", ()) if i["counted"]), None)
    return replace(
        numbers,
        unit=unit_of(measure, history),
        counted=tuple(dict.fromkeys(report["ref"] for report in counted)),
        not_counted=tuple(dict.fromkeys(report["ref"] for report in left_out)),
        origins=tuple(sorted({origin for report in counted for origin in report["origins"]})),
        grade=best_of(tree),
        place=first["place"] if first else next((r["place"] for r in counted if r["place"]), ""),
        corridor=dict(by).get("corridor", first["corridor"] if first else ""),
        days=None if over is None else span(over) / DAY,
        tree=tree,
    )


def counted_in(tree: Mapping[str, Any], *, counted: bool = True) -> Iterable[dict[str, Any]]:
    """All reports of a tree that count, or all that do not."""
    for incident in tree.get("incidents", ()):
        if incident["counted"] == counted:
            yield from incident["reports"]
    yield from (report for report in tree.get("reports", ()) if report["counted"] == counted)
    for part in ("of", "to"):
        if part in tree:
            yield from counted_in(tree[part], counted=counted)


def best_of(tree: Mapping[str, Any]) -> str:
    """The best grade among what counted, two independent origins making it credible."""
    grades = [i["grade"] for i in tree.get("incidents", ()) if i["counted"]]
    grades += [r["grade"] for r in counted_in(tree)] if not grades else []
    return min(grades, default="", key=grade_of)


def unit_of(measure: Measured, history: History) -> str:
    """In what the value is measured; counts have no unit."""
    match measure:
        case Count() | Ratio() | Spike() | State() | Rules() | Families():
            return ""
        case Change():
            return "%"
        case Anomaly():
            return "SD"
        case Silence():
            return "h"
        case DaysUntil():
            return "d"
    found = [history.indicators.get(name) for name in measure.indicators]
    return found[0].unit if found and found[0] is not None else ""


def _threshold(scale: Scale, move: Move) -> float | None:
    """The number of the level that was met; of the one that was left, where the alert went down."""
    if move.kind == "closed":
        clears = scale.loaded.rule.clears_at
        return scale.ladder[0][1] if clears is None else clears
    met = move.before if move.kind == "eased" else move.level
    return scale.numbers.get(met)
