"""What `warn read` says to a person: what was seen, by which words, and whether rules will count it."""

import pytest
from warn.app.parsing import reading_text

from tests.reading.shipped import THURSDAY, reading


def shown(text: str) -> list[str]:
    return [line.strip() for line in reading_text(reading(text), THURSDAY).splitlines()]


def test_a_finding_is_told_with_its_range_place_words_and_that_it_counts():
    assert shown("RFI - Mali : entre 20 et 40 citernes incendiées près de Kolokani") == [
        "convoy_attack 30 (20 to 40): worse; 2025-11-20; Kolokani (town); RFI, grade B2",
        "read from: 'citernes', 'incendiées'",
        "counted",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Les écoles rouvrent lundi au Mali", "not counted: it is announced for a later day"),
        ("Le Mali craint une pénurie de carburant", "not counted: a risk"),
        ("Mali : le gouvernement dément toute pénurie de carburant", "not counted: kept as what the auth"),
        ("Mali : libération de deux otages", "not counted: of abduction rules count only what gets worse"),
        ("JNIM claims it destroyed 30 tankers in Mali", "counted, though a party's own claim"),
        ("Nigeria: petrol prices jump", "It does not concern us: another country."),
        ("Le président malien reçoit une délégation", "It concerns us, but nothing is counted"),
    ],
)
def test_why_something_does_not_count_is_said(text, why):
    assert shown(text)[-1].startswith(why)
