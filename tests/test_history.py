"""The bundled facts of 2025, and what the shipped rules would have told on them."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from warn.documents import read as read_yaml
from warn.geo import FILES, Geography, geography
from warn.indicators import Indicators, indicators
from warn.model import Observation, SourceFacts
from warn.rows import Rows, ground_of, read
from warn.rules import wording
from warn.rules.load import load
from warn.rules.ruleset import RuleSet
from warn.study.backtest import backtest, impacts_from_csv
from warn.study.scenarios import run_scenarios

from tests.shared import shared

RULES = Path(__file__).parents[1] / "rules"
HISTORY = RULES / "history"
START, END = datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 12, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def bamako() -> Geography:
    return geography({name: (RULES / name).read_text(encoding="utf-8") for name in FILES})


@pytest.fixture(scope="module")
def known() -> Indicators:
    return indicators((RULES / "indicators.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def facts(bamako, known) -> Rows:
    return read((HISTORY / "2025-blockade.csv").read_bytes(), ground_of(bamako, known, now=None))


@pytest.fixture(scope="module")
def coverage(bamako, known):
    return read((HISTORY / "coverage.jsonl").read_bytes(), ground_of(bamako, known, now=None)).coverage


@pytest.fixture(scope="module")
def rules(bamako, known) -> RuleSet:
    texts = {f.name: f.read_text(encoding="utf-8") for f in sorted(RULES.glob("*.yaml"))}
    found, faults = load(texts, indicators=known, places=bamako)
    assert found is not None, faults
    return found


def told(rules, known, bamako, observations, coverage):
    return backtest(
        rules.rules,
        known,
        bamako,
        observations,
        START,
        END,
        impacts=impacts_from_csv((HISTORY / "impacts.csv").read_text(encoding="utf-8")),
        coverage=coverage,
    )


@pytest.fixture(scope="module")
def result(rules, known, bamako, facts, coverage):
    return told(rules, known, bamako, facts.observations, coverage)


def by_page_date(o: Observation) -> Observation:
    """Known only when the page that we cite was there, the day after it at 00:00."""
    written = o.attributes.get("page_date")
    if not written:
        return o
    page = datetime.combine(date.fromisoformat(written), datetime.min.time(), UTC) + timedelta(days=1)
    return replace(o, known_at=max(o.known_at, page))


def test_every_row_is_taken(facts, coverage):
    assert facts.refused == ()
    assert len(facts.observations) > 100
    assert {o.key for o in facts.observations} == {o.key for o in facts.observations if o.title and o.url}
    assert len({o.key for o in facts.observations}) == len(facts.observations)
    assert len(coverage) == 1


def test_nothing_is_known_before_it_happened(facts):
    assert all(o.known_at > o.occurred_at for o in facts.observations)


def test_every_row_is_told_in_french_and_in_english(facts):
    assert all(o.attributes.get("title_en") for o in facts.observations)


def test_places_with_a_french_word_in_them_are_said_in_english_too(facts):
    document = read_yaml((RULES / "digest.yaml").read_text(encoding="utf-8"), "digest.yaml")
    assert document.root is not None
    words = document.root.value["words"]["place"]
    french = re.compile(r"\b(et|de|du|des|en|axes?|région|zone|environs|frontière)\b", re.IGNORECASE)
    written = {
        one.place for one in facts.observations if french.search(one.place.replace("Nioro du Sahel", ""))
    }
    assert written == set(words)
    assert [said for said in words.values() if french.search(said["en"])] == []


def test_our_own_words_stay_neutral(facts):
    words, faults = wording.load((RULES / "wording.yaml").read_text(encoding="utf-8"))
    assert faults == ()
    assert words is not None
    texts = [("fr", o.title) for o in facts.observations]
    texts += [("en", o.attributes["title_en"]) for o in facts.observations]
    assert [(text, found) for lang, text in texts if (found := wording.faults_in(words, text, lang))] == []


def test_what_a_party_says_of_itself_is_marked_as_its_claim(facts):
    for o in facts.observations:
        if o.indicator in {"threat_statement", "blockade_declared"} or "JNIM" in o.origins:
            assert o.attributes.get("claim") == "JNIM", o.key


def test_media_tied_to_a_state_are_graded_low(facts):
    assert {o.grade for o in facts.observations if "news-pravda.com" in o.url} == {"D4"}


def test_a_fact_about_the_whole_country_has_no_position(facts):
    assert all(o.lat is None for o in facts.observations if o.precision == "country")


def test_coverage_vouches_only_for_what_was_really_gone_through(coverage):
    named = set(coverage[0].indicators)
    assert {"convoy_attack", "fuel_shortage_report", "school_closure"} <= named
    assert not named & {"attack_military", "abduction", "displacement_report", "mine_ied"}


CARRIED = {
    "kidnapping": "abduction", "bus_attack": "attack_civilian", "civilian_killing": "attack_civilian",
    "attack": "attack_military", "fuel_shortage": "fuel_shortage_report", "fuel_recovery": "fuel_recovery_report",
    "school_reopen": "school_reopening", "power_cut": "power_cut_report", "fuel_price": "fuel_price_informal",
    "official_denial": "official_statement", "government_statement": "official_statement",
}  # fmt: skip
LEFT_OUT = {"hostage_release", "fuel_shortage_warning", "coercive_rule_observed", "international_statement"}


def test_every_event_of_the_timeline_was_carried_over_and_the_others_left_out(facts):
    held = {(o.indicator, o.occurred_at.date().isoformat()) for o in facts.observations}
    with shared("data/timeline.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    missing = [
        (row["date"], row["kind"])
        for row in rows
        if row["kind"] not in LEFT_OUT and (CARRIED.get(row["kind"], row["kind"]), row["date"]) not in held
    ]
    assert missing == []
    assert not {o.indicator for o in facts.observations} & LEFT_OUT


def test_the_first_level_3_warning_comes_in_time_and_none_in_quiet_months(result):
    moments = [row["at"] for row in result["timeline"] if row["level"] >= 3]
    assert min(moments).startswith("2025-09-")
    assert "2025-09-04" <= min(moments)[:10] <= "2025-10-05"
    assert not [m for m in moments if m < "2025-08-15"]


def test_every_impact_was_preceded_by_at_least_two_days_and_no_alarm_was_false(result):
    for score in (result["score"], result["score_3_days_later"]):
        assert (score["hits"], score["misses"], score["false_alarms"]) == (5, 0, 0)
        assert min(score["lead_days"]) >= 2


def test_the_warnings_come_as_early_as_two_attacks_in_18_days_would(result):
    ours, simple = result["score"]["lead_days"], result["baselines"]["two_in_18d"]["lead_days"]
    assert all(a >= b for a, b in zip(ours, simple, strict=True))


def test_all_impacts_are_still_met_when_each_fact_waits_for_the_page_that_we_cite(
    rules, known, bamako, facts, coverage
):
    late = told(rules, known, bamako, [by_page_date(o) for o in facts.observations], coverage)
    assert (late["score"]["hits"], late["score"]["misses"]) == (5, 0)
    assert min(row["at"] for row in late["timeline"] if row["level"] >= 3) < "2025-10-05"


def test_the_crisis_is_told_when_it_is_there_and_not_before(result):
    crisis = [row["at"][:10] for row in result["timeline"] if row["level"] == 4 and row["reason"] == "raised"]
    assert crisis
    assert min(crisis) >= "2025-10-07"


def test_every_shipped_rule_has_scenarios_and_does_what_they_say(rules, known, bamako):
    documents = [
        (f.name, read_yaml(f.read_text(encoding="utf-8"), f.name).data)
        for f in sorted((RULES / "tests").glob("*.yaml"))
    ]
    for _, scenarios in documents:
        for scenario in scenarios:
            for expected in scenario["expect"]:
                expected.pop("message", None)  # messages are rendered by the digest's own tests
    assert {s["rule"] for _, scenarios in documents for s in scenarios} == {r.rule.id for r in rules.rules}
    feeds = SourceFacts("feeds", {i.id: 6 * 3600.0 for i in known if i.kind == "event"})
    results = run_scenarios(documents, rules.rules, known, bamako, [feeds])
    assert [(r.name, r.failures) for r in results if not r.passed] == []
    assert len(results) > 50
