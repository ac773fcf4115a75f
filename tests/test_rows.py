import contextlib
import json
import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warn.indicators import Indicator
from warn.model import Observation
from warn.rows import (
    COLUMNS,
    CellError,
    Ground,
    RowError,
    covers,
    ground_of,
    observation_from,
    read,
    read_csv,
    read_jsonl,
    revised,
    to_csv,
    to_jsonl,
)

from tests.shared import shared
from tests.sources.knowing import context

NOW = datetime(2025, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def indicator(name: str, kind: str, least: float, most: float) -> Indicator:
    return Indicator(name, kind, "count", "supply", None, DAY, (least, most), {"fr": name, "en": name})  # type: ignore[arg-type]  # kind is checked by the loader


INDICATORS = {
    "convoy_attack": indicator("convoy_attack", "event", 0, 500),
    "fuel_price_informal": indicator("fuel_price_informal", "level", 100, 10_000),
    "truce_end": indicator("truce_end", "date", 0, 1),
}


class Kolokani:
    lat, lon, precision = 13.5728, -8.0339, "town"


BOX = (-12.5, 10.1, 4.3, 25.1)
GROUND = Ground(NOW, "file", INDICATORS, {"Kolokani": Kolokani}.get, BOX)
ANY = Ground()


def one(**cells) -> Observation:
    return observation_from(
        {"indicator": "convoy_attack", "occurred_at": "2025-09-14T08:00Z", **cells}, GROUND
    )


def slips(**cells) -> list[str]:
    with pytest.raises(RowError) as caught:
        one(**cells)
    return [str(slip) for slip in caught.value.slips]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_an_indicator_and_a_time_are_enough() -> None:
    found = one()
    assert (found.value, found.known_at, found.source, found.origins) == (
        1,
        found.occurred_at,
        "file",
        ("file",),
    )
    assert (found.grade, found.precision, found.place, found.lat) == ("F6", "country", "", None)
    assert found.key


def test_a_bare_day_begins_at_midnight_and_is_known_when_it_is_over() -> None:
    found = one(occurred_at="2025-09-14")
    assert (found.occurred_at, found.known_at) == (at("2025-09-14"), at("2025-09-15"))
    assert one(known_at="2025-09-16").known_at == at("2025-09-17")
    assert one(occurred_at=date(2025, 9, 14)).known_at == at("2025-09-15")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2025-09-14T08:00Z", "2025-09-14T08:00"),
        ("2025-09-14T08:00:30+01:00", "2025-09-14T07:00:30"),
        ("2025-09-14 08:00z", "2025-09-14T08:00"),
        ("2025-09-14T24:00Z", "2025-09-15T00:00"),
    ],
)
def test_times_are_iso_8601_in_any_zone(said: str, meant: str) -> None:
    assert one(occurred_at=said).occurred_at == at(meant)


@pytest.mark.parametrize("said", ["2025-09-14T08:00", "2025-09-14 08:00:00", datetime(2025, 9, 14, 8)])  # noqa: DTZ001  # naive on purpose
def test_a_time_without_its_zone_is_refused(said: object) -> None:
    assert "no time zone" in slips(occurred_at=said)[0]


@pytest.mark.parametrize(
    "said",
    [
        "14/09/2025",
        "2025-13-01",
        "2025-02-30",
        "yesterday",
        "2025-9-1",
        "0001-01-01T00:00+14:00",
        "9999-12-31",
    ],
)
def test_what_is_no_time_is_refused(said: str) -> None:
    assert slips(occurred_at=said)[0].startswith("occurred_at: ")


def test_what_has_not_happened_yet_is_refused() -> None:
    assert slips(occurred_at="2025-12-02") == ["occurred_at: 2025-12-02 00:00 UTC is in the future"]
    assert slips(known_at="2026-09-15T00:00Z") == ["known_at: 2026-09-15 00:00 UTC is in the future"]
    assert observation_from({"indicator": "x", "occurred_at": "2099-01-01"}, ANY).indicator == "x"


