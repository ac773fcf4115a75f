"""Whatever the text, reading answers, and soon."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reading.shipped import reading

HOSTILE = [
    "",
    " \t\n",
    "\x00\x01\x02 Mali \ud800 attaque",
    "<script>alert(1)</script> Mali : des citernes &lt;incendiées&gt; &#0; &#x110000; &bogus;",
    "<" * 50_000,
    "<a" * 50_000,
    "&" * 50_000,
    "Mali " * 50_000,
    "citerne incendiée " * 20_000,
    "entre Kayes et " * 10_000,
    "Mali : " + "9" * 100_000 + " citernes incendiées",
    "Mali : " + "1 000 " * 20_000 + "citernes incendiées",
    "Mali : " + "vingt " * 20_000 + "citernes incendiées",
    "brings " * 20_000 + "Mali",
    "ه" * 10_000,
    "Mali\u202e attaque de citernes\u200b",
    "é" * 30_000 + " Mali",
    "Mali : attaque de citernes le 31 février 0000",
    "Mali : attaque de citernes le 99 novembre 99999",
]


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(t[:20]) for t in HOSTILE])
def test_hostile_text_is_read_within_a_second_or_two(text):
    began = time.process_time()
    reading(text, text, outlet=text, url=text)
    assert time.process_time() - began < 3


def test_markup_and_entities_are_not_words():
    (found,) = reading("<b>Mali</b> : des citernes incendi&eacute;es<br/>").findings
    assert found.indicator == "convoy_attack"


WORDS = st.sampled_from(
    [
        "Mali",
        "Bamako",
        "convoi",
        "citernes",
        "attaqué",
        "40",
        "entre",
        "Kayes",
        "et",
        "Nioro",
        "le",
        "14",
        "septembre",
        "hier",
        "plus",
        "de",
        "FCFA",
        "litre",
        "essence",
        "à",
        "au",
        "marché",
        "noir",
        "JNIM",
        "affirme",
        "avoir",
        "région",
        "de",
        "pas",
        "dément",
        ":",
        ".",
        ",",
        "«",
        "»",
        "1,5",
        "20%",
        "vers",
        "via",
        "RFI",
        "lundi",
        "dernier",
        "école",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join)), st.text(max_size=80))
def test_reading_never_raises(text, more):
    found = reading(text, more, outlet=more, url=more)
    for finding in found.findings:
        assert finding.direction in {"worse", "better", "denial", "none"}
        assert finding.low is None or finding.low <= finding.value
        assert finding.high is None or finding.high >= finding.value
        assert finding.matched


def test_half_a_thousand_headlines_take_less_than_a_few_seconds():
    began = time.process_time()
    for number in range(500):
        reading(f"Mali : {number} camions-citernes incendiés près de Kolokani, la pénurie s'aggrave à Bamako")
    assert time.process_time() - began < 3
