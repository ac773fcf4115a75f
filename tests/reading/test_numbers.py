"""Counts: what the text states, and no more than it states."""

import pytest

from tests.reading.shipped import only


@pytest.mark.parametrize(
    ("text", "low", "value", "high"),
    [
        ("Mali : 40 camions-citernes incendiés", 40, 40, 40),
        ("Mali : une vingtaine de citernes brûlées", 20, 20, 20),
        ("Mali : plus de 40 citernes brûlées", 40, 40, None),
        ("Mali : plus d'une trentaine de citernes brûlées", 30, 30, None),
        ("Mali : jusqu'à 80 citernes détruites", None, 80, 80),
        ("Mali : entre 20 et 40 citernes incendiées", 20, 30, 40),
        ("Between 20 and 40 fuel tankers burned in Mali", 20, 30, 40),
        ("Dozens of fuel tankers destroyed in Mali", 20, 30, 40),
        ("Mali : vingt-cinq camions-citernes incendiés", 25, 25, 25),
        ("Twelve fuel trucks torched in Mali", 12, 12, 12),
        ("Mali : deux convois de camions-citernes attaqués, une trentaine de véhicules détruits", 30, 30, 30),
        ("Mali : un convoi de 80 citernes attaqué, 20 camions brûlés", 20, 20, 20),
        ("Mali : des camions-citernes incendiés", None, 1, None),
    ],
)
def test_tankers_are_counted_as_stated(text, low, value, high):
    found = only(text)
    assert (found.indicator, found.low, found.value, found.high) == ("convoy_attack", low, value, high)


def test_dead_are_not_counted_as_tankers():
    found = only("Mali : dix morts dans l'attaque d'un convoi de camions-citernes")
    assert (found.indicator, found.value, found.low) == ("convoy_attack", 1, None)


def test_arrivals_and_people():
    assert only("Bamako accueille un convoi de 200 camions-citernes").value == 200
    assert only("Plus de 3 700 personnes ont fui vers Gao, au Mali").value == 3700
    assert only("Over 20,000 people flee northern Mali").value == 20000
    assert only("Mali : 200.000 déplacés").value == 200000


def test_a_figure_in_francs_becomes_a_price_with_its_product():
    street = only("À Bamako, le litre d'essence se vend 2 500 FCFA au marché noir")
    assert (street.indicator, street.value) == ("fuel_price_informal", 2500)
    assert street.attributes["product"] == "petrol"
    official = only("Mali : le litre de gasoil passe de 700 à 725 FCFA")
    assert (official.indicator, official.value, official.attributes["product"]) == (
        "fuel_price_official",
        725,
        "diesel",
    )


def test_several_street_prices_are_a_range():
    found = only("À Gao, au Mali, le litre d'essence se vendait à 2000, 3000 ou 4000 FCFA")
    assert (found.low, found.high) == (2000, 4000)


def test_an_impossible_price_is_no_figure():
    found = only("Mali : le prix de l'essence flambe, vendue 85 000 FCFA le litre au marché noir")
    assert (found.indicator, found.low) == ("fuel_price_report", None)


def test_hours_of_power():
    found = only("Bamako n'a plus que six heures d'électricité par jour")
    assert (found.indicator, found.value) == ("power_hours", 6)
