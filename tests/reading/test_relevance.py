"""A text must be about the country."""

import pytest
from warn.reading import UNNAMED

from tests.reading.shipped import reading


@pytest.mark.parametrize(
    "text",
    [
        "Fuel prices rise as refinery closes in Lagos",
        "Niger : attaque d'un convoi de camions près de Tillabéri",
        "Le Sénégal augmente le prix du carburant à la pompe",
        "Kenya: petrol shortage hits Nairobi",
        "CAN 2025 : attaque en berne pour les Aigles du Mali",
    ],
)
def test_another_countrys_news_and_sport_are_not_ours(text):
    found = reading(text)
    assert not found.relevant
    assert found.findings == ()
    assert found.why_not


def test_news_from_a_neighbour_that_reaches_us_counts():
    found = reading("Côte d'Ivoire : afflux de réfugiés maliens à la frontière")
    assert [f.indicator for f in found.findings] == ["displacement_report"]


def test_a_text_that_names_nobody_is_ours_only_by_its_outlet_or_address():
    text = "Les délestages reprennent de plus belle"
    assert reading(text).why_not == UNNAMED
    assert reading(text, local=True).relevant
    assert reading(text, outlet="Studio Tamani").relevant
    assert reading(text, url="https://example.org/afrique/mali/delestages").relevant
    assert not reading("Au Nigeria, les délestages reprennent", local=True).relevant


def test_a_town_of_ours_is_enough():
    assert reading("Ségou : les stations-service à sec").relevant


def test_words_of_an_address_are_shown_and_never_counted():
    found = reading(
        "Reportage au Mali", url="https://example.org/2025/mali-les-coupures-de-courant-se-multiplient"
    )
    assert [(f.indicator, f.direction) for f in found.findings] == [("power_cut_report", "none")]
