"""What every parser makes of bodies in its service's shape, of the same in other wrapping, and of damaged ones."""

import io
import zipfile
from collections import Counter
from datetime import timedelta

import pytest
from warn.digest.freshness import standing
from warn.fetching import read_body
from warn.model import OUTCOMES
from warn.source import Body, Context, Parsed
from warn.sources import SOURCES

from tests.shared import shared
from tests.sources.asking import NOW
from tests.sources.knowing import PAYLOADS, context, mutated, payload

OURS = {
    "gdelt/made.export.CSV": ("ok", {"attack_military": 1, "military_operation": 1, "demonstration": 1}, 1),
    "gdelt/articles.json": ("ok", {"convoy_attack": 2}, 1),
    "gdelt/volume.json": ("ok", {"news_volume": 1}, 0),
    "gdelt/lastupdate.txt": ("no_data", {}, 0),
    "acled/read.json": (
        "ok",
        {"attack_military": 1, "convoy_attack": 1, "military_operation": 1, "demonstration": 1},
        2,
    ),
    "acled/deleted.json": ("ok", {}, 0),
    "acled/embargo.json": ("embargoed", {}, 0),
    "acled/denied.json": ("blocked", {}, 0),
    "ucdp/candidate.csv": ("ok", {"conflict_deaths": 3, "attack_civilian": 1}, 1),
    "ucdp/api.json": ("ok", {"conflict_deaths": 2, "attack_civilian": 1}, 0),
    "ucdp/unreleased.txt": ("not_released", {}, 0),
    "ucdp/denied.txt": ("blocked", {}, 0),
    "reliefweb/reports.json": ("ok", {"displacement_report": 1}, 1),
    "reliefweb/country.xml": ("ok", {"health_shortage": 1}, 0),
    "reliefweb/gone.json": ("error", {}, 0),
    "reliefweb/denied.json": ("blocked", {}, 0),
    "wfp_prices/new.csv": ("ok", {"food_price": 2}, 1),
    "wfp_prices/old.csv": ("ok", {"food_price": 1}, 0),
    "wfp_prices/markets.csv": ("no_data", {}, 0),
    "wfp_prices/package.json": ("no_data", {}, 0),
    "firms/area.csv": ("ok", {"fire_detection": 1}, 1),
    "firms/regional.csv": ("ok", {"fire_detection": 2}, 0),
    "firms/modis.csv": ("ok", {"fire_detection": 1}, 0),
    "firms/none.csv": ("no_data", {}, 0),
    "firms/denied.txt": ("blocked", {}, 0),
    "idmc/mirror.csv": ("ok", {"displacement_report": 2}, 1),
    "idmc/api.json": ("ok", {"displacement_report": 1}, 0),
    "idmc/denied.json": ("blocked", {}, 0),
    "cadre_harmonise/country.csv": ("ok", {"food_insecure_share": 2}, 1),
    "cadre_harmonise/region.csv": ("ok", {"food_insecure_share": 1}, 0),
    "us_state/embassy.xml": ("ok", {"curfew": 1, "embassy_departure": 1, "travel_advice": 1}, 0),
    "us_state/advisories.json": ("ok", {"travel_advice_level": 1, "travel_advice": 1}, 0),
    "brent/daily.csv": ("ok", {"brent_usd": 2}, 0),
    "brent/eia.json": ("ok", {"brent_usd": 2}, 0),
    "brent/denied.json": ("blocked", {}, 0),
}
IDS = sorted({name.partition("/")[0] for name in OURS})
TABLES = (
    "ucdp/candidate.csv",
    "wfp_prices/new.csv",
    "firms/regional.csv",
    "idmc/mirror.csv",
    "cadre_harmonise/country.csv",
    "brent/daily.csv",
)
RECORDED = {
    "gdelt": ("gdelt", {"doc_artlist_shape.json": "ok", "doc_rate_limited.txt": "blocked"}, "no_data"),
    "acled": ("acled", {"embargo_shape.json": "embargoed", "new_api_shape.json": "ok"}, "no_data"),
    "ucdp": (
        "ucdp",
        {"api_error_400_unreleased.txt": "not_released", "api_error_401.txt": "blocked"},
        "ok",
    ),
    "reliefweb": (
        "reliefweb",
        {"error_403_appname.json": "blocked", "error_410_v1.json": "error"},
        "no_data",
    ),
    "hdx_wfp_csv": ("wfp_prices", {}, "no_data"),
    "hdx_ckan": ("wfp_prices", {}, "no_data"),
    "firms": ("firms", {"bad_key.txt": "blocked", "area_viirs_snpp_nrt.csv": "no_data"}, "ok"),
    "idmc": ("idmc", {}, "no_data"),
    "cadre_harmonise": ("cadre_harmonise", {}, "ok"),
    "us_state": ("us_state", {}, "ok"),
    "brent": ("brent", {}, "ok"),
    "eia": ("brent", {}, "ok"),
}


def parsed(name: str, content: bytes | None = None) -> Parsed:
    source = SOURCES[name.partition("/")[0]]
    return read_body(source, Body(payload(name) if content is None else content), context(NOW))


@pytest.mark.parametrize("name", OURS)
def test_a_body_gives_its_outcome_its_observations_and_what_is_set_aside(name: str) -> None:
    outcome, counted, refused = OURS[name]
    found = parsed(name)
    assert (found.outcome, Counter(o.indicator for o in found.observations)) == (outcome, counted)
    assert (len(found.refused), bool(found.message)) == (refused, True)
    assert len({o.key for o in found.observations}) == len(found.observations)
    assert {o.source for o in found.observations} <= {name.partition("/")[0]}


