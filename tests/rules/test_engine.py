"""One function for live, scenario and backtest: what it must never do, and what each measure says."""

import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warn.codec import transition_from_json, transition_to_json
from warn.model import AlertState, Coverage, Poll, Transition

from tests.rules.engine_kit import FAR, T0, engine, every_hour, hours, row, rule, told

ATTACKS = rule()
BY_ROAD = rule("by-road", by=["corridor"], rises_to={"watch": 1, "tension": 2})
FUEL = rule(
    "station-fuel",
    measure={"mean": "station_has_fuel", "over": "48h", "min_reports": 2, "min_origins": 2},
    falls_to={"tension": 0.6, "alert": 0.35}, clears_at=0.7, clears_after="72h", holds_for="6h", stale_after="2d",
)  # fmt: skip
STAGE = rule(
    "stage",
    family=None,
    measure={"families": {"at": "tension", "over": "7d"}},
    rises_to={"alert": 1, "crisis": 2},
)
SCHOOLS = rule(
    "schools", family="services", measure={"state": {"on": "school_closure", "off": "school_reopening"}},
    rises_to={"alert": 1},
)  # fmt: skip
RULES = [ATTACKS, BY_ROAD, FUEL, SCHOOLS, STAGE]

SPOTS: list[dict[str, Any]] = [
    {"lat": 13.57, "lon": -8.03, "precision": "town", "place": "Kolokani"},
    {"lat": 13.9, "lon": -8.0, "precision": "town", "place": "Didieni"},
    {"lat": 11.32, "lon": -5.67, "precision": "town", "place": "Sikasso"},
    {"lat": None, "lon": None, "precision": "region", "place": "Kayes"},
    FAR,
]


@st.composite
def histories(draw, most=14):
    rows = []
    for n in range(draw(st.integers(0, most))):
        occurred = draw(st.integers(-200, 300))
        known = occurred + draw(st.integers(0, 60))
        gone = draw(st.one_of(st.none(), st.none(), st.integers(1, 100)))
        rows.append(
            row(
                known, occurred=occurred, key=f"k{n}",
                indicator=draw(st.sampled_from(["convoy_attack", "convoy_attack", "station_has_fuel", "school_closure"])),
                value=float(draw(st.integers(0, 1))) if n % 3 else 1.0,
                origins=(draw(st.sampled_from(["RFI", "AFP", "Reuters"])),),
                grade=draw(st.sampled_from(["B2", "C3", "F6"])),
                superseded_at=None if gone is None else hours(known + gone),
                **draw(st.sampled_from(SPOTS)),
            )
        )  # fmt: skip
    return rows


def as_bytes(transitions):
    return [json.dumps(transition_to_json(t), sort_keys=True) for t in transitions]


@given(histories(), histories(6), st.integers(0, 300))
@settings(max_examples=25, deadline=None)
def test_what_becomes_known_later_changes_nothing_before(rows, more, moment):
    """Adding, and superseding, observations after t leaves every transition at or before t as it was."""
    later = [
        replace(o, key=f"later-{o.key}", known_at=max(o.known_at, hours(moment + 1)), superseded_at=None)
        for o in more
    ]
    gone = [
        replace(o, superseded_at=hours(moment + 1)) if n % 2 and o.superseded_at is None and o.known_at <= hours(moment) else o
        for n, o in enumerate(rows)
    ]  # fmt: skip
    ticks = every_hour(moment, -210)
    before = engine(RULES, rows).advance((), ticks)
    after = engine(RULES, [*gone, *later]).advance((), ticks)
    hidden = [t for t in after.transitions if t.at <= hours(moment)]
    assert as_bytes(before.transitions) == as_bytes(hidden)


