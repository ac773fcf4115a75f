"""How warnings compare with what happened: hits, misses, false alarms, lead times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from warn.model import By, Level, Transition

LEAST_LEAD_DAYS: Final = 2
LEAD_CAP_DAYS: Final = 30
SAME_ISSUE: Final = timedelta(days=7)
CONFIRMING: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Impact:
    """Something a warning should have preceded."""

    id: str
    on: date
    what: str = ""

    @property
    def at(self) -> datetime:
        return datetime(self.on.year, self.on.month, self.on.day, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Issue:
    """One warning: when it was given, while it stood at the level, and when it had new evidence."""

    rule: str
    at: datetime
    stood: tuple[tuple[datetime, datetime], ...]
    evidence: tuple[datetime, ...] = ()

    def stands(self, moment: datetime) -> bool:
        return any(a <= moment < b for a, b in self.stood)

    @property
    def ends(self) -> datetime:
        return self.stood[-1][1]


@dataclass(slots=True)
class _Alert:
    """One alert while its transitions are read."""

    since: datetime | None = None
    blind: datetime | None = None
    stood: list[tuple[datetime, datetime]] = field(default_factory=list)
    evidence: list[datetime] = field(default_factory=list)


def issues(
    transitions: Iterable[Transition], level: Level, end: datetime, fresh: Mapping[str, timedelta]
) -> list[Issue]:
    """Every time an alert's level passed to `level` or above; again within seven days counts with the first.

    A blind alert counts as open for the `fresh` of its rule only.
    """
    alerts: dict[tuple[str, By], _Alert] = {}
    for told in transitions:
        _read(
            alerts.setdefault((told.rule, told.by), _Alert()), told, level, fresh.get(told.rule, SAME_ISSUE)
        )
    found = []
    for (rule, _), alert in alerts.items():
        _leave(alert, end, fresh.get(rule, SAME_ISSUE))
        found += _issued(rule, alert)
    return sorted(found, key=lambda i: (i.at, i.rule))


def score(
    given: Sequence[Issue], impacts: Sequence[Impact], level: int, start: datetime, end: datetime
) -> dict[str, Any]:
    """The `score` of interfaces.md."""
    counted = [impact for impact in impacts if start <= impact.at <= end]
    met = [_met(given, impact) for impact in counted]
    kinds = [_kind(issue, counted) for issue in given if start <= issue.at <= end]
    return {
        "level": level,
        "least_lead_days": LEAST_LEAD_DAYS,
        "lead_cap_days": LEAD_CAP_DAYS,
        "hits": sum(m["hit"] for m in met),
        "misses": sum(not m["hit"] for m in met),
        "false_alarms": kinds.count("false"),
        "confirming": kinds.count("confirming"),
        "lead_days": sorted(m["lead_days"] for m in met if m["hit"]),
        "share_of_days": share_of_days(given, start, end),
        "impacts": met,
    }


def share_of_days(given: Sequence[Issue], start: datetime, end: datetime) -> float:
    """Days on which any alert stood at the level, of all days."""
    days = max(1, -(-(end - start) // DAY))
    on = sum(
        any(a < start + (n + 1) * DAY and b > start + n * DAY for issue in given for a, b in issue.stood)
        for n in range(days)
    )
    return round(on / days, 4)


def _read(alert: _Alert, told: Transition, level: Level, fresh: timedelta) -> None:
    if told.kind in {"opened", "raised", "updated"}:
        alert.evidence.append(told.at)
    if told.kind == "blind":
        alert.blind = told.at
    elif told.kind in {"sighted", "closed", "withdrawn"}:
        again = told.kind == "sighted" and alert.blind is not None and told.at > alert.blind + fresh
        if again and alert.since is not None:
            _leave(alert, told.at, fresh)
            alert.since = told.at
        alert.blind = None if told.kind == "sighted" else alert.blind
    high = told.level >= level and told.kind not in {"closed", "withdrawn"}
    if high and alert.since is None:
        alert.since = told.at
    elif not high:
        _leave(alert, told.at, fresh)
        alert.blind = None


def _leave(alert: _Alert, at: datetime, fresh: timedelta) -> None:
    if alert.since is not None:
        until = at if alert.blind is None else min(at, alert.blind + fresh)
        if until > alert.since:
            alert.stood.append((alert.since, until))
        alert.since = None


def _issued(rule: str, alert: _Alert) -> list[Issue]:
    groups: list[list[tuple[datetime, datetime]]] = []
    for stood in alert.stood:
        if groups and stood[0] - groups[-1][-1][1] <= SAME_ISSUE:
            groups[-1].append(stood)
        else:
            groups.append([stood])
    bounds = [group[0][0] for group in groups] + [datetime.max.replace(tzinfo=UTC)]
    return [
        Issue(rule, here, tuple(group), tuple(e for e in alert.evidence if here <= e < following))
        for group, (here, following) in zip(groups, pairwise(bounds), strict=True)
    ]


def _met(given: Sequence[Issue], impact: Impact) -> dict[str, Any]:
    """Whether some alert stood at 00:00 of the day, issued early enough; the earliest issue counts."""
    standing = [i for i in given if i.stands(impact.at) and impact.at - i.at >= LEAST_LEAD_DAYS * DAY]
    leads = sorted((-_lead(i, impact.at), i.at, i.rule) for i in standing)
    told = {"id": impact.id, "date": impact.on.isoformat(), "hit": bool(leads)}
    if not leads:
        return told | {"first_issued": None, "lead_days": None, "rule": None}
    lead, at, rule = leads[0]
    return told | {"first_issued": at.isoformat(), "lead_days": -lead, "rule": rule}


def _lead(issue: Issue, at: datetime) -> float:
    """In days; the full 30 only for an alert that had new evidence in the last 30."""
    days = round((at - issue.at) / DAY, 1)
    if days >= LEAD_CAP_DAYS:
        recent = any(at - LEAD_CAP_DAYS * DAY <= e <= at for e in issue.evidence)
        days = LEAD_CAP_DAYS if recent else LEAST_LEAD_DAYS
    return int(days) if days == int(days) else days


def _kind(issue: Issue, impacts: Sequence[Impact]) -> str:
    until = max(issue.ends, issue.at + LEAD_CAP_DAYS * DAY)
    if any(issue.at <= impact.at <= until for impact in impacts):
        return "hit"
    after = any(timedelta(0) <= issue.at - impact.at <= CONFIRMING for impact in impacts)
    return "confirming" if after else "false"
