"""The registry of indicators: complete, believable, and honest about what it refuses."""

import re

import pytest
from warn.errors import ConfigError
from warn.indicators import indicators, load
from warn.model import FAMILIES

from tests.rules.folder import registry, text
from tests.shared import shared


def test_every_indicator_of_the_interfaces_is_there_and_no_other():
    section = shared("design/interfaces.md").read_text(encoding="utf-8").split("## Indicators shipped")[1]
    named = set(re.findall(r"`([a-z_]+)`", section.split("Every cause")[0])) - {"product", "commodity"}
    assert {one.id for one in registry()} == named


def test_a_litre_at_130_dollars_is_refused_and_a_black_market_price_is_not():
    petrol = registry()["fuel_price_informal"]
    assert petrol.admits(2000)
    assert not petrol.admits(77_000)
    assert not petrol.admits(25 * 600)
    assert not petrol.admits(float("nan"))


def test_relief_is_what_good_news_is_counted_of():
    assert {"convoy_arrival", "fuel_recovery_report", "school_reopening"} <= {
        one.id for one in registry() if one.relief
    }
    assert not registry()["convoy_attack"].relief


def test_official_statements_are_context_and_never_counted():
    assert [one.id for one in registry() if not one.counts] == ["official_statement"]


def test_levels_say_how_often_they_come_and_stay_fresh_for_longer():
    for one in registry():
        assert one.family in FAMILIES
        if one.kind == "level":
            assert one.expected_every is not None, one.id
            assert one.stale_after > one.expected_every, one.id


def test_units_are_printed_in_words():
    assert registry().unit_words("XOF/l", "fr") == "FCFA le litre"
    assert registry().unit_words("count", "fr") == ""
    assert registry().unit_words("SD", "en").startswith("standard deviation")


def test_a_wrong_registry_is_told_with_line_and_column_and_never_half_loaded():
    broken = text("indicators.yaml").replace("kind: level", "kind: levle", 1)
    found, faults = load(broken)
    assert found is None
    assert [fault.code for fault in faults] == ["not-allowed"]
    assert "did you mean 'level'" in faults[0].message
    with pytest.raises(ConfigError, match=r"rules/indicators.yaml:\d+:\d+"):
        indicators(broken)


@pytest.mark.parametrize("wrong", ["a", "[]", "indicators: a", ""])
def test_a_file_of_another_shape_is_told_and_not_taken_for_empty(wrong: str):
    found, faults = load(wrong)
    assert found is None
    assert faults
