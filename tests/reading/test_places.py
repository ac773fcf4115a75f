"""Where: the place of the event, not that of its origin or its goal."""

import pytest

from tests.reading.shipped import only


@pytest.mark.parametrize(
    ("text", "place", "precision"),
    [
        ("Mali : un convoi de citernes attaqué près de Kolokani", "Kolokani", "town"),
        ("Fuel convoy attacked near Bougouni, Mali", "Bougouni", "town"),
        ("Mali : des citernes en route vers Bamako incendiées près de Didiéni", "Didiéni", "town"),
        ("Mali : un convoi de citernes à destination de Bamako attaqué", "", "country"),
        ("Mali : convoi de citernes attaqué dans la région de Sikasso", "Sikasso", "region"),
        ("Mali : convoi de citernes attaqué dans le cercle de Kadiolo", "Kadiolo", "cercle"),
        ("Un convoi de 70 citernes est arrivé à Bamako", "Bamako", "town"),
        ("La capitale malienne privée d'essence", "Bamako", "town"),
        ("Fuel shortage deepens in Timbuktu, Mali", "Tombouctou", "town"),
        ("Mali : le camp militaire de Kati attaqué", "Kati", "town"),
    ],
)
def test_the_place_is_found(text, place, precision):
    found = only(text)
    assert (found.place, found.precision) == (place, precision)
    assert (found.lat is None) == (place == "")


@pytest.mark.parametrize(
    "text",
    [
        "Mali : des citernes incendiées entre Kita et Kati",
        "Mali : des citernes incendiées sur la route Kita-Kati",
        "Mali: tankers torched between Kita and Kati",
        "Mali : un convoi de citernes visé sur l'axe Kita-Kati",
    ],
)
def test_a_road_lies_between_its_towns(text):
    found = only(text)
    assert found.place == "Kita–Kati"
    assert found.lat == pytest.approx(12.9, abs=0.15)
    assert found.lon == pytest.approx(-8.8, abs=0.15)


def test_an_ambiguous_name_is_told_apart_by_the_region_named_or_kept_coarse():
    far = only("Mali : un convoi de citernes attaqué à Kéniéba, dans la région de Kayes")
    assert far.place in {"Kéniéba", "Kayes"}
    assert far.lon == pytest.approx(-11.2, abs=0.4)


def test_keniebas_neighbour_in_name_is_another_place():
    assert only("Mali : un convoi de citernes attaqué à Kéniéroba").place != "Kéniéba"


def test_a_persons_name_is_no_place():
    found = only("Mali : des citernes incendiées, selon Moussa Traoré et Sidi Diarra")
    assert found.place == ""
