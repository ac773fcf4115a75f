"""Why a reading is what it is: every number, every report that counted or did not, and what was not watched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from warn.geo import Geography
from warn.incidents import best_grade, extremes, independent, is_claim, middle
from warn.model import By, Observation
from warn.moments import DAY, micros, moment, span
from warn.rules.coverage import gaps
from warn.rules.events import Ints, Picked, pick
from warn.rules.filters import ConfirmedBy, Filtered, Measured
from warn.rules.frame import Frame, History
from warn.rules.measures import (
    Count,
    Ratio,
    Spike,
    State,
    Sum,
)
from warn.rules.reports import rows_of
from warn.rules.rule import Rule

OLDER = "older: the newest report decides"
LATE = 2 * DAY
"""A report that became known so long after it occurred is marked as late."""
MOST = 60
"""So many reports or incidents stand in a tree, the newest."""


def tree_of(measure: Measured, rule: Rule, history: History, by: By, now: int) -> dict[str, Any]:
    """The measure as of `now`, JSON-serialisable. `incidents` or `reports`: newest first, counted or why not."""
    tree: dict[str, Any] = {"measure": measure.kind, "indicators": list(measure.indicators), "by": dict(by)}
    if isinstance(measure, Ratio):
        ends = {"of": measure.ratio.of, "to": measure.ratio.to}
        return tree | {name: tree_of(part, rule, history, by, now) for name, part in ends.items()}
    if not isinstance(measure, Filtered):
        return tree
    tree["filters"] = _filters(measure)
    if measure.over is not None:
        tree["window"] = _window(now, span(measure.over))
    if isinstance(measure, Count | Sum | Spike):
        width = span(measure.over) + (span(measure.before) if isinstance(measure, Spike) else 0)
        tree["incidents"] = _incidents(measure, rule, history, by, now, width)
        tree["gaps"] = _gaps(measure, history, now, width)
    elif isinstance(measure, State):
        tree["reports"] = _state_reports(measure, rule, history, by, now)
    else:
        tree["reports"] = _reports(measure, history, by, now)
    return tree


def incident_grade(reports: Sequence[Observation]) -> str:
    """The best report's; two independent origins make the credibility 1, as in B1."""
    best = best_grade(reports)
    origins = independent(reports, (is_claim(r) for r in reports))
    return best[0] + "1" if len(origins) > 1 and best and best[0] != "F" else best


def _filters(measure: Filtered) -> dict[str, Any]:
    said = measure.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {name: value for name, value in said.items() if name not in {measure.kind, "over"}}


def _window(now: int, width: int) -> dict[str, Any]:
    return {"from": moment(now - width).isoformat(), "to": moment(now).isoformat(), "days": width / DAY}


def _gaps(measure: Filtered, history: History, now: int, width: int) -> list[dict[str, str]]:
    return [
        {"indicator": name, "from": moment(a).isoformat(), "to": moment(b).isoformat()}
        for name in measure.indicators
        for a, b in gaps(history.watched(name), now - width, now, now)
    ]


def _incidents(
    measure: Count | Sum | Spike, rule: Rule, history: History, by: By, now: int, width: int
) -> list[dict[str, Any]]:
    """All that lie in the window as of now; whatever failed a filter stands there with the reason."""
    found = []
    for name in measure.indicators:
        frame = history.frame(name)
        picked = _picked(measure, rule, frame)
        which = _standing(picked, by, now, keyless=True)
        which = which[picked.incidents.occurred[which] > now - width]
        found += [_once(measure, picked, v) for v in _newest(picked, which)]
    found.sort(key=lambda i: (i["occurred_at"], i["known_at"], i["reports"][0]["ref"]), reverse=True)
    return found[:MOST]


def _picked(measure: Count | Sum | Spike | State, rule: Rule, frame: Frame) -> Picked:
    asked = ("picked", id(measure))
    return frame.again(asked, lambda: pick(measure, measure.confirmed_by, frame, rule.by))


def _newest(picked: Picked, which: Ints) -> list[int]:
    """The newest of these, with all of the same moments as the last of them."""
    found = picked.incidents
    which = which[np.lexsort((found.start[which], found.occurred[which]))][::-1]
    if len(which) > MOST:
        last = which[MOST - 1]
        same = (found.occurred[which] == found.occurred[last]) & (found.start[which] == found.start[last])
        which = which[: max(MOST, int(np.flatnonzero(same)[-1]) + 1)]
    return list(which.tolist())


def _once(measure: Count | Sum | Spike, picked: Picked, v: int) -> dict[str, Any]:
    """What is said of a form of an incident stays; an alert that is open tells it again with every update."""
    return picked.frame.once(
        ("incident", id(measure), v), lambda: _incident(measure, picked, v, measure.confirmed_by)
    )


def _standing(picked: Picked, by: By, now: int, *, keyless: bool) -> Ints:
    """The versions that stand as of now and are of this key; with `keyless`, also those that have none."""
    found, keys = picked.incidents, picked.keys
    which: Ints = np.arange(len(found))
    if by:
        which = np.sort(np.concatenate((keys.rows(by), keys.keyless))) if keyless else keys.rows(by)
    return which[(found.start[which] <= now) & (now < found.end[which]) & (found.occurred[which] <= now)]


