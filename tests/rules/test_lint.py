"""What the check prints, word for word as in the reference texts, and that each remark has its explanation."""

import json
from datetime import timedelta

import pytest
from warn.model import SourceFacts
from warn.rules.codes import EXPLAINED
from warn.rules.faults import explain, render, rows
from warn.rules.sentences import CODES, SAID
from warn.rules.wording import faults_in, load

from tests.rules.folder import loaded, voice
from tests.shared import shared

from tests.rules.test_load import rule  # isort: skip


def example() -> tuple[str, str]:
    section = shared("design/examples.md").read_text(encoding="utf-8").split("\n## 7.")[1]
    return section, section.split("```yaml\n")[1].split("```")[0]


@pytest.mark.parametrize(
    ("lang", "command"),
    [
        ("en", "$ warn rules check rules/stations.yaml\n"),
        ("fr", "$ warn --lang fr rules check rules/stations.yaml\n"),
    ],
)
def test_the_answer_reads_exactly_like_the_reference(lang: str, command: str):
    section, text = example()
    rules, faults = loaded({"rules/stations.yaml": text}, scenarios={"station-fuel"})
    assert rules is None
    assert render(faults, {"rules/stations.yaml": text}, lang) == section.split(command)[1].split("$ echo")[0]


def test_the_rows_for_programs_have_the_promised_names():
    faults = loaded({"a.yaml": "rules:\n" + rule("a", measure="{count: convoi_attack, over: 14d}")})[1]
    row = json.loads(json.dumps(rows(faults)))[0]
    assert list(row) == ["file", "line", "column", "code", "severity", "message", "suggestion"]
    assert (row["line"], row["column"], row["code"], row["severity"]) == (5, 22, "unknown-indicator", "error")


def test_every_code_is_explained_in_both_languages():
    assert set(CODES) == set(EXPLAINED)
    for code in CODES:
        assert explain(code, "fr") != explain(code, "en")
        assert all([*EXPLAINED[code].english, *EXPLAINED[code].french])


def test_an_unknown_code_has_no_explanation():
    assert explain("nonsense") == ""


def test_every_sentence_of_the_lint_stands_in_both_languages():
    for english, french in SAID.values():
        assert all([*english, *french])
        assert english != french


def test_warnings_of_one_kind_are_counted_after_the_third():
    text = "rules:\n" + "".join(rule(f"r{n}") for n in range(9))
    faults = loaded({"a.yaml": text}, scenarios=())[1]
    shown = render(faults, {"a.yaml": text}, "en")
    assert shown.count("no scenario tests") == 3
    assert "... and 6 more of the kind  [no-scenario]" in shown
    assert "No fault in 1 file, 9 warnings." in shown


def test_patience_is_measured_against_cadence_and_the_lag_of_the_quickest_source():
    measure = "{latest: power_hours}"
    body = "rules:\n" + rule("a", measure=measure, stale_after="2d").replace(
        "rises_to: {tension: 1, alert: 2}", "falls_to: {alert: 6}"
    )
    slow = SourceFacts("x", {"power_hours": timedelta(days=3).total_seconds()})
    quick = SourceFacts("y", {"power_hours": timedelta(hours=2).total_seconds()})
    codes = [
        {fault.code for fault in loaded({"a.yaml": body}, sources=s)[1]} for s in ((), (slow,), (slow, quick))
    ]
    assert codes == [set(), {"stale-shorter-than-cadence"}, set()]


@pytest.mark.parametrize(
    ("text", "lang", "words"),
    [
        ("le siège de Kayes", "fr", ["siège"]),
        ("Siege of Kayes", "en", ["Siege"]),
        ("blocus annoncé par le JNIM", "fr", []),
        ("le blocus de Kayes", "fr", ["blocus"]),
        ("blockade announced by the JNIM", "en", []),
        ("the blockade of Kayes", "en", ["blockade"]),
        ("faites des réserves d'essence", "fr", ["faites des réserves"]),
        ("rien de signalé, ce qui ne veut pas dire sûr", "fr", []),
        ("https://www.bellingcat.com/mali-under-siege-tracking", "en", []),
        ("des privilèges et un assiégeant", "fr", ["assiégeant"]),
        ("les terroristes", "fr", ["terroristes"]),
        ("bamako_siege", "en", ["siege"]),
        ("un siège", "bm", ["siège"]),
    ],
)
def test_our_voice_attributes_and_frightens_nobody(text: str, lang: str, words: list[str]):
    assert [found.word for found in faults_in(voice(), text, lang)] == words


def test_every_reference_text_for_readers_passes_the_wording():
    section = shared("design/examples.md").read_text(encoding="utf-8")
    alert = section.split("```text\n")[1].split("```")[0]
    assert not faults_in(voice(), alert, "fr")


def test_a_word_list_with_a_fault_is_told_with_its_place():
    wording, faults = load("wording:\n  - {fr: [a], en: [b], why: {fr: x}, sya: {fr: x}}\n", "w.yaml")
    assert wording is None
    assert {(fault.line, fault.code) for fault in faults} == {(2, "missing-key"), (2, "unknown-key")}


@pytest.mark.parametrize(
    ("old", "new", "french"),
    [
        ('{fr: "Titre", en: "Title"}', '{fr: "Titre"}', "il manque le titre anglais"),
        ('{fr: "{{ value }}", en: "{{ value }}"}', '{en: "{{ value }}"}', "il manque le message français"),
    ],
)
def test_a_missing_language_is_told_in_whole_french(old: str, new: str, french: str):
    faults = loaded({"a.yaml": "rules:\n" + rule("a").replace(old, new)})[1]
    assert [fault.said("fr")[0] for fault in faults] == [french]