@pytest.mark.parametrize(("said", "hint"), [("0,60", "write 0.60"), ("2 000", "write 2000"), ("2,000", "write 2000"), ("many", "not a number"), ("nan", "not a number"), ("inf", "not a number"), ("1_0", "not a number"), (True, "yes or no"), ([1], "is a list")])  # fmt: skip
def test_a_number_is_a_number_or_the_reason_why_not(said: object, hint: str) -> None:
    assert hint in slips(value=said)[0]


@pytest.mark.parametrize("said", ["", "-", "..", None, "null"])
def test_an_empty_cell_is_no_value(said: object) -> None:
    assert one(value=said).value == 1


def test_a_disputed_count_lies_midway_unless_said() -> None:
    found = one(low="20", high=40)
    assert (found.low, found.value, found.high) == (20, 30, 40)
    assert "between low and high" in slips(low=20, value=50, high=40)[0]


def test_a_level_needs_its_value() -> None:
    assert "a level has no default" in slips(indicator="fuel_price_informal")[0]


def test_a_litre_at_130_dollars_is_refused() -> None:
    told = slips(indicator="fuel_price_informal", value=130 * 600)[0]
    assert "78000 is outside what this indicator can be (100 to 10000)" in told


def test_an_announced_day_must_be_named() -> None:
    assert "date=YYYY-MM-DD" in slips(indicator="truce_end")[0]
    assert one(indicator="truce_end", attributes="date=2025-10-17").attributes == {"date": "2025-10-17"}


def test_an_unknown_indicator_is_refused_with_the_one_probably_meant() -> None:
    assert slips(indicator="convoi_attack") == [
        "indicator: unknown 'convoi_attack' (did you mean 'convoy_attack'?)"
    ]


def test_a_place_that_is_known_gives_its_coordinates() -> None:
    found = one(place="Kolokani")
    assert (found.lat, found.lon, found.precision) == (13.5728, -8.0339, "town")
    stated = one(place="Kolokani", lat=13.7, lon=-8.1, precision="point")
    assert (stated.lat, stated.lon, stated.precision) == (13.7, -8.1, "point")


SHIPPED = ground_of(context(NOW).places, None, now=NOW)


def told_of(text: str) -> list[tuple[int | None, int | None, str]]:
    return [(one.line, one.column, one.reason) for one in read(text, SHIPPED).refused]


def test_an_unknown_place_without_coordinates_is_set_aside_with_its_line_and_the_likely_name() -> None:
    head = "indicator,occurred_at,place,precision,lat,lon\n"
    first = "convoy_attack,2025-09-14,Kolokani,,,\n"
    ((line, column, reason),) = told_of(f"{head}{first}convoy_attack,2025-09-14,Kolokany,,,\n")
    assert (line, column) == (3, 3)
    assert reason.startswith("place: unknown place 'Kolokany' (did you mean 'kolokani'?)")
    ((_, _, reason),) = told_of(f"{head}convoy_attack,2025-09-14,Benkadi,,,\n")
    assert "is the name of" in reason


def test_a_name_that_is_meant_to_lie_nowhere_or_has_coordinates_is_taken() -> None:
    rows = (
        "convoy_attack,2025-09-14,Axe Dakar-Bamako,country,,\n"
        "convoy_attack,2025-09-14,Mali,,,\nconvoy_attack,2025-09-14,Nullepart,,13.5,-8.0\n"
    )
    found = read(f"indicator,occurred_at,place,precision,lat,lon\n{rows}", SHIPPED)
    assert [(o.precision, o.lat) for o in found.observations] == [
        ("country", None), ("country", None), ("town", 13.5),
    ]  # fmt: skip
    assert found.refused == ()


def test_nothing_is_known_before_it_occurred() -> None:
    assert slips(known_at="2025-09-14T07:00Z") == ["known_at: 2025-09-14 07:00 UTC lies before it occurred"]
    assert one(known_at="2025-09-14T07:55Z").indicator == "convoy_attack"  # clocks differ


@pytest.mark.parametrize(("lat", "lon", "told"), [(13.7, 8.07, "wrong sign"), (-8.07, 13.7, "swapped"), (48.8, 2.3, "outside the country"), (-13.7, -8.07, "latitude has the wrong sign"), (913, 4, "nowhere on Earth"), (13.7, None, "come in pairs")])  # fmt: skip
def test_coordinates_outside_the_country_are_refused_with_the_likely_slip(
    lat: float, lon: float | None, told: str
) -> None:
    assert told in slips(lat=lat, lon=lon)[0]


