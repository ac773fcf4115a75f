"""Which releases may be out, and which of them we have: months as they come, and the year so far after a quarter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MONTHS_BACK: Final = 5
QUARTERS_BACK: Final = 2


@dataclass(frozen=True, slots=True)
class Had:
    """The newest month and the newest quarter's end whose releases were read; None where none was."""

    month: date | None = None
    quarter: date | None = None

    @classmethod
    def noted(cls, said: str) -> Had:
        """From its note; what is no month is as good as nothing."""
        month, _, quarter = said.partition(" ")
        return cls(_month(month), _month(quarter))

    def note(self) -> str:
        return " ".join(f"{one:%Y-%m}" if one else "-" for one in (self.month, self.quarter))


def months_before(today: date) -> Iterator[date]:
    """The first days of the last months, newest first; of the running month nothing is out."""
    month = today.replace(day=1)
    for _ in range(MONTHS_BACK):
        month = (month - timedelta(days=1)).replace(day=1)
        yield month


def quarters_before(today: date) -> Iterator[date]:
    """The first days of the months that ended the last quarters, newest first."""
    ends = [month for month in months_before(today) if month.month % 3 == 0]
    yield from ends[:QUARTERS_BACK]


def _month(said: str) -> date | None:
    try:
        return date.fromisoformat(f"{said}-01")
    except ValueError:
        return None
