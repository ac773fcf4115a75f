"""A reload: what only the edit causes is marked, waits where it rises, and alerts without a rule wait for a person."""

import json
from dataclasses import replace

from warn.codec import state_from_json, state_to_json
from warn.rules.edits import orphans, retired

from tests.rules.engine_kit import engine, every_hour, ground, hours, row, rule, told
from tests.rules.test_engine import ATTACKS, STAGE

GEO, REGISTRY = ground()
LOWER = rule(rises_to={"tension": 1, "alert": 1.5, "crisis": 2})
TWO = [row(1), row(30, key="b", place="Sikasso", lat=11.32, lon=-5.67)]


def judged(loaded, word):
    return replace(loaded, judges=word)


def edited(old, new, rows, hour=100):
    """The old rules until that hour, and an engine of the new ones over the same history."""
    before = engine(old, rows)
    states = before.advance((), every_hour(hour)).states
    return before.replaced(new, REGISTRY, GEO), states


def test_a_raise_that_only_the_edit_causes_is_edited_and_waits():
    made, states = edited([ATTACKS], [judged(LOWER, "lower")], TWO)
    outcome = made.advance(states, [hours(101)])
    assert told(outcome) == [(101, "edited", 4)]
    assert outcome.transitions[0].before == 3
    assert outcome.transitions[0].why == "the rule was edited: crisis reached"
    assert outcome.transitions[0].evidence.tree["edit"] == {"instead_of": "raised"}


def test_what_the_old_rules_would_have_told_as_well_is_not_the_edits():
    rows = [row(1), row(101, key="b", place="Sikasso", lat=11.32, lon=-5.67)]
    made, states = edited([ATTACKS], [judged(rule(clears_after="3d"), "slower")], rows)
    assert told(made.advance(states, [hours(101)])) == [(101, "raised", 3)]


def test_a_rule_that_is_new_opens_by_edit_and_counts_for_nobody_until_a_person_agrees():
    made, states = edited([STAGE], [ATTACKS, STAGE], TWO)
    outcome = made.advance(states, [hours(101)], unapproved=())
    assert told(outcome) == [(101, "edited", 3)]
    assert told(made.advance(states, [hours(101)]), "stage") == [(101, "edited", 3)]


def test_after_it_is_settled_the_new_rules_tell_as_any_others():
    made, states = edited([ATTACKS], [judged(LOWER, "lower")], [row(1)])
    first = made.advance(states, [hours(101)])
    made.settle()
    made.load([row(1), row(110, key="b", place="Sikasso", lat=11.32, lon=-5.67)], (), made.history.records)
    assert told(made.advance(first.states, [hours(110)])) == [(110, "raised", 4)]


def test_a_level_that_has_to_hold_first_is_still_the_edits_when_it_is_reached():
    slow = rule(rises_to={"tension": 1, "alert": 1.5, "crisis": 2}, holds_for="80h")
    made, states = edited([ATTACKS], [judged(slow, "slow")], TWO)
    first = made.advance(states, [hours(101)])
    assert first.transitions == ()
    made.settle()
    kept = [state_from_json(json.loads(json.dumps(state_to_json(s)))) for s in first.states]
    outcome = made.advance(kept, [hours(n) for n in range(102, 115)])
    assert told(outcome) == [(110, "edited", 4)]


def test_other_words_change_nothing():
    said = rule(title={"fr": "x", "en": "y"})
    made, states = edited([ATTACKS], [said], TWO)
    outcome = made.advance(states, [hours(101)])
    assert (outcome.transitions, outcome.states) == ((), states)


def test_alerts_without_a_rule_stand_until_an_administrator_confirms():
    """Removed, or told apart by something else: neither is judged, and nothing is withdrawn by itself."""
    for new in ([], [judged(rule(by=["corridor"]), "by road")]):
        made, states = edited([ATTACKS], new, TWO)
        outcome = made.advance(states, [hours(101)])
        assert [s for s in outcome.states if s.by == ()] == list(states)
        left = orphans(made.rules, outcome.states)
        assert left == states
        assert retired(made.rules, outcome.states, ["another"], hours(102)).transitions == ()
        gone = retired(made.rules, outcome.states, ["attacks"], hours(102))
        assert [(t.kind, int(t.before), int(t.level)) for t in gone.transitions] == [("withdrawn", 3, 0)]
        assert [s.status for s in gone.states] == ["closed"]
        assert gone.transitions[0].opened_at == hours(1)


def test_an_edited_rule_reads_what_an_engine_made_afresh_reads():
    """What was built is taken over only where the edit leaves it as it was: its numbers, but not its window."""
    for new in (LOWER, rule(clears_at=0), rule(stale_after="2d"), rule(by=["corridor"]), rule(
        measure={"count": "convoy_attack", "near": "roads", "over": "3d"}
    )):  # fmt: skip
        made, _ = edited([ATTACKS], [judged(new, "new")], TWO)
        fresh = engine([new], TWO)
        assert made.keys("attacks") == fresh.keys("attacks")
        for by in made.keys("attacks"):
            for hour in range(0, 800, 7):
                assert made.reading("attacks", by, hours(hour)) == fresh.reading("attacks", by, hours(hour))
                told = [one.evidence("attacks", by, hours(hour), light=True) for one in (made, fresh)]
                assert replace(told[0], rule_hash="") == replace(told[1], rule_hash="")
