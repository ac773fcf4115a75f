"""Every documented example is run: measures, keys, and for each code a wrong piece of a rule and the same put right."""

from __future__ import annotations

import re

import pytest
from warn.rules.codes import EXPLAINED
from warn.rules.examples import INNER as INSIDE
from warn.rules.examples import KEYS
from warn.rules.measures import MEASURES
from warn.rules.rule import Rule

from tests.rules.engine_kit import engine, hours
from tests.rules.engine_kit import rule as made
from tests.rules.folder import loaded

BASE = {
    "title": 'title: {fr: "Stations", en: "Stations"}',
    "family": "family: supply",
    "measure": "measure: {count: convoy_attack, over: 14d}",
    "rises_to": "rises_to: {tension: 1, alert: 2}",
    "message": 'message: {fr: "{{ value }}", en: "{{ value }}"}',
}
COMPANIONS = """\
  - id: station-fuel
    title: {fr: "Carburant", en: "Fuel"}
    family: supply
    measure: {mean: station_has_fuel, near: city, over: 48h, min_reports: 5, min_origins: 3}
    falls_to: {tension: 0.60, alert: 0.35}
    mode: approve
    message: {fr: "{{ value }}", en: "{{ value }}"}
  - id: convoy-attacks
    title: {fr: "Convois", en: "Convoys"}
    family: supply
    measure: {count: convoy_attack, over: 14d}
    rises_to: {tension: 1, alert: 2}
    message: {fr: "{{ value }}", en: "{{ value }}"}
"""
ADVICE = "".join(f'  {lang}: {{residents: "...", ngo: "...", press: "..."}}\n' for lang in ("fr", "en"))
INNER = ("over", "near", "count", "mean", "confirmed_by")
GENERATED = {
    "too-long": "rules:\n" + ("# " + "x" * 9_000 + "\n") * 120,
    "long-line": "why: " + "x" * 20_001,
    "encoding": "why: \ufffd",
    "control-character": "why: a\x07b",
}
"""Faults that no document can show on a page."""


def file_of(fragment: str) -> str:
    """A piece of a rule as the file it stands for: the rest of the rule around it, and two rules it may name."""
    if fragment.startswith(("rules:", "  - id:")):  # a whole file
        head = "" if fragment.startswith("rules:") else "rules:\n"
        return f"{head}{fragment}\n"
    lines = dict(BASE)
    if fragment.startswith("fr: "):
        lines["message"] = f'message:\n      {fragment}\n      en: "{{{{ value }}}}"'
        fragment = ""
    elif fragment.startswith("{"):
        lines["message"] = f"message:\n      fr: '{fragment}'\n      en: \"{{{{ value }}}}\""
        fragment = ""
    elif fragment.split(":", maxsplit=1)[0] in INNER:
        lines["measure"] = _measure(fragment)
        fragment = ""
    elif fragment.startswith("reviewed_"):
        lines["advice"] = "advice:\n" + ADVICE + "  " + fragment.replace("\n", "\n  ")
        fragment = ""
    for key, block in _blocks(fragment):
        if key == "falls_to" and "rises_to:" not in fragment:
            lines.pop("rises_to", None)
            lines["measure"] = "measure: {mean: station_has_fuel, near: city, over: 48h}"
            lines["mode"] = "mode: approve"
        lines[key] = block
    if "by" in lines and "corridor" in lines["by"]:
        lines["message"] = 'message: {fr: "{{ corridor }}", en: "{{ corridor }}"}'
    body = "\n".join("    " + block.replace("\n", "\n    ") for key, block in lines.items() if key != "id")
    return f"rules:\n  - {lines.get('id', 'id: stations')}\n{body}\n{COMPANIONS}"


def _blocks(fragment: str) -> list[tuple[str, str]]:
    """(key, its lines) for every key that begins a line."""
    found = re.split(r"\n(?=\w)", fragment) if fragment else []
    blocks: dict[str, str] = {}
    for block in found:
        key = re.split(r"[:\s]", block)[0]
        blocks[key] = f"{blocks[key]}\n{block}" if key in blocks else block
    return list(blocks.items())


def _measure(fragment: str) -> str:
    key = fragment.split(":", maxsplit=1)[0]
    rest = {"count": "count: convoy_attack", "over": "over: 14d"}
    if key == "mean":
        rest.pop("count")
    if "over:" in fragment:
        rest.pop("over")
    rest.pop(key, None)
    return "measure: {" + ", ".join([*rest.values(), fragment]) + "}"


def codes(text: str, **more: object) -> set[str]:
    return {fault.code for fault in loaded({"a.yaml": text}, **more)[1]}


@pytest.mark.parametrize("code", [code for code, one in EXPLAINED.items() if one.wrong or code in GENERATED])
def test_the_wrong_example_of_a_code_gives_that_code(code: str):
    assert code in codes(file_of(GENERATED.get(code) or EXPLAINED[code].wrong))


@pytest.mark.parametrize("code", [code for code, one in EXPLAINED.items() if one.right])
def test_the_right_example_does_not(code: str):
    assert code not in codes(file_of(EXPLAINED[code].right))


def test_a_rule_without_a_scenario_is_told_and_one_with_is_not():
    text = file_of("why: nothing")
    assert "no-scenario" in codes(text, scenarios={"station-fuel", "convoy-attacks"})
    assert "no-scenario" not in codes(text, scenarios={"stations", "station-fuel", "convoy-attacks"})


SHOWN_ELSEWHERE = {"no-scenario", "syntax", "geography", "lexicon", "unknown-source", *GENERATED}


def test_every_code_has_an_example_that_is_wrong_and_one_put_right():
    assert {code for code, one in EXPLAINED.items() if not one.wrong} <= SHOWN_ELSEWHERE
    assert {code for code, one in EXPLAINED.items() if not one.right} <= SHOWN_ELSEWHERE


@pytest.mark.parametrize("kind", MEASURES)
def test_the_example_of_a_measure_is_built_and_read(kind: str):
    cls = MEASURES[kind]
    assert cls.__doc__
    assert cls.example.startswith(f"{{{kind}:")
    found, faults = loaded({"a.yaml": file_of(f"measure: {cls.example}\nrises_to: {{alert: 1}}")})
    known = {fault.code for fault in faults if fault.severity == "error"}
    assert known <= {"field-needs-approval", "always-reached", "unreachable-level"}, faults
    if found is not None:
        made_of = [one for one in found if one.id in {"stations", "convoy-attacks", "station-fuel"}]
        outcome = engine(made_of).advance((), [hours(0), hours(48)])
        assert outcome.evaluations


@pytest.mark.parametrize("key", KEYS)
def test_the_example_of_a_key_loads(key: str):
    found, faults = loaded({"a.yaml": file_of(KEYS[key])})
    assert found is not None, faults


@pytest.mark.parametrize("key", INSIDE)
def test_the_example_of_a_key_inside_a_measure_loads(key: str):
    found, faults = loaded({"a.yaml": file_of(f"measure: {INSIDE[key]}")})
    assert found is not None, faults


def test_every_key_of_a_rule_has_an_example():
    assert set(Rule.model_fields) == set(KEYS)
    assert made().rule.id == "attacks"
