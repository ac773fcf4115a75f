"""Who says so: the agency behind the copy, its grade, and claims of a party."""

import pytest
from warn.reading import to_observations

from tests.reading.shipped import only, reading

TEXT = "Mali : un convoi de citernes attaqué près de Kolokani"


@pytest.mark.parametrize(
    ("outlet", "url", "origins", "grade"),
    [
        ("RFI via allAfrica", "https://fr.allafrica.com/1", ("RFI",), "B2"),
        ("AFP via Un Site", "", ("AFP",), "B2"),
        ("Reuters (copy)", "", ("Reuters",), "B2"),
        ("", "https://www.bbc.co.uk/news/1", ("BBC",), "B2"),
        ("Pravda Mali", "https://mali.news-pravda.com/1", ("Pravda",), "D4"),
        ("Petit Journal via Autre Site", "", ("Petit Journal",), "C3"),
        ("", "https://www.exemple.ml/a", ("exemple.ml",), "C3"),
        ("", "", (), "C3"),
    ],
)
def test_the_origin_is_who_said_it_first(outlet, url, origins, grade):
    found = only(TEXT, outlet=outlet, url=url)
    assert (found.origins, found.grade, found.claim) == (origins, grade, "")


def test_an_agency_named_in_the_text_is_its_origin():
    assert only(TEXT, "Des témoins l'ont dit à l'AFP.", outlet="Petit Journal").origins == ("AFP",)


def test_the_callers_grade_stands_where_nobody_better_is_known():
    assert only(TEXT, outlet="Petit Journal", grade="B3").grade == "B3"
    assert only(TEXT, outlet="Pravda Mali", grade="B3").grade == "D4"


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("Mali : le JNIM affirme avoir incendié 30 camions-citernes", "JNIM"),
        ("JNIM claims to have destroyed 30 fuel tankers in Mali", "JNIM"),
        ("Mali: army says it killed 30 militants in airstrikes", "FAMa"),
    ],
)
def test_a_partys_word_is_a_claim_of_that_party(text, party):
    found = only(text, outlet="RFI")
    assert (found.claim, found.origins, found.grade) == (party, (party,), "D4")
    assert found.attributes["claim"] == party


def test_an_attack_somebody_took_responsibility_for_is_still_told_by_the_outlet():
    found = only("Mali : un camp militaire attaqué, le JNIM revendique", outlet="RFI")
    assert (found.claim, found.origins) == ("", ("RFI",))


def test_outlets_named_in_the_news_about_them_are_not_its_origin_in_observations(now):
    rows = to_observations(
        reading("Mali : TV5 Monde suspendue", outlet="Petit Journal"), source="feeds", known_at=now
    )
    assert [row.indicator for row in rows] == ["media_restriction"]
