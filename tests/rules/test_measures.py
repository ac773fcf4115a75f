"""Every measure against its definition, worked out moment by moment from the rows that could be seen then."""

import math
from datetime import UTC, datetime, timedelta
from statistics import fmean, median
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warn.incidents import columns, incidents
from warn.model import Observation

from tests.rules.engine_kit import FAR, NEAR, engine, every_hour, hours, row, rule, told

UNKNOWN = (-math.inf, math.inf)
HOURS = range(-5, 130, 3)


@st.composite
def reports(draw, indicators=("station_has_fuel",), most=12):
    rows = []
    for n in range(draw(st.integers(0, most))):
        occurred = draw(st.integers(0, 60))
        known = occurred + draw(st.sampled_from([0, 0, 1, 5, 30]))
        gone = draw(st.sampled_from([None, None, None, 1, 20]))
        rows.append(
            row(
                known, occurred=occurred, key=f"k{n}", indicator=draw(st.sampled_from(indicators)),
                value=float(draw(st.integers(0, 4))), origins=(draw(st.sampled_from(["RFI", "AFP", "Reuters"])),),
                attributes={"product": draw(st.sampled_from(["petrol", "diesel"]))},
                superseded_at=None if gone is None else hours(known + gone),
            )
        )  # fmt: skip
    return rows


def seen(rows, at, width=None, indicator=None):
    """Rows that count at a moment, oldest first."""
    found = [
        o for o in rows
        if max(o.known_at, o.occurred_at) <= at and (o.superseded_at is None or at < o.superseded_at)
        and (width is None or o.occurred_at > at - width) and indicator in {None, o.indicator}
    ]  # fmt: skip
    return sorted(found, key=lambda o: o.occurred_at)


def newest(rows):
    return median(o.value for o in rows if o.occurred_at == rows[-1].occurred_at)


OF = {
    "latest": newest,
    "mean": lambda rows: fmean(o.value for o in rows),
    "median": lambda rows: median(o.value for o in rows),
    "min": lambda rows: min(o.value for o in rows),
    "max": lambda rows: max(o.value for o in rows),
}


def agree(series, at, expected):
    assert series.value(int(at.timestamp()) * 1_000_000) == pytest.approx(expected, abs=1e-9), at


@pytest.mark.parametrize("kind", OF)
@given(
    rows=reports(), stale=st.integers(3, 40), over=st.integers(3, 50), few=st.integers(0, 3), origins=st.integers(0, 2)
)  # fmt: skip
@settings(max_examples=15, deadline=None)
def test_a_quantity_is_that_of_the_reports_in_its_window_unless_few_or_stale(
    kind, rows, stale, over, few, origins
):
    measure = {kind: "station_has_fuel", "over": f"{over}h", "min_reports": few, "min_origins": origins}
    made = engine([rule(measure=measure, stale_after=f"{stale}h")], rows)
    for at in map(hours, HOURS):
        inside = seen(rows, at, timedelta(hours=over))
        known = (
            inside
            and inside[-1].occurred_at >= at - timedelta(hours=stale)
            and len(inside) >= few
            and len({o.origins for o in inside}) >= origins
        )
        agree(made.series("attacks"), at, (OF[kind](inside),) * 2 if known else UNKNOWN)


@given(reports(("convoy_attack",)), st.integers(5, 60))
@settings(max_examples=20, deadline=None)
def test_a_count_and_a_sum_are_those_of_the_incidents_that_could_be_told_then(rows, over):
    width = timedelta(hours=over)
    both = [rule("n", measure={"count": "convoy_attack", "over": f"{over}h"}),
            rule("s", measure={"sum": "convoy_attack", "over": f"{over}h"})]  # fmt: skip
    made = engine(both, rows)
    for at in map(hours, HOURS):
        found = incidents(columns(seen(rows, at)))
        now = int(at.timestamp()) * 1_000_000
        stands = (found.start <= now) & (now < found.end)
        stands &= found.occurred > now - width // timedelta(microseconds=1)
        agree(made.series("n"), at, (int(stands.sum()),) * 2)
        agree(made.series("s"), at, (float(found.value[stands].sum()),) * 2)


@given(reports(("school_closure", "school_reopening")), st.integers(3, 60))
@settings(max_examples=20, deadline=None)
def test_a_state_is_what_the_newest_report_says_until_it_is_too_old(rows, expires):
    state = {"on": "school_closure", "off": "school_reopening", "expires": f"{expires}h"}
    rows = [o for n, o in enumerate(rows) if all(o.occurred_at != p.occurred_at for p in rows[:n])]
    made = engine([rule(measure={"state": state}, rises_to={"alert": 1})], rows)
    for at in map(hours, HOURS):
        inside = seen(rows, at)
        known = inside and inside[-1].occurred_at >= at - timedelta(hours=expires)
        value = float(inside[-1].indicator == "school_closure") if inside else 0.0
        agree(made.series("attacks"), at, (value, value) if known else UNKNOWN)


