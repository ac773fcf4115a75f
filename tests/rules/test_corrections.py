"""What was told rested on a report that turned out wrong: taken back, corrected loudly or silently, or left as it is."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from warn.codec import state_from_json, state_to_json
from warn.model import AlertState, Coverage, Transition

from tests.rules.engine_kit import FAR, engine, every_hour, hours, row, rule, told
from tests.rules.test_engine import ATTACKS, BY_ROAD, FUEL, RULES, SPOTS, STAGE, as_bytes

SIKASSO = SPOTS[2]
WATCHED = Coverage("test", (), hours(-9999), hours(9999))
PETROL: dict[str, Any] = {"indicator": "fuel_price_informal", "attributes": {"product": "petrol"}}
PRICES = rule("prices", measure={"latest": "fuel_price_informal"}, rises_to={"tension": 1000, "alert": 2000})


def run(rules, rows, until=100):
    return engine(rules, rows).advance((), every_hour(until))


def revised(first, at, **more):
    """The row, and what takes its place at that hour."""
    return [replace(first, superseded_at=hours(at)), replace(first, known_at=hours(at), **more)]


def test_an_alert_that_would_not_have_opened_is_withdrawn_at_once():
    outcome = run([ATTACKS], [row(1, superseded_at=hours(40))])
    assert told(outcome) == [(1, "opened", 2), (40, "withdrawn", 0)]
    assert outcome.states[0].status == "closed"
    last = outcome.transitions[-1]
    assert last.opened_at == hours(1)
    assert last.evidence.tree["correction"] == {
        "loud": True, "lost": [row(1).ref], "numbers": [{"at": hours(1).isoformat(), "told": 1.0, "so": 0.0}],
    }  # fmt: skip


def test_a_lower_peak_is_corrected_and_the_ladder_goes_on():
    rows = [row(1), row(30, key="b", superseded_at=hours(40), **SIKASSO)]
    outcome = run([ATTACKS], rows, 500)
    found = [t for t in told(outcome) if t[1] != "reminded"]
    assert found == [
        (1, "opened", 2),
        (30, "raised", 3),
        (40, "corrected", 2),
        (1 + 14 * 24 + 48, "closed", 0),
    ]
    fixed = next(t for t in outcome.transitions if t.kind == "corrected")
    assert (fixed.before, fixed.level, fixed.evidence.value) == (3, 2, 1)


def test_two_reports_that_turn_out_one_event_are_corrected():
    """A curator names one incident for both: the second attack never was."""
    first, second = row(1, key="a"), row(30, key="b", **SIKASSO)
    rows = [*revised(first, 50, incident="one"), *revised(second, 50, incident="one")]
    found = run([ATTACKS], rows)
    assert told(found) == [(1, "opened", 2), (30, "raised", 3), (50, "corrected", 2)]
    assert found.transitions[-1].evidence.counted == (first.ref, second.ref)


def test_a_second_outlet_that_joins_an_incident_corrects_nothing():
    rows = [row(10, occurred=1, origins=("Reuters",)), row(20, occurred=2, origins=("RFI",))]
    assert told(run([ATTACKS], rows)) == [(10, "opened", 2), (20, "updated", 2)]


def test_a_wrong_number_that_crosses_no_threshold_is_corrected_silently():
    rows = [*revised(row(1, **PETROL, value=1200.0), 20, value=1100.0)]
    outcome = run([PRICES], rows, 30)
    assert told(outcome) == [(1, "opened", 2), (20, "corrected", 2)]
    assert outcome.transitions[-1].evidence.tree["correction"]["loud"] is False
    assert outcome.transitions[-1].before == 2


def test_a_revised_price_that_falls_below_its_threshold_lowers_the_level():
    rows = revised(row(1, **PETROL, value=2100.0), 20, value=1900.0)
    assert told(run([PRICES], rows, 30)) == [(1, "opened", 3), (20, "corrected", 2)]
    rows = revised(row(1, **PETROL, value=2100.0), 20, value=500.0)
    assert told(run([PRICES], rows, 30)) == [(1, "opened", 3), (20, "withdrawn", 0)]


def test_a_revised_price_that_rises_above_a_threshold_is_corrected_and_then_raised():
    rows = revised(row(1, **PETROL, value=1900.0), 20, value=2100.0)
    assert told(run([PRICES], rows, 30)) == [(1, "opened", 2), (20, "corrected", 2), (20, "raised", 3)]


def test_another_title_corrects_nothing_and_neither_does_a_report_that_never_counted():
    titled = revised(row(1), 20, title="Another headline", url="https://example.org/2")
    far = row(5, key="far", superseded_at=hours(30), **FAR)
    assert told(run([ATTACKS], [*titled, far])) == [(1, "opened", 2)]


def test_a_new_reading_under_the_old_name_corrects_nothing():
    """A sheet whose rows are written over speaks of another day, and takes nothing back."""
    old = row(1, **PETROL, value=1200.0)
    new = replace(old, known_at=hours(20), occurred_at=hours(20), value=400.0)
    found = told(run([PRICES], [replace(old, superseded_at=hours(20)), new], 30))
    assert found == [(1, "opened", 2), (20, "updated", 2)]


def test_a_late_report_acts_from_now_on_and_corrects_nothing():
    rows = [row(10), row(60, occurred=5, key="late", **SIKASSO)]
    outcome = run([ATTACKS], rows)
    assert told(outcome) == [(10, "opened", 2), (60, "raised", 3)]
    reports = [r for i in outcome.transitions[-1].evidence.tree["incidents"] for r in i["reports"]]
    assert {r["ref"]: r["late"] for r in reports} == {rows[0].ref: False, rows[1].ref: True}


def test_an_episode_that_is_over_is_still_taken_back():
    rows = [row(1, superseded_at=hours(500))]
    found = [t for t in told(run([ATTACKS], rows, 600)) if t[1] != "reminded"]
    assert found == [(1, "opened", 2), (1 + 14 * 24 + 48, "closed", 0), (500, "withdrawn", 0)]


def test_what_was_corrected_is_not_corrected_again_for_the_same():
    rows = [
        row(1), row(30, key="b", superseded_at=hours(40), **SIKASSO),
        row(50, key="far", superseded_at=hours(60), **FAR),
    ]  # fmt: skip
    assert told(run([ATTACKS], rows)) == [(1, "opened", 2), (30, "raised", 3), (40, "corrected", 2)]


def test_a_composite_is_corrected_with_its_parts():
    rows = [row(1, indicator="school_closure"), row(3, superseded_at=hours(40))]
    outcome = run(RULES, rows)
    assert told(outcome, "stage") == [(1, "opened", 3), (3, "raised", 4), (40, "corrected", 3)]
    alone = run([ATTACKS, STAGE], [row(3, superseded_at=hours(40))])
    assert told(alone, "stage") == [(3, "opened", 3), (40, "withdrawn", 0)]


def test_a_level_that_rested_on_wrong_reports_is_taken_back():
    stations: dict[str, Any] = {"indicator": "station_has_fuel", "value": 0.0}
    rows = [row(1, key="1", **stations), row(2, key="2", origins=("b",), superseded_at=hours(20), **stations)]
    assert told(run([FUEL], rows, 30)) == [(8, "opened", 3), (20, "withdrawn", 0)]


@st.composite
def revisions(draw, most=8):
    """Reports that are revised or withdrawn after a while, or not."""
    rows = []
    for n in range(draw(st.integers(1, most))):
        occurred = draw(st.integers(-20, 200))
        known = occurred + draw(st.sampled_from([0, 1, 30, 70]))
        first = row(
            known, occurred=occurred, key=f"k{n}",
            indicator=draw(st.sampled_from(["convoy_attack", "convoy_attack", "station_has_fuel", "school_closure"])),
            value=float(draw(st.integers(0, 1))), origins=(draw(st.sampled_from(["RFI", "AFP"])),),
            grade=draw(st.sampled_from(["B2", "C3"])), **draw(st.sampled_from(SPOTS)),
        )  # fmt: skip
        rows.append(first)
        for _ in range(draw(st.integers(0, 2))):
            known += draw(st.integers(1, 90))
            last = rows[-1]
            rows[-1] = replace(last, superseded_at=hours(known))
            if draw(st.booleans()):
                break
            change = draw(
                st.sampled_from(
                    [{"title": "new"}, {"value": 1.0}, {"incident": "one"}, {"grade": "B2"}, {**FAR}]
                )
            )
            rows.append(replace(last, known_at=hours(known), superseded_at=None, **change))
    return rows


@given(revisions(), st.booleans())
@settings(max_examples=25, deadline=None)
def test_every_tick_by_itself_through_the_database_equals_one_run(rows, adding):
    """Whether the live engine is given all rows again or only what is new."""
    ticks = every_hour(420, -24)[::3]
    whole = engine(RULES, rows).advance((), ticks)
    live = engine(RULES)
    states: tuple[AlertState, ...] = ()
    transitions: list[Transition] = []
    for tick in ticks:
        known = [
            replace(o, superseded_at=None) if o.superseded_at and o.superseded_at > tick else o
            for o in rows
            if o.known_at <= tick
        ]
        if adding:
            new = [
                o
                for o in known
                if tick - (ticks[1] - ticks[0]) < max(o.known_at, o.superseded_at or o.known_at)
            ]
            live.update(new, (), [WATCHED] if tick == ticks[0] else ())
        else:
            live.load(known, (), [WATCHED])
        outcome = live.advance(states, [tick])
        states = tuple(state_from_json(json.loads(json.dumps(state_to_json(s)))) for s in outcome.states)
        transitions += outcome.transitions
    assert as_bytes(whole.transitions) == as_bytes(transitions)
    assert [state_to_json(s) for s in whole.states] == [state_to_json(s) for s in states]


@given(revisions())
@settings(max_examples=25, deadline=None)
def test_when_every_report_is_lost_nothing_stays_open(rows):
    end = max(o.known_at for o in rows) + (hours(1) - hours(0))
    lost = [replace(o, superseded_at=min(o.superseded_at or end, end)) for o in rows]
    at = int((end - hours(0)).total_seconds() // 3600)
    outcome = engine([ATTACKS, BY_ROAD, STAGE], lost).advance((), every_hour(at, -24))
    assert not [s for s in outcome.states if s.is_open]


@given(revisions())
@settings(max_examples=25, deadline=None)
def test_a_correction_never_raises_and_only_follows_a_loss(rows):
    outcome = engine(RULES, rows).advance((), every_hour(420, -24))
    gone = {o.superseded_at for o in rows}
    for t in outcome.transitions:
        if t.kind in {"corrected", "withdrawn"}:
            assert t.level <= t.before
            assert t.at in gone
