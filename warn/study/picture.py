"""A backtest as a drawing: levels of every rule, what happened, and one measure against its thresholds.

Numbers into coordinates for `templates/charts/backtest.svg`; everything is rounded, so that equal results give equal
bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from warn.digest.languages import pick
from warn.digest.text import cut
from warn.digest.typography import day_brief, number, typeset
from warn.errors import UsageError
from warn.geo import Geography
from warn.model import By, Level, Transition
from warn.moments import micros, moment
from warn.rules.rule import Rule
from warn.rules.series import Series
from warn.study.backtest import Backtest
from warn.study.score import Impact

WIDE: Final = 960
LEFT: Final = 296.0
RIGHT: Final = WIDE - 18.0
ROW: Final = 22.0
LANE: Final = 15.0
PANEL: Final = 150.0
Height = Callable[[float], float]
FINEST: Final = 2000
"""Steps of a measure that are drawn one by one; with more, one for each pixel."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One alert at one level, or lost from sight at it."""

    x: float
    width: float
    level: int
    blind: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One alert's line of the timeline."""

    title: str
    y: float
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """An impact: its vertical line, its label above the lines, and its sentence below all."""

    x: float
    label: str
    label_x: float
    anchor: str
    y: float
    text: str
    hit: bool


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


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything the template draws. `words` are its few texts in the language asked for."""

    title: str
    subtitle: str
    width: int
    height: float
    left: float
    right: float
    top: float
    bottom: float
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str, str], ...]
    marks: tuple[Mark, ...]
    marks_y: float
    panel: Panel | None
    words: Mapping[str, str]


def picture(
    tested: Backtest, impacts: Sequence[Impact], geography: Geography, lang: str, measured: str = ""
) -> Picture:
    """`measured`: id of the rule whose measure is drawn; empty: the rule that gave the first hit, else the first."""
    words = _WORDS["fr" if lang == "fr" else "en"]
    trial = tested.trial
    axis = _Axis(trial.start, trial.end)
    marks = list(_marks(tested, impacts, axis, lang))
    lanes = max((mark.y for mark in marks), default=0.0)
    top = 66.0 + (lanes + 20.0 if marks else 0.0)
    lines = tuple(_lines(tested, geography, axis, lang, top))
    bottom = top + ROW * max(1, len(lines))
    panel = _panel(tested, geography, axis, lang, bottom + 62, measured)
    end = (panel.top + panel.height + 40) if panel else bottom + 34
    days = (day_brief(trial.start.date(), lang), day_brief(trial.end.date(), lang))
    return Picture(
        title=typeset(
            words["title"].format(start=_dated(trial.start, lang), end=_dated(trial.end, lang)), lang
        ),
        subtitle=typeset(_score(tested, words, lang), lang),
        width=WIDE,
        height=math.ceil(end + 17 * len(marks) + 4),
        left=LEFT,
        right=RIGHT,
        top=top,
        bottom=bottom,
        lines=lines,
        ticks=tuple(_ticks(axis, lang)) or ((LEFT, days[0], "start"), (RIGHT, days[1], "end")),
        marks=tuple(marks),
        marks_y=end + 10,
        panel=panel,
        words={name: typeset(text, lang) for name, text in words.items()},
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    """Time from left to right."""

    start: datetime
    end: datetime

    def at(self, when: datetime) -> float:
        share = (min(max(when, self.start), self.end) - self.start) / (self.end - self.start)
        return _r(LEFT + share * (RIGHT - LEFT))


def _score(tested: Backtest, words: Mapping[str, str], lang: str) -> str:
    found = tested.result["score"]
    if not found["impacts"]:
        return words["no_impacts"]
    leads = ", ".join(number(days, lang) for days in found["lead_days"]) or "-"
    share = round(100 * found["share_of_days"])
    return words["score"].format(
        hits=found["hits"], all=len(found["impacts"]), level=found["level"], leads=leads, share=share,
        false=words["false"].split("|")[found["false_alarms"] > 1].format(n=found["false_alarms"]),
    )  # fmt: skip


def _dated(at: datetime, lang: str) -> str:
    return f"{day_brief(at.date(), lang)} {at.year}"


def _lines(tested: Backtest, geography: Geography, axis: _Axis, lang: str, top: float) -> Iterator[Line]:
    """Every alert that stood at some time, in the order of the rules; several keys of one rule below one another."""
    told: dict[tuple[str, By], list[Transition]] = {}
    for moved in tested.ran.told:
        told.setdefault((moved.rule, moved.by), []).append(moved)
    place = {loaded.id: nth for nth, loaded in enumerate(tested.trial.rules)}
    titles = {loaded.id: loaded.rule.title for loaded in tested.trial.rules}
    nth = 0
    for rule, by in sorted(told, key=lambda key: (-place[key[0]], key[1])):
        stretches = tuple(_stretches(told[rule, by], axis))
        if stretches:
            name = _named(geography, pick(titles[rule], lang), by, lang)
            yield Line(cut(name, 46), top + nth * ROW, stretches)
            nth += 1


def _named(geography: Geography, title: str, by: By, lang: str) -> str:
    names = []
    for key, value in by:
        road = geography.corridor(value) if key == "corridor" else None
        names.append(pick(road.names, lang) if road else value)
    return f"{cut(title, 26)} - {', '.join(names)}" if names else title


def _stretches(moves: Sequence[Transition], axis: _Axis) -> Iterator[Stretch]:
    """Neighbours at one level are one bar; reminders and new evidence leave it whole."""
    last: Stretch | None = None
    for begin, end, level, blind in _stays(moves, axis.end):
        if level == Level.CALM or end <= axis.start or begin >= axis.end:
            continue
        x = axis.at(begin)
        bar = Stretch(x, _r(max(1.5, axis.at(end) - x)), int(level), blind)
        if (
            last is not None
            and (last.level, last.blind) == (bar.level, blind)
            and x - last.x - last.width < 0.2
        ):
            last = Stretch(last.x, _r(bar.x + bar.width - last.x), last.level, blind)
            continue
        if last is not None:
            yield last
        last = bar
    if last is not None:
        yield last


def _stays(moves: Sequence[Transition], end: datetime) -> Iterator[tuple[datetime, datetime, Level, bool]]:
    """(from, until, level, lost from sight) between one transition and the next."""
    blind = False
    for move, following in zip(moves, [*(one.at for one in moves[1:]), end], strict=True):
        blind = move.kind in {"blind", "lapsed"} or (blind and move.kind in {"reminded", "updated"})
        gone = move.kind in {"closed", "withdrawn"}
        yield move.at, following, Level.CALM if gone else move.level, blind


def _marks(tested: Backtest, impacts: Sequence[Impact], axis: _Axis, lang: str) -> Iterator[Mark]:
    """Labels that would run into one another go one lane down."""
    met = {one["id"]: one["hit"] for one in tested.result["score"]["impacts"]}
    ends: list[float] = []
    for impact in sorted(impacts, key=lambda one: (one.on, one.id)):
        if impact.id not in met:
            continue
        x = axis.at(impact.at)
        label = f"{impact.id} {day_brief(impact.on, lang)}"
        wide = 6.4 * len(label)
        left = x + wide > RIGHT
        start = x - wide if left else x
        lane = next((n for n, end in enumerate(ends) if end < start - 6), len(ends))
        ends[lane : lane + 1] = [start + wide]
        text = typeset(f"{label} : {impact.what}" if lang == "fr" else f"{label}: {impact.what}", lang)
        label_x = _r(x - 3 if left else x + 3)
        yield Mark(x, label, label_x, "end" if left else "start", lane * LANE, cut(text, 130), met[impact.id])


def _ticks(axis: _Axis, lang: str) -> Iterator[tuple[float, str, str]]:
    """At most a dozen days, at the beginnings of weeks, months, quarters or years; the year where it changes."""
    days = [axis.start.date() + timedelta(days=n) for n in range((axis.end - axis.start).days + 1)]
    for chosen in (
        [day for day in days if day.weekday() == 0],
        [day for day in days if day.day in {1, 15}],
        [day for day in days if day.day == 1],
        [day for day in days if day.day == 1 and day.month in {1, 4, 7, 10}],
        [day for day in days if (day.month, day.day) == (1, 1)],
    ):
        if 0 < len(chosen) <= 12:
            for day in chosen:
                x = _x(axis, day)
                yield x, _tick(day, lang, len(days)), "end" if x > RIGHT - 24 else "middle"
            return


def _x(axis: _Axis, day: date) -> float:
    return axis.at(datetime(day.year, day.month, day.day, tzinfo=axis.start.tzinfo))


def _tick(day: date, lang: str, days: int) -> str:
    return str(day.year) if days > 1400 else day_brief(day, lang) + (f" {day.year}" if days > 370 else "")


def _panel(
    tested: Backtest, geography: Geography, axis: _Axis, lang: str, top: float, measured: str
) -> Panel | None:
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
        return _r(top + PANEL - (value - low) / (high - low) * PANEL)

    runs, gaps = _courses(points, axis, y)
    wide = _wide(points, axis, y)
    return Panel(
        title=typeset(_panel_title(rule, geography, by, lang), lang),
        top=top,
        height=PANEL,
        runs=runs,
        wide=wide,
        gaps=gaps,
        steps=tuple(_steps(rule, y, lang)),
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
    name = _named(geography, pick(rule.title, lang), by, lang)
    return f"{name} ({kind}{' ' + of if of else ''}{days})"


@dataclass(frozen=True, slots=True)
class _Points:
    """Moments and, from each on, (lo, hi, with what is not confirmed)."""

    at: list[int]
    values: list[tuple[float, float, float]]


def _points(series: Series, axis: _Axis) -> _Points:
    """The steps within the picture; ramps and very fine measures are sampled pixel by pixel."""
    start, end = micros(axis.start), micros(axis.end)
    turns = series.at[(series.at > start) & (series.at < end)]
    if series.per_us is not None or len(turns) > FINEST:
        turns = np.linspace(start, end, round(RIGHT - LEFT), dtype=np.int64)[1:-1]
    at = [start, *turns.tolist()]
    return _Points(at, [(*series.value(now), series.wide(now)[0]) for now in at])


def _courses(
    points: _Points, axis: _Axis, y: Height
) -> tuple[tuple[str, ...], tuple[tuple[float, float], ...]]:
    """Lines where the measure is known, and the stretches (x, width) where it is not."""
    runs: list[list[str]] = []
    gaps: list[tuple[float, float]] = []
    last: float | None = None
    for x, until, (lo, hi, _) in _spans(points, axis):
        if lo != hi:
            last = None
            if gaps and abs(sum(gaps[-1]) - x) < 0.2:
                gaps[-1] = (gaps[-1][0], _r(until - gaps[-1][0]))
            elif until > x:
                gaps.append((x, _r(until - x)))
            continue
        if last is None:
            runs.append([])
        runs[-1] += _stair(x, until, y(lo))
        last = lo
    return tuple(" ".join(run) for run in runs), tuple(gaps)


def _wide(points: _Points, axis: _Axis, y: Height) -> tuple[str, ...]:
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


def _spans(points: _Points, axis: _Axis) -> Iterator[tuple[float, float, tuple[float, float, float]]]:
    edges = [axis.at(moment(at)) for at in points.at] + [RIGHT]
    return zip(edges[:-1], edges[1:], points.values, strict=True)


def _stair(x: float, until: float, y: float) -> list[str]:
    return [f"{x},{y}", f"{until},{y}"]


def _steps(rule: Rule, y: Height, lang: str) -> Iterator[Step]:
    """The thresholds from the lowest up; labels keep a line's distance from one another."""
    words = _WORDS["fr" if lang == "fr" else "en"]
    colon = "\u00a0:" if lang == "fr" else ":"
    below: float | None = None
    for level, value in sorted(rule.ladder.items(), key=lambda item: item[1]):
        at = y(value)
        label_y = at - 4 if below is None else min(at - 4, below - 12)
        below = label_y
        yield Step(at, int(level), f"{words[str(int(level))]}{colon} {number(value, lang, 2)}", _r(label_y))


