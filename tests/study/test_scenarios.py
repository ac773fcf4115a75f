"""Scenarios at virtual time: what passes, and what failures say."""

import pytest
from warn.documents import read
from warn.study.scenarios import run_scenarios, scenarios_of

from tests.rules.engine_kit import FEEDS, ground, rule

TWO = """
- name: two confirmed attacks raise to alert, a third outlet copying the first does not count
  rule: attacks
  polls: [{source: feeds, from: 2025-08-01, to: 2025-10-01, every: 1h}]
  observations:
    - {indicator: convoy_attack, occurred_at: 2025-09-13, known_at: 2025-09-14T08:00Z, place: Kolokani, origin: "RFI|AFP"}
    - {indicator: convoy_attack, occurred_at: 2025-09-13, known_at: 2025-09-15T08:00Z, place: Kolokani, origin: RFI}
    - {indicator: convoy_attack, occurred_at: 2025-09-15, known_at: 2025-09-16T08:00Z, place: Sikasso, grade: B2}
  expect:
    - {at: 2025-09-14T07:59Z, state: closed, level: 0}
    - {at: 2025-09-14T09:00Z, state: open, level: 2, reason: opened, evidence: {value: 1, origins: [AFP, RFI]}}
    - {at: 2025-09-16T09:00Z, level: alert, reason: raised, evidence: {value: 2},
       message: {reader: {lang: fr, channel: telegram}, contains: ["ALERTE 3/4"], lacks: [siège]}}
"""


def run(text, render=None, rules=None):
    geo, registry = ground()
    documents = [("rules/tests/x.yaml", read(text, "rules/tests/x.yaml"))]
    return run_scenarios(documents, rules or [rule()], registry, geo, [FEEDS], render)


def say(transition, _, reader):
    return f"ALERTE {int(transition.level)}/4 {reader['lang']}"


def test_a_scenario_passes_where_everything_is_as_expected():
    (result,) = run(TWO, say)
    assert result.failures == ()
    assert (result.passed, result.line, result.rule, result.steps) == (True, 2, "attacks", 3)


def test_what_differs_is_said_with_expected_and_found():
    (result,) = run(TWO.replace("level: alert", "level: 4").replace("value: 2", "value: 7"), say)
    assert result.failures == (
        "2025-09-16T09:00Z: expected level 4 (crisis), found 3 (alert) (last: raised 2025-09-16T08:00Z, alert reached)",
        "2025-09-16T09:00Z: expected evidence value 7, found 2 (last: raised 2025-09-16T08:00Z, alert reached)",
    )


def test_a_message_that_lacks_a_word_is_shown_whole():
    (result,) = run(TWO, lambda *_: "TENSION siège")
    assert [f.splitlines()[0].split(": ", 1)[1] for f in result.failures] == [
        "expected the message to contain 'ALERTE 3/4'; it reads:",
        "expected the message not to contain 'siège'; it reads:",
    ]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (
            TWO.replace("rule: attacks", "rule: attaks"),
            "rule: there is no rule 'attaks' (did you mean 'attacks'?)",
        ),
        (
            TWO.replace("source: feeds", "source: feed"),
            "polls: there is no source 'feed' (did you mean 'feeds'?)",
        ),
        (TWO.replace("  polls:", "  pols:"), "the scenario: unknown key 'pols' (did you mean 'polls'?)"),
        (
            TWO.replace("every: 1h", "every: 0h"),
            "polls of feeds: at most once a minute, and over 800 days at most",
        ),
        (TWO.replace("state: closed", "state: shut"), "state 'shut' is none of closed, open, blind, lapsed"),
        (
            TWO.replace("level: alert", "level: 9"),
            "9 is no level; write 0 to 4, or calm, watch, tension, alert, crisis",
        ),
        (TWO.replace("{value: 2}", "{valeur: 2}"), "unknown key 'valeur'"),
        (TWO.replace("reason: raised", "reason: rose"), "reason 'rose' is none of opened"),
        (TWO.replace("state: closed, level: 0", "by: {}"), "nothing is expected, so nothing can fail"),
        ("- just text", "a scenario is a mapping with name, rule, observations and expect"),
        ("- {name: x, rule: attacks}", "expect: nothing is expected, so nothing can fail"),
    ],
)
def test_a_malformed_scenario_fails_with_a_sentence(broken, said):
    assert any(said in failure for result in run(broken, say) for failure in result.failures)


def test_a_bad_row_is_named_by_its_number():
    (result,) = run(TWO.replace("occurred_at: 2025-09-15", "occurred_at: soon"), say)
    assert result.failures[0].startswith("observation 3: occurred_at")


def test_a_bare_known_at_is_the_end_of_its_day():
    text = """
- name: bare
  rule: attacks
  observations: [{indicator: convoy_attack, occurred_at: 2025-09-13, known_at: 2025-09-14, place: Kolokani, grade: B2}]
  expect:
    - {at: 2025-09-14T23:55Z, state: closed}
    - {at: 2025-09-15, state: open, reason: opened}
"""
    assert run(text)[0].failures == ()


def test_rules_that_have_a_scenario_are_known():
    assert scenarios_of([("x", read(TWO, "x"))]) == {"attacks"}
