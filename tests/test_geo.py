"""Places, roads and regions of the shipped folder, and of a folder for another city."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyproj
import pytest
from warn.errors import ConfigError
from warn.geo import (
    CONFIRMED,
    FILES,
    NOT_NEAR,
    UNCONFIRMED,
    Geography,
    distance_to_place_km,
    fold,
    geography,
    inside,
    inspect,
    near,
    nearest_corridor,
    settle,
    spots,
    zone_of,
)
from warn.model import Observation, Precision

RULES = Path(__file__).parents[1] / "rules"
SEPTEMBER = datetime(2025, 9, 14, tzinfo=UTC)


def files() -> dict[str, str]:
    return {name: (RULES / name).read_text(encoding="utf-8") for name in FILES}


@pytest.fixture(scope="module")
def bamako() -> Geography:
    return geography(files())


def at(place: str = "", lat: float | None = None, lon: float | None = None, precision: Precision = "country"):
    return Observation(
        "convoy_attack", SEPTEMBER, SEPTEMBER, place=place, lat=lat, lon=lon, precision=precision
    )


def nearness(geo: Geography, zone: str, *observations: Observation):
    return near(geo, spots(geo, observations), geo.zones[zone]).tolist()


def test_the_shipped_folder_has_no_fault(bamako):
    assert inspect(files())[1] == ()
    assert [c.ref for c in bamako.corridors] == [
        "RN1", "RN7", "RN6", "RN3", "RN9", "RN2", "RN4", "RN5", "RN27",
    ]  # fmt: skip
    assert {r.region for r in bamako.regions} >= {"Kayes", "Koulikoro", "Sikasso", "Ségou", "Mopti", "Bamako"}


def test_an_attack_hundreds_of_kilometres_away_is_near_the_roads_and_not_near_the_city(bamako):
    ambush = at("Kaniéra-Lakamané", 14.5546, -9.9843, "point")
    assert nearness(bamako, "roads", ambush) == [CONFIRMED]
    assert nearness(bamako, "city", ambush) == [NOT_NEAR]


def test_a_country_centroid_is_near_nothing_even_where_it_falls_on_the_capital(bamako):
    somewhere = at("Mali", 12.6392, -8.0029, "country")
    assert nearness(bamako, "roads", somewhere) == [NOT_NEAR]
    assert nearness(bamako, "city", somewhere) == [NOT_NEAR]
    assert nearest_corridor(spots(bamako, [somewhere])).tolist() == [-1]


def test_a_region_is_near_a_corridor_that_crosses_it_as_unconfirmed_only(bamako):
    sikasso, gao = at("Région de Sikasso", 11.317, -5.667, "region"), at("région de Gao", precision="region")
    assert nearness(bamako, "roads", sikasso, gao) == [UNCONFIRMED, NOT_NEAR]
    assert inside(bamako, spots(bamako, [sikasso, gao]), ["Sikasso"]).tolist() == [True, False]


def test_a_region_is_never_near_a_place(bamako):
    assert nearness(bamako, "city", at("Koulikoro", 12.6, -8.0, "region")) == [NOT_NEAR]


def test_a_cercle_lies_in_its_region_and_near_the_roads_that_cross_the_cercle(bamako):
    kati, niono = (settle(bamako, at(f"cercle de {name}")) for name in ("Kati", "Niono"))
    where = spots(bamako, [kati, niono])
    assert (kati.precision, niono.precision) == ("cercle", "cercle")
    assert near(bamako, where, bamako.zones["roads"]).tolist() == [UNCONFIRMED, NOT_NEAR]
    assert inside(bamako, where, ["Koulikoro"]).tolist() == [True, False]
    assert inside(bamako, where, ["Kati"]).tolist() == [True, False]


def test_a_town_lies_in_its_region_and_cercle(bamako):
    where = spots(bamako, [settle(bamako, at(name)) for name in ("Kolokani", "Loulouni", "Kidira")])
    assert inside(bamako, where, ["Koulikoro", "Kadiolo"]).tolist() == [True, True, False]


def test_distances_agree_with_the_ellipsoid_to_a_third_of_a_percent_all_over_the_country(bamako):
    generator = np.random.default_rng(7)
    lat, lon = generator.uniform(10.5, 16, 200), generator.uniform(-12, -4, 200)
    for town in ("Bamako", "Kayes", "Sikasso"):
        place = bamako.gazetteer.one(town)
        ours = distance_to_place_km(bamako, lat, lon, place)
        _, _, metres = pyproj.Geod(ellps="WGS84").inv(
            lon, lat, np.full(200, place.lon), np.full(200, place.lat)
        )
        assert np.abs(ours / (metres / 1000) - 1).max() < 0.0033


def test_an_incident_belongs_to_its_nearest_corridor(bamako):
    where = spots(
        bamako,
        [settle(bamako, at(name)) for name in ("Kolokani", "Kita", "Fana", "Bougouni", "Nara", "Siby")],
    )
    named = [bamako.corridors[i].id for i in nearest_corridor(where)]
    assert named == ["kayes", "kita", "segou", "sikasso", "nara", "kouremale"]


def test_all_observations_of_one_place_get_the_same_answer_however_many_there_are(bamako):
    many = [at("Kolokani", 13.57, -8.03, "town"), at("Gao", 16.27, -0.04, "town")] * 500
    assert nearness(bamako, "roads", *many) == [CONFIRMED, NOT_NEAR] * 500
    assert nearness(bamako, "roads") == []


def test_names_compare_without_accents_capitals_hyphens_and_special_letters():
    assert fold("Kéniéba") == fold("KENIEBA") == "kenieba"
    assert fold("Nioro-du-Sahel") == fold("Nioro du  Sahel") == "nioro du sahel"
    assert fold("Bamakɔ") == "bamako"
    assert fold("M'Bouna") == "m bouna"


@pytest.mark.parametrize(
    ("written", "kind", "cercle"),
    [
        ("Kati", "city", "Kati"),
        ("cercle de Kati", "cercle", "Kati"),
        ("Kayes", "city", "Kayes"),
        ("région de Kayes", "region", ""),
        ("Sikasso region", "region", ""),
        ("Faladié (Bamako)", "quarter", "Bamako"),
        ("Benkadi, cercle de Dioïla", "commune", "Dioïla"),
        ("Segou", "city", "Ségou"),
        ("TOMBOUCTOU", "city", "Tombouctou"),
        ("Timbuktu", "city", "Tombouctou"),
        ("Kéniéba", "commune", "Kéniéba"),
    ],
)
def test_a_name_means_the_town_unless_it_says_otherwise(bamako, written, kind, cercle):
    place = bamako.gazetteer.one(written)
    assert (place.kind, place.cercle) == (kind, cercle)


@pytest.mark.parametrize("written", ["Faladié", "Benkadi", "Atlantis", "", "()"])
def test_a_name_that_nobody_can_place_gets_no_position(bamako, written):
    assert bamako.gazetteer.one(written) is None
    assert settle(bamako, at(written)).lat is None


def test_kenieba_and_kenieroba_are_not_confused(bamako):
    assert {p.name for p in bamako.gazetteer.find("Kéniéba")} == {"Kéniéba"}
    assert {p.name for p in bamako.gazetteer.find("Kéniéroba")} == {"Kéniéroba"}


def test_a_stated_position_is_kept_and_a_named_place_is_looked_up(bamako):
    assert settle(bamako, at("Kolokani", 1.0, 2.0, "point")).lat == 1.0
    found = settle(bamako, at("Kolokani"))
    assert found.precision == "town"
    assert found.lat == pytest.approx(13.57, abs=0.01)


def test_near_may_name_an_area_a_place_or_corridors(bamako):
    assert zone_of(bamako, "city").km == 25
    assert zone_of(bamako, {"corridor": "RN1", "km": 20}).corridors == ("kayes",)
    assert zone_of(bamako, {"corridors": "all", "km": 35}).corridors == tuple(c.id for c in bamako.corridors)
    assert zone_of(bamako, {"place": "Kayes", "km": 10}).place == "Kayes"


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("raods", "Did you mean 'roads'?"),
        ({"place": "Kaye", "km": 5}, "Did you mean 'Kayes'?"),
        ({"place": "Benkadi", "km": 5}, "with its cercle in brackets"),
        ({"corridor": "sikaso", "km": 5}, "Did you mean 'sikasso'?"),
        ({"place": "Kayes"}, "{place: Kayes, km: 25}"),
    ],
)
def test_an_area_that_is_not_understood_says_what_would_be(bamako, spec, hint):
    with pytest.raises(ConfigError) as fault:
        zone_of(bamako, spec)
    assert hint in fault.value.remedy


def test_every_fault_of_every_file_is_told_with_its_line():
    broken = files()
    broken["places.yaml"] += "\nfar: {corridor: nowhere, km: 3}\n"
    broken["gazetteer.csv"] += "x:1,Nowhere,,95,0,town,,,,ML\nx:2,Nowhere,,5,0,hamlet,,,,ML\n"
    broken["corridors.geojson"] = broken["corridors.geojson"].replace('"ref"', '"road"')
    _, faults = inspect(broken)
    assert {f.file for f in faults} == {"places.yaml", "gazetteer.csv", "corridors.geojson"}
    lines = broken["gazetteer.csv"].count("\n")
    assert [f.line for f in faults if f.file == "gazetteer.csv"] == [lines - 1, lines]
    with pytest.raises(ConfigError):
        geography(broken)


def test_without_area_yaml_there_is_no_geography():
    with pytest.raises(ConfigError, match=r"area\.yaml"):
        geography({})


def test_another_city_is_another_folder():
    here: Mapping[str, str] = {
        "area.yaml": (
            "id: niamey\nname: {fr: Niamey, en: Niamey}\ncentre: {lat: 13.51, lon: 2.11}\n"
            "timezone: Africa/Niamey\ncountry: {name: {fr: Niger, en: Niger}, codes: {iso2: NE, iso3: NER}}\n"
            "box: {west: 0.1, south: 11.6, east: 16.0, north: 23.6}\n"
        ),
        "places.yaml": "city: {place: Niamey, km: 30}\n",
    }
    niger = geography(here)
    assert nearness(niger, "city", at("", 13.6, 2.2, "town"), at("", 12.6, -8.0, "town")) == [
        CONFIRMED, NOT_NEAR,
    ]  # fmt: skip
    assert niger.area.name("bm") == "Niamey"
