"""Measures that change by themselves: silence grows, the days until a date fall, a state expires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from warn.model import By
from warn.moments import DAY, HOUR, NEVER, Moments, micros, span
from warn.rules.events import pick
from warn.rules.frame import Frame, History
from warn.rules.measures import DaysUntil, Silence, State
from warn.rules.quantities import rows_of
from warn.rules.rule import Rule
from warn.rules.series import NO_MOMENTS, Series, union, unknown


@dataclass(frozen=True, slots=True)
class _Said:
    """A report while it is visible: when it was of, and what it says."""

    enter: int
    leave: int
    occurred: int
    value: float
    news: bool = True


def silence(measure: Silence, rule: Rule, history: History) -> dict[By, Series]:
    """Hours since the newest report occurred: what we have not heard is known, whoever was to tell us."""
    said: dict[By, list[_Said]] = {}
    for name in measure.indicators:
        for key, row in rows_of(measure, history.frame(name), rule.by, NEVER):
            said.setdefault(key, []).append(_Said(row.enter, row.leave, row.occurred, 0.0))
    found = {key: _silent(said[key]) for key in sorted(said)}
    return found if rule.by else found or {(): unknown()}


def days_until(measure: DaysUntil, rule: Rule, history: History) -> dict[By, Series]:
    """Days until the date that the newest report gives; `past` days after it nothing is due any more."""
    said: dict[By, list[_Said]] = {}
    for name in measure.indicators:
        frame = history.frame(name)
        for key, row in rows_of(measure, frame, rule.by, NEVER):
            day = day_of(frame.columns.rows[row.order].attributes.get("date", ""))
            if day is not None:
                said.setdefault(key, []).append(_Said(row.enter, row.leave, row.occurred, float(day)))
    found = {key: _counting_down(said[key], span(measure.past)) for key in sorted(said)}
    return found if rule.by else found or {(): unknown()}


def state(measure: State, rule: Rule, history: History) -> dict[By, Series]:
    """1 from the newest `on`, 0 from the newest `off`, unknown when the newest is too old."""
    expires = span(measure.state.expires)
    said: dict[By, list[_Said]] = {}
    for name in measure.state.on:
        for key, one in _switching(measure, rule, history.frame(name)):
            said.setdefault(key, []).append(one)
    for name in measure.state.off:
        for key, row in rows_of(measure, history.frame(name), rule.by, NEVER):
            said.setdefault(key, []).append(_Said(row.enter, row.leave, row.occurred, 0.0))
    found = {key: _switched(said[key], expires) for key in sorted(said)}
    return found if rule.by else found or {(): unknown()}


def day_of(text: str) -> int | None:
    """The start of a day written as ISO 8601, in microseconds; None for anything else."""
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    return micros(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _switching(measure: State, rule: Rule, frame: Frame) -> list[tuple[By, _Said]]:
    """Incidents that switch a state on, each while it stands confirmed."""
    picked = pick(measure, measure.confirmed_by, frame, rule.by)
    found = picked.incidents
    answer = []
    for v in np.flatnonzero(picked.passes & picked.counts).tolist():
        key, occurred = picked.keys[v], int(found.occurred[v])
        enter, leave = max(occurred, int(found.start[v])), int(found.end[v])
        if key is not None and enter < leave:
            newest = max(
                int(frame.columns.occurred[i]) for i in found.members[found.offsets[v] : found.offsets[v + 1]]
            )
            answer.append((key, _Said(enter, leave, min(newest, enter), 1.0, bool(found.news[v]))))
    return answer


def _newest(said: Sequence[_Said]) -> tuple[Moments, list[_Said | None]]:
    """Which report is the newest visible one, from when on. On and off of one moment: off, which needs no second."""
    order = sorted(range(len(said)), key=lambda n: (said[n].occurred, -said[n].value, n))
    rank = {n: place for place, n in enumerate(order)}
    events = sorted(
        [(s.enter, 1, n) for n, s in enumerate(said)] + [(s.leave, 0, n) for n, s in enumerate(said)]
    )
    visible: set[int] = set()
    at = [-NEVER]
    newest: list[_Said | None] = [None]
    best: int | None = None
    for moment, comes, n in events:
        if moment >= NEVER // 2:
            break
        if comes:
            visible.add(rank[n])
            best = rank[n] if best is None else max(best, rank[n])
        else:
            visible.discard(rank[n])
            if rank[n] == best:
                best = max(visible, default=None)
        at.append(moment)
        newest.append(None if best is None else said[order[best]])
    moments = np.array(at, dtype=np.int64)
    last = np.append(moments[1:] != moments[:-1], True)
    return moments[last], [one for one, keep in zip(newest, last, strict=True) if keep]


def _silent(said: Sequence[_Said]) -> Series:
    at, newest = _newest(said)
    heard = np.array([s is not None for s in newest])
    since = np.array([m if s is None else s.occurred for m, s in zip(at.tolist(), newest, strict=True)])
    hours = (at - since) / HOUR
    return Series(
        at=at,
        lo=np.where(heard, hours, -np.inf),
        hi=np.where(heard, hours, np.inf),
        per_us=np.where(heard, 1.0 / HOUR, 0.0),
    )


def _counting_down(said: Sequence[_Said], past: int) -> Series:
    at, newest = _newest(said)
    over = [int(s.value) + past + 1 for s in newest if s is not None]
    all_at = union(at, np.array(sorted(over), dtype=np.int64))
    i = np.searchsorted(at, all_at, side="right") - 1
    said_then = [(moment, newest[n]) for moment, n in zip(all_at.tolist(), i.tolist(), strict=True)]
    ends = [
        (-np.inf, np.inf) if one is None else (_days(one, moment, past),) * 2 for moment, one in said_then
    ]
    lo, hi = np.array(ends).T
    return Series(all_at, lo, hi, per_us=np.where(np.isfinite(lo), -1.0 / DAY, 0.0), news=at[1:])


def _days(one: _Said, moment: int, past: int) -> float:
    """Infinitely many once the date is well past: then nothing is due."""
    return np.inf if moment > one.value + past else (int(one.value) - moment) / DAY


def _switched(said: Sequence[_Said], expires: int) -> Series:
    at, newest = _newest(said)
    until = np.array([-NEVER if s is None else s.occurred + expires + 1 for s in newest], dtype=np.int64)
    ends = np.append(at[1:], NEVER)
    ages = (until > at) & (until < ends)
    all_at = np.unique(np.concatenate((at, until[ages])))
    i = np.searchsorted(at, all_at, side="right") - 1
    on = np.array([np.nan if s is None else s.value for s in newest])[i]
    gone = np.isnan(on) | (all_at >= until[i])
    values = np.where(gone, np.nan, on)
    news = [
        moment
        for moment, one, before in zip(at[1:].tolist(), newest[1:], newest, strict=False)
        if one is not None
        and (before is None or before.value != one.value or (one.news and one is not before))
    ]
    return Series(
        all_at,
        np.where(gone, -np.inf, values),
        np.where(gone, np.inf, values),
        news=np.array(news, dtype=np.int64) if news else NO_MOMENTS,
    )
