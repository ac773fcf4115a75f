"""Incidents as arrays: one row per form an incident took, so that rules pick theirs with masks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from warn.incidents.columns import Columns
from warn.incidents.join import Version, flat, join
from warn.model import Observation
from warn.moments import NEVER, Moments

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


def incidents(columns: Columns) -> Incidents:
    """All incidents that the reports of one indicator tell of."""
    versions = join(columns)
    members, offsets = flat(versions)
    said = [_said(columns, v.members) for v in versions]
    news = _news(columns, versions, said)
    if len(versions):
        occurred = np.minimum.reduceat(columns.occurred[members], offsets[:-1])
    else:
        occurred = np.zeros(0, dtype=np.int64)
    return Incidents(
        columns=columns,
        incident=np.array([v.incident for v in versions], dtype=np.int64),
        start=np.array([v.start for v in versions], dtype=np.int64),
        end=np.array([v.end for v in versions], dtype=np.int64),
        offsets=offsets,
        members=members,
        occurred=occurred,
        origins=np.array([s[0] for s in said], dtype=np.int64),
        value=np.array([s[1] for s in said], dtype=np.float64),
        news=np.array(news, dtype=np.bool_),
    )


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


def _news(columns: Columns, versions: Sequence[Version], said: Sequence[Said]) -> list[bool]:
    """Versions that begin with a report and say what none before them said of these reports."""
    known: list[int] = columns.known.tolist()
    lost = bool((columns.superseded < NEVER).any())
    before: dict[tuple[int, str], Said] = {}
    for v, told in zip(versions, said, strict=True) if lost else ():
        before |= {(v.end, columns.rows[m].ref): told for m in v.members if v.end < NEVER}
    found = []
    for n, v in enumerate(versions):
        follows = n > 0 and versions[n - 1].incident == v.incident
        same = (follows and said[n - 1] == said[n]) or (
            lost and any(before.get((v.start, columns.rows[m].ref)) == said[n] for m in v.members)
        )
        found.append(v.start == known[max(v.members)] and not same)
    return found


def _said(columns: Columns, members: Sequence[int]) -> Said:
    """(independent origins, value, best letter, its digit, low, high): what readers are told."""
    if len(members) == 1:
        i = members[0]
        row = columns.rows[i]
        low, high = extremes((row,))
        origins = 0 if columns.claim[i] else len(set(row.origins))
        return origins, row.value, int(columns.letter[i]), int(columns.digit[i]), low, high
    rows = [columns.rows[i] for i in members]
    letter, digit = min((int(columns.letter[i]), int(columns.digit[i])) for i in members)
    low, high = extremes(rows)
    origins = len(independent(rows, (bool(columns.claim[i]) for i in members)))
    return origins, middle(rows), letter, digit, low, high
