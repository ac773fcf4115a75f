"""Reports that turned out wrong: which rows were lost, and how history reads once that is known.

A row is lost when it is superseded: withdrawn, or replaced by a later version of the same report. Seen from then on,
the later version was right all along, and what was withdrawn was never there. A version that speaks of a time at which
the earlier one was already known corrects nothing: it is a new reading under an old name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from warn.incidents import Columns
from warn.model import Observation
from warn.moments import NEVER, Moments

Chain = tuple[int, ...]
"""All versions of one report, in the order in which they became known."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Loss:
    """A version of a report that was lost at `at`; the report had been there since `known`, for a time `occurred`."""

    at: int
    known: int
    occurred: int
    ref: str


@dataclass(frozen=True, slots=True)
class Losses:
    """Several, by when they were lost; `at` says so for each."""

    every: tuple[Loss, ...]
    at: tuple[int, ...]

    @classmethod
    def of(cls, losses: Iterable[Loss]) -> Losses:
        every = tuple(sorted(losses, key=lambda loss: (loss.at, loss.known, loss.ref)))
        return cls(every, tuple(loss.at for loss in every))

    def after(self, now: int) -> int:
        """When the next one is; NEVER if none."""
        n = bisect_right(self.at, now)
        return self.at[n] if n < len(self.at) else NEVER

    def between(self, after: int, until: int) -> tuple[Loss, ...]:
        """Those with after < at <= until."""
        return self.every[bisect_right(self.at, after) : bisect_right(self.at, until)]


def chains(columns: Columns) -> tuple[Chain, ...]:
    """The reports of which any version was superseded. A row without a key has no other versions."""
    gone = np.flatnonzero(columns.superseded < NEVER).tolist()
    names = {columns.rows[i].ref for i in gone if columns.rows[i].key}
    found: dict[str, list[int]] = {}
    for i, row in enumerate(columns.rows) if names else ():
        if row.key and row.ref in names:
            found.setdefault(row.ref, []).append(i)
    alone = [(i,) for i in gone if not columns.rows[i].key]
    return (*alone, *(tuple(chain) for chain in found.values()))


def losses(columns: Columns, of: Sequence[Chain]) -> tuple[Loss, ...]:
    """By when they were lost; a version whose successor says the same is none."""
    found = []
    for chain in of:
        for segment, following in _segments(columns, chain):
            for i, after in zip(segment, [*segment[1:], None], strict=True):
                at = int(columns.superseded[i])
                read_anew = after is None and following is not None and columns.known[following] <= at
                if at < NEVER and not read_anew and not _same(columns, i, after, at):
                    row = columns.rows[i]
                    found.append(Loss(at, int(columns.known[segment[0]]), int(columns.occurred[i]), row.ref))
    return tuple(sorted(found, key=lambda loss: (loss.at, loss.known, loss.ref)))


def standing(
    columns: Columns, of: Sequence[Chain], as_of: int, since: int
) -> tuple[Moments, Moments, Moments]:
    """History as it reads at `as_of`: (rows, since when each is taken as known, until when it counts).

    Only rows of what occurred after `since`; what became known later than `as_of` is not there.
    """
    keep = (columns.known <= as_of) & (columns.occurred > since)
    known = columns.known.copy()
    until = np.full(len(columns), NEVER, dtype=np.int64)
    for chain in of:
        for segment, following in _segments(columns, [i for i in chain if columns.known[i] <= as_of]):
            last = segment[-1]
            keep[segment[:-1]] = False
            known[last] = columns.known[segment[0]]
            if columns.superseded[last] <= as_of:
                until[last] = columns.superseded[last]
                keep[last] &= following is not None
    rows = np.flatnonzero(keep)
    rows = rows[np.lexsort((rows, columns.occurred[rows], known[rows]))]
    return rows, known[rows], until[rows]


def _segments(columns: Columns, chain: Sequence[int]) -> Iterator[tuple[list[int], int | None]]:
    """(versions of one reading, the first version of the next reading under the same name)."""
    segment: list[int] = []
    for i in chain:
        if segment and columns.occurred[i] > columns.known[segment[0]]:
            yield segment, i
            segment = []
        segment.append(i)
    if segment:
        yield segment, None


def _same(columns: Columns, one: int, other: int | None, at: int) -> bool:
    """Whether the later version takes the earlier one's place at once, and no measure can tell them apart."""
    if other is None or int(columns.known[other]) > at:
        return False
    return _said(columns.rows[one]) == _said(columns.rows[other])


def _said(row: Observation) -> Observation:
    """Everything in a row that can change a number."""
    return replace(row, known_at=_EPOCH, superseded_at=None, stored_at=None, title="", url="")
