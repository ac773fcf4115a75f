"""How fresh a source is, and whether it still finds what it used to: one judgement for digest, page and commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final, Literal

Standing = Literal["fresh", "due", "overdue", "silent"]
DAY: Final = timedelta(days=1)
DAILY: Final = (1, 2, 3)
WEEKLY: Final = (7, 14, 21)
MONTHLY: Final = (30, 44, 60)

RECENT: Final = timedelta(days=3)
WEEKS: Final = timedelta(days=28)
LEAST_DAYS: Final = 7  # days of history, without which nothing is usual
LEAST_USUAL: Final = 2
SMALL_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Drop:
    """A source that answers and finds nothing any more: its best of the last days against its usual day."""

    found: int
    usual: float


def standing(every_s: float, good_at: datetime | None, now: datetime) -> Standing:
    """By cadence in days since the last good reading: daily 1/2/3, weekly 7/14/21, monthly 30/44/60."""
    if good_at is None:
        return "silent"
    due, overdue, silent = ladder(every_s)
    days = (now - good_at) / DAY
    return "silent" if days > silent else "overdue" if days > overdue else "due" if days > due else "fresh"


def ladder(every_s: float) -> tuple[int, int, int]:
    """Days after which a source of this cadence is due, overdue and silent."""
    days = every_s / 86_400
    return DAILY if days < 4 else WEEKLY if days < 20 else MONTHLY


def drop(found: Iterable[tuple[datetime, int]], now: datetime) -> Drop | None:
    """From (moment, observations found) of good polls: whether the last three days fall far short of four weeks.

    The best poll of a day counts, since most of them ask only for what is new. Where nothing was read in the last days
    the source is silent, which is another fault.
    """
    best: dict[date, int] = {}
    recent: list[int] = []
    for at, count in found:
        if now - RECENT < at <= now:
            recent.append(count)
        elif now - RECENT - WEEKS < at <= now - RECENT:
            best[at.date()] = max(count, best.get(at.date(), 0))
    if not recent or len(best) < LEAST_DAYS:
        return None
    usual = float(median(best.values()))
    short = usual >= LEAST_USUAL and max(recent) <= usual * SMALL_SHARE
    return Drop(max(recent), usual) if short else None
