"""A lexicon with a fault is told where, and never half read."""

import pytest
from warn.errors import ConfigError
from warn.reading.lexicon import lexicon, load_lexicon

from tests.reading.shipped import lexicon_text


def test_the_shipped_lexicon_has_no_fault():
    found, faults = load_lexicon(lexicon_text())
    assert found is not None
    assert faults == ()


def faults_after(old, new):
    text = lexicon_text()
    assert old in text
    found, faults = load_lexicon(text.replace(old, new, 1))
    assert found is None
    return faults


def test_an_unknown_name_in_a_way_is_told_with_its_line_and_the_nearest_name():
    (fault,) = faults_after("when: [protest]", "when: [protets]")
    assert "protets" in fault.message
    assert "protest" in fault.suggestion
    assert fault.line == next(
        n for n, line in enumerate(lexicon_text().splitlines(), 1) if "when: [protest]" in line
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("when: [protest]", "when: [protest ? road]"),
        ("when: [protest]", "when: [protest &]"),
        ("when: [protest]", "when: []"),
        ("when: [protest]", "whem: [protest]"),
        ("direction: worse, weight: 80, when: [protest]", "direction: bad, weight: 80, when: [protest]"),
        ("home: [country]", "home: [contry]"),
        ("things: [people, households, displaced]", "things: [peeple]"),
        ("default_grade: C3", "default_grade: Z9"),
    ],
)
def test_faults_are_told(old, new):
    assert faults_after(old, new)


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "words: {}", "\x00"])
def test_what_is_no_lexicon_is_refused_with_a_sentence(text):
    with pytest.raises(ConfigError, match=r"lexicon\.yaml"):
        lexicon(text)


def test_a_new_word_is_a_line_in_the_file_and_nothing_else():
    text = lexicon_text().replace("curfew: [couvre feu,", "curfew: [ville morte decretee, couvre feu,", 1)
    found = lexicon(text)
    assert "ville morte decretee" in found.file.words["curfew"]
