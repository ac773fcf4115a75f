"""What counts as a warning given, as a false alarm, and as one that only confirms."""

from datetime import UTC, datetime, timedelta

import pytest
from warn.model import Evidence, Level, Transition
from warn.study.score import Impact, issues, score

START = datetime(2025, 9, 1, tzinfo=UTC)
END = START + timedelta(days=120)
NOTHING = Evidence(value=None, lo=None, hi=None, threshold=None, thresholds={}, tree={})


def moved(day: float, kind: str, level: int, before: int = 0) -> Transition:
    at = START + timedelta(days=day)
    return Transition("r", (), at, kind, Level(level), Level(before), NOTHING, "", START)  # type: ignore[arg-type]


def given(*moves: Transition, fresh: float = 3):
    return issues(moves, Level.ALERT, END, {"r": timedelta(days=fresh)})


def days(moment: datetime) -> float:
    return (moment - START) / timedelta(days=1)


def stood(found):
    return [[(days(a), days(b)) for a, b in issue.stood] for issue in found]


def test_a_rise_above_the_level_is_no_new_issue_and_neither_is_one_from_below_within_a_week():
    moves = [
        moved(1, "opened", 2),
        moved(2, "raised", 3, 2),
        moved(5, "raised", 4, 3),
        moved(8, "eased", 2, 4),
    ]
    again = [*moves, moved(15, "raised", 3, 2), moved(16, "closed", 0, 3)]
    assert stood(given(*again)) == [[(2, 8), (15, 16)]]
    later = [*moves, moved(15.1, "raised", 3, 2), moved(16, "closed", 0, 3)]
    assert stood(given(*later)) == [[(2, 8)], [(15.1, 16)]]


@pytest.mark.parametrize(
    ("back", "expected"),
    [(12, [[(1, 30)]]), (20, [[(1, 13), (20, 30)]]), (21, [[(1, 13)], [(21, 30)]]), (None, [[(1, 13)]])],
)  # fmt: skip
def test_a_blind_alert_counts_as_open_for_as_long_as_its_reports_stay_fresh(back, expected):
    moves = [moved(1, "opened", 3), moved(10, "blind", 3, 3)]
    moves += [] if back is None else [moved(back, "sighted", 3, 3)]
    assert stood(given(*moves, moved(30, "closed", 0, 3))) == expected


@pytest.mark.parametrize(
    ("impact", "kind"),
    [(10, (0, 0)), (40, (0, 0)), (41, (1, 0)), (9, (0, 1)), (3, (0, 1)), (2, (1, 0))],
)  # fmt: skip
def test_an_issue_is_false_unless_something_happened_in_thirty_days_or_just_before(impact, kind):
    found = given(moved(10, "opened", 3), moved(12, "closed", 0, 3))
    result = score(found, [Impact("I", (START + timedelta(days=impact)).date())], 3, START, END)
    assert (result["false_alarms"], result["confirming"]) == kind


def test_an_issue_is_not_false_while_it_stands():
    found = given(moved(10, "opened", 3), moved(90, "closed", 0, 3))
    result = score(found, [Impact("I", (START + timedelta(days=80)).date())], 3, START, END)
    assert (result["false_alarms"], result["hits"]) == (0, 1)
