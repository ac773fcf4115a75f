"""The backtest: timeline, days at each level, and the score against what happened."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from warn.errors import UsageError
from warn.model import AlertState, Coverage
from warn.rules.evaluate import Engine
from warn.study.backtest import Impact, backtest, backtest_table, impacts_from_csv
from warn.study.score import Issue, score

from tests.rules.engine_kit import T0, every_hour, ground, hours, row, rule

SIKASSO: dict[str, Any] = {"lat": 11.32, "lon": -5.67, "place": "Sikasso", "key": "s"}
ROWS = [row(24), row(72, **SIKASSO)]
DAY = timedelta(days=1)


def run(rows=ROWS, days=60, impacts=(), rules=None, **more):
    geo, registry = ground()
    return backtest(rules or [rule()], registry, geo, rows, T0, T0 + days * DAY, impacts=impacts, **more)


def day(n):
    return (T0 + n * DAY).date()


def test_the_timeline_and_the_days_at_each_level():
    result = run()
    assert [(e["at"][:13], e["level"], e["reason"], e["value"], e["threshold"]) for e in result["timeline"]
            if e["reason"] != "reminded"] == [
        ("2025-09-02T00", 2, "opened", 1, 1), ("2025-09-04T00", 3, "raised", 2, 2),
        ("2025-09-18T00", 2, "eased", 0, 2), ("2025-09-20T00", 0, "closed", 0, 1),
    ]  # fmt: skip
    assert result["days_at_level"] == {"attacks": {"1": 0.0, "2": 4.0, "3": 14.0, "4": 0.0}}
    assert (result["every"], result["rules"], result["observations"]) == ("1h", 1, 2)
    json.dumps(result, allow_nan=False)


def test_what_was_open_at_the_start_comes_first_with_the_reason_open():
    geo, registry = ground()
    result = backtest([rule()], registry, geo, ROWS, T0 + 5 * DAY, T0 + 30 * DAY)
    assert result["timeline"][0]["reason"] == "open"
    assert (result["timeline"][0]["at"], result["timeline"][0]["level"]) == ("2025-09-06T00:00:00+00:00", 3)


def test_it_is_what_live_ticks_would_have_told():
    geo, registry = ground()
    live = Engine([rule()], registry, geo)
    states: tuple[AlertState, ...] = ()
    told: list[tuple[str, str]] = []
    from_backtest = [(e["at"], e["reason"]) for e in run(days=30)["timeline"]]
    for tick in every_hour(30 * 24):
        live.load([o for o in ROWS if o.known_at <= tick], (), [_watched()])
        outcome = live.advance(states, [tick])
        states, told = outcome.states, told + [(t.at.isoformat(), t.kind) for t in outcome.transitions]
    assert told == from_backtest


def _watched():
    return Coverage("test", (), hours(-9999), hours(9999))


def test_a_hit_needs_two_days_and_its_lead_is_counted_from_the_issue():
    result = run(impacts=[Impact("I1", day(10)), Impact("I2", day(4)), Impact("I3", day(55))])
    met = {i["id"]: (i["hit"], i["lead_days"]) for i in result["score"]["impacts"]}
    assert met == {"I1": (True, 7), "I2": (False, None), "I3": (False, None)}
    assert (result["score"]["hits"], result["score"]["misses"], result["score"]["false_alarms"]) == (1, 2, 0)
    assert result["score"]["share_of_days"] == round(14 / 60, 4)


def test_an_issue_without_an_impact_is_a_false_alarm_and_after_one_it_confirms():
    assert run()["score"]["false_alarms"] == 1
    after = run(impacts=[Impact("I1", day(2))])["score"]
    assert (after["false_alarms"], after["confirming"]) == (0, 1)


def test_thirty_days_of_lead_count_only_with_new_evidence():
    at = datetime(2025, 9, 1, tzinfo=UTC)
    stood = ((at, at + 90 * DAY),)
    impact = [Impact("I1", date(2025, 11, 1))]
    fresh = Issue("r", at, stood, (at + 50 * DAY,))
    assert score([fresh], impact, 3, at, at + 90 * DAY)["lead_days"] == [30]
    assert score([Issue("r", at, stood)], impact, 3, at, at + 90 * DAY)["lead_days"] == [2]


def test_everything_known_three_days_later_leads_by_three_days_less():
    result = run(impacts=[Impact("I1", day(10))])
    assert result["score"]["lead_days"] == [7]
    assert result["score_3_days_later"]["lead_days"] == [4]


def test_the_baselines_have_the_shape_of_the_score():
    result = run(impacts=[Impact("I1", day(10))])
    assert set(result["baselines"]) == {"two_in_14d", "two_in_18d", "blind_clock", "always_on"}
    assert all(set(found) == set(result["score"]) for found in result["baselines"].values())
    assert result["baselines"]["always_on"]["share_of_days"] == 1.0
    assert result["baselines"]["two_in_14d"]["lead_days"] == [7]


def test_rules_that_ask_for_a_person_are_left_out_if_nobody_ever_answers():
    waits = [rule(mode="approve")]
    assert run(rules=waits)["timeline"]
    assert run(rules=waits, unapproved="never")["timeline"] == []


def test_the_table_says_the_same():
    result = run(impacts=[Impact("I1", day(10)), Impact("I9", day(50))])
    text = backtest_table(result)
    assert "2025-09-04T00:00  raised  3/4  attacks  (2)" in text
    assert "these rules  " in text
    assert "- I9  2025-10-21  missed" in text
    assert "annoncés" in backtest_table(result, "fr")


def test_impacts_are_read_from_csv_and_a_bad_line_is_named():
    assert impacts_from_csv("id,date,impact,source\nI1,2025-10-07,Short,x\n") == [
        Impact("I1", date(2025, 10, 7), "Short")
    ]
    with pytest.raises(UsageError, match="Line 2: 'soon' is not a date"):
        impacts_from_csv("id,date,impact\nI1,soon,x\n")
    with pytest.raises(UsageError, match="lacks the column 'date'"):
        impacts_from_csv("id,day\nI1,2025-10-07\n")
