"""Days named in a text, seen from the day it was published."""

from datetime import date

import pytest

from tests.reading.shipped import only

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


def test_what_is_announced_for_later_is_news_of_today():
    assert only("Mali : les écoles ferment à partir de lundi").date == date(2025, 11, 20)
    assert only("Mali: schools to reopen next Monday").date == date(2025, 11, 20)


def test_without_a_day_of_publication_none_is_made_up():
    assert only("Mali : un convoi de citernes attaqué hier", published=None).date is None