def test_several_origins_and_attributes_are_taken_apart() -> None:
    found = one(origin="RFI|AFP|RFI", attributes="product=petrol;unit=l", grade="b2")
    assert (found.origins, found.attributes, found.grade) == (
        ("RFI", "AFP"),
        {"product": "petrol", "unit": "l"},
        "B2",
    )
    assert one(origin=["RFI", "AFP"], attributes={"n": 1}).attributes == {"n": "1"}


@pytest.mark.parametrize(
    ("column", "said"),
    [("grade", "Z9"), ("grade", "B"), ("attributes", "petrol"), ("attributes", "a=1;a=2"), ("precision", "exact"), ("url", "javascript:alert(1)"), ("superseded_at", "2025-01-01"), ("occured_at", "2025-09-14")],
)  # fmt: skip
def test_each_fault_names_its_column(column: str, said: str) -> None:
    assert slips(**{column: said})[0].startswith(f"{column}: ")


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    assert len(slips(grade="Z9", value="x", lat=1, lon="y", occurred_at="never", indicator="nothing")) >= 5


def test_text_is_cleansed_of_what_garbles_a_screen() -> None:
    assert one(title="a\u202eb\x07c\n d").title == "a b c d"


def test_the_key_is_the_same_for_the_same_row_in_every_form() -> None:
    text = "occurred_at,indicator,value\n2025-09-14,convoy_attack,2\n"
    line = json.dumps({"indicator": "convoy_attack", "value": 2, "occurred_at": "2025-09-14"})
    assert read(text, GROUND).observations == read(line, GROUND).observations
    assert one(value=2).key != one(value=3).key


def test_a_faulty_row_is_told_with_line_and_column_and_the_good_ones_stand() -> None:
    rows = read_csv(
        "indicator,occurred_at,value\n#indicator,#date,#value\n\nconvoy_attack,2025-09-14,x\nconvoy_attack,2025-09-14,2\n",
        GROUND,
    )
    assert [(r.line, r.column) for r in rows.refused] == [(4, 3)]
    assert [o.value for o in rows.observations] == [2]