def _round_numbers(low: float, high: float) -> list[float]:
    """Three to six numbers a person would write on the axis."""
    rough = (high - low) / 4
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * k for k in (1, 2, 2.5, 5, 10) if unit * k >= rough)
    first = math.ceil(low / step)
    return [round(n * step, 10) for n in range(first, math.floor(high / step) + 1)]


def _r(value: float) -> float:
    return round(float(value), 1)


_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "What the rules would have told, {start} to {end}",
        "score": "{hits} of {all} impacts announced at level {level} or above, leads {leads} days; "
        "{false}; {share}% of days at the level",
        "false": "false alarms: {n}|false alarms: {n}",
        "no_impacts": "no impacts to compare with",
        "1": "1 watch",
        "2": "2 tension",
        "3": "3 alert",
        "4": "4 crisis",
        "blind": "not known",
        "impact": "impact (+ announced, - missed)",
        "wide": "with what is not confirmed",
        "none": "No alert in this time.",
    },
    "fr": {
        "title": "Ce que les règles auraient dit, du {start} au {end}",
        "score": "{hits} impacts sur {all} annoncés au niveau {level} ou plus, avances {leads} jours ; "
        "{false} ; {share} % des jours à ce niveau",
        "false": "{n} fausse alerte|{n} fausses alertes",
        "no_impacts": "aucun impact à comparer",
        "1": "1 veille",
        "2": "2 tension",
        "3": "3 alerte",
        "4": "4 crise",
        "blind": "inconnu",
        "impact": "impact (+ annoncé, - manqué)",
        "wide": "avec ce qui n'est pas confirmé",
        "none": "Aucune alerte sur cette période.",
    },
}
