"""Which of the files that come every quarter of an hour we have: how far nothing is missing, and what may be late."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

STAMP: Final = "%Y%m%d%H%M%S"
QUARTER: Final = timedelta(minutes=15)
FIRST: Final = 3 * QUARTER  # before the newest, where we have none yet
LATE: Final = timedelta(hours=1)
REACH: Final = timedelta(days=7)  # what is older is not told as new, see `events`
AT_ONCE: Final = 24
WRITTEN: Final = re.compile(r"\d{14}")


@dataclass(frozen=True, slots=True)
class Had:
    """Everything up to `until` was read, but for `missing`, which were not there. None: nothing was read yet."""

    until: datetime | None = None
    missing: frozenset[datetime] = field(default_factory=frozenset)

    @classmethod
    def noted(cls, said: str) -> Had:
        """From its note; what is no moment is passed over."""
        found = [
            moment for one in said.split() if WRITTEN.fullmatch(one) and (moment := _moment(one)) is not None
        ]
        return cls(found[0], frozenset(found[1:])) if found else cls()

    def note(self) -> str:
        if self.until is None:
            return ""
        return " ".join(f"{moment:{STAMP}}" for moment in (self.until, *sorted(self.missing)))

    def wanted(self, newest: datetime) -> list[datetime]:
        """What to ask for besides the newest, oldest first."""
        first = newest - FIRST if self.until is None else max(self.until + QUARTER, newest - REACH)
        late = [at for at in sorted(self.missing) if newest - LATE <= at < min(first, newest)]
        quarters = max(0, -((first - newest) // QUARTER))
        return [*late, *(first + nth * QUARTER for nth in range(quarters))]


def _moment(said: str) -> datetime | None:
    try:
        return datetime.strptime(said, STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
