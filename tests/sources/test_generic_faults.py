"""Slips in rules/sources.yaml and rules/forms are told where they stand, with what was probably meant."""

import pytest
from warn.sources import check

GOOD = """\
sources:
  - id: office
    title: "Field office"
    homepage: "https://example.org"
    terms: "ours"
    origin: "Office"
    grade: B2
    every: 1d
    lag: 1d
    tables:
      - id: queues
        address: "https://example.org/{iso3}/queues"
        has: [town, hours]
        gives:
          - indicator: fuel_queue_hours
            value: {column: hours}
            occurred_at: {column: day}
            key: "{town}:{day}"
"""
FORM = """\
id: supply
title: "Stations"
reporter: code
place: Bamako
answers:
  - {question: fuel, indicator: station_has_fuel, map: {"yes": 1}}
"""
KNOWN = ("fuel_queue_hours", "station_has_fuel", "idp_count")


def test_what_stands_has_no_fault() -> None:
    assert check({"sources.yaml": GOOD, "forms/a.yaml": FORM}, indicators=KNOWN) == ()


@pytest.mark.parametrize(
    ("right", "wrong", "line", "code", "words"),
    [
        ("    every: 1d", "    evry: 1d", 8, "unknown-key", "did you mean 'every'"),
        ("    every: 1d", "    every: 1 jour", 8, "duration", "did you mean '1d'"),
        ("    grade: B2", "    grade: Z9", 7, "value", "letter A to F"),
        ("fuel_queue_hours", "fuel_queue_hour", 15, "unknown-indicator", "did you mean 'fuel_queue_hours'"),
        ("{iso3}", "{iso}", 12, "not-allowed", "nothing is filled in for {iso}"),
        ("  - id: office", "  - id: feeds", 2, "duplicate-id", "another source"),
        ("        has: [town, hours]\n", "", 11, "missing-key", "has"),
        ("{column: hours}", "{colum: hours}", 16, "unknown-key", "did you mean 'column'"),
        ("    lag: 1d", "    lag: 1d\n    pages: {by: cursor, at: c}", 10, "value", "needs 'next'"),
        ("https://example.org/{iso3}/queues", "example.org/queues", 12, "value", "is not an address"),
        ("    lag: 1d", "    lag: 1d\n    token: {address: 'https://example.org'}", 10, "missing-key", "no key is named"),
        ("sources:", "source:", 1, "not-a-map", "must begin with 'sources:'"),
    ],
)  # fmt: skip
def test_a_slip_is_told_at_its_line(right: str, wrong: str, line: int, code: str, words: str) -> None:
    found = check({"sources.yaml": GOOD.replace(right, wrong, 1)}, indicators=KNOWN)
    (told,) = [fault for fault in found if fault.code == code and words in fault.message]
    assert (told.file, told.line) == ("rules/sources.yaml", line)
    assert told.said("fr")[0]
    assert {fault.code for fault in found} <= {
        code,
        "missing-key",
    }  # a misspelt key is also one that is missing


@pytest.mark.parametrize(
    ("right", "wrong", "line", "code"),
    [
        ("station_has_fuel", "station_fuel", 6, "unknown-indicator"),
        ("question: fuel", "questions: fuel", 6, "unknown-key"),
        ("reporter: code\n", "", 1, "missing-key"),
        ('{"yes": 1}', '{"yes": 1}, ask: {fr: Carburant}', 6, "value"),
        ('map: {"yes": 1}', "ask: {fr: Carburant, en: Fuel}", 6, "value"),
        ('map: {"yes": 1}', "taps: [1, 2]", 6, "value"),
        ('map: {"yes": 1}', "ask: {fr: Carburant, en: Fuel}, taps: [un]", 6, "not-a-number"),
    ],
)
def test_a_slip_in_a_form_is_told_at_its_line(right: str, wrong: str, line: int, code: str) -> None:
    found = check({"forms/a.yaml": FORM.replace(right, wrong, 1)}, indicators=KNOWN)
    assert ("rules/forms/a.yaml", line, code) in {(fault.file, fault.line, fault.code) for fault in found}


def test_two_forms_of_one_name_and_two_sources_of_one_name_are_told() -> None:
    both = GOOD + GOOD.removeprefix("sources:\n")
    found = check({"sources.yaml": both, "forms/a.yaml": FORM, "forms/b.yaml": FORM}, indicators=KNOWN)
    assert [fault.code for fault in found] == ["duplicate-id", "duplicate-id"]
