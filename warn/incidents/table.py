"""Incidents as arrays: one row per form an incident took, so that rules pick theirs with masks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from numpy.typing import NDArray

from warn.incidents.columns import Columns
from warn.incidents.join import Joiner
from warn.model import Observation
from warn.moments import Moments

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Said = tuple[int, float, int, int, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Incidents:
    """One row per version. It stands from `start` until `end` as of what was known, and lies at `occurred`.

    `members[offsets[v]:offsets[v + 1]]` are the reports of version v, by their row in `columns`. `origins` counts
    the independent ones (a party's own claim is none). `value` is the median over origins. `news`: this version
    says what the one before it did not (a new incident, another origin, a better grade, other figures).
    """

    columns: Columns
    incident: Ints
    start: Moments
    end: Moments
    offsets: Ints
    members: Ints
    occurred: Moments
    origins: Ints
    value: Floats
    news: Mask

    def __len__(self) -> int:
        return len(self.start)

    def reports(self, version: int) -> tuple[Observation, ...]:
        return tuple(
            self.columns.rows[i] for i in self.members[self.offsets[version] : self.offsets[version + 1]]
        )

    def sizes(self) -> Ints:
        return np.diff(self.offsets)

    def some(self, rows: Mask) -> Mask:
        """Versions of which at least one report is marked."""
        return self.most(rows) > 0

    def most(self, rows: NDArray[np.generic]) -> NDArray[np.int8]:
        """The highest mark among the reports of each version."""
        if not len(self):
            return np.zeros(0, dtype=np.int8)
        marks: NDArray[np.int8] = np.maximum.reduceat(rows.astype(np.int8)[self.members], self.offsets[:-1])
        return marks


class Joined:
    """The incidents of a history that grows: what becomes known later is joined to what is there."""

    def __init__(self, columns: Columns) -> None:
        self._joiner = Joiner()
        self._said: list[Said] = []
        self._sums: dict[int, _Sum] = {}
        self.table = _empty(columns)
        self.grow(columns)

    def grow(self, columns: Columns, lost: Sequence[int] = ()) -> bool:
        """As `Joiner.grow`; the table is a new one, the former stays as it was."""
        joiner, old = self._joiner, self.table
        if not joiner.grow(columns, lost):
            return False
        first = len(old)
        ends = np.concatenate((old.end, np.array(joiner.end[first:], dtype=np.int64)))
        ends[joiner.ended] = [joiner.end[row] for row in joiner.ended]
        self._said += [self._sum(columns, row) for row in range(first, len(joiner.members))]
        said, forms = self._said[first:], joiner.members[first:]
        offsets = np.concatenate(
            (old.offsets, old.offsets[-1] + np.cumsum([len(m) for m in forms], dtype=np.int64))
        )
        members = np.concatenate((old.members, np.fromiter((m for f in forms for m in f), dtype=np.int64)))
        new = members[old.offsets[-1] :], offsets[first:-1] - old.offsets[-1]
        occurred = np.minimum.reduceat(columns.occurred[new[0]], new[1]) if forms else old.occurred[:0]
        self.table = Incidents(
            columns=columns,
            incident=np.concatenate((old.incident, np.array(joiner.number[first:], dtype=np.int64))),
            start=np.concatenate((old.start, np.array(joiner.start[first:], dtype=np.int64))),
            end=ends,
            offsets=offsets,
            members=members,
            occurred=np.concatenate((old.occurred, occurred)),
            origins=np.concatenate((old.origins, np.array([s[0] for s in said], dtype=np.int64))),
            value=np.concatenate((old.value, np.array([s[1] for s in said], dtype=np.float64))),
            news=np.concatenate((old.news, np.array(self._news(columns, first), dtype=np.bool_))),
        )
        joiner.ended, joiner.lost_with = [], {}
        return True

    def _sum(self, columns: Columns, row: int) -> Said:
        """What a form says; where it only has more reports than the one before, they are added to what that said."""
        joiner, members = self._joiner, self._joiner.members[row]
        so_far = self._sums.get(joiner.number[row])
        if so_far is None or members[: len(so_far.members)] != so_far.members:
            so_far = self._sums[joiner.number[row]] = _Sum()
        for i in members[len(so_far.members) :]:
            so_far.add(columns, i)
        so_far.members = members
        return so_far.said()

    def _news(self, columns: Columns, first: int) -> list[bool]:
        """Versions that begin with a report and say what none before them said of these reports."""
        joiner, said = self._joiner, self._said
        refs: dict[tuple[int, str], list[Said]] = {}
        for (at, member), row in joiner.lost_with.items():
            refs.setdefault((at, columns.rows[member].ref), []).append(said[row])
        found = []
        for row in range(first, len(said)):
            members, before, start = joiner.members[row], joiner.before[row], joiner.start[row]
            same = (before >= 0 and said[before] == said[row]) or (
                bool(refs) and any(said[row] in refs.get((start, columns.rows[m].ref), ()) for m in members)
            )
            found.append(start == int(columns.known[max(members)]) and not same)
        return found


def incidents(columns: Columns) -> Incidents:
    """All incidents that the reports of one indicator tell of."""
    return Joined(columns).table


def _empty(columns: Columns) -> Incidents:
    nothing = np.zeros(0, dtype=np.int64)
    return Incidents(
        columns, nothing, nothing, nothing, np.zeros(1, dtype=np.int64), nothing, nothing, nothing,
        np.zeros(0), np.zeros(0, dtype=np.bool_),
    )  # fmt: skip


def independent(rows: Iterable[Observation], claims: Iterable[bool]) -> frozenset[str]:
    """Who said it first, parties speaking of themselves left out."""
    return frozenset(
        origin for row, claim in zip(rows, claims, strict=True) if not claim for origin in row.origins
    )


def middle(rows: Sequence[Observation]) -> float:
    """The median over origins of what each said last; reports in order of arrival."""
    last: dict[str, float] = {}
    for row in rows:
        for origin in row.origins or (row.source,):
            last[origin] = row.value
    return float(median(last.values()))


def extremes(rows: Iterable[Observation]) -> tuple[float, float]:
    """The lowest and the highest figure anybody gives."""
    every = [x for row in rows for x in (row.value, row.low, row.high) if x is not None]
    return min(every), max(every)


@dataclass(slots=True)
class _Sum:
    """What the reports of an incident come to, one after the other."""

    members: tuple[int, ...] = ()
    origins: set[str] = field(default_factory=set)
    last: dict[str, float] = field(default_factory=dict)
    grade: tuple[int, int] = (9, 9)
    low: float = math.inf
    high: float = -math.inf

    def add(self, columns: Columns, i: int) -> None:
        row = columns.rows[i]
        if not columns.claim[i]:
            self.origins.update(row.origins)
        for origin in row.origins or (row.source,):
            self.last[origin] = row.value
        self.grade = min(self.grade, (int(columns.letter[i]), int(columns.digit[i])))
        self.low = min(self.low, row.value if row.low is None else min(row.low, row.value))
        self.high = max(self.high, row.value if row.high is None else max(row.high, row.value))

    def said(self) -> Said:
        """(independent origins, value, best letter, its digit, low, high): what readers are told."""
        value = self.low if self.low == self.high else float(median(self.last.values()))
        return len(self.origins), value, *self.grade, self.low, self.high
