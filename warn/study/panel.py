"""One measure against its thresholds, below the timeline of a backtest."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from warn.digest.languages import pick
from warn.digest.text import cut
from warn.digest.typography import number, typeset
from warn.errors import UsageError
from warn.geo import Geography
from warn.model import By
from warn.moments import micros, moment
from warn.rules.rule import Rule
from warn.rules.series import Series
from warn.study.axis import LEFT, RIGHT, Axis, rounded
from warn.study.backtest import Backtest

PANEL: Final = 150.0
Height = Callable[[float], float]
FINEST: Final = 2000
"""Steps of a measure that are drawn one by one; with more, one for each pixel."""


@dataclass(frozen=True, slots=True)
class Step:
    """A threshold of the measure."""

    y: float
    level: int
    label: str
    label_y: float


@dataclass(frozen=True, slots=True)
class Panel:
    """The measure: its course between gaps, the same with what is not confirmed, and where it is not known."""

    title: str
    top: float
    height: float
    runs: tuple[str, ...]
    wide: tuple[str, ...]
    gaps: tuple[tuple[float, float], ...]
    steps: tuple[Step, ...]
    scale: tuple[tuple[float, str], ...]


def panel(
    tested: Backtest,
    geography: Geography,
    axis: Axis,
    words: Mapping[str, str],
    lang: str,
    top: float,
    measured: str,
) -> Panel | None:
    """`measured`: whose measure; empty: the rule that gave the first hit, else the first. `words`: levels by digit."""
    chosen = _chosen(tested, measured)
    rules = {loaded.id: loaded.rule for loaded in tested.trial.rules}
    if not chosen:
        return None
    rule = rules[chosen]
    by = _worst(tested, chosen)
    points = _points(tested.ran.engine.series(chosen, by), axis)
    known = [value for lo, hi, wide in points.values for value in (lo, hi, wide) if math.isfinite(value)]
    low = min([0.0, *known, *rule.ladder.values()])
    high = max([*known, *rule.ladder.values(), low + 1e-9])
    high += 0.08 * (high - low)

    def y(value: float) -> float:
        return rounded(top + PANEL - (value - low) / (high - low) * PANEL)

    runs, gaps = _courses(points, axis, y)
    wide = _wide(points, axis, y)
    return Panel(
        title=typeset(_panel_title(rule, geography, by, lang), lang),
        top=top,
        height=PANEL,
        runs=runs,
        wide=wide,
        gaps=gaps,
        steps=tuple(_steps(rule, y, words, lang)),
        scale=tuple((y(value), number(value, lang, 2)) for value in _round_numbers(low, high)),
    )


def _chosen(tested: Backtest, measured: str) -> str:
    ids = [loaded.id for loaded in tested.trial.rules]
    if measured:
        if measured not in ids:
            raise UsageError(
                f"The measure of '{measured}' cannot be drawn: it is not among the rules tried.",
                f"Rules: {', '.join(ids)}.",
                french=(
                    f"La mesure de « {measured} » ne peut pas être dessinée : règle pas essayée.",
                    f"Règles : {', '.join(ids)}.",
                ),
            )
        return measured
    hits = [one["rule"] for one in tested.result["score"]["impacts"] if one["hit"]]
    first = [moved.rule for moved in tested.ran.told]
    return next(iter([*hits, *first, *ids]), "")


def _worst(tested: Backtest, rule: str) -> By:
    """Of several alerts of one rule the one that rose highest, and first."""
    told = [moved for moved in tested.ran.told if moved.rule == rule]
    best = max(told, key=lambda moved: (moved.level, -micros(moved.at)), default=None)
    return best.by if best else next(iter(tested.ran.engine.keys(rule)), ())


def _panel_title(rule: Rule, geography: Geography, by: By, lang: str) -> str:
    kind = rule.measure.kind
    of = ", ".join(rule.measure.indicators)
    over = getattr(rule.measure, "over", None)
    days = f", {over / timedelta(days=1):g} {'j' if lang == 'fr' else 'd'}" if over else ""
    name = named(geography, pick(rule.title, lang), by, lang)
    return f"{name} ({kind}{' ' + of if of else ''}{days})"


@dataclass(frozen=True, slots=True)
class _Points:
    """Moments and, from each on, (lo, hi, with what is not confirmed)."""

    at: list[int]
    values: list[tuple[float, float, float]]


def _points(series: Series, axis: Axis) -> _Points:
    """The steps within the picture; ramps and very fine measures are sampled pixel by pixel."""
    start, end = micros(axis.start), micros(axis.end)
    turns = series.at[(series.at > start) & (series.at < end)]
    if series.per_us is not None or len(turns) > FINEST:
        turns = np.linspace(start, end, round(RIGHT - LEFT), dtype=np.int64)[1:-1]
    at = [start, *turns.tolist()]
    return _Points(at, [(*series.value(now), series.wide(now)[0]) for now in at])


def _courses(
    points: _Points, axis: Axis, y: Height
) -> tuple[tuple[str, ...], tuple[tuple[float, float], ...]]:
    """Lines where the measure is known, and the stretches (x, width) where it is not."""
    runs: list[list[str]] = []
    gaps: list[tuple[float, float]] = []
    last: float | None = None
    for x, until, (lo, hi, _) in _spans(points, axis):
        if lo != hi:
            last = None
            if gaps and abs(sum(gaps[-1]) - x) < 0.2:
                gaps[-1] = (gaps[-1][0], rounded(until - gaps[-1][0]))
            elif until > x:
                gaps.append((x, rounded(until - x)))
            continue
        if last is None:
            runs.append([])
        runs[-1] += _stair(x, until, y(lo))
        last = lo
    return tuple(" ".join(run) for run in runs), tuple(gaps)


def _wide(points: _Points, axis: Axis, y: Height) -> tuple[str, ...]:
    """The same with what is not confirmed, where that makes a difference."""
    runs: list[list[str]] = []
    open_ = False
    for x, until, (lo, hi, wide) in _spans(points, axis):
        differs = lo == hi and math.isfinite(wide) and wide != lo
        if differs:
            if not open_:
                runs.append([f"{x},{y(lo)}"])
            runs[-1] += _stair(x, until, y(wide))
        open_ = differs
    return tuple(" ".join(run) for run in runs)


def _spans(points: _Points, axis: Axis) -> Iterator[tuple[float, float, tuple[float, float, float]]]:
    edges = [axis.at(moment(at)) for at in points.at] + [RIGHT]
    return zip(edges[:-1], edges[1:], points.values, strict=True)


def _stair(x: float, until: float, y: float) -> list[str]:
    return [f"{x},{y}", f"{until},{y}"]


def _steps(rule: Rule, y: Height, words: Mapping[str, str], lang: str) -> Iterator[Step]:
    """The thresholds from the lowest up; labels keep a line's distance from one another."""
    colon = "\u00a0:" if lang == "fr" else ":"
    below: float | None = None
    for level, value in sorted(rule.ladder.items(), key=lambda item: item[1]):
        at = y(value)
        label_y = at - 4 if below is None else min(at - 4, below - 12)
        below = label_y
        yield Step(
            at, int(level), f"{words[str(int(level))]}{colon} {number(value, lang, 2)}", rounded(label_y)
        )


def _round_numbers(low: float, high: float) -> list[float]:
    """Three to six numbers a person would write on the axis."""
    rough = (high - low) / 4
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * k for k in (1, 2, 2.5, 5, 10) if unit * k >= rough)
    first = math.ceil(low / step)
    return [round(n * step, 10) for n in range(first, math.floor(high / step) + 1)]


def named(geography: Geography, title: str, by: By, lang: str) -> str:
    """What an alert is called on a picture: its rule, and its key where it has one."""
    names = []
    for key, value in by:
        road = geography.corridor(value) if key == "corridor" else None
        names.append(pick(road.names, lang) if road else value)
    return f"{cut(title, 26)} - {', '.join(names)}" if names else title
