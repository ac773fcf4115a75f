"""What the rules would have done over history, and how that compares with what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import Coverage, Observation, Poll, SourceFacts
from warn.rules.evaluate import Judged


@dataclass(frozen=True, slots=True)
class Impact:
    """Something a warning should have preceded."""

    id: str
    on: date
    what: str = ""


def impacts_from_csv(text: str) -> list[Impact]:
    """Columns `id,date,impact`; others are ignored. UsageError says line and reason."""
    raise NotImplementedError


def backtest(
    rules: Sequence[Judged],
    indicators: Indicators,
    geography: Geography,
    observations: Sequence[Observation],
    start: datetime,
    end: datetime,
    *,
    every: timedelta = timedelta(hours=1),
    impacts: Sequence[Impact] = (),
    coverage: Sequence[Coverage] = (),
    polls: Sequence[Poll] = (),
    sources: Sequence[SourceFacts] = (),
    level: int = 3,
    unapproved: str = "approve",
) -> dict[str, Any]:
    """The JSON of interfaces.md. Without coverage and polls all indicators count as watched: from one longest window
    before the earlier of `start` and the first known_at, to `end`. `unapproved`: "approve" at once, or "never"."""
    raise NotImplementedError


def backtest_table(result: dict[str, Any], lang: str = "en") -> str:
    """The same as lines for a terminal."""
    raise NotImplementedError