@given(reports(("fuel_price_informal", "fuel_price_official")))
@settings(max_examples=20, deadline=None)
def test_a_ratio_is_unknown_where_a_part_is_or_the_lower_one_is_zero(rows):
    measure = {"ratio": {"of": {"latest": "fuel_price_informal"}, "to": {"latest": "fuel_price_official"}}}
    made = engine([rule(measure=measure, by=["product"], stale_after="30h", rises_to={"alert": 2})], rows)
    for product in ("petrol", "diesel"):
        mine = [o for o in rows if o.attributes["product"] == product]
        for at in map(hours, HOURS):
            of, to = (seen(mine, at, None, name) for name in ("fuel_price_informal", "fuel_price_official"))
            fresh = all(part and part[-1].occurred_at >= at - timedelta(hours=30) for part in (of, to))
            value = newest(of) / newest(to) if fresh and newest(to) else None
            agree(
                made.series("attacks", (("product", product),)), at,
                UNKNOWN if value is None else (value, value),
            )  # fmt: skip


@given(reports(("tankers_arrived",)))
@settings(max_examples=15, deadline=None)
def test_silence_is_the_age_of_the_newest_report(rows):
    made = engine([rule(measure={"silence": "tankers_arrived"})], rows)
    for at in map(hours, HOURS):
        inside = seen(rows, at)
        age = (at - inside[-1].occurred_at) / timedelta(hours=1) if inside else 0.0
        agree(made.series("attacks"), at, (age, age) if inside else UNKNOWN)


