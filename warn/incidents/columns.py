"""Observations of one indicator as arrays, in the order in which they became known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warn.model import Observation
from warn.moments import Moments, moments

NO = frozenset({"", "0", "no", "false"})


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One row per observation.

    `letter` and `digit` are the grade, 0 the best; `claim` marks what a party says of itself, which never confirms.
    """

    rows: tuple[Observation, ...]
    occurred: Moments
    known: Moments
    superseded: Moments
    value: NDArray[np.float64]
    letter: NDArray[np.int8]
    digit: NDArray[np.int8]
    claim: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, rows: NDArray[np.int64], known: Moments, superseded: Moments) -> Columns:
        """Some of the rows, in that order, with other times of knowing than they had."""
        return Columns(
            rows=tuple(self.rows[i] for i in rows.tolist()),
            occurred=self.occurred[rows],
            known=known,
            superseded=superseded,
            value=self.value[rows],
            letter=self.letter[rows],
            digit=self.digit[rows],
            claim=self.claim[rows],
        )

    def grown(self, added: Columns, lost: Mapping[int, Observation]) -> Columns:
        """With rows that became known after all of these, and some that turned out superseded meanwhile."""
        rows = list(self.rows)
        superseded = self.superseded.copy()
        for i, row in lost.items():
            rows[i], superseded[i] = row, moments([row.superseded_at])[0]
        return Columns(
            rows=(*rows, *added.rows),
            occurred=np.concatenate((self.occurred, added.occurred)),
            known=np.concatenate((self.known, added.known)),
            superseded=np.concatenate((superseded, added.superseded)),
            value=np.concatenate((self.value, added.value)),
            letter=np.concatenate((self.letter, added.letter)),
            digit=np.concatenate((self.digit, added.digit)),
            claim=np.concatenate((self.claim, added.claim)),
        )

    def graded(self, grade: str) -> NDArray[np.bool_]:
        """Rows of that grade or better; F and 6 never are."""
        letter, digit = grade_of(grade)
        return (self.letter <= min(letter, 4)) & (self.digit <= min(digit, 4))

    def confirming(self, grade: str) -> NDArray[np.bool_]:
        return self.graded(grade) & ~self.claim


def arrival(row: Observation) -> tuple[Any, ...]:
    """Orders rows as they became known. Rows of one moment have an order of their own, whatever order they came in."""
    return (
        row.known_at, row.occurred_at, not row.incident, row.source, row.key, row.place, row.value,
        row.origins, row.grade, row.title, row.url,
    )  # fmt: skip


def columns(observations: Iterable[Observation]) -> Columns:
    """The rows are of one indicator; a row that was superseded before it was known was never visible."""
    rows = [o for o in observations if o.superseded_at is None or o.superseded_at > o.known_at]
    rows.sort(key=attrgetter("known_at"))
    known = moments(row.known_at for row in rows)
    if (known[1:] == known[:-1]).any():
        rows.sort(key=arrival)
    of = {grade: grade_of(grade) for grade in {row.grade for row in rows}}
    grades = np.array([of[row.grade] for row in rows], dtype=np.int8).reshape(-1, 2)
    return Columns(
        rows=tuple(rows),
        occurred=moments(row.occurred_at for row in rows),
        known=known,
        superseded=moments(row.superseded_at for row in rows),
        value=np.array([row.value for row in rows], dtype=np.float64),
        letter=grades[:, 0],
        digit=grades[:, 1],
        claim=np.array([bool(row.attributes) and is_claim(row) for row in rows], dtype=np.bool_),
    )


def is_claim(row: Observation) -> bool:
    """What a party to the conflict announces of itself: the attribute `claim` says so."""
    return row.attributes.get("claim", "").lower() not in NO


def grade_of(grade: str) -> tuple[int, int]:
    """(0 for A .. 5 for F, 0 for 1 .. 5 for 6); what cannot be read is F6."""
    if len(grade) != 2 or grade[0] not in "ABCDEF" or grade[1] not in "123456":
        return 5, 5
    return "ABCDEF".index(grade[0]), int(grade[1]) - 1


def best_grade(rows: Sequence[Observation]) -> str:
    """The best grade among reports: by letter, then by digit."""
    return min((row.grade for row in rows), default="", key=grade_of)