@pytest.mark.parametrize(
    ("data", "line", "told"),
    [
        (b"", 1, "empty"),
        (b"indicator;occurred_at\nx;2025-09-14\n", 1, "separated by semicolons"),
        (b"indicator,occured_at\nx,2025-09-14\n", 1, "did you mean 'occurred_at'"),
        (b"indicator,occurred_at,indicator\nx,2025-09-14,x\n", 1, "stands twice"),
        (b"indicator,occurred_at\nconvoy_attack,2025-09-14,9\n", 2, "3 cells where the header has 2"),
        (b'indicator,occurred_at,title\nconvoy_attack,2025-09-14,"open\n', 2, "not CSV"),
        ("indicator,occurred_at,place\nconvoy_attack,2025-09-14,Ségou\n".encode("latin-1"), 2, "not UTF-8"),
        (b'{"indicator": "convoy_attack", "occurred_at": "2025-09-14"', 1, "not JSON"),
        (b'{"indicator": "convoy_attack", "occurred_at": "2025-09-14", "value": NaN}', 1, "NaN"),
        (b'{"indicator": "a", "indicator": "b"}', 1, "stands twice"),
        (b'{"coverage": {"from": "2025-09-14"}}', 1, "coverage"),
        (b'{"coverage": {"from": "2025-09-14", "to": "2025-09-01"}}', 1, "ends before"),
        (b'{"coverage": {"from": "2025-09-14", "to": "2025-09-20", "indicators": ["convoy"]}}', 1, "unknown indicator"),
        (b'{"a":' + b"[" * 100_000, 1, "not JSON"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_where_and_why(data: bytes, line: int, told: str) -> None:
    refused = read(data, GROUND).refused
    assert any(told in r.reason and r.line == line for r in refused), refused


def test_a_quote_left_open_loses_no_row_before_it() -> None:
    rows = read_csv(
        'indicator,occurred_at,title\nconvoy_attack,2025-09-14,a\nconvoy_attack,2025-09-15,"b\n', GROUND
    )
    assert (len(rows.observations), len(rows.refused)) == (1, 1)


def test_a_byte_order_mark_and_windows_line_ends_are_nothing_wrong() -> None:
    rows = read_csv(b"\xef\xbb\xbfindicator,occurred_at\r\nconvoy_attack,2025-09-14\r\n", GROUND)
    assert (len(rows.observations), rows.refused) == (1, ())


def test_coverage_says_when_a_source_was_watched_and_never_reaches_into_the_future() -> None:
    line = '{"coverage": {"indicators": ["convoy_attack"], "from": "2025-07-01", "to": "2099-12-05"}}'
    (found,) = read_jsonl(line, GROUND).coverage
    assert (found.indicators, found.start, found.end) == (("convoy_attack",), at("2025-07-01"), NOW)
    assert covers("2025-07-01/2025-10-01", GROUND).end == at("2025-10-02")
    with pytest.raises(CellError):
        covers("2025-07-01", GROUND)


def test_the_same_key_again_is_one_row_or_a_revision() -> None:
    first = one(key="k", value=20, known_at="2025-09-15T00:00Z")
    later = one(key="k", value=40, known_at="2025-09-16T00:00Z")
    assert revised([first, first]) == (first,)
    old, new = revised([later, first])
    assert (old.value, old.superseded_at, new.value, new.superseded_at) == (20, later.known_at, 40, None)


texts = (
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(lambda text: text not in {"-", ".."} and not text.startswith("#"))
)
seen = st.builds(
    lambda kind, occurred, late, value, title, said: Observation(
        indicator=kind, occurred_at=at("2025-01-01") + occurred, known_at=at("2025-01-01") + occurred + late, value=value,
        source="file", origins=("RFI",), title=title, attributes={"note": said}, key=title + str(value),
    ),
    st.sampled_from(["a", "b"]), st.timedeltas(timedelta(0), timedelta(days=300)), st.timedeltas(timedelta(0), timedelta(days=9)),
    st.floats(-1e9, 1e9, allow_nan=False), texts, texts,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(seen, max_size=4, unique_by=lambda o: o.key))
def test_what_is_exported_comes_back_the_same(observations: list[Observation]) -> None:
    def normal(found):
        return sorted(
            (o.key, o.indicator, o.value, o.occurred_at, o.known_at, o.origins, o.attributes["note"])
            for o in found
        )

    for text in (to_csv(observations), to_csv(observations, tags=True), to_jsonl(observations)):
        if observations:
            assert read(text, ANY).refused == ()
        assert normal(read(text, ANY).observations) == normal(observations)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace"))))
def test_no_bytes_make_the_reader_of_files_fail(data: bytes) -> None:
    for text in (data, b",".join(name.encode() for name in COLUMNS) + b"\n" + data, b'{"indicator": ' + data):
        assert read(text, GROUND) is not None


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(COLUMNS), st.one_of(st.none(), st.text(max_size=20), st.integers(), st.floats(), st.lists(st.text(max_size=3)), st.datetimes(), st.dictionaries(st.text(max_size=2), st.integers()))))  # fmt: skip
def test_no_row_fails_but_with_its_faults(row: dict[str, object]) -> None:
    with contextlib.suppress(RowError):
        assert observation_from(row, GROUND).indicator in INDICATORS


def test_a_hundred_thousand_rows_are_read_in_reasonable_time() -> None:
    text = "indicator,occurred_at,value,place\n" + "".join(
        f"convoy_attack,2025-09-14T08:00Z,{n % 400},Kolokani\n" for n in range(2_000)
    )
    started = datetime.now(UTC)
    assert len(read_csv(text, GROUND).observations) == 400
    assert datetime.now(UTC) - started < timedelta(seconds=2)


def test_the_shared_timeline_is_not_our_format_and_says_so() -> None:
    assert read(shared("data/timeline.csv").read_bytes(), GROUND).refused