@given(st.lists(st.floats(-20, 20), min_size=30, max_size=30), st.floats(-3, 3))
@settings(max_examples=20, deadline=None)
def test_a_seasonal_anomaly_is_the_residual_of_trend_and_month_by_least_squares(noise, slope):
    times = [datetime(2023, 1 + n % 12, 15, tzinfo=UTC).replace(year=2023 + n // 12) for n in range(30)]
    values = [200 + slope * n + 10 * (n % 12) + e for n, e in enumerate(noise)]
    rows = [
        Observation("food_price", t, t, v, source="WFP", origins=("WFP",), key=str(n), **NEAR)
        for n, (t, v) in enumerate(zip(times, values, strict=True))
    ]
    measure = {"anomaly": "food_price", "method": "seasonal", "history": "1200d", "min_points": 24}
    made = engine([rule(measure=measure, stale_after="60d", rises_to={"watch": 1})], rows)
    past, y = times[:-1], np.array(values[:-1])
    line = [
        [*(float(t.month == m) for m in range(1, 13)), (t - times[-1]) / timedelta(days=365.25)] for t in past
    ]
    design = np.array(line)
    found, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    left = y - design @ found
    spread = math.sqrt(left @ left / (len(y) - rank))
    if spread > 1e-6:
        expected = (values[-1] - found[times[-1].month - 1]) / spread
        said = made.evidence("attacks", (), times[-1]).value
        assert said == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_a_seasonal_change_looks_at_the_same_weeks_of_earlier_years_and_at_no_others():
    year = 24 * 365.25
    said = [(-2 * year, 80.0), (-year, 100.0), (-year + 24 * 20, 900.0), (-year - 24 * 20, 900.0), (0, 135.0)]
    rows = [row(h, indicator="food_price", value=v, key=str(h)) for h, v in said]
    measure = {"change": "food_price", "against": "season", "back": "28d"}
    made = engine([rule(measure=measure, rises_to={"watch": 10})], rows)
    assert made.evidence("attacks", (), hours(1)).value == pytest.approx(50.0)


def test_what_is_known_to_the_region_only_crosses_a_road_and_confirms_nothing():
    kayes: dict[str, Any] = {"lat": None, "lon": None, "precision": "region", "place": "Kayes"}
    plain = rule(
        measure={"count": "convoy_attack", "near": "roads", "over": "14d"},
        rises_to={"tension": 1, "alert": 2},
    )
    rows = [row(1, **kayes), row(100, key="b", **kayes), row(1, key="far", **FAR)]
    made = engine([plain], rows)
    assert [kind for _, kind, _ in told(made.advance((), [hours(1), hours(101)]))] == ["opened", "updated"]
    assert made.series("attacks").value(int(hours(101).timestamp()) * 1_000_000)[0] == 0


def test_a_state_that_asks_for_two_origins_is_not_switched_by_one_but_off_by_one():
    state = {"on": "school_closure", "off": "school_reopening"}
    measure = {"state": state, "confirmed_by": {"origins": 2}}
    made = engine(
        [rule(measure=measure, rises_to={"alert": 1})],
        [
            row(1, indicator="school_closure"),
            row(9, occurred=1, indicator="school_closure", origins=("AFP",)),
            row(20, indicator="school_reopening"),
        ],
    )
    values = [made.evidence("attacks", (), hours(h)).value for h in (5, 10, 21)]
    assert values == [None, 1.0, 0.0]


@pytest.mark.parametrize(
    "measure", [{"count": "convoy_attack", "over": "14d"}, {"latest": "fuel_price_informal"}]
)
def test_the_tree_of_one_alert_names_reports_of_its_own_key_alone(measure):
    name = next(iter(measure.values()))
    rows = [
        row(1, indicator=name, value=5.0, attributes={"product": what}, key=what, place=what, lat=12.0 + n, lon=-8.0)
        for n, what in enumerate(["petrol", "diesel", "gas"])
    ]  # fmt: skip
    made = engine([rule(measure=measure, by=["product"], rises_to={"alert": 1})], rows)
    outcome = made.advance((), [hours(2)])
    named = {dict(t.by)["product"]: t.evidence.counted + t.evidence.not_counted for t in outcome.transitions}
    assert named == {what: (f"test:{what}",) for what in ("petrol", "diesel", "gas")}
    for moved in outcome.transitions:
        tree = moved.evidence.tree
        reports = tree.get("reports") or [r for i in tree["incidents"] for r in i["reports"]]
        assert [r["place"] for r in reports] == [dict(moved.by)["product"]]


@pytest.mark.parametrize(
    ("filters", "counted"),
    [({}, 3), ({"min_reports": 2}, 2), ({"min_origins": 2}, 1), ({"min_grade": "B3"}, 2), ({"in": ["Sikasso"]}, 1), ({"where": {"product": ["diesel", "gas"]}}, 1), ({"near": {"place": "Sikasso", "km": 20}}, 1)],
)  # fmt: skip
def test_filters_drop_incidents_of_which_no_report_passes(filters, counted):
    sikasso: dict[str, Any] = {"lat": 11.32, "lon": -5.67, "place": "Sikasso"}
    rows = [
        row(1, key="a", grade="C3"),
        row(2, occurred=1, key="b", grade="C3"),
        row(3, key="c", grade="C4", **{**NEAR, **FAR}),
        row(4, occurred=3, key="d", origins=("AFP",), **FAR),
        row(5, key="e", attributes={"product": "diesel"}, **sikasso),
    ]
    made = engine([rule(measure={"count": "convoy_attack", "over": "14d"} | filters)], rows)
    assert made.evidence("attacks", (), hours(6)).value == counted


def test_a_date_that_has_just_passed_is_said_until_it_is_well_past_whenever_it_became_known():
    ends = rule(measure={"days_until": "truce_end", "past": "3d"}, falls_to={"watch": 7})
    date = {"date": "2025-09-15"}
    rows = [row(24 * 15, occurred=0, indicator="truce_end", attributes=date)]
    made = engine([ends], rows)
    said = [made.evidence("attacks", (), hours(24 * day)).value for day in (14, 15, 17, 17.1)]
    assert said == [None, -1, -3, None]
    assert made.series("attacks").value(int(hours(24 * 17.1).timestamp()) * 1_000_000) == (math.inf, math.inf)


@pytest.mark.parametrize(("km", "counted"), [(10, 0), (30, 1)])
def test_a_corridor_has_the_width_that_the_rule_says(km, counted):
    beside: dict[str, Any] = {"lat": 13.75, "lon": -8.25, "place": "Beside"}
    near = {"corridor": "kayes", "km": km}
    made = engine([rule(measure={"count": "convoy_attack", "near": near, "over": "14d"})], [row(1, **beside)])
    assert made.evidence("attacks", (), hours(2)).value == counted


def test_where_the_unconfirmed_reach_no_level_they_are_no_news_either():
    measure = {
        "count": "convoy_attack", "over": "14d", "confirmed_by": {"origins": 2}, "unconfirmed": "calm",
    }  # fmt: skip
    rows = [
        row(1), row(9, key="alone", occurred=9, **FAR), row(20, occurred=1, origins=("AFP",)),
        row(30, key="other", occurred=30, lat=11.32, lon=-5.67, place="Sikasso"),
    ]  # fmt: skip
    outcome = engine([rule(measure=measure)], rows).advance((), every_hour(39))
    assert told(outcome) == [(20, "opened", 2)]
