"""The reports that a measure looks at, one by one, while they count: from when until when, and which is the newest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from warn.model import By
from warn.moments import NEVER, Moments, distinct
from warn.rules.filters import Filtered
from warn.rules.frame import Frame, History

Ints = NDArray[np.int64]
Stretch = tuple[Ints, Ints]
"""From which row until before which, at each moment."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Reports by when they occurred, each counting from `enter` until `leave`.

    `of` is their place in the frame; `origins` stand there where they are asked for. `news`: false where a report
    tells nothing new.
    """

    enter: Moments
    leave: Moments
    occurred: Moments
    value: NDArray[np.float64]
    of: Ints
    news: NDArray[np.bool_]
    origins: tuple[tuple[str, ...], ...] = ()

    def __len__(self) -> int:
        return len(self.of)

    def part(self, rows: Ints) -> Rows:
        """Some of them, without their origins."""
        return Rows(
            self.enter[rows],
            self.leave[rows],
            self.occurred[rows],
            self.value[rows],
            self.of[rows],
            self.news[rows],
        )


def rows_by(
    measure: Filtered, history: History, names: Iterable[str], by: Sequence[str], width: int
) -> dict[By, Rows]:
    """Reports of several indicators that pass the filters, by their `by` values."""
    parts: dict[By, list[Rows]] = {}
    for name in names:
        for key, rows in rows_of(measure, history.frame(name), by, width):
            parts.setdefault(key, []).append(rows)
    return {key: together(found) for key, found in parts.items()}


def rows_of(
    measure: Filtered, frame: Frame, by: Sequence[str], width: int, only: By | None = None
) -> Iterator[tuple[By, Rows]]:
    """Reports that pass the filters, of all keys or of one; only what is known to the town can be near something."""
    columns, keys = frame.columns, frame.keys(by)
    enter = frame.once("enter", lambda: np.maximum(columns.occurred, columns.known))
    leave = np.minimum(columns.occurred + width, columns.superseded)
    passing = frame.passing(measure, by)
    if only:
        passing = passing[keys.codes[passing] == keys.code(only)]
    for key, mine in keys.each(passing[enter[passing] < leave[passing]]):
        said = [columns.rows[i] for i in mine.tolist()] if measure.min_origins else []
        yield key, Rows(
            enter[mine], leave[mine], columns.occurred[mine], columns.value[mine], mine,
            np.ones(len(mine), dtype=np.bool_), tuple([row.origins or (row.source,) for row in said]),
        )  # fmt: skip


def together(parts: Sequence[Rows]) -> Rows:
    """Rows of several indicators as one; of the same moment, the later part last."""
    if len(parts) == 1:
        return parts[0]
    order = np.argsort(np.concatenate([part.occurred for part in parts]), kind="stable")
    origins = [said for part in parts for said in part.origins]
    return Rows(
        np.concatenate([part.enter for part in parts])[order],
        np.concatenate([part.leave for part in parts])[order],
        np.concatenate([part.occurred for part in parts])[order],
        np.concatenate([part.value for part in parts])[order],
        np.concatenate([part.of for part in parts])[order],
        np.concatenate([part.news for part in parts])[order],
        tuple(origins[i] for i in order.tolist()) if origins else (),
    )


def turns(rows: Rows) -> Moments:
    """All moments at which a report comes or goes."""
    return distinct(rows.enter, rows.leave[rows.leave < NEVER // 2])


def stretch(rows: Rows, at: Moments) -> Stretch | None:
    """(from, until) of the rows that count at each moment, where they come and go in the order they occurred."""
    if (rows.enter[1:] < rows.enter[:-1]).any() or (rows.leave[1:] < rows.leave[:-1]).any():
        return None
    return rows.leave.searchsorted(at, side="right"), rows.enter.searchsorted(at, side="right")


def on_top(rows: Rows, at: Moments, amounts: Ints) -> Ints:
    """The sum of whole amounts of the reports that count at each moment."""
    return _height(at, np.concatenate((rows.enter, rows.leave)), np.concatenate((amounts, -amounts)))


def speaking(rows: Rows, at: Moments) -> Ints:
    """From how many origins the reports are that count at each moment."""
    code: dict[str, int] = {}
    origin = np.array(
        [code.setdefault(one, len(code)) for every in rows.origins for one in every], dtype=np.int64
    )
    of = np.repeat(np.arange(len(rows)), np.array([len(every) for every in rows.origins], dtype=np.int64))
    turn = np.concatenate((rows.enter[of], rows.leave[of]))
    order = np.lexsort((turn, np.tile(origin, 2)))
    step = np.repeat(np.array((1, -1), dtype=np.int64), len(of))[order]
    edge = np.cumsum(step) == (step > 0)  # the first report of an origin comes, or the last of them goes
    return _height(at, turn[order][edge], step[edge])


def _height(at: Moments, turns: Moments, steps: Ints) -> Ints:
    """The sum at each moment of all steps so far."""
    bends = np.zeros(len(at) + 1, dtype=np.int64)
    np.add.at(bends, np.searchsorted(at, turns), steps)
    return np.cumsum(bends[:-1])


def newest(rows: Rows, at: Moments) -> Ints:
    """Which report is the newest that counts at each moment; -1 where none does. Of the same moment, the last."""
    return best(rows, at, np.arange(len(rows), dtype=np.int64))


def best(rows: Rows, at: Moments, rank: Ints) -> Ints:
    """The same for any rank: the report of the highest."""
    if not len(rows):
        return np.full(len(at), -1, dtype=np.int64)
    order = np.argsort(rows.enter, kind="stable")
    by_rank = np.empty(len(rank), dtype=np.int64)
    by_rank[rank] = np.arange(len(rank))
    so_far = by_rank[np.maximum.accumulate(rank[order])]
    n = np.searchsorted(rows.enter[order], at, side="right") - 1
    found = np.where(n >= 0, so_far[np.maximum(n, 0)], -1)
    over = (found >= 0) & (rows.leave[found] <= at)
    if not over.any():
        return found
    longest = np.empty(len(rank), dtype=np.int64)
    longest[by_rank] = np.maximum.accumulate(rows.leave[by_rank])
    if (rows.leave[found[over]] >= longest[found[over]]).all():
        return np.where(over, -1, found)
    return _best_left(rows, at, rank, by_rank)


def _best_left(rows: Rows, at: Moments, rank: Ints, by_rank: Ints) -> Ints:
    """The same where the best stop counting before others do."""
    found = np.full(len(at), -1, dtype=np.int64)
    ends = np.searchsorted(at, rows.leave, side="left").tolist()
    comes: dict[int, list[int]] = {}
    for n, start in enumerate(np.searchsorted(at, rows.enter, side="left").tolist()):
        comes.setdefault(start, []).append(n)
    ranks, names = rank.tolist(), by_rank.tolist()
    heap: list[int] = []
    for i in range(len(at)):
        for n in comes.get(i, ()):
            heappush(heap, -ranks[n])
        while heap and ends[names[-heap[0]]] <= i:
            heappop(heap)
        if heap:
            found[i] = names[-heap[0]]
    return found
