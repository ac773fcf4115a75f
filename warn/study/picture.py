"""A backtest as a drawing: levels of every rule, what happened, and one measure against its thresholds.

Numbers into coordinates for `templates/charts/backtest.svg`; everything is rounded, so that equal results give equal
bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from warn.digest.languages import pick
from warn.digest.text import cut
from warn.digest.typography import day_brief, number, typeset
from warn.geo import Geography
from warn.model import By, Level, Transition
from warn.study.axis import LEFT, RIGHT, WIDE, Axis, rounded, ticks
from warn.study.backtest import Backtest
from warn.study.panel import Panel, named, panel
from warn.study.score import Impact

ROW: Final = 22.0
LANE: Final = 15.0


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
    axis = Axis(trial.start, trial.end)
    marks = list(_marks(tested, impacts, axis, lang))
    lanes = max((mark.y for mark in marks), default=0.0)
    top = 66.0 + (lanes + 20.0 if marks else 0.0)
    lines = tuple(_lines(tested, geography, axis, lang, top))
    bottom = top + ROW * max(1, len(lines))
    below = panel(tested, geography, axis, words, lang, bottom + 62, measured)
    end = (below.top + below.height + 40) if below else bottom + 34
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
        ticks=tuple(ticks(axis, lang)) or ((LEFT, days[0], "start"), (RIGHT, days[1], "end")),
        marks=tuple(marks),
        marks_y=end + 10,
        panel=below,
        words={name: typeset(text, lang) for name, text in words.items()},
    )


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


def _lines(tested: Backtest, geography: Geography, axis: Axis, lang: str, top: float) -> Iterator[Line]:
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
            name = named(geography, pick(titles[rule], lang), by, lang)
            yield Line(cut(name, 46), top + nth * ROW, stretches)
            nth += 1


def _stretches(moves: Sequence[Transition], axis: Axis) -> Iterator[Stretch]:
    """Neighbours at one level are one bar; reminders and new evidence leave it whole."""
    last: Stretch | None = None
    for begin, end, level, blind in _stays(moves, axis.end):
        if level == Level.CALM or end <= axis.start or begin >= axis.end:
            continue
        x = axis.at(begin)
        bar = Stretch(x, rounded(max(1.5, axis.at(end) - x)), int(level), blind)
        if (
            last is not None
            and (last.level, last.blind) == (bar.level, blind)
            and x - last.x - last.width < 0.2
        ):
            last = Stretch(last.x, rounded(bar.x + bar.width - last.x), last.level, blind)
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
        gone = move.kind in {"closed", "withdrawn"}
        back = gone or move.kind in {
            "opened",
            "sighted",
            "reminded",
        }  # nobody is reminded of what is not seen
        blind = move.kind in {"blind", "lapsed"} or (
            blind and not back and move.evidence.lo != move.evidence.hi
        )
        yield move.at, following, Level.CALM if gone else move.level, blind


def _marks(tested: Backtest, impacts: Sequence[Impact], axis: Axis, lang: str) -> Iterator[Mark]:
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
        label_x = rounded(x - 3 if left else x + 3)
        yield Mark(x, label, label_x, "end" if left else "start", lane * LANE, cut(text, 130), met[impact.id])


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
