"""Measures that change by themselves: silence grows, the days until a date fall, a state expires."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from warn.model import By
from warn.moments import DAY, HOUR, NEVER, Moments, distinct, micros, span
from warn.rules.events import pick
from warn.rules.frame import Frame, History
from warn.rules.measures import DaysUntil, Silence, State
from warn.rules.reports import Rows, newest, rows_by, rows_of, together, turns
from warn.rules.rule import Rule
from warn.rules.series import Series, union, unknown


def silence(measure: Silence, rule: Rule, history: History) -> dict[By, Series]:
    """Hours since the newest report occurred: what we have not heard is known, whoever was to tell us."""
    rows = rows_by(measure, history, measure.indicators, rule.by, NEVER)
    found = {key: _silent(rows[key]) for key in sorted(rows)}
    return found if rule.by else found or {(): unknown()}


def days_until(measure: DaysUntil, rule: Rule, history: History) -> dict[By, Series]:
    """Days until the date that the newest report gives; `past` days after it nothing is due any more."""
    parts: dict[By, list[Rows]] = {}
    for name in measure.indicators:
        frame = history.frame(name)
        for key, rows in rows_of(measure, frame, rule.by, NEVER):
            said = [day_of(frame.columns.rows[i].attributes.get("date", "")) for i in rows.of.tolist()]
            dated = np.array([n for n, day in enumerate(said) if day is not None], dtype=np.int64)
            days = np.array([float(day) for day in said if day is not None])
            if len(dated):
                parts.setdefault(key, []).append(replace(rows.part(dated), value=days))
    past = span(measure.past)
    found = {key: _counting_down(together(parts[key]), past) for key in sorted(parts)}
    return found if rule.by else found or {(): unknown()}


def state(measure: State, rule: Rule, history: History) -> dict[By, Series]:
    """1 from the newest `on`, 0 from the newest `off`, unknown when the newest is too old."""
    expires = span(measure.state.expires)
    parts: dict[By, list[Rows]] = {}
    for name in measure.state.on:
        for key, rows in _switching(measure, rule, history.frame(name)):
            parts.setdefault(key, []).append(rows)
    for key, rows in rows_by(measure, history, measure.state.off, rule.by, NEVER).items():
        parts.setdefault(key, []).append(replace(rows, value=np.zeros(len(rows))))
    found = {key: _switched(together(parts[key]), expires) for key in sorted(parts)}
    return found if rule.by else found or {(): unknown()}


def day_of(text: str) -> int | None:
    """The start of a day written as ISO 8601, in microseconds; None for anything else."""
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    return micros(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _switching(measure: State, rule: Rule, frame: Frame) -> Iterator[tuple[By, Rows]]:
    """Incidents that switch a state on, each while it stands confirmed."""
    picked = pick(measure, measure.confirmed_by, frame, rule.by)
    found = picked.incidents
    if not len(found):
        return
    enter = np.maximum(found.occurred, found.start)
    newest_of = np.maximum.reduceat(frame.columns.occurred[found.members], found.offsets[:-1])
    occurred = np.minimum(newest_of, enter)
    passing = np.flatnonzero(picked.passes & picked.counts & (enter < found.end))
    passing = passing[np.argsort(occurred[passing], kind="stable")]
    for key, mine in picked.keys.each(passing):
        yield (
            key,
            Rows(enter[mine], found.end[mine], occurred[mine], np.ones(len(mine)), mine, found.news[mine]),
        )


def _turning(rows: Rows) -> tuple[Moments, NDArray[np.int64]]:
    """(moments, which report is the newest from then on; -1: none)."""
    at = np.append(-NEVER, turns(rows))
    return at, newest(rows, at)


def _silent(rows: Rows) -> Series:
    at, which = _turning(rows)
    heard = which >= 0
    hours = np.where(heard, at - rows.occurred[which], 0) / HOUR
    return Series(
        at=at,
        lo=np.where(heard, hours, -np.inf),
        hi=np.where(heard, hours, np.inf),
        per_us=np.where(heard, 1.0 / HOUR, 0.0),
    )


def _counting_down(rows: Rows, past: int) -> Series:
    at, which = _turning(rows)
    over = rows.value[which[which >= 0]].astype(np.int64) + past + 1
    all_at = union(at, np.unique(over))
    now = which[np.searchsorted(at, all_at, side="right") - 1]
    days = [
        (-np.inf, np.inf) if n < 0 else (_days(int(rows.value[n]), moment, past),) * 2
        for moment, n in zip(all_at.tolist(), now.tolist(), strict=True)
    ]
    lo, hi = np.array(days).T
    return Series(all_at, lo, hi, per_us=np.where(np.isfinite(lo), -1.0 / DAY, 0.0), news=at[1:])


def _days(day: int, moment: int, past: int) -> float:
    """Infinitely many once the date is well past: then nothing is due."""
    return np.inf if moment > day + past else (day - moment) / DAY


def _switched(rows: Rows, expires: int) -> Series:
    at, which = _turning(rows)
    there = which >= 0
    until = np.where(there, rows.occurred[which] + expires + 1, -NEVER)
    ages = (until > at) & (until < np.append(at[1:], NEVER))
    all_at = distinct(at, until[ages])
    i = np.searchsorted(at, all_at, side="right") - 1
    values = np.where(there, rows.value[which], np.nan)[i]
    values = np.where(all_at >= until[i], np.nan, values)
    nothing = np.isnan(values)
    now, before = which[1:], which[:-1]
    other = (before < 0) | (rows.value[now] != rows.value[before]) | (rows.news[now] & (now != before))
    return Series(
        all_at,
        np.where(nothing, -np.inf, values),
        np.where(nothing, np.inf, values),
        news=at[1:][(now >= 0) & other],
    )
