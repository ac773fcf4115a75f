"""Which reports tell of the same event, as of every moment at which that could change.

A report joins the incident whose *first* report is at most 2 days and 25 km away, or names the same area; else it
starts one. Reports are taken in the order in which they became known, so what becomes known later never moves
what is joined already. Where the first report of an incident is withdrawn, its neighbourhood is joined anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from warn.geo import fold
from warn.incidents.columns import Columns
from warn.model import Observation
from warn.moments import DAY, NEVER

APART: Final = 2 * DAY
APART_KM: Final = 25.0
KM_PER_DEGREE: Final = 111.195
SHARP: Final = frozenset({"point", "town"})


@dataclass(slots=True)
class Incident:
    """An event while it is being put together; `members` in order of arrival, the first one is its anchor."""

    number: int
    name: str
    members: list[int]
    since: int


@dataclass(frozen=True, slots=True)
class Version:
    """What an incident consisted of from `start` until `end`."""

    incident: int
    start: int
    end: int
    members: tuple[int, ...]


def join(columns: Columns) -> list[Version]:
    """Every incident in each of its forms, ordered by incident and time."""
    joiner = _Joiner(_Ground(columns))
    superseded = columns.superseded
    leaving = [(int(superseded[i]), 0, int(i)) for i in np.flatnonzero(superseded < NEVER)]
    arriving = [(at, 1, i) for i, at in enumerate(columns.known.tolist())]
    for at, arrives, i in sorted(leaving + arriving) if leaving else arriving:
        if arrives:
            joiner.arrive(i, at)
        else:
            joiner.leave(i, at)
    return joiner.finish()


class _Ground:
    """When and where each report lies, in a form that is quick to look up."""

    def __init__(self, columns: Columns) -> None:
        rows = columns.rows
        self.occurred: list[int] = columns.occurred.tolist()
        self.names = [row.incident for row in rows]
        self.day: list[int] = (columns.occurred // APART).tolist()
        folded = {place: fold(place) for place in {row.place for row in rows}}
        self.area = [_area(row, folded[row.place]) for row in rows]
        nan = float("nan")
        sharp = [row.precision in SHARP and row.lat is not None and row.lon is not None for row in rows]
        lat = np.array(
            [row.lat if there else nan for row, there in zip(rows, sharp, strict=True)], dtype=float
        )
        lon = np.array(
            [row.lon if there else nan for row, there in zip(rows, sharp, strict=True)], dtype=float
        )
        narrow = np.cos(np.radians(lat))
        across = APART_KM / (KM_PER_DEGREE * max(0.05, float(np.nanmin(narrow, initial=1.0))))
        y = np.floor(np.nan_to_num(lat) * KM_PER_DEGREE / APART_KM).astype(np.int64).tolist()
        x = np.floor(np.nan_to_num(lon) / across).astype(np.int64).tolist()
        spots = zip(lat.tolist(), lon.tolist(), narrow.tolist(), strict=True)
        self.spot = [spot if there else None for spot, there in zip(spots, sharp, strict=True)]
        self.cell = [
            cell if there else None for cell, there in zip(zip(y, x, strict=True), sharp, strict=True)
        ]

    def apart(self, one: int, other: int) -> tuple[int, float] | None:
        """(microseconds, kilometres) between two reports, or None where they cannot be of one event."""
        time = abs(self.occurred[one] - self.occurred[other])
        if time > APART:
            return None
        here, there = self.spot[one], self.spot[other]
        if here is not None and there is not None:
            km = KM_PER_DEGREE * math.hypot(
                here[0] - there[0], (here[1] - there[1]) * (here[2] + there[2]) / 2
            )
            if km <= APART_KM:
                return time, km
        same = self.area[one] is not None and self.area[one] == self.area[other]
        return (time, 0.0) if same else None

    def keys(self, i: int) -> list[tuple[object, ...]]:
        """Under which keys a report is filed."""
        day, cell, area = self.day[i], self.cell[i], self.area[i]
        found: list[tuple[object, ...]] = [] if cell is None else [(day, *cell)]
        if area is not None:
            found.append((day, area))
        return found

    def around(self, i: int) -> list[tuple[object, ...]]:
        """Under which keys a report near this one may be filed."""
        day, cell, area = self.day[i], self.cell[i], self.area[i]
        days = (day - 1, day, day + 1)
        found: list[tuple[object, ...]] = []
        if cell is not None:
            y, x = cell
            found = [(d, v, h) for d in days for v in (y - 1, y, y + 1) for h in (x - 1, x, x + 1)]
        if area is not None:
            found += [(d, area) for d in days]
        return found


def _area(row: Observation, named: str) -> tuple[str, str] | None:
    """What a report names: two that name the same may be of one event, if both mean a town, or both a region."""
    named = named or ("*" if row.precision == "country" else "")
    return ("" if row.precision in SHARP else row.precision, named) if named else None


@dataclass(slots=True)
class _Joiner:
    ground: _Ground
    anchors: dict[object, list[Incident]] = field(default_factory=dict)
    named: dict[str, Incident] = field(default_factory=dict)
    of: dict[int, Incident] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    count: int = 0

    def arrive(self, i: int, at: int) -> None:
        incident = self._home(i)
        if incident is None:
            incident = self._start(i, at)
        else:
            self._close(incident, at)
            incident.members.append(i)
        self.of[i] = incident
        name = self.ground.names[i]
        if name and not incident.name:
            incident.name = name
            self.named[name] = incident

    def leave(self, i: int, at: int) -> None:
        incident = self.of.get(i)
        if incident is None:
            return
        if i != incident.members[0] and not self.ground.names[i]:
            self._close(incident, at)
            incident.members.remove(i)
            del self.of[i]
            return
        again = self._neighbourhood(incident)
        for other in {id(self.of[j]): self.of[j] for j in again}.values():
            self._close(other, at)
            self._forget(other)
        for j in again:
            del self.of[j]
        for j in again:
            if j != i:
                self.arrive(j, at)

    def finish(self) -> list[Version]:
        for incident in {id(incident): incident for incident in self.of.values()}.values():
            self._close(incident, NEVER)
        self.versions.sort(key=lambda v: (v.incident, v.start))
        return self.versions

    def _home(self, i: int) -> Incident | None:
        name = self.ground.names[i]
        if name and name in self.named:
            return self.named[name]
        best: tuple[int, float, int] | None = None
        found = None
        anchors, apart = self.anchors, self.ground.apart
        for key in self.ground.around(i):
            if key not in anchors:
                continue
            for incident in anchors[key]:
                if name and incident.name:
                    continue
                distance = apart(i, incident.members[0])
                if distance is not None and (best is None or (*distance, incident.members[0]) < best):
                    best, found = (*distance, incident.members[0]), incident
        return found

    def _start(self, i: int, at: int) -> Incident:
        incident = Incident(self.count, "", [i], at)
        self.count += 1
        for key in self.ground.keys(i):
            self.anchors.setdefault(key, []).append(incident)
        return incident

    def _close(self, incident: Incident, at: int) -> None:
        if at > incident.since:
            self.versions.append(Version(incident.number, incident.since, at, tuple(incident.members)))
        incident.since = at

    def _forget(self, incident: Incident) -> None:
        for key in self.ground.keys(incident.members[0]):
            self.anchors[key].remove(incident)
        if incident.name:
            del self.named[incident.name]

    def _neighbourhood(self, incident: Incident) -> list[int]:
        """All visible reports whose joining could depend on this incident, in order of arrival."""
        filed: dict[object, list[int]] = {}
        for j in self.of:
            for key in self.ground.keys(j):
                filed.setdefault(key, []).append(j)
        reached, todo = set(incident.members), list(incident.members)
        while todo:
            j = todo.pop()
            for k in self._touching(j, filed):
                if k not in reached:
                    reached.add(k)
                    todo.append(k)
        return sorted(reached)

    def _touching(self, j: int, filed: dict[object, list[int]]) -> Iterable[int]:
        for key in self.ground.around(j):
            for k in filed.get(key, ()):
                if self.ground.apart(j, k) is not None:
                    yield k
        yield from self.of[j].members


def flat(versions: Sequence[Version]) -> tuple[np.ndarray, np.ndarray]:
    """(members of all versions in a row, where each version's begin)."""
    sizes = np.array([len(v.members) for v in versions], dtype=np.int64)
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    members = np.fromiter((m for v in versions for m in v.members), dtype=np.int64, count=int(offsets[-1]))
    return members, offsets