@given(histories())
@settings(max_examples=20, deadline=None)
def test_live_ticks_and_a_backtest_over_the_same_ticks_agree_to_the_byte(rows):
    ticks = every_hour(350, -210)[::5]
    whole = engine(RULES, rows).advance((), ticks)
    live = engine(RULES)
    states: tuple[AlertState, ...] = ()
    transitions: list[Transition] = []
    for tick in ticks:
        live.load(
            [o for o in rows if o.known_at <= tick], (), [Coverage("test", (), hours(-9999), hours(9999))]
        )
        outcome = live.advance(states, [tick])
        states, transitions = outcome.states, [*transitions, *outcome.transitions]
    assert as_bytes(whole.transitions) == as_bytes(transitions)
    assert whole.states == states


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_in_which_rows_arrive_is_irrelevant(rows, chance):
    mixed = list(rows)
    chance.shuffle(mixed)
    ticks = every_hour(350, -210)[::3]
    one, other = (engine(RULES, some).advance((), ticks) for some in (rows, mixed))
    assert as_bytes(one.transitions) == as_bytes(other.transitions)


def test_a_transition_survives_json():
    for told_of in engine([ATTACKS], [row(1), row(80, key="b")]).advance((), every_hour(100)).transitions:
        assert transition_from_json(json.loads(json.dumps(transition_to_json(told_of)))) == told_of


def test_one_event_told_by_three_outlets_counts_once():
    rows = [row(1), row(5, occurred=1, origins=("AFP",)), row(9, occurred=2, origins=("Reuters",))]
    assert told(engine([ATTACKS], rows).advance((), every_hour(48))) == [
        (1, "opened", 2), (5, "updated", 2), (9, "updated", 2),
    ]  # fmt: skip


def test_the_unconfirmed_reach_tension_at_most_until_a_second_origin_confirms_them():
    rows = [
        row(1, grade="C3"), row(100, grade="C3", key="x"), row(110, occurred=100, grade="C3", origins=("AFP",), key="y"),
        row(111, occurred=1, grade="C3", origins=("AFP",), key="z"),
    ]  # fmt: skip
    outcome = engine([ATTACKS], rows).advance((), every_hour(120))
    assert told(outcome) == [(1, "opened", 2), (100, "updated", 2), (110, "updated", 2), (111, "raised", 3)]
    last = outcome.transitions[-1].evidence
    assert (last.value, last.origins, last.grade, last.threshold) == (2, ("AFP", "RFI"), "C1", 2)


def test_what_a_party_says_of_itself_never_confirms():
    rows = [
        row(1, attributes={"claim": "army"}),
        row(2, occurred=1, attributes={"claim": "army"}, origins=("AFP",)),
    ]
    state = engine([ATTACKS], rows).advance((), every_hour(3)).transitions
    assert [t.level for t in state] == [2, 2] or [t.level for t in state] == [2]
    assert state[0].evidence.tree["incidents"][0]["confirmed"] is False


def test_far_from_every_road_does_not_count_and_the_tree_says_why():
    made = engine([ATTACKS], [row(1, **FAR)])
    assert made.advance((), every_hour(3)).transitions == ()
    incident = made.evidence("attacks", (), hours(3)).tree["incidents"][0]
    assert (incident["counted"], incident["why_not"]) == (
        False,
        "not near enough, or place not known to the town",
    )


def test_a_count_with_a_gap_is_so_many_or_more():
    made = engine([rule(stale_after="1d")], [row(1)], coverage=[])
    outcome = made.advance((), every_hour(3))
    assert told(outcome) == [(1, "opened", 2), (1, "blind", 2)]
    assert (outcome.transitions[0].evidence.lo, outcome.transitions[0].evidence.hi) == (1, None)


def test_without_polls_nothing_closes_and_with_polls_it_does():
    polls = [Poll("feeds", hours(h), "ok") for h in range(-400, 900)]
    watched = engine([rule(stale_after="1d")], [row(1)], polls, coverage=[])
    assert [t[1] for t in told(watched.advance((), every_hour(900)))] == [
        "opened",
        "reminded",
        "reminded",
        "closed",
    ]
    silent = engine([rule(stale_after="1d")], [row(1)], polls[:420], coverage=[])
    assert "closed" not in [t[1] for t in told(silent.advance((), every_hour(900)))]


def test_an_alert_per_road_and_an_incident_belongs_to_its_nearest_one():
    rows = [row(1), row(80, **SPOTS[2]), row(200, **SPOTS[3])]
    outcome = engine([BY_ROAD], rows).advance((), every_hour(210))
    assert {dict(t.by)["corridor"] for t in outcome.transitions} == {"kayes", "sikasso"}


