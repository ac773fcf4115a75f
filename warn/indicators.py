"""The registry of indicators: what may be observed, in which unit and range, how often, and how long it stays fresh."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from warn.model import EMPTY, Texts

Kind = Literal["event", "level", "date"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing that can be observed.

    `event`: something happened (value 1 unless said); `level`: a quantity that stands until the next reading;
    `date`: a day to come, in the attribute `date`. `range` is inclusive; a value outside it is refused, never clipped.
    `relief`: here `better` news is what is counted (a convoy arrived). `counts` is False for context that no rule may
    count. `one_origin`: only one organisation publishes it, so no second origin can ever confirm it.
    `percent`: a share from 0 to 1 that people read as a percentage. `display`: unit per language as printed.
    """

    id: str
    kind: Kind
    unit: str
    family: str
    expected_every: timedelta | None
    stale_after: timedelta
    range: tuple[float, float]
    title: Texts
    relief: bool = False
    counts: bool = True
    one_origin: bool = False
    percent: bool = False
    attributes: tuple[str, ...] = ()
    display: Texts = field(default_factory=lambda: EMPTY)

    def admits(self, value: float) -> bool:
        """Whether a value lies in the range (NaN and infinities never do)."""
        return self.range[0] <= value <= self.range[1]


@dataclass(frozen=True, slots=True)
class Indicators:
    """All indicators by id; behaves like a read-only mapping."""

    by_id: Mapping[str, Indicator] = field(default_factory=lambda: EMPTY)

    def __getitem__(self, name: str) -> Indicator:
        return self.by_id[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_id

    def __iter__(self) -> Iterator[Indicator]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    def get(self, name: str) -> Indicator | None:
        return self.by_id.get(name)

    def nearest(self, name: str) -> str:
        """The id that was probably meant, or nothing."""
        return next(iter(difflib.get_close_matches(name, self.by_id, 1, 0.6)), "")
