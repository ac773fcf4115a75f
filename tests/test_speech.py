"""Rule texts: what they may say, how numbers and dates are printed, and that nothing hostile is ever run."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warn.model import Level
from warn.speech import VARIABLES, check, quantity, render

WHEN = datetime(2025, 10, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "unit", "french", "english"),
    [
        (0.34, "share", "34\u00a0%", "34%"),
        (2000.0, "FCFA le litre", "2\u00a0000\u00a0FCFA le litre", "2,000\u00a0FCFA le litre"),
        (2.58, "", "2,58", "2.58"),
        (1.0, "citerne|citernes", "1\u00a0citerne", "1\u00a0citerne"),
        (40.0, "citerne|citernes", "40\u00a0citernes", "40\u00a0citernes"),
        (-34.5, "%", "-34,5\u00a0%", "\u221234.5%"),
    ],
)
def test_a_measured_number_prints_with_its_unit_and_language(
    value: float, unit: str, french: str, english: str
):
    assert quantity(value, unit, "fr") == french
    assert render("{{ value }}", {"value": value, "unit": unit}, "en") == english


@pytest.mark.parametrize(("number", "word"), [(0, "attaque"), (1, "attaque"), (2, "attaques")])
def test_french_keeps_the_singular_below_two(number: float, word: str):
    text = '{{ value }} {{ value | plural("attaque", "attaques") }}'
    assert render(text, {"value": number}, "fr") == f"{number} {word}"


def test_english_keeps_it_for_one_only():
    text = '{{ value | plural("attack", "attacks") }}'
    assert [render(text, {"value": n}, "en") for n in (0, 1, 2)] == ["attacks", "attack", "attacks"]


def test_dates_are_local_and_the_first_of_a_month_has_its_own_form():
    text = "{{ since | date }} {{ since | hour }}"
    assert render(text, {"since": WHEN}, "fr") == "1er octobre 6\u00a0h\u00a030"
    assert render("{{ since }}", {"since": WHEN}, "en") == "1 October"
    assert (
        render("{{ since | hour }}", {"since": WHEN}, "fr", timezone=ZoneInfo("Asia/Tokyo"))
        == "15\u00a0h\u00a030"
    )


def test_levels_and_origins_are_told_in_words():
    text = "{{ level }} : {{ origins }}"
    assert render(text, {"level": Level.ALERT, "origins": ("RFI", "AFP")}, "fr") == "alerte\u00a0: RFI et AFP"


def test_what_is_not_known_prints_as_a_question_mark_and_never_as_a_number():
    assert render("{{ value }}, {{ value | number }}, {{ place }}", {"value": None}, "en") == "?, ?, ?"
    assert render("{% if value > 1 %}many{% else %}few or unknown{% endif %}", {}, "en") == "few or unknown"


def test_a_text_may_choose_by_comparison():
    text = '{% if value >= 2 %}b{% elif low %}c{% else %}d{% endif %}{{ " !" if level == "crisis" else "" }}'
    assert render(text, {"value": 2, "level": Level.CRISIS}, "en") == "b !"
    assert render(text, {"value": 1, "low": 1, "level": Level.ALERT}, "en") == "c"


HOSTILE = [
    "{% for i in range(9) %}x{% endfor %}", "{{ value.__class__ }}", "{{ ''.join(value) }}", "{{ value[0] }}", "{{ 9**9**9 }}",
    '{{ "a" * 999999999 }}', "{{ value() }}", "{% macro a() %}{% endmacro %}", '{% include "x" %}', "{% import 'x' as y %}",
    "{{ value | attr('x') }}", "{{ value | map('x') }}", "{% set x = 1 %}", "{{ value ~ value }}", "{{ value | number(99) }}",
    "{{ 99999999999999 }}", "{{ place | date }}", "{{ value is odd }}", "{{ {} }}", "{{ [1] }}", "{{ self }}", "{{ value",
    "{{ " + "(" * 900 + "1" + ")" * 900 + " }}", "{{ " + "not " * 450 + "1 }}", "{{ " + "-" * 1900 + "1 }}", "x" * 2001,
    "{% block a %}{% endblock %}", "{% extends 'x' %}", "{% call value() %}{% endcall %}", "{% filter upper %}{% endfilter %}",
]  # fmt: skip


@pytest.mark.parametrize("template", HOSTILE, ids=range(len(HOSTILE)))
def test_what_could_loop_call_or_reach_inside_is_refused_and_never_run(template: str):
    assert check(template)
    with pytest.raises(ValueError, match="refused"):
        render(template, {"value": 1.0, "place": "Bamako"}, "fr")


def test_a_problem_stands_where_its_word_stands():
    problem = check("value {{ value }} {{ valu }}")[0]
    assert (problem.kind, problem.word, problem.offset, problem.length) == ("unknown-variable", "valu", 21, 4)


def test_only_the_variables_of_the_measure_are_allowed():
    assert not check("{{ corridor }}")
    assert check("{{ corridor }}", ("value",))[0].kind == "unknown-variable"


PARTS = [
    "{{",
    "}}",
    "{%",
    "%}",
    "value",
    "since",
    "if",
    "else",
    "endif",
    "|",
    "number",
    "plural",
    "(",
    ")",
    "'a'",
    ",",
    " ",
    "1",
    ".",
    "for",
]


@given(st.lists(st.sampled_from([*PARTS, *VARIABLES]), max_size=25).map(" ".join))
def test_whatever_passes_the_check_prints_without_an_error_at_any_value(template: str):
    if not check(template):
        for value in (0.0, 1.0, 2.0, None):
            assert isinstance(render(template, {"value": value, "since": WHEN}, "fr"), str)