def test_a_level_needs_enough_reports_and_origins_and_goes_stale():
    few = [row(h, indicator="station_has_fuel", value=0.0, origins=("a",), key=f"{h}") for h in (1, 2)]
    assert engine([FUEL], few).advance((), every_hour(40)).transitions == ()
    enough = [*few, row(3, indicator="station_has_fuel", value=0.0, origins=("b",))]
    outcome = engine([FUEL], enough).advance((), every_hour(80))
    assert told(outcome) == [(9, "opened", 3), (50, "blind", 3)]


def test_a_state_is_on_until_the_newest_report_says_off():
    rows = [
        row(1, indicator="school_closure"), row(2, indicator="school_closure", key="again"),
        row(50, indicator="school_reopening"),
    ]  # fmt: skip
    outcome = engine([SCHOOLS], rows).advance((), every_hour(120))
    assert told(outcome) == [(1, "opened", 3), (50, "updated", 3), (98, "closed", 0)]


def test_families_count_each_family_once_and_remember_for_as_long_as_asked():
    rows = [row(1), row(3, indicator="school_closure"), row(20, indicator="school_reopening")]
    outcome = engine(RULES, rows).advance((), every_hour(700))
    stage = [t for t in told(outcome, "stage") if t[1] != "reminded"]
    closed = next(t[0] for t in told(outcome, "schools") if t[1] == "closed")
    assert stage[:2] == [(1, "opened", 3), (3, "raised", 4)]
    assert stage[2] == (closed + 7 * 24 + 48, "eased", 3)


def test_an_alert_that_lapsed_is_remembered_by_a_window_from_when_it_did_also_through_the_database():
    lost = rule(
        "schools", family="services", measure=SCHOOLS.rule.measure, rises_to={"alert": 1}, lapses_after="2d"
    )
    rows = [row(3, indicator="school_closure")]
    once = engine([lost, STAGE], rows).advance((), every_hour(1200))
    at = {kind: round(hour) for hour, kind, _ in told(once, "schools")}
    assert at["lapsed"] == at["blind"] + 48
    ends = (at["lapsed"] + 7 * 24 + 48, "closed", 0)
    assert [t for t in told(once, "stage") if t[1] == "closed"] == [ends]
    before = engine([lost, STAGE], rows).advance((), every_hour(at["lapsed"] + 1))
    after = engine([lost, STAGE], rows).advance(before.states, every_hour(1200, at["lapsed"] + 2))
    assert [t for t in told(after, "stage") if t[1] == "closed"] == [ends]


def test_families_leave_out_what_is_excepted_and_never_count_one_another():
    def counting(name: str, *left_out: str) -> Any:
        return rule(
            name,
            family="politics",
            measure={"families": {"at": "tension", "except": list(left_out)}},
            rises_to={"watch": 1, "tension": 2},
        )

    rules = [ATTACKS, SCHOOLS, counting("all"), counting("other"), counting("few", "supply")]
    made = engine(rules, [row(1), row(3, indicator="school_closure")])
    made.advance((), every_hour(5))
    values = {name: made.evidence(name, (), hours(4)).value for name in ("all", "other", "few")}
    assert values == {"all": 2, "other": 2, "few": 1}


def test_rules_of_mode_shadow_count_in_shadow_rules_alone():
    measure = {"rules": ["attacks"], "at": "tension"}
    counters = [rule(name, measure=measure, rises_to={"watch": 1}, mode=name) for name in ("live", "shadow")]
    made = engine([rule(mode="shadow"), *counters], [row(1)])
    made.advance((), every_hour(3))
    assert [made.evidence(name, (), hours(2)).value for name in ("live", "shadow")] == [0, 1]


