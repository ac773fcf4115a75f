"""Days named in a text, seen from the day it was published."""

from datetime import date

import pytest

from tests.reading.shipped import THURSDAY, only

ATTACK = "Mali : un convoi de citernes a été attaqué {}"


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ("", date(2025, 11, 20)),
        ("hier", date(2025, 11, 19)),
        ("avant-hier", date(2025, 11, 18)),
        ("lundi", date(2025, 11, 17)),
        ("jeudi", date(2025, 11, 20)),
        ("jeudi dernier", date(2025, 11, 13)),
        ("dimanche 16 novembre", date(2025, 11, 16)),
        ("le 3 novembre 2025", date(2025, 11, 3)),
        ("le 30 décembre", date(2025, 11, 20)),
        ("le week-end dernier", date(2025, 11, 16)),
    ],
)
def test_french_days(when, day):
    assert only(ATTACK.format(when)).date == day


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ("on Tuesday", date(2025, 11, 18)),
        ("yesterday", date(2025, 11, 19)),
        ("on November 14", date(2025, 11, 14)),
        ("on 14 November", date(2025, 11, 14)),
    ],
)
def test_english_days(when, day):
    assert only(f"Fuel convoy attacked in Mali {when}").date == day


def test_a_closure_announced_for_later_is_news_of_today():
    assert only("Mali : les écoles ferment à partir de lundi").date == THURSDAY


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("Les écoles rouvrent lundi au Mali", date(2025, 11, 24)),
        ("Mali: schools to reopen next Monday", date(2025, 11, 24)),
        ("Mali : reprise des cours prévue le 1er décembre", date(2025, 12, 1)),
        ("Mali: fuel convoy reaches Bamako on November 14th", date(2025, 11, 14)),
        ("Mali : les écoles ont rouvert lundi", date(2025, 11, 17)),
        ("Mali: schools reopened on Monday", date(2025, 11, 17)),
    ],
)
def test_an_announced_reopening_lies_ahead_and_one_that_was_lies_behind(title, day):
    assert only(title).date == day


@pytest.mark.parametrize(
    "title",
    [
        "Mali : les écoles fermées jusqu'au 9 novembre",
        "Mali: schools closed until November 9",
        "Mali : les écoles fermées jusqu'à dimanche",
        "Mopti sans carburant depuis dimanche",
        "Mali : Tombouctou sous blocus depuis le 3 novembre",
        "Mali: schools have been shut since Monday",
    ],
)
def test_the_end_or_the_beginning_of_a_state_is_not_the_day_of_its_news(title):
    assert only(title).date == THURSDAY


def test_an_old_event_with_its_year_keeps_its_day():
    assert only("L'attaque du 17 septembre 2024 à Bamako a fait 70 morts").date == date(2024, 9, 17)


@pytest.mark.parametrize(
    "title", ["Fuel will return to Bamako by Friday, minister says", "Mali : les écoles vont rouvrir"]
)
def test_relief_in_the_future_without_its_day_has_not_come(title):
    assert only(title).direction == "none"


def test_without_a_day_of_publication_none_is_made_up():
    assert only("Mali : un convoi de citernes attaqué hier", published=None).date is None
