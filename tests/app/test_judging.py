"""Every file of the rules folder is judged, each fault with its file, line and column, in two languages."""

from pathlib import Path

import pytest
from warn.app import folders, knowing
from warn.rules.codes import EXPLAINED

RULES = Path(__file__).parents[2] / "rules"


def texts() -> dict[str, str]:
    return dict(folders.rules_texts(RULES))


def faults(name: str, old: str, new: str):
    """What one slip in one shipped file gives, warnings apart."""
    found = texts()
    assert old in found[name], "the shipped file has changed; choose another slip"
    found[name] = found[name].replace(old, new, 1)
    judged = knowing.judge_folder(found)
    told = [fault for fault in judged.faults if fault.severity == "error"]
    assert (judged.knowledge is None) == bool(told)
    return told


def line_of(name: str, words: str) -> int:
    return texts()[name].split(words, maxsplit=1)[0].count("\n") + 1


def test_the_shipped_folder_is_without_fault():
    judged = knowing.judge_folder(texts())
    assert judged.knowledge is not None
    assert {fault.severity for fault in judged.faults} <= {"warning"}


SLIPS = [
    ("area.yaml", "timezone:", "timezon:", "unknown-key"),
    ("area.yaml", "lat: 12.6392", "lat: douze", "not-a-number"),
    ("places.yaml", "{corridors: all, km: 35}", "{corridors: [kaye], km: 35}", "geography"),
    ("corridors.geojson", '{"type": "Feature",', '{"type": "Feature"', "geography"),
    ("feeds.yaml", "core: true", "core: oui", "not-true-or-false"),
    ("lexicon.yaml", "indicator: convoy_attack", "indicateur: convoy_attack", "unknown-key"),
    ("digest.yaml", "- convoy_attack", "- convoi_attack", "unknown-indicator"),
    ("digest.yaml", "effects:\n  - fuel", "efects:\n  - fuel", "unknown-key"),
    ("wording.yaml", "wording:", "words:", "not-a-map"),
    ("indicators.yaml", "kind: event", "kind: evnt", "not-allowed"),
    ("tests/power.yaml", "rule: power-hours", "rule: power-hour", "unknown-rule"),
    ("tests/power.yaml", "expect:", "expct:", "unknown-key"),
    ("tests/power.yaml", "indicator: power_hours", "indicator: power_hour", "unknown-indicator"),
    ("tests/convoys.yaml", "source: feeds", "source: feed", "unknown-source"),
    ("tests/convoys.yaml", "known_at: 2025-09-14T08:00Z", "known_at: 2025-09-14T08:00", "not-a-date"),
    ("tests/convoys.yaml", "every: 1h", "every: 1 heure", "duration"),
    ("tests/convoys.yaml", "state: closed", "state: shut", "not-allowed"),
    ("tests/convoys.yaml", "reason: opened", "reason: open", "not-allowed"),
    ("tests/convoys.yaml", "level: 3", "level: 9", "not-allowed"),
    ("tests/convoys.yaml", "channel: telegram", "channel: fax", "not-allowed"),
    ("tests/convoys.yaml", "state: closed}", "by: {}}", "length"),
    ("tests/convoys.yaml", "evidence: {value: 1}", "evidence: {valeur: 1}", "unknown-key"),
    ("tests/convoys.yaml", "contains:", "contient:", "unknown-key"),
]


@pytest.mark.parametrize(("name", "old", "new", "code"), SLIPS)
def test_a_slip_is_told_at_its_line_in_both_languages(name: str, old: str, new: str, code: str):
    told = faults(name, old, new)
    here = [fault for fault in told if fault.file == f"rules/{name}" and fault.code == code]
    assert here, [(fault.file, fault.line, fault.code, fault.message) for fault in told]
    assert line_of(name, old) in {fault.line for fault in here}
    assert all(fault.column > 0 and fault.code in EXPLAINED for fault in told)
    if code not in {"geography", "lexicon"}:
        assert all(fault.said("fr") != fault.said("en") for fault in here)


def test_a_row_of_the_gazetteer_that_is_no_place_is_told_with_its_line():
    found = texts()
    lines = found["gazetteer.csv"].splitlines()
    found["gazetteer.csv"] = "\n".join([*lines, "own:x,Xville,,north,-8,city,1,,,ML"])
    told = [one for one in knowing.judge_folder(found).faults if one.severity == "error"]
    assert [(one.file, one.line) for one in told] == [("rules/gazetteer.csv", len(lines) + 1)]


def test_faults_of_several_files_are_told_at_once():
    found = texts()
    for name, old, new in (
        ("area.yaml", "timezone:", "timezon:"),
        ("feeds.yaml", "core: true", "core: oui"),
        ("power.yaml", "over:", "ove:")
        if "over:" in found["power.yaml"]
        else ("convoys.yaml", "over:", "ove:"),
        ("tests/power.yaml", "expect:", "expct:"),
    ):
        found[name] = found[name].replace(old, new, 1)
    files = {fault.file for fault in knowing.judge_folder(found).faults if fault.severity == "error"}
    assert {"rules/area.yaml", "rules/feeds.yaml", "rules/tests/power.yaml"} <= files
    assert files & {"rules/power.yaml", "rules/convoys.yaml"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("\n    family: supply", "\n\tfamily: supply", "tab"),
        ("\n    family: supply", "\n   family: supply", "indentation"),
        ("\n    family: supply", "\n\u00a0\u00a0\u00a0\u00a0family: supply", "no-break-space"),
        ("\nrules:", "\nregles:", "unknown-key"),
        ('"Attacks on convoys"', '"Attacks on convoys', "unclosed-quote"),
        ("- id: convoy-attacks\n", "- id convoy-attacks\n", "indentation"),
    ],
)
def test_a_slip_in_a_file_of_rules_is_told_once_and_not_again_wherever_its_rules_are_named(
    old: str, new: str, code: str
):
    told = faults("convoys.yaml", old, new)
    assert [(fault.file, fault.code) for fault in told] == [("rules/convoys.yaml", code)]


@pytest.mark.parametrize("nth", range(0, 24, 3))
def test_a_closing_quote_left_out_is_told_on_its_own_line(nth: int):
    found = texts()
    lines = found["convoys.yaml"].split("\n")
    number = [n for n, line in enumerate(lines) if line.endswith('"')][nth]
    lines[number] = lines[number][:-1]
    found["convoys.yaml"] = "\n".join(lines)
    told = [fault for fault in knowing.judge_folder(found).faults if fault.severity == "error"]
    assert [(fault.file, fault.line, fault.code) for fault in told] == [
        ("rules/convoys.yaml", number + 1, "unclosed-quote")
    ]


def test_a_rule_that_stands_nowhere_is_still_told_beside_a_file_that_cannot_be_read():
    found = texts()
    found["convoys.yaml"] = found["convoys.yaml"].replace("\n    family: supply", "\n\tfamily: supply", 1)
    found["tests/power.yaml"] = found["tests/power.yaml"].replace("rule: power-hours", "rule: power-hour", 1)
    told = [fault for fault in knowing.judge_folder(found).faults if fault.severity == "error"]
    assert [(fault.file, fault.code) for fault in told] == [
        ("rules/convoys.yaml", "tab"),
        ("rules/tests/power.yaml", "unknown-rule"),
    ]