def test_a_keeper_per_road_holds_open_its_own_road_and_one_without_keys_holds_all():
    east: dict[str, Any] = {"lat": 11.32, "lon": -5.67, "place": "Sikasso"}
    per_road: dict[str, Any] = {"by": ["corridor"], "rises_to": {"watch": 1}}
    keeper = rule("stops", measure={"count": "convoy_disruption", "over": "60d"}, **per_road)
    rows = [row(1), row(1, key="e", **east), row(2, indicator="convoy_disruption", **east)]
    ended = 1 + 14 * 24 + 48
    for kept_by, closed in (({}, {"kayes"}), ({"by": []}, set())):
        first = rule("stops", measure=keeper.rule.measure, **{**per_road, **kept_by})
        held = rule(measure=ATTACKS.rule.measure, keep_open_while=["stops"], **per_road)
        outcome = engine([first, held], rows).advance((), every_hour(ended + 24))
        found = {
            dict(t.by)["corridor"] for t in outcome.transitions if t.rule == "attacks" and t.kind == "closed"
        }
        assert found == closed


def test_what_is_handed_in_counts_and_not_what_was_handed_back_before():
    """Another process may have stored other states meanwhile, and a transaction that failed stored none."""
    made = engine([SCHOOLS], [row(1, indicator="school_closure")])
    first = made.advance((), [hours(2)])
    assert [t.kind for t in made.advance(first.states, [hours(3)]).transitions] == []
    assert [t.kind for t in made.advance((), [hours(4)]).transitions] == ["opened"]


def test_what_awaits_a_person_does_not_count_for_other_rules():
    waiting = rule(
        "schools", family="services", measure=SCHOOLS.rule.measure, rises_to={"alert": 1}, mode="approve"
    )
    made = engine([waiting, STAGE], [row(3, indicator="school_closure")])
    assert told(made.advance((), every_hour(9)), "stage") == [(3, "opened", 3)]
    assert told(made.advance((), every_hour(9), unapproved=()), "stage") == []


def test_a_keeper_holds_an_alert_open_until_it_closes():
    kept = rule(keep_open_while=["schools"], measure=ATTACKS.rule.measure)
    rows = [row(1), row(2, indicator="school_closure"), row(500, indicator="school_reopening")]
    alone = told(engine([ATTACKS], rows).advance((), every_hour(700)))
    held = told(engine([SCHOOLS, kept], rows).advance((), every_hour(700)), "attacks")
    assert [t for t in alone if t[1] == "closed"] == [(1 + 14 * 24 + 48, "closed", 0)]
    assert [t for t in held if t[1] == "closed"] == [(548, "closed", 0)]


CASES = [
    ({"latest": "fuel_price_informal"}, [(1, 900.0), (2, 2000.0)], 2000.0),
    ({"median": "fuel_queue_hours", "over": "48h"}, [(1, 1.0), (2, 9.0), (3, 3.0)], 3.0),
    ({"min": "power_hours", "over": "7d"}, [(1, 8.0), (2, 3.0)], 3.0),
    ({"max": "fuel_price_informal", "over": "7d"}, [(1, 900.0), (2, 800.0)], 900.0),
    (
        {"change": "food_price", "against": "median", "back": "28d"},
        [(1, 100.0), (2, 100.0), (3, 130.0)],
        30.0,
    ),
    (
        {"change": "food_price", "against": "before", "back": "1h"},
        [(1, 100.0), (2, 200.0), (3, 130.0)],
        -35.0,
    ),
    (
        {"anomaly": "food_price", "min_points": 4},
        [(1, 1.0), (2, 2.0), (3, 3.0), (4, 4.0), (5, 2.5 + 1.4826)],
        1.0,
    ),
    ({"silence": "tankers_arrived"}, [(1, 9.0), (2, 9.0)], 4.0),
]


@pytest.mark.parametrize(("measure", "said", "value"), CASES)
def test_each_measure_of_a_quantity_says_what_it_should(measure, said, value):
    indicator = next(iter(measure.values()))
    rows = [row(h, indicator=indicator, value=v, key=str(h)) for h, v in said]
    made = engine([rule(measure=measure, rises_to={"watch": 0.5})], rows)
    assert made.evidence("attacks", (), hours(6)).value == pytest.approx(value)
    assert made.evidence("attacks", (), hours(0)).value is None


