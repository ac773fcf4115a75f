"""When an edition is due, in the reader's own time zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from warn.model import Preferences

Edition = Literal["daily", "evening", "weekly"]
LATEST: Final = timedelta(hours=6)
EVENING: Final = time(18)
WEEKLY_DAY: Final = 0  # Monday
_BACK: Final[Mapping[Edition, timedelta]] = {
    "daily": timedelta(days=1),
    "evening": timedelta(days=1),
    "weekly": timedelta(days=7),
}
_ON_TIME: Final = timedelta(minutes=15)
_LOOK_BACK: Final = 8  # days: one more than the longest cadence


@dataclass(frozen=True, slots=True)
class Due:
    """One edition to make now; (edition, local_date, recipient, channel) is unique in the database.

    `late`: more than a quarter of an hour after its hour, and it says so. `gap` is the hour of the newest
    earlier edition that was never made, because it would have been more than six hours late. `since`: what an edition
    tells as new has happened after it.
    """

    edition: Edition
    local_date: date
    at: datetime
    next_at: datetime | None
    since: datetime
    late: bool = False
    gap: datetime | None = None


def due(
    who: Preferences, made: Mapping[Edition, date], joined_at: datetime, now: datetime
) -> tuple[Due, ...]:
    """Editions due at `now` and not made yet. `made`: the newest local date made per edition.

    Nothing whose hour lay before `joined_at` is due or missed. An edition more than six hours late is
    skipped; the next one names the gap.
    """
    had = [at for edition, day in made.items() if (at := hour_of(edition, who, day))]
    return tuple(
        found
        for edition in ("daily", "evening", "weekly")
        if (found := _due(edition, who, made.get(edition), joined_at, now, had))
    )


def next_edition(edition: Edition, who: Preferences, after: datetime) -> datetime | None:
    """The hour (UTC) of the first edition later than `after`; None where the reader wants none."""
    today = after.astimezone(ZoneInfo(who.timezone)).date()
    days = (today + timedelta(days=n) for n in range(_LOOK_BACK + 1))
    return next((at for day in days if (at := hour_of(edition, who, day)) and at > after), None)


def hour_of(edition: Edition, who: Preferences, day: date) -> datetime | None:
    """When this edition of a local day is due (UTC), or None where there is none that day.

    In a night that skips an hour the edition comes at the same distance from midnight; in one that repeats an
    hour, at its first pass.
    """
    wanted = {
        "daily": None if who.weekly else who.digest_at,  # a week's edition is for those who want less
        "evening": EVENING if who.evening else None,
        "weekly": _weekly(who, day),
    }
    at = wanted[edition]
    if at is None:
        return None
    return datetime.combine(day, at, ZoneInfo(who.timezone)).astimezone(ZoneInfo("UTC"))


def _weekly(who: Preferences, day: date) -> time | None:
    return (who.digest_at or time(6)) if who.weekly and day.weekday() == WEEKLY_DAY else None


def _due(
    edition: Edition,
    who: Preferences,
    made: date | None,
    joined_at: datetime,
    now: datetime,
    had: Iterable[datetime],
) -> Due | None:
    passed = [
        (day, at) for day, at in _hours(edition, who, now) if joined_at <= at and (made is None or day > made)
    ]
    if not passed or now - passed[0][1] > LATEST:
        return None
    day, at = passed[0]
    gap = passed[1][1] if len(passed) > 1 else None
    since = _since(edition, at, had)
    return Due(edition, day, at, next_edition(edition, who, max(at, now)), since, now - at > _ON_TIME, gap)


def _since(edition: Edition, at: datetime, had: Iterable[datetime]) -> datetime:
    """An evening goes on from the edition that its reader had last; a morning tells what changed since yesterday."""
    back = at - _BACK[edition]
    return max((hour for hour in had if back < hour < at), default=back) if edition == "evening" else back


def _hours(edition: Edition, who: Preferences, now: datetime) -> Iterator[tuple[date, datetime]]:
    """Hours of this edition up to now, newest first."""
    today = now.astimezone(ZoneInfo(who.timezone)).date()
    for back in range(_LOOK_BACK + 1):
        day = today - timedelta(days=back)
        if (at := hour_of(edition, who, day)) and at <= now:
            yield day, at