def _incident(measure: Filtered, picked: Picked, v: int, by: ConfirmedBy | None) -> dict[str, Any]:
    found, reports = picked.incidents, picked.incidents.reports(v)
    low, high = extremes(reports)
    origins = sorted(independent(reports, (is_claim(r) for r in reports)))
    counts = bool(picked.passes[v] and picked.counts[v])
    sharpest = min(reports, key=lambda r: _SHARPNESS.index(r.precision))
    return {
        "indicator": picked.frame.indicator,
        "occurred_at": moment(int(found.occurred[v])).isoformat(),
        "known_at": moment(int(found.start[v])).isoformat(),
        "place": sharpest.place,
        "precision": sharpest.precision,
        "value": middle(reports),
        "low": low,
        "high": high,
        "origins": origins,
        "grade": incident_grade(reports),
        **_where(picked.frame, found.members[found.offsets[v] : found.offsets[v + 1]].tolist()),
        "confirmed": bool(picked.counts[v]),
        "counted": counts,
        "why_not": "" if counts else _why_not(measure, picked, v, by),
        "reports": [report_of(r) for r in reports],
    }


_SHARPNESS = ("point", "town", "cercle", "region", "country")


def _where(frame: Frame, members: Sequence[int]) -> dict[str, Any]:
    """The nearest road and how far away it is, where the place is known to the town."""
    geography: Geography = frame.geography
    for i in members:
        nearest = int(frame.corridor[i])
        if nearest >= 0:
            km = float(frame.spots.corridor_km[i, nearest])
            return {"corridor": geography.corridors[nearest].id, "corridor_km": round(km, 1)}
    return {"corridor": "", "corridor_km": None}


def _why_not(measure: Filtered, picked: Picked, v: int, by: ConfirmedBy | None) -> str:
    """In one phrase, which filter it failed and what it would take."""
    found = picked.incidents
    reasons: list[tuple[bool, str]] = [
        (picked.near[v] == 0, "not near enough, or place not known to the town"),
        (picked.near[v] == 1, "place known to the region only: never confirmed"),
        (not picked.frame.incidents_having(measure)[v], "without the attributes or region asked for"),
        (picked.key(v) is None, "without a value for `by`"),
        (bool(found.sizes()[v] < measure.min_reports), f"fewer than {measure.min_reports} reports"),
        (bool(found.origins[v] < measure.min_origins), f"fewer than {measure.min_origins} origins"),
        (bool(picked.passes[v]), _unconfirmed(by)),
        (True, f"graded below {measure.min_grade}"),
    ]
    return next(reason for fails, reason in reasons if fails)


def _unconfirmed(by: ConfirmedBy | None) -> str:
    return f"not confirmed; would count with {_wanted(by)}"


def _wanted(by: ConfirmedBy | None) -> str:
    if by is None:
        return "nothing"
    wanted = [] if by.origins is None else [f"{by.origins} independent origins"]
    wanted += [] if by.grade is None else [f"grade {by.grade} set by a curator"]
    return ", or ".join(wanted)


def report_of(row: Observation) -> dict[str, Any]:
    """One report as trees name it."""
    return {
        "ref": row.ref,
        "occurred_at": row.occurred_at.isoformat(),
        "known_at": row.known_at.isoformat(),
        "late": micros(row.known_at) - micros(row.occurred_at) > LATE,
        "value": row.value,
        "origins": list(row.origins),
        "grade": row.grade,
        "place": row.place,
        "title": row.title,
        "url": row.url,
    }


def _reports(measure: Filtered, history: History, by: By, now: int) -> list[dict[str, Any]]:
    width = 2**61 if measure.over is None else span(measure.over)
    found = []
    for name in measure.indicators:
        frame = history.frame(name)
        for _, rows in rows_of(measure, frame, tuple(n for n, _ in by), width, only=by):
            for n in np.flatnonzero((rows.enter <= now) & (now < rows.leave))[-MOST - 1 :].tolist():
                place = int(rows.of[n])
                found.append((int(rows.occurred[n]), place, frame.columns.rows[place]))
    found.sort(key=lambda f: f[:2], reverse=True)
    newest_only = measure.kind in {"latest", "silence", "days_until"}
    newest = found[0][0] if found else 0
    return [
        report_of(row) | _counts(not newest_only or occurred == newest, OLDER)
        for occurred, _, row in found[:MOST]
    ]


def _counts(counted: bool, why_not: str) -> dict[str, Any]:
    return {"counted": counted, "why_not": "" if counted else why_not}


def _state_reports(measure: State, rule: Rule, history: History, by: By, now: int) -> list[dict[str, Any]]:
    """What switched it, on and off, newest first; the newest that is confirmed decides."""
    oldest = now - span(measure.state.expires)
    found: list[tuple[int, bool, dict[str, Any], Observation]] = []
    for name in measure.indicators:
        frame = history.frame(name)
        picked = _picked(measure, rule, frame)
        on = name in measure.state.on
        which = _standing(picked, by, now, keyless=False)
        for v in which[picked.passes[which]].tolist():
            reports = picked.incidents.reports(v)
            event = {
                "switches": "on" if on else "off",
                "event_origins": sorted(independent(reports, (is_claim(r) for r in reports))),
            }
            moments = [(micros(row.occurred_at), row) for row in reports]
            confirmed = not on or bool(picked.counts[v])
            found += [(when, confirmed, event, row) for when, row in moments if when >= oldest]
    found.sort(key=lambda f: (f[0], f[3].ref), reverse=True)
    newest = next((when for when, confirmed, _, _ in found if confirmed), None)
    return [
        report_of(row)
        | event
        | _counts(confirmed and when == newest, OLDER if confirmed else _unconfirmed(measure.confirmed_by))
        for when, confirmed, event, row in found[:MOST]
    ]
