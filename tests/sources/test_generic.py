"""Sources described in rules/sources.yaml: the five that are shipped, on bodies of their services' shapes."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from warn.fetching import read_body
from warn.source import Body, Parsed, Source
from warn.sources import configured

from tests.shared import shared
from tests.sources.knowing import context, mutated, texts

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OUTCOMES = {"ok", "no_data", "blocked", "embargoed", "not_released", "schema_changed", "error"}
IDP = {
    "location_code": "MLI", "admin1_code": "ML05", "admin1_name": "Mopti", "provider_admin1_name": "Mopti",
    "admin2_code": None, "admin2_name": None, "provider_admin2_name": "", "admin_level": 1, "operation": "Mali Conflict",
    "assessment_type": "BA", "population": 120_000, "reporting_round": 5,
    "reference_period_start": "2026-06-01T00:00:00", "reference_period_end": "2026-06-30T00:00:00",
}  # fmt: skip
PRICE = {
    "location_code": "MLI", "market_code": "247", "market_name": "Bamako", "commodity_code": "52",
    "commodity_name": "Rice (imported)", "commodity_category": "cereals and tubers", "currency_code": "XOF",
    "unit": "KG", "price_flag": "actual", "price_type": "Retail", "price": 450.0, "lat": 12.65, "lon": -8.0,
    "reference_period_start": "2026-09-01T00:00:00", "reference_period_end": "2026-09-30T00:00:00",
}  # fmt: skip
OUTAGE = {
    "id": "7", "startDate": "2026-10-30T10:00:00Z", "endDate": None, "locations": ["ML"], "scope": "Bamako",
    "linkedUrl": "https://example.org/a", "outage": {"outageCause": "POWER_OUTAGE", "outageType": "NATIONWIDE"},
}  # fmt: skip
DTM = {
    "operation": "Mali Conflict", "admin0Name": "Mali", "admin0Pcode": "MLI", "admin1Name": "Mopti",
    "admin1Pcode": "ML05", "numPresentIdpInd": 90_000, "reportingDate": "2026-07-31T00:00:00", "roundNumber": 90,
    "displacementReason": "Conflict", "idpOriginAdmin1Name": "Not available", "assessmentType": "BA",
}  # fmt: skip
MARKET = {
    "commodityId": 284, "commodityName": "Fuel (diesel)", "commodityPrice": 725.0, "commodityUnitName": "L",
    "commodityPriceDate": "2026-09-15T00:00:00", "commodityPriceFlag": "actual", "countryISO3": "MLI",
    "currencyName": "XOF", "marketId": 247, "marketName": "Bamako", "priceTypeName": "Retail", "priceTypeID": 15,
    "commodityUnitID": 2,
}  # fmt: skip
RTP = {
    "ISO3": "MLI", "mkt_name": "Bamako", "lat": 12.65, "lon": -8.0, "geo_id": "g1", "DATES": "2026-09-01",
    "currency": "XOF", "fuel_diesel": "", "c_fuel_diesel": 730.5, "l_fuel_diesel": 725, "h_fuel_diesel": 740,
    "trust_fuel_diesel": 7.1, "c_fuel_petrol_gasoline": "", "l_fuel_petrol_gasoline": "", "h_fuel_petrol_gasoline": "",
}  # fmt: skip
WRAPS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "hapi": ({"data": [IDP]}, {"data": [PRICE]}),
    "cloudflare_radar": ({"success": True, "errors": [], "result": {"annotations": [OUTAGE]}},),
    "dtm": ({"result": [DTM], "isSuccess": True, "statusCode": 200, "errorMessages": []},),
    "databridges": ({"items": [MARKET], "page": 1, "totalItems": 1},),
    "worldbank_rtp": ({"rows_count": 1, "found": 1, "total": 9, "data": [RTP]},),
}


@cache
def sources() -> Mapping[str, Source]:
    return configured(texts())


def parsed(source: str, body: object, part: str = "") -> Parsed:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_body(sources()[source], Body(content, part=part), replace(context(NOW), part=part))


def as_csv(rows: list[dict[str, Any]], encoding: str = "utf-8", tags: bool = False) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    if tags:
        writer.writerow({name: f"#{name.lower()}" for name in rows[0]})
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def test_displaced_people_come_with_their_region_and_a_key_that_lasts() -> None:
    found = parsed("hapi", {"data": [IDP]})
    (one,) = found.observations
    assert (one.indicator, one.value, one.place, one.precision) == ("idp_count", 120_000, "Mopti", "region")
    assert (one.grade, one.origins, one.source, one.known_at) == ("B2", ("OCHA HDX",), "hapi", NOW)
    assert one.occurred_at == datetime(2026, 6, 30, tzinfo=UTC)
    assert one.attributes["assessment"] == "BA"
    again = parsed("hapi", {"data": [IDP | {"population": 130_000}]}).observations[0]
    assert (again.key, again.value) == (one.key, 130_000)


@pytest.mark.parametrize(
    ("encoding", "tags"), [("utf-8", False), ("utf-8-sig", True), ("utf-16", False), ("utf-16-le", True)]
)
def test_a_table_says_the_same_in_every_encoding_with_or_without_a_row_of_tags(
    encoding: str, tags: bool
) -> None:
    told = parsed("hapi", as_csv([IDP | {"admin1_name": "Ségou"}], encoding, tags))
    assert [(o.place, o.value) for o in told.observations] == [("Ségou", 120_000)]


def test_a_table_in_an_archive_is_read() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("idps.csv", as_csv([IDP]))
    assert parsed("hapi", packed.getvalue()).outcome == "ok"


@pytest.mark.parametrize(("unit", "price"), [("KG", 450.0), ("100 KG", 45_000.0), ("50 KG", 22_500.0)])
def test_a_price_is_told_per_kilo_whatever_the_sack(unit: str, price: float) -> None:
    told = parsed("hapi", {"data": [PRICE | {"unit": unit, "price": price}]})
    assert told.observations[0].value == pytest.approx(450)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"price": 0}, "without a value"),
        ({"price": None}, "without a value"),
        ({"unit": "Head"}, "in another unit (Head)"),
        ({"currency_code": "USD"}, "of another kind"),
        ({"price_flag": "forecast"}, "of another kind"),
        ({"location_code": "TCD"}, "of another country (TCD)"),
    ],
)
def test_what_is_not_meant_for_us_is_left_out_and_counted(change: dict[str, Any], why: str) -> None:
    told = parsed("hapi", {"data": [PRICE | change]})
    assert (told.outcome, told.observations, told.refused) == ("no_data", (), ())
    assert told.message == f"1 rows: 0 taken, 1 {why}"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"lon": 8.0}, "outside the country"),
        ({"lat": -8.0, "lon": 12.65}, "look swapped"),
        ({"price": 60_000_000}, "outside what this indicator can be"),
        ({"price": "a lot"}, "not a number"),
        ({"reference_period_start": "2031-01-01T00:00:00"}, "in the future"),
        ({"reference_period_start": "last week"}, "not a time"),
        ({"reference_period_start": None}, "no time"),
    ],
)
def test_what_cannot_be_true_is_set_aside_with_its_row(change: dict[str, Any], why: str) -> None:
    told = parsed("hapi", {"data": [PRICE | {"lon": -7.0}, PRICE | change]})
    assert (told.outcome, len(told.observations)) == ("ok", 1)
    assert [(why in one.reason, one.line) for one in told.refused] == [(True, 2)]
    alone = parsed("hapi", {"data": [PRICE | change]})
    assert (alone.outcome, len(alone.refused)) == ("schema_changed", 1)


def test_the_same_row_twice_is_told_once() -> None:
    assert len(parsed("hapi", {"data": [PRICE, PRICE]}).observations) == 1


def test_an_outage_is_told_by_its_cause_and_other_causes_are_none_of_ours() -> None:
    def told(cause: str) -> tuple[str, ...]:
        body = WRAPS["cloudflare_radar"][0] | {
            "result": {"annotations": [OUTAGE | {"outage": {"outageCause": cause, "outageType": "REGIONAL"}}]}
        }
        return tuple(o.indicator for o in parsed("cloudflare_radar", body).observations)

    assert told("POWER_OUTAGE") == ("power_cut_report",)
    assert told("GOVERNMENT_DIRECTED") == ("media_restriction",)
    assert told("CABLE_CUT") == ()


def test_baseline_and_site_assessment_of_one_day_are_two_observations() -> None:
    body = WRAPS["dtm"][0] | {"result": [DTM, DTM | {"assessmentType": "SA"}]}
    assert len({o.key for o in parsed("dtm", body).observations}) == 2


def test_pump_and_street_prices_are_told_apart_and_forecasts_dropped() -> None:
    rows = [
        MARKET,
        MARKET
        | {"commodityId": 505, "commodityName": "Fuel (diesel, parallel market)", "commodityPrice": 1500},
        MARKET | {"commodityPriceFlag": "forecast", "commodityPrice": 0.0},
    ]
    told = parsed("databridges", {"items": rows, "page": 1, "totalItems": 3}).observations
    assert [(o.indicator, o.value, o.attributes["product"]) for o in told] == [
        ("fuel_price_official", 725, "diesel"),
        ("fuel_price_informal", 1500, "diesel"),
    ]


def test_modelled_prices_carry_their_range_and_a_low_grade() -> None:
    (one,) = parsed("worldbank_rtp", WRAPS["worldbank_rtp"][0]).observations
    assert (one.low, one.value, one.high, one.grade) == (725, 730.5, 740, "D3")


@pytest.mark.parametrize(
    ("source", "body", "outcome"),
    [
        ("hapi", b"<html><body>Just a moment...</body></html>", "blocked"),
        ("hapi", b"Your request was blocked due to bot activity", "blocked"),
        ("hapi", {"error": "Invalid app identifier"}, "blocked"),
        ("hapi", {"detail": [{"msg": "Input should be valid", "loc": ["query", "limit"]}]}, "error"),
        ("hapi", b"Too many requests", "blocked"),
        ("dtm", {"error": "Unauthorized"}, "blocked"),
        ("cloudflare_radar", {"error": {"message": "backend failure"}}, "error"),
        ("hapi", [1, 2, 3], "schema_changed"),
        ("hapi", b"[" * 100_000, "error"),
        ("hapi", {"data": []}, "no_data"),
        ("hapi", {"rows": []}, "schema_changed"),
        ("hapi", {"data": [{"who": 1}]}, "schema_changed"),
        ("hapi", b"", "error"),
        ("hapi", b'{"data": [{"location_code"', "error"),
        ("hapi", b"PK\x03\x04 an archive", "error"),
        ("hapi", b"Too many words to be a table", "schema_changed"),
        ("hapi", as_csv([IDP]).replace(b"population", b"people"), "schema_changed"),
        ("cloudflare_radar", {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}]}, "blocked"),
        ("cloudflare_radar", {"success": False, "errors": [{"code": 1, "message": "Invalid dateRange"}]}, "error"),
        ("cloudflare_radar", {"success": True, "result": {"annotations": []}}, "no_data"),
        ("cloudflare_radar", {"success": True, "result": {}}, "schema_changed"),
        ("dtm", {"statusCode": 401, "message": "Access denied due to missing subscription key."}, "blocked"),
        ("dtm", {"isSuccess": False, "statusCode": 404, "result": None, "errorMessages": ["No data found matching"]}, "no_data"),
        ("dtm", {"isSuccess": False, "statusCode": 500, "errorMessages": ["Something went wrong"]}, "error"),
        ("dtm", {"isSuccess": True, "statusCode": 200, "result": []}, "no_data"),
        ("databridges", {"fault": {"code": 900901, "message": "Invalid Credentials"}}, "blocked"),
        ("databridges", {"code": 104, "message": "token expired"}, "blocked"),
        ("databridges", {"message": "Forbidden"}, "blocked"),
        ("databridges", {"message": "Internal server error"}, "error"),
        ("databridges", {"items": [], "page": 9, "totalItems": 10}, "no_data"),
        ("worldbank_rtp", {"total": 0, "found": 0, "data": []}, "error"),
        ("worldbank_rtp", {"total": 9, "found": 0, "data": []}, "no_data"),
        ("worldbank_rtp", {"status": "failed", "message": "no such table"}, "error"),
    ],
)  # fmt: skip
def test_what_a_service_says_ends_in_its_outcome(source: str, body: object, outcome: str) -> None:
    assert parsed(source, body).outcome == outcome


@pytest.mark.parametrize("source", sorted(WRAPS))
def test_a_body_that_was_asked_for_as_data_and_is_none_means_another_shape(source: str) -> None:
    """A list of markets by itself is no data; where a poll asked for prices it is a change that somebody must see."""
    token = {"access_token": "x", "expires_in": 3600}
    table = {"hapi": "idps", "cloudflare_radar": "outages", "dtm": "country", "databridges": "monthly"}
    assert parsed(source, token, table.get(source, "energy")).outcome == "schema_changed"
    assert not parsed(source, token).observations


@pytest.mark.parametrize(
    ("name", "source", "outcome"),
    [
        ("hdx_hapi/idps_json_shape.json", "hapi", "ok"),
        ("hdx_hapi/idps_sample_TCD_HTI.csv", "hapi", "no_data"),
        ("hdx_hapi/food_security_head.csv", "hapi", "no_data"),
        ("hdx_hapi/hno_MLI_head.csv", "hapi", "no_data"),
        ("cloudflare_radar/outages_example.json", "cloudflare_radar", "no_data"),
        ("cloudflare_radar/error_no_token.json", "cloudflare_radar", "blocked"),
        ("iom_dtm/admin0_TCD.json", "dtm", "no_data"),
        ("iom_dtm/country-list.json", "dtm", "no_data"),
        ("iom_dtm/operation-list.json", "dtm", "no_data"),
        ("iom_dtm/hdx_global-iom-dtm-from-api_head.csv", "dtm", "no_data"),
        ("wfp_databridges/token.json", "databridges", "no_data"),
        ("wfp_databridges/Markets_List_COG.json", "databridges", "no_data"),
        ("wfp_databridges/Currency_List_2024.json", "databridges", "error"),
        ("wfp_databridges/MarketPrices_PriceMonthly_COG_p1_trimmed.json", "databridges", "no_data"),
        ("wfp_databridges/MarketPrices_PriceMonthly_COG_p8_last_empty.json", "databridges", "no_data"),
        ("wfp_databridges/MarketPrices_PriceMonthly_NIC_fuel.json", "databridges", "no_data"),
        ("worldbank_rtp/rtep_trimmed.json", "worldbank_rtp", "no_data"),
        ("worldbank_rtp/rtfp_empty_table.json", "worldbank_rtp", "error"),
    ],
)
def test_recorded_bodies_end_in_their_outcome(name: str, source: str, outcome: str) -> None:
    assert parsed(source, shared(f"payloads/{name}").read_bytes()).outcome == outcome


@pytest.mark.parametrize(
    ("name", "source", "code", "rows"),
    [
        ("hdx_hapi/idps_sample_TCD_HTI.csv", "hapi", "HTI", 30),
        ("hdx_hapi/food_security_head.csv", "hapi", "AFG", 3),
        ("iom_dtm/admin0_TCD.json", "dtm", "TCD", 50),
        ("iom_dtm/hdx_global-iom-dtm-from-api_head.csv", "dtm", "AFG", 20),
        ("cloudflare_radar/outages_example.json", "cloudflare_radar", "UA", 1),
    ],
)
def test_recorded_bodies_of_another_country_speak_where_it_is_home(
    name: str, source: str, code: str, rows: int
) -> None:
    """The same descriptions in a rules folder of another country, without its geography."""
    body = shared(f"payloads/{name}").read_bytes()
    codes = {"iso3": code, "iso2": code}
    there = replace(context(NOW), places=None, area=replace(context(NOW).area, codes=codes))
    told = sources()[source].parse(body, there)
    assert (told.outcome, len(told.observations) >= rows) == ("ok", True)
    assert len({o.key for o in told.observations}) == len(told.observations)


@pytest.mark.parametrize("source", sorted(WRAPS))
@pytest.mark.parametrize("seed", range(5))
def test_damaged_bodies_never_raise(source: str, seed: int) -> None:
    bodies = [json.dumps(body).encode() for body in WRAPS[source]]
    samples: dict[str, dict[str, Any]] = {
        "hapi": PRICE,
        "dtm": DTM,
        "databridges": MARKET,
        "worldbank_rtp": RTP,
    }
    bodies.append(as_csv([samples.get(source, OUTAGE)]))
    parse = sources()[source].parse
    for content in mutated(bodies[seed % len(bodies)], 100, seed):
        assert parse(content, context(NOW)).outcome in OUTCOMES
