"""Which reports tell of the same event, as of every moment at which that could change.

A report joins the incident whose *first* report is at most 2 days and 25 km away, or names the same area; else it
starts one. Reports are taken in the order in which they became known, so what becomes known later never moves
what is joined already, and only what is new has to be joined when history grows. Where the first report of an
incident is withdrawn, its neighbourhood is joined anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from warn.incidents.columns import Columns
from warn.incidents.ground import Ground
from warn.moments import DAY, NEVER

APART: Final = 2 * DAY
SITES: Final = 1 << 32
"""More than there are sites: a key to look up by is a stretch of two days times this, plus the site."""


@dataclass(slots=True)
class Incident:
    """An event while it is being put together; `members` in order of arrival, the first one is its anchor."""

    number: int
    name: str
    members: list[int]
    occurred: int
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


class Joiner:
    """Puts incidents together as their reports become known.

    Each form of an incident is one row of the lists `number`, `start`, `end`, `members` and `before` (the row of its
    former form, or -1). `ended`: rows that ended since somebody last looked. `lost_with`: which rows a report was in
    when one beside it was lost at that moment.
    """

    def __init__(self) -> None:
        self.ground = Ground()
        self.number: list[int] = []
        self.start: list[int] = []
        self.end: list[int] = []
        self.members: list[tuple[int, ...]] = []
        self.before: list[int] = []
        self.ended: list[int] = []
        self.lost_with: dict[tuple[int, int], int] = {}
        self.now = -NEVER
        self._occurred: list[int] = []
        self._names: list[str] = []
        self._keys: list[int] = []
        self._anchors: dict[int, list[Incident]] = {}
        self._named: dict[str, Incident] = {}
        self._of: dict[int, Incident] = {}
        self._filed: dict[int, set[int]] | None = None
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
        if (events and events[0][0] <= self.now) or not self.ground.add(columns.rows[first:]):
            return False
        occurred = columns.occurred[first:]
        self._occurred += occurred.tolist()
        self._names += [row.incident for row in columns.rows[first:]]
        self._keys += (
            occurred // APART * SITES + np.array(self.ground.site[first:], dtype=np.int64)
        ).tolist()
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
        name = self._names[i]
        if name and not incident.name:
            incident.name = name
            self._named[name] = incident

    def _leave(self, i: int, at: int) -> None:
        incident = self._of.get(i)
        if incident is None:
            return
        if i != incident.members[0] and not self._names[i]:
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
        name = self._names[i]
        if name and name in self._named:
            return self._named[name]
        best: tuple[int, float, int] | None = None
        found = None
        anchors, mine = self._anchors, self._occurred[i]
        for key, km in self._around(i):
            for incident in anchors.get(key, ()):
                time = abs(mine - incident.occurred)
                if time > APART or (name and incident.name):
                    continue
                rank = time, km, incident.members[0]
                if best is None or rank < best:
                    best, found = rank, incident
        return found

    def _around(self, i: int) -> list[tuple[int, float]]:
        """Under which keys reports of the same event may be filed, and how far away these lie."""
        key = self._keys[i]
        site = self.ground.site[i]
        return [
            (key + to - site + when, km) for to, km in self.ground.beside[site] for when in (-SITES, 0, SITES)
        ]

    def _begin(self, i: int) -> Incident:
        incident = Incident(self._count, "", [i], self._occurred[i])
        self._count += 1
        self._anchors.setdefault(self._keys[i], []).append(incident)
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
        self._anchors[self._keys[incident.members[0]]].remove(incident)
        if incident.name:
            del self._named[incident.name]

    def _file(self, i: int) -> None:
        assert self._filed is not None
        self._filed.setdefault(self._keys[i], set()).add(i)

    def _drop(self, i: int) -> None:
        del self._of[i]
        if self._filed is not None:
            self._filed[self._keys[i]].discard(i)

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
        for key, _ in self._around(j):
            for k in self._filed.get(key, ()):
                if abs(self._occurred[j] - self._occurred[k]) <= APART:
                    yield k
        yield from self._of[j].members
