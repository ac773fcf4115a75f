"""When an edition is due, in the reader's own time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from warn.model import Preferences

Edition = Literal["daily", "evening", "weekly"]
LATEST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Due:
    """One edition that should be made now; (edition, local_date, recipient, channel) is unique in the database.

    `gap` is the hour of an earlier edition that was skipped because it would have been too late.
    """

    edition: Edition
    local_date: date
    at: datetime
    next_at: datetime | None
    late: bool = False
    gap: datetime | None = None


def due(
    who: Preferences, made: Mapping[Edition, date], joined_at: datetime, now: datetime
) -> tuple[Due, ...]:
    """Editions due at `now` and not made yet. `made`: the newest local date made (or skipped) per edition.

    Nothing before `joined_at` is due.
    """
    raise NotImplementedError
