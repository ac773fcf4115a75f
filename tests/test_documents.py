"""YAML with places: what is read, what is refused, and that nothing a file holds makes the reader fall over."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warn.documents import excerpt, read
from warn.documents.durations import in_words, meant, parse_duration, short
from warn.documents.slips import SAID


def test_words_that_yaml_1_1_would_change_stay_words():
    text = "on: [yes, off, 2025-10-07, 010, 1_000, 12:30]\nreal: [true, 1, -2.5, null]\n"
    assert read(text, "f").data == {
        "on": ["yes", "off", "2025-10-07", "010", "1_000", "12:30"],
        "real": [True, 1, -2.5, None],
    }


def test_columns_count_characters_so_that_an_accent_is_one():
    document = read('é: "àé"\nà: {é: x}\n', "f")
    assert (document.spot(("à", "é")).line, document.spot(("à", "é")).column) == (2, 8)
    assert document.spot(("à",), key=True).column == 1


def test_the_place_of_a_missing_key_is_the_map_it_should_stand_in():
    document = read("rules:\n  - id: a\n    measure: {count: x}\n", "f")
    assert document.spot(("rules", 0, "measure", "over")).column == 14


def test_a_character_inside_a_text_has_its_own_place_also_on_a_later_line():
    document = read("a: |\n  one\n  two three\n", "f")
    node = document.find(("a",))
    assert node is not None
    at = document.source(node).index("three")
    assert (document.inside(node, at).line, document.inside(node, at).column) == (3, 7)


def test_one_entry_that_cannot_be_parsed_does_not_hide_the_faults_of_others():
    text = "rules:\n  - id: a\n    why: x : y\n  - id: b\n  - id: c\n    why: 'l'eau'\n  - id: d\n"
    document = read(text, "f")
    assert [(fault.line, fault.code) for fault in document.faults] == [
        (3, "unquoted-colon"),
        (6, "apostrophe"),
    ]
    assert document.data == {"rules": [{"id": "b"}, {"id": "d"}]}
    assert document.spot(("rules", 1, "id")).line == 7


def test_a_decimal_comma_in_braces_is_told_once_and_read_as_it_was_meant():
    document = read("falls_to: {tension: 0,60, alert: 0,35}", "f")
    assert [fault.code for fault in document.faults] == ["decimal-comma"] * 2
    assert document.data == {"falls_to": {"tension": 0.6, "alert": 0.35}}


def test_aliases_are_never_expanded():
    text = "a: &a [x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    assert {fault.code for fault in read(text, "f").faults} == {"alias"}


@pytest.mark.parametrize(
    ("text", "code"),
    [("x" * 1_000_001, "too-long"), ("a: " + "x" * 1_000_000, "too-long"), ("a: " + "x" * 30_000, "long-line"), ("[" * 15_000, "too-deep")],
    ids=["large", "large-line", "long-line", "deep"],
)  # fmt: skip
def test_files_that_no_person_wrote_are_refused_before_they_cost_anything(text: str, code: str):
    document = read(text, "f")
    assert document.root is None
    assert [fault.code for fault in document.faults] == [code]


def test_a_byte_order_mark_moves_nothing():
    assert read("\ufeffa: b", "f").spot(("a",)).column == 4


@given(st.text(alphabet=st.sampled_from("ab:- {}[],\n\"'&*!|>#%@\t\u00a0é0.\x85\u2028"), max_size=60))
def test_whatever_is_written_gets_a_tree_or_a_fault_inside_the_text(text: str):
    document = read(text, "f")
    assert (
        document.root is not None
        or document.faults
        or not text.strip()
        or "#" in text
        or text.strip(" \n-.%\ufeff")
    )
    for fault in document.faults:
        assert 1 <= fault.line <= len(document.lines) + 1
        assert fault.column >= 1
        excerpt(document.lines, fault)


def test_every_sentence_stands_in_both_languages():
    for english, french in SAID.values():
        assert all([*english, *french])


def test_the_caret_stands_under_the_word_also_in_a_long_line():
    line = "x: " + "word " * 60 + "here " + "word " * 20
    fault = read(line, "f").fault("c", read(line, "f").spot(()), ("", ""), ("", ""))
    spot = type(read("a: b", "f").spot(()))(1, line.index("here") + 1, 4)
    shown, caret = excerpt([line], spot)
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "here"
    assert len(shown) < 90
    assert fault.line == 1


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("14d", timedelta(days=14)),
        ("1h30m", timedelta(minutes=90)),
        ("2w", timedelta(days=14)),
        ("0h", timedelta(0)),
    ],
)
def test_lengths_of_time_are_numbers_with_units(written: str, length: timedelta):
    assert parse_duration(written) == length


@pytest.mark.parametrize("written", ["", "14", "14j", "d", "1.5d", "-3d", "3d 4h", "99999w", "١d"])
def test_anything_else_is_refused(written: str):
    with pytest.raises(ValueError, match=r"length of time|ten years"):
        parse_duration(written)


@pytest.mark.parametrize(
    ("written", "guess"),
    [("14j", "14d"), ("2 semaines", "2w"), ("3 jours", "3d"), ("6 heures", "6h"), ("xyz", ""), ("3 ans", "")],
)
def test_french_units_are_understood_as_slips(written: str, guess: str):
    assert meant(written) == guess


def test_lengths_are_told_in_days_from_three_on_and_in_hours_below():
    assert in_words(timedelta(days=14), "fr") == "14\u00a0jours"
    assert in_words(timedelta(days=2), "fr") == "48\u00a0h"
    assert in_words(timedelta(minutes=90), "fr") == "1\u00a0h\u00a030"
    assert in_words(timedelta(days=3), "en") == "3\u00a0days"


@given(st.integers(0, 60 * 24 * 400))
def test_the_short_form_reads_back_as_the_same_length(minutes: int):
    length = timedelta(minutes=minutes)
    assert parse_duration(short(length)) == length