def test_a_sum_takes_the_median_of_the_origins_of_each_incident():
    rows = [
        row(1, indicator="displacement_report", value=100.0),
        row(2, occurred=1, indicator="displacement_report", value=300.0, origins=("AFP",)),
        row(3, indicator="displacement_report", value=50.0, **SPOTS[2]),
    ]
    made = engine([rule(measure={"sum": "displacement_report", "over": "28d"}, rises_to={"watch": 1})], rows)
    assert made.evidence("attacks", (), hours(4)).value == 250.0


def test_a_ratio_is_unknown_where_either_part_is_and_joined_on_its_keys():
    petrol, diesel = {"product": "petrol"}, {"product": "diesel"}
    rows = [
        row(1, indicator="fuel_price_informal", value=2000.0, attributes=petrol),
        row(1, indicator="fuel_price_official", value=775.0, attributes=petrol),
        row(1, indicator="fuel_price_official", value=725.0, attributes=diesel, key="d"),
    ]
    measure = {"ratio": {"of": {"latest": "fuel_price_informal"}, "to": {"latest": "fuel_price_official"}}}
    made = engine([rule(measure=measure, by=["product"], rises_to={"alert": 2})], rows)
    assert made.keys("attacks") == ((("product", "petrol"),),)
    assert made.evidence("attacks", (("product", "petrol"),), hours(2)).value == pytest.approx(
        2.580645, abs=1e-5
    )


def test_a_ramp_crosses_its_threshold_between_reports():
    silent = rule(measure={"silence": "tankers_arrived"}, rises_to={"watch": 10})
    assert told(engine([silent], [row(1, indicator="tankers_arrived")]).advance((), every_hour(30))) == [
        (11, "opened", 1)
    ]


def test_days_until_a_date_fall_by_themselves_and_are_quiet_after_it():
    ends = rule(measure={"days_until": "truce_end", "past": "1d"}, falls_to={"watch": 7, "tension": 2}, clears_after="1h",
                eases_after="1h")  # fmt: skip
    rows = [row(0, indicator="truce_end", attributes={"date": "2025-09-15"})]
    outcome = engine([ends], rows).advance((), every_hour(24 * 20))
    found = [t for t in told(outcome) if t[1] != "reminded"]
    assert found == [(7 * 24, "opened", 1), (12 * 24, "raised", 2), (15 * 24 + 2, "closed", 0)]


def test_a_spike_compares_with_the_stretch_before():
    rows = [
        row(h, indicator="attack_military", key=str(h), place=f"P{h}", lat=13.0, lon=-8.0)
        for h in (-300, 1, 60, 120)
    ]
    measure = {"spike": "attack_military", "over": "7d", "before": "28d"}
    made = engine([rule(measure=measure, rises_to={"watch": 2})], rows)
    assert made.evidence("attacks", (), hours(130)).value == pytest.approx(12.0)


def test_rows_of_a_moment_that_has_passed_act_from_when_they_became_known():
    """A late report acts by rule 1 alone; one older than the window changes nothing."""
    late = [row(100, occurred=1), row(400, occurred=2, key="too-late", place="Kita", lat=13.03, lon=-9.49)]
    found = told(engine([ATTACKS], late).advance((), every_hour(420)))
    assert found[0] == (100, "opened", 2)
    assert not [t for t in found if t[0] == 400]


def test_random_chunks_of_the_same_ticks_come_to_the_same():
    rng = random.Random(3)
    rows = [row(h, occurred=h - rng.randrange(40), key=str(h), **rng.choice(SPOTS)) for h in range(0, 600, 7)]
    ticks = every_hour(700, -50)
    whole = engine(RULES, rows).advance((), ticks)
    chunked = engine(RULES, rows)
    states: tuple[AlertState, ...] = ()
    transitions: list[Transition] = []
    while ticks:
        part, ticks = ticks[: (n := rng.randrange(1, 90))], ticks[n:]
        outcome = chunked.advance(states, part)
        states, transitions = outcome.states, [*transitions, *outcome.transitions]
    assert as_bytes(whole.transitions) == as_bytes(transitions)
    assert whole.states == states
    assert T0 + timedelta(0) == hours(0)
