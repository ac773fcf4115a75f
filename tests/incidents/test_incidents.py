"""Reports of one event become one incident, as of every moment."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from warn.incidents import Joined, columns, incidents, join
from warn.model import Observation
from warn.moments import DAY, NEVER, micros

T0 = datetime(2025, 9, 14, tzinfo=UTC)


def report(day: float, known: float | None = None, **more: Any) -> Observation:
    body: dict[str, Any] = {
        "origins": ("RFI",),
        "source": "s",
        "lat": 14.0,
        "lon": -10.0,
        "precision": "town",
        "grade": "C3",
    } | more
    known = day + 1 if known is None else known
    body.setdefault("key", f"{day}-{known}-{body['lat']}-{body['origins']}")
    return Observation("convoy_attack", T0 + timedelta(days=day), T0 + timedelta(days=known), **body)


def groups(rows, day: float = 1000):
    """Keys of the reports of each incident as of a day."""
    cols, now = columns(rows), micros(T0) + round(day * DAY)
    return sorted(
        tuple(sorted(cols.rows[i].key for i in v.members)) for v in join(cols) if v.start <= now < v.end
    )


def test_reports_at_most_two_days_and_25_km_from_the_first_are_one_incident():
    rows = [
        report(0, key="a"),
        report(2, lat=14.2, key="b"),
        report(2.01, key="c"),
        report(0, 5, lat=14.3, key="d"),
    ]
    assert groups(rows) == [("a", "b"), ("c",), ("d",)]


def test_distance_is_to_the_first_report_and_not_to_the_last():
    rows = [report(0, 1, key="a"), report(1.5, 2, key="b"), report(3, 4, key="c")]
    assert groups(rows) == [("a", "b"), ("c",)]


def test_reports_that_name_the_same_region_are_near_and_two_regions_are_not():
    kayes: dict[str, Any] = {"lat": None, "lon": None, "precision": "region", "place": "Kayes"}
    rows = [
        report(0, key="a", **kayes),
        report(1, key="b", **kayes),
        report(1, key="c", **{**kayes, "place": "Ségou"}),
    ]
    assert groups(rows) == [("a", "b"), ("c",)]


def test_a_curators_incident_joins_what_is_far_apart_and_keeps_apart_what_is_near():
    rows = [
        report(0, key="a", incident="X"),
        report(9, lat=17.0, key="b", incident="X"),
        report(0, key="c", incident="Y"),
    ]
    assert groups(rows) == [("a", "b"), ("c",)]


def test_a_report_with_a_curators_incident_takes_over_the_nameless_one_beside_it():
    rows = [report(0, 1, key="a"), report(0, 2, key="b", incident="X"), report(0, 3, key="c")]
    assert groups(rows) == [("a", "b", "c")]


def test_the_14_september_told_by_rfi_and_reuters_is_one_incident_with_a_range():
    rows = [report(0, value=20.0), report(0, 2, value=40.0, origins=("Reuters",))]
    found = incidents(columns(rows))
    assert found.origins.tolist() == [1, 2]
    assert found.value.tolist() == [20.0, 30.0]
    assert found.end.tolist() == [micros(T0) + 2 * DAY, NEVER]
    assert found.news.tolist() == [True, True]


def test_the_same_origin_saying_the_same_again_is_no_news():
    found = incidents(columns([report(0), report(0, 2, key="copy")]))
    assert found.news.tolist() == [True, False]


def test_where_the_first_report_is_withdrawn_the_rest_are_joined_anew():
    rows = [
        report(0, 1, key="a", superseded_at=T0 + timedelta(days=9)),
        report(2, 3, key="b"), report(-2, 4, key="c"),
    ]  # fmt: skip
    assert groups(rows, 8) == [("a", "b", "c")]
    assert groups(rows, 9) == [("b",), ("c",)]


def test_a_report_superseded_before_it_was_known_was_never_there():
    assert groups([report(0, 1, superseded_at=T0)]) == []


def test_an_incident_lies_where_its_first_report_has_it_in_time():
    found = incidents(columns([report(1, 2), report(0, 3)]))
    assert found.occurred.tolist() == [micros(T0) + DAY, micros(T0)]


rows = st.lists(
    st.builds(
        report,
        day=st.integers(0, 12), known=st.integers(12, 20),
        lat=st.sampled_from([14.0, 14.15, 14.3, 15.0]),
        origins=st.sampled_from([("RFI",), ("AFP",), ("RFI", "AFP")]),
        incident=st.sampled_from(["", "", "", "X", "Y"]),
        superseded_at=st.sampled_from([None, None, T0 + timedelta(days=19), T0 + timedelta(days=22)]),
    ),
    max_size=10, unique_by=lambda o: o.key,
)  # fmt: skip


@given(rows)
@settings(max_examples=200, deadline=None)
def test_as_of_every_moment_it_is_as_if_only_what_is_visible_then_had_ever_been_said(reports):
    """The history of incidents, moment by moment, equals joining the visible reports from nothing."""
    for day in range(11, 24):
        now = T0 + timedelta(days=day)
        visible = [
            o for o in reports if o.known_at <= now and (o.superseded_at is None or o.superseded_at > now)
        ]
        assert groups(reports, day) == groups(visible, day)


far = st.floats(-0.3, 0.3).map(lambda degrees: round(degrees, 3))


@given(st.sampled_from([0.0, 12.6, 16.7, 24.0]), far, far)
@settings(max_examples=300, deadline=None)
def test_two_reports_of_one_moment_are_one_incident_exactly_up_to_25_km(lat, north, east):
    here, there = report(0, lat=lat, lon=-8.0), report(0, known=1.5, lat=lat + north, lon=-8.0 + east)
    km = 111.195 * math.hypot(north, east * math.cos(math.radians(lat + north / 2)))
    assume(abs(km - 25) > 0.1)
    assert len(groups([here, there])) == (1 if km < 25 else 2)


anywhere = st.lists(
    st.builds(
        report, day=st.integers(0, 9), lat=st.sampled_from([12.6, 12.7, 23.0, 23.2]),
        lon=st.sampled_from([-8.0, -7.78, -7.6]), place=st.sampled_from(["", "Kayes"]),
        precision=st.sampled_from(["town", "region"]), incident=st.sampled_from(["", "", "X"]),
    ),
    min_size=1, max_size=12, unique_by=lambda o: o.known_at,
)  # fmt: skip


NORTH = [report(0, lat=12.6, lon=-8.0), report(0.1, lat=23.0, lon=-8.0), report(0.2, lat=12.62, lon=-7.79)]


@given(anywhere)
@example(NORTH)
@settings(max_examples=100, deadline=None)
def test_what_grows_report_by_report_is_what_is_built_at_once(reports):
    """Also where a later one lies farther north than all before it: the grid is then too narrow."""
    ordered = sorted(reports, key=lambda o: o.known_at)
    joined = Joined(columns(ordered[:1]))
    for n in range(1, len(ordered)):
        so_far = columns(ordered[: n + 1])
        if not joined.grow(so_far):
            joined = Joined(so_far)
    whole = incidents(columns(reports))
    assert [joined.table.reports(v) for v in range(len(whole))] == [
        whole.reports(v) for v in range(len(whole))
    ]
    for name in ("incident", "start", "end", "origins", "news"):
        assert getattr(joined.table, name).tolist() == getattr(whole, name).tolist()


@given(rows, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_in_which_rows_come_is_irrelevant(reports, chance):
    mixed = list(reports)
    chance.shuffle(mixed)
    assert join(columns(mixed)) == join(columns(reports))


@pytest.mark.parametrize("grade", ["", "Z9", "b2", "B22"])
def test_a_grade_that_cannot_be_read_is_the_worst(grade):
    cols = columns([report(0, grade=grade)])
    assert not cols.graded("E5")[0]
