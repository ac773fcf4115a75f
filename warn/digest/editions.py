"""When an edition is due, in the reader's own time zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from warn.model import Preferences, Recipient

Edition = Literal["daily", "evening", "weekly"]
EDITIONS: Final[tuple[Edition, ...]] = get_args(Edition)
LATEST: Final = timedelta(hours=6)
EVENING: Final = time(18)
WEEKLY_DAY: Final = 0  # Monday
_BACK: Final[Mapping[Edition, timedelta]] = {
    "daily": timedelta(days=1),
    "evening": timedelta(days=1),
    "weekly": timedelta(days=7),
}
_ON_TIME: Final = timedelta(minutes=15)
_LOOK_AHEAD: Final = 8  # days: one more than the longest cadence
KEPT: Final = timedelta(
    days=15
)  # how far back a bulletin goes on from the one before: two weekly ones, and a day


@dataclass(frozen=True, slots=True)
class Due:
    """One edition to make now; (edition, local_date, recipient, channel) is unique in the database.

    `late`: more than a quarter of an hour after its hour, and it says so. `gap` is the hour of the newest
    earlier edition that never arrived. `since`: what an edition tells as new has happened after it.
    """

    edition: Edition
    local_date: date
    at: datetime
    next_at: datetime | None
    since: datetime
    late: bool = False
    gap: datetime | None = None


@dataclass(frozen=True, slots=True)
class Had:
    """The newest edition of a kind that arrived, or may have; `at`: when it was made, which is as far as it told."""

    local_date: date
    at: datetime


def due(
    reader: Recipient,
    made: Mapping[Edition, date],
    now: datetime,
    had: Callable[[], Mapping[Edition, Had]] = dict,
) -> tuple[Due, ...]:
    """Editions due at `now` and not made yet. `made`: the newest local date made per edition.

    `had`: the newest of each edition that arrived; asked only where something is due. Nothing whose hour lay before it
    was wished for is due or missed. An edition more than six hours late is skipped; the next one names the gap, and
    tells everything since the last one that its reader had.
    """
    ready = [(one, *slot) for one in EDITIONS if (slot := _open(one, reader, made.get(one), now)) is not None]
    past = had() if ready else {}
    return tuple(_due(edition, day, at, reader, past, now) for edition, day, at in ready)


def next_edition(edition: Edition, who: Preferences, after: datetime) -> datetime | None:
    """The hour (UTC) of the first edition later than `after`; None where the reader wants none."""
    today = after.astimezone(ZoneInfo(who.timezone)).date()
    days = (today + timedelta(days=n) for n in range(_LOOK_AHEAD + 1))
    return next((at for day in days if (at := hour_of(edition, who, day)) and at > after), None)


def hour_of(edition: Edition, who: Preferences, day: date) -> datetime | None:
    """When this edition of a local day is due (UTC), or None where there is none that day.

    In a night that skips an hour the edition comes at the same distance from midnight; in one that repeats an
    hour, at its first pass.
    """
    at = _wanted(edition, who)
    if at is None or (edition == "weekly" and day.weekday() != WEEKLY_DAY):
        return None
    return datetime.combine(day, at, ZoneInfo(who.timezone)).astimezone(ZoneInfo("UTC"))


@lru_cache(maxsize=4096)
def wishes(who: Preferences) -> frozenset[Edition]:
    """Which editions this reader wants at all. Most readers share a few sets of preferences, hence the memory."""
    return frozenset(one for one in EDITIONS if _wanted(one, who) is not None)


def moves(before: Preferences, after: Preferences, now: datetime) -> bool:
    """Whether an edition goes to another hour before the one of today was certain to be over.

    If the new hour of that day has passed, the edition comes at once instead: nobody loses a day by choosing an hour.
    """
    today = now.astimezone(ZoneInfo(before.timezone)).date()
    return any(
        (at := hour_of(one, before, today)) is not None and now <= at + LATEST
        for one in EDITIONS
        if (_wanted(one, before), before.timezone) != (_wanted(one, after), after.timezone)
    )


def _wanted(edition: Edition, who: Preferences) -> time | None:
    match edition:
        case "daily":
            return None if who.weekly else who.digest_at  # a week's edition is for those who want less
        case "evening":
            return EVENING if who.evening else None
        case "weekly":
            return (who.digest_at or time(6)) if who.weekly else None


def _owed_from(edition: Edition, reader: Recipient, now: datetime) -> datetime:
    joined = reader.joined_at or now
    return max(joined, reader.wished.get(edition, joined))


def _open(
    edition: Edition, reader: Recipient, made: date | None, now: datetime
) -> tuple[date, datetime] | None:
    """The newest edition whose hour has come, if it was not made and is not too late."""
    zone = ZoneInfo(reader.preferences.timezone)
    today, moved = now.astimezone(zone).date(), reader.moved_at
    for day in (today, today - timedelta(days=1)):
        at = hour_of(edition, reader.preferences, day)
        if at is None or at > now:
            continue
        if at < _owed_from(edition, reader, now) or (made is not None and day <= made):
            return None
        if moved is not None and moved.astimezone(zone).date() == day:
            at = max(at, moved)
        return (day, at) if now - at <= LATEST else None
    return None


def _due(
    edition: Edition, day: date, at: datetime, reader: Recipient, had: Mapping[Edition, Had], now: datetime
) -> Due:
    missed = list(_missed(edition, day, reader, _owed_from(edition, reader, now), had.get(edition)))
    since = max(_since(edition, at, missed, had), at - KEPT)
    gap = missed[0] if missed else None
    next_at = next_edition(edition, reader.preferences, max(at, now))
    return Due(edition, day, at, next_at, since, now - at > _ON_TIME, gap)


def _missed(
    edition: Edition, day: date, reader: Recipient, owed_from: datetime, had: Had | None
) -> Iterator[datetime]:
    """Hours of the editions before that day that were owed after the last one the reader had; newest first."""
    for back in range(1, KEPT.days):
        earlier = day - timedelta(days=back)
        if had is not None and earlier <= had.local_date:
            return
        at = hour_of(edition, reader.preferences, earlier)
        if at is not None and at < owed_from:
            return
        if at is not None:
            yield at


def _since(
    edition: Edition, at: datetime, missed: Sequence[datetime], had: Mapping[Edition, Had]
) -> datetime:
    """An evening goes on from the edition that its reader had last; a morning from the morning before.

    Where the morning before did not arrive, it goes back to the last of any kind that did.
    """
    back, own = at - _BACK[edition], had.get(edition)
    last = max((one.at for one in had.values()), default=None)
    if last is None:
        return missed[-1] - _BACK[edition] if missed else back
    if edition == "evening":
        return last
    if own is None or own.at < back:
        return min(back, last)
    return back if own.at - back <= _ON_TIME else own.at
