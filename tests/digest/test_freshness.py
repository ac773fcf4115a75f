from datetime import UTC, datetime, timedelta

import pytest
from warn.digest.freshness import Drop, drop, standing

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTES, WEEK, MONTH, HALF_YEAR = 600, 7 * 86_400, 30 * 86_400, 180 * 86_400


@pytest.mark.parametrize(
    ("every_s", "limits"),
    [(MINUTES, (1, 2, 3)), (86_400, (1, 2, 3)), (WEEK, (7, 14, 21)), (MONTH, (30, 44, 60)), (HALF_YEAR, (30, 44, 60))],
)  # fmt: skip
def test_a_source_goes_from_fresh_to_silent_at_the_days_of_its_cadence(
    every_s: float, limits: tuple[int, ...]
) -> None:
    words = ["fresh", "due", "overdue", "silent"]
    for before, after, days in zip(words, words[1:], limits, strict=False):
        assert standing(every_s, NOW - days * DAY, NOW) == before
        assert standing(every_s, NOW - days * DAY - timedelta(seconds=1), NOW) == after


def test_what_was_never_read_is_silent() -> None:
    assert standing(MINUTES, None, NOW) == "silent"


def history(*per_day: int, until: float = 0) -> list[tuple[datetime, int]]:
    """Two polls a day, the second of which finds nothing new; newest day last."""
    days = list(enumerate(reversed(per_day)))
    return [
        (NOW - (nth + until) * DAY - half * DAY / 2, found if half else 0)
        for nth, found in days
        for half in (0, 1)
    ]


def test_a_source_that_finds_nothing_any_more_is_told() -> None:
    assert drop(history(*[24] * 20, 0, 0, 0), NOW) == Drop(0, 24)
    assert drop(history(*[24] * 20, 1, 2, 0), NOW) == Drop(2, 24)


@pytest.mark.parametrize(
    "found",
    [
        history(*[24] * 20, 0, 5, 0),  # less, yet something
        history(*[24] * 4, 0, 0, 0),  # too short a history to call anything usual
        history(*[0] * 20, 0, 0, 0),  # never found much
        history(0, 0, 0, 0, 0, 0, 0, 900, *[0] * 12, 0, 0, 0),  # a monthly table
        history(*[24] * 20, until=4),  # silent: another fault
        [],
    ],
)
def test_what_is_usual_or_unknown_is_no_drop(found: list[tuple[datetime, int]]) -> None:
    assert drop(found, NOW) is None


def test_what_comes_later_than_the_moment_asked_about_is_not_known_then() -> None:
    assert drop(history(*[24] * 20, 0, 0, 0, 24, 24, 24), NOW - 3 * DAY) == Drop(0, 24)
