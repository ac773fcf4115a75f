"""Which reports tell of the same event, as of every moment at which that could change.

A report joins the incident whose *first* report is at most 2 days and 25 km away, or names the same area; else it
starts one. Reports are taken in the order in which they became known, so what becomes known later never moves
what is joined already, and only what is new has to be joined when history grows. Where the first report of an
incident is withdrawn, its neighbourhood is joined anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from warn.geo import fold
from warn.incidents.columns import Columns
from warn.model import Observation
from warn.moments import DAY, NEVER

APART: Final = 2 * DAY
APART_KM: Final = 25.0
KM_PER_DEGREE: Final = 111.195
ROW_STEP: Final = 1 << 16
DAY_STEP: Final = 1 << 32
BESIDE: Final = tuple(
    d + v + h for d in (-DAY_STEP, 0, DAY_STEP) for v in (-ROW_STEP, 0, ROW_STEP) for h in (-1, 0, 1)
)
"""From a cell of the grid (two days, 25 km each way) to itself and those around it."""
SHARP: Final = frozenset({"point", "town"})


@dataclass(slots=True)
class Incident:
    """An event while it is being put together; `members` in order of arrival, the first one is its anchor."""

    number: int
    name: str
    members: list[int]
    row: int = -1


@dataclass(frozen=True, slots=True)
class Version:
    """What an incident consisted of from `start` until `end`."""

    incident: int
    start: int
    end: int
    members: tuple[int, ...]


def join(columns: Columns) -> list[Version]:
    """Every incident in each of its forms, ordered by incident and time."""
    joiner = Joiner()
    joiner.grow(columns)
    forms = zip(joiner.number, joiner.start, joiner.end, joiner.members, strict=True)
    found = [Version(*form) for form in forms if form[1] < form[2]]
    return sorted(found, key=lambda v: (v.incident, v.start))


class _Ground:
    """When and where each report lies, in a form that is quick to look up."""

    def __init__(self) -> None:
        self.across = 0.0
        self.occurred: list[int] = []
        self.names: list[str] = []
        self.day: list[int] = []
        self.area: list[tuple[str, str] | None] = []
        self.spot: list[tuple[float, float, float] | None] = []
        self.cell: list[int | None] = []

    def add(self, columns: Columns, first: int) -> bool:
        """The rows from `first` on; False where they lie so far from the equator that the grid is too narrow."""
        rows = columns.rows[first:]
        sharp = [row.precision in SHARP and row.lat is not None and row.lon is not None for row in rows]
        nan = float("nan")
        lat = np.array(
            [row.lat if there else nan for row, there in zip(rows, sharp, strict=True)], dtype=float
        )
        lon = np.array(
            [row.lon if there else nan for row, there in zip(rows, sharp, strict=True)], dtype=float
        )
        narrow = np.cos(np.radians(lat))
        across = APART_KM / (KM_PER_DEGREE * max(0.05, float(np.nanmin(narrow, initial=1.0))))
        if first and across > self.across:
            return False
        self.across = max(self.across, across)
        self.occurred += columns.occurred[first:].tolist()
        self.names += [row.incident for row in rows]
        self.day += (columns.occurred[first:] // APART).tolist()
        folded = {place: fold(place) for place in {row.place for row in rows}}
        self.area += [_area(row, folded[row.place]) for row in rows]
        y = np.floor(np.nan_to_num(lat) * KM_PER_DEGREE / APART_KM).astype(np.int64)
        x = np.floor(np.nan_to_num(lon) / self.across).astype(np.int64)
        cells = ((columns.occurred[first:] // APART) * DAY_STEP + y * ROW_STEP + x).tolist()
        spots = zip(lat.tolist(), lon.tolist(), narrow.tolist(), strict=True)
        self.spot += [spot if there else None for spot, there in zip(spots, sharp, strict=True)]
        self.cell += [cell if there else None for cell, there in zip(cells, sharp, strict=True)]
        return True

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

    def keys(self, i: int) -> list[object]:
        """Under which keys a report is filed."""
        cell, area = self.cell[i], self.area[i]
        found: list[object] = [] if cell is None else [cell]
        if area is not None:
            found.append((self.day[i], area))
        return found

    def around(self, i: int) -> list[object]:
        """Under which keys a report near this one may be filed."""
        cell, area = self.cell[i], self.area[i]
        found: list[object] = [] if cell is None else [cell + step for step in BESIDE]
        if area is not None:
            day = self.day[i]
            found += [(day - 1, area), (day, area), (day + 1, area)]
        return found


def _area(row: Observation, named: str) -> tuple[str, str] | None:
    """What a report names: two that name the same may be of one event, if both mean a town, or both a region."""
    named = named or ("*" if row.precision == "country" else "")
    return ("" if row.precision in SHARP else row.precision, named) if named else None


class Joiner:
    """Puts incidents together as their reports become known.

    Each form of an incident is one row of the lists `number`, `start`, `end`, `members` and `before` (the row of its
    former form, or -1). `ended`: rows that ended since somebody last looked. `lost_with`: which rows a report was in
    when one beside it was lost at that moment.
    """

    def __init__(self) -> None:
        self.ground = _Ground()
        self.number: list[int] = []
        self.start: list[int] = []
        self.end: list[int] = []
        self.members: list[tuple[int, ...]] = []
        self.before: list[int] = []
        self.ended: list[int] = []
        self.lost_with: dict[tuple[int, int], int] = {}
        self.now = -NEVER
        self._anchors: dict[object, list[Incident]] = {}
        self._named: dict[str, Incident] = {}
        self._of: dict[int, Incident] = {}
        self._filed: dict[object, set[int]] | None = None
        self._count = 0
        self._rows = 0

    def grow(self, columns: Columns, lost: Iterable[int] = ()) -> bool:
        """Takes in the rows that are new at the end, and `lost`, those before them that are superseded now.

        False, with nothing done, where any of it happened before what was taken in already.
        """
        first = self._rows
        gone = [*lost, *(first + np.flatnonzero(columns.superseded[first:] < NEVER)).tolist()]
        leaving = [(int(columns.superseded[i]), 0, i) for i in gone]
        arriving = [(at, 1, first + n) for n, at in enumerate(columns.known[first:].tolist())]
        events = sorted(leaving + arriving) if leaving else arriving
        if (events and events[0][0] <= self.now) or not self.ground.add(columns, first):
            return False
        for at, arrives, i in events:
            if arrives:
                self._arrive(i, at)
            else:
                self._leave(i, at)
        self._rows = len(columns)
        self.now = events[-1][0] if events else self.now
        return True

    def _arrive(self, i: int, at: int) -> None:
        incident = self._home(i)
        if incident is None:
            incident = self._begin(i)
        else:
            incident.members.append(i)
        self._of[i] = incident
        self._form(incident, at)
        if self._filed is not None:
            self._file(i)
        name = self.ground.names[i]
        if name and not incident.name:
            incident.name = name
            self._named[name] = incident

    def _leave(self, i: int, at: int) -> None:
        incident = self._of.get(i)
        if incident is None:
            return
        if i != incident.members[0] and not self.ground.names[i]:
            self._note(incident, at)
            incident.members.remove(i)
            self._drop(i)
            self._form(incident, at)
            return
        again = self._neighbourhood(incident)
        for other in {id(self._of[j]): self._of[j] for j in again}.values():
            self._note(other, at)
            self._stop(other.row, at)
            self._forget(other)
        for j in again:
            self._drop(j)
        for j in again:
            if j != i:
                self._arrive(j, at)

    def _home(self, i: int) -> Incident | None:
        name = self.ground.names[i]
        if name and name in self._named:
            return self._named[name]
        best: tuple[int, float, int] | None = None
        found = None
        anchors, apart = self._anchors, self.ground.apart
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

    def _begin(self, i: int) -> Incident:
        incident = Incident(self._count, "", [i])
        self._count += 1
        for key in self.ground.keys(i):
            self._anchors.setdefault(key, []).append(incident)
        return incident

    def _form(self, incident: Incident, at: int) -> None:
        """The incident as it is from now on; within one moment it takes one form only."""
        row = incident.row
        if row >= 0 and self.start[row] == at:
            self.members[row] = tuple(incident.members)
            return
        if row >= 0:
            self._stop(row, at)
        incident.row = len(self.start)
        self.number.append(incident.number)
        self.start.append(at)
        self.end.append(NEVER)
        self.members.append(tuple(incident.members))
        self.before.append(row)

    def _stop(self, row: int, at: int) -> None:
        self.end[row] = at
        self.ended.append(row)

    def _note(self, incident: Incident, at: int) -> None:
        for member in self.members[incident.row]:
            self.lost_with.setdefault((at, member), incident.row)

    def _forget(self, incident: Incident) -> None:
        for key in self.ground.keys(incident.members[0]):
            self._anchors[key].remove(incident)
        if incident.name:
            del self._named[incident.name]

    def _file(self, i: int) -> None:
        assert self._filed is not None
        for key in self.ground.keys(i):
            self._filed.setdefault(key, set()).add(i)

    def _drop(self, i: int) -> None:
        del self._of[i]
        for key in self.ground.keys(i) if self._filed is not None else ():
            assert self._filed is not None
            self._filed[key].discard(i)

    def _neighbourhood(self, incident: Incident) -> list[int]:
        """All visible reports whose joining could depend on this incident, in order of arrival."""
        if self._filed is None:
            self._filed = {}
            for j in self._of:
                self._file(j)
        reached, todo = set(incident.members), list(incident.members)
        while todo:
            j = todo.pop()
            for k in self._touching(j):
                if k not in reached:
                    reached.add(k)
                    todo.append(k)
        return sorted(reached)

    def _touching(self, j: int) -> Iterable[int]:
        assert self._filed is not None
        for key in self.ground.around(j):
            for k in self._filed.get(key, ()):
                if self.ground.apart(j, k) is not None:
                    yield k
        yield from self._of[j].members
