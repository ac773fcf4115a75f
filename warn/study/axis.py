"""Time from left to right, as the pictures of a backtest share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from warn.digest.typography import day_brief

WIDE: Final = 960
LEFT: Final = 296.0
RIGHT: Final = WIDE - 18.0


@dataclass(frozen=True, slots=True)
class Axis:
    """Time from left to right."""

    start: datetime
    end: datetime

    def at(self, when: datetime) -> float:
        share = (min(max(when, self.start), self.end) - self.start) / (self.end - self.start)
        return rounded(LEFT + share * (RIGHT - LEFT))


def ticks(axis: Axis, lang: str) -> Iterator[tuple[float, str, str]]:
    """At most a dozen days, at the beginnings of weeks, months, quarters or years; the year where it changes."""
    days = [axis.start.date() + timedelta(days=n) for n in range((axis.end - axis.start).days + 1)]
    for chosen in (
        [day for day in days if day.weekday() == 0],
        [day for day in days if day.day in {1, 15}],
        [day for day in days if day.day == 1],
        [day for day in days if day.day == 1 and day.month in {1, 4, 7, 10}],
        [day for day in days if (day.month, day.day) == (1, 1)],
    ):
        if 0 < len(chosen) <= 12:
            for day in chosen:
                x = _x(axis, day)
                yield x, _tick(day, lang, len(days)), "end" if x > RIGHT - 24 else "middle"
            return


def _x(axis: Axis, day: date) -> float:
    return axis.at(datetime(day.year, day.month, day.day, tzinfo=axis.start.tzinfo))


def _tick(day: date, lang: str, days: int) -> str:
    return str(day.year) if days > 1400 else day_brief(day, lang) + (f" {day.year}" if days > 370 else "")


def rounded(value: float) -> float:
    """To a tenth of a pixel, so that equal results give equal bytes."""
    return round(float(value), 1)
