"""`escalate`: which steps are due, from what is stored of an alert."""

from datetime import timedelta

import pytest
from warn.model import Evidence, Level, Transition
from warn.rules.escalation import due, named, rose_at
from warn.rules.rule import Escalation

from tests.rules.engine_kit import hours

NOTHING = Evidence(None, None, None, None, {})
FIRST, SECOND = Escalation(after="6h"), Escalation(after="24h", to="direction")


def moved(hour, kind, level, before):
    return Transition("attacks", (), hours(hour), kind, Level(level), Level(before), NOTHING)


def called(hour, *, answered=None, told=()):
    at = None if answered is None else hours(answered)
    return [named(step) for step in due((FIRST, SECOND), hours(0), at, told, hours(hour))]


@pytest.mark.parametrize(
    ("hour", "expected"), [(5.9, []), (6, ["6h admins"]), (24, ["6h admins", "24h direction"])]
)
def test_a_step_is_due_from_its_hour_on(hour, expected):
    assert called(hour) == expected


def test_what_was_called_is_not_called_again_though_the_other_steps_are():
    assert called(30, told={"6h admins"}) == ["24h direction"]


def test_an_acknowledgement_counts_from_the_rise_on_and_an_older_one_does_not():
    assert called(30, answered=0) == []
    assert called(30, answered=-1) == ["6h admins", "24h direction"]


def test_the_clock_starts_with_the_newest_rise_by_itself_or_by_an_edit():
    history = [
        moved(0, "opened", 2, 0),
        moved(3, "edited", 3, 2),
        moved(5, "eased", 2, 3),
        moved(6, "updated", 2, 2),
    ]
    assert rose_at(history) == hours(3)
    assert rose_at([]) is None
    assert rose_at(history[:1]) == hours(0) == hours(3) - timedelta(hours=3)