@pytest.mark.parametrize("source_id", IDS)
def test_every_body_of_ours_is_judged_here_and_says_where_it_comes_from(source_id: str) -> None:
    there = {path.name for path in (PAYLOADS / source_id).iterdir()}
    judged = {name.partition("/")[2] for name in OURS if name.startswith(f"{source_id}/")}
    assert there == judged | {"SOURCE.txt"}


@pytest.mark.parametrize("folder", RECORDED)
def test_recorded_bodies_give_observations_or_say_why_not(folder: str) -> None:
    source_id, special, usual = RECORDED[folder]
    for path in shared(f"payloads/{folder}").iterdir():
        if path.name != "SOURCE.txt":
            found = read_body(SOURCES[source_id], Body(path.read_bytes()), context(NOW.replace(year=2027)))
            assert found.outcome == special.get(path.name, usual), (path.name, found.message)
            assert bool(found.observations) == (found.outcome == "ok"), path.name


@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_the_same_with_marks_tags_other_ends_of_line_and_in_an_archive(name: str) -> None:
    plain = payload(name)
    header, _, rest = plain.partition(b"\n")
    tags = b",".join(b"#tag" for _ in header.split(b","))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", plain)
    expected = parsed(name).observations
    assert expected
    for content in (
        b"\xef\xbb\xbf" + plain,
        plain.replace(b"\n", b"\r\n"),
        header + b"\n" + tags + b"\n" + rest,
        header.upper() + b"\n" + rest,
        plain.decode().encode("utf-16"),
        packed.getvalue(),
    ):
        assert parsed(name, content).observations == expected


@pytest.mark.parametrize(
    "name", [*TABLES, "ucdp/api.json", "idmc/api.json", "acled/read.json", "brent/eia.json"]
)
def test_a_renamed_column_is_a_changed_shape(name: str) -> None:
    columns = {
        "ucdp": b"date_start",
        "wfp_prices": b"latitude",
        "firms": b"frp",
        "idmc": b"displacement_date",
        "cadre_harmonise": b"phase35",
        "brent": b"Price" if name.endswith("csv") else b'"value"',
        "acled": b"event_date",
    }
    column = columns[name.partition("/")[0]]
    assert column in payload(name)
    renamed = payload(name).replace(column, b"renamed" if column[:1] != b'"' else b'"renamed"')
    assert parsed(name, renamed).outcome == "schema_changed"


@pytest.mark.parametrize("source_id", IDS)
@pytest.mark.parametrize(
    ("content", "outcomes"),
    [
        (b"<!doctype html><html><body>Just a moment...</body></html>", {"blocked"}),
        (b"\n\n<html><head><title>503</title></head></html>", {"blocked"}),
        (b"", {"error"}),
        (b"   \n", {"error"}),
        (b"Too many requests", {"blocked"}),
        (b'{"error": "Unauthorized"}', {"blocked"}),
        (b'{"error": {"message": "backend failure"}}', {"error"}),
        (b'{"access_token": "x", "token_type": "Bearer", "expires_in": 3600}', {"no_data", "schema_changed"}),
        (b"PK\x03\x04 not an archive", {"error"}),
        (b"\x00\x01\x02\x03", {"error", "schema_changed"}),
        (b"[1, 2, 3]", {"schema_changed"}),
        (b'{"data": 7}', {"schema_changed"}),
        (b"[" * 100_000, {"error", "schema_changed"}),
        (b'{"a": ' * 50_000, {"error", "schema_changed"}),
    ],
)
def test_what_is_no_data_ends_in_its_outcome(source_id: str, content: bytes, outcomes: set[str]) -> None:
    found = read_body(SOURCES[source_id], Body(content), context(NOW))
    assert found.outcome in outcomes, found.message
    assert not found.observations


@pytest.mark.parametrize("source_id", IDS)
def test_five_hundred_damaged_bodies_never_raise(source_id: str) -> None:
    names = [name for name in OURS if name.startswith(f"{source_id}/")]
    source, known = SOURCES[source_id], context(NOW)
    for seed, name in enumerate(names):
        for content in mutated(payload(name), 500 // len(names) + 1, seed):
            assert source.parse(content, known).outcome in OUTCOMES


@pytest.mark.parametrize("name", OURS)
def test_without_the_rules_folder_a_body_is_read_all_the_same(name: str) -> None:
    found = SOURCES[name.partition("/")[0]].parse(payload(name), Context(NOW))
    assert found.outcome in OUTCOMES


@pytest.mark.parametrize(
    ("source_id", "days"), [("ucdp", 30), ("wfp_prices", 30), ("cadre_harmonise", 180), ("acled", 7)]
)
def test_what_comes_out_rarely_is_not_late_the_day_after(source_id: str, days: int) -> None:
    every = SOURCES[source_id].expected_every
    assert every.days == days
    assert standing(every.total_seconds(), NOW - timedelta(days=4), NOW) == "fresh"
    assert standing(every.total_seconds(), NOW - timedelta(days=61), NOW) == "silent"


@pytest.mark.parametrize("source_id", IDS)
def test_each_source_names_its_terms_its_pace_and_indicators_that_exist(source_id: str) -> None:
    source = SOURCES[source_id]
    known = context(NOW).indicators
    assert source.terms
    assert source.homepage.startswith("https://")
    assert source.every.total_seconds() >= 600
    assert all(name in known for name in (*source.indicators, *source.also))
