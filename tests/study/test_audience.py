"""What readers would have got: the selection's own decisions, run again over a timeline."""

from datetime import timedelta
from typing import Any

from warn.model import Level, Preferences
from warn.study.audience import READERS, episodes, listen, messages, news_of

from tests.rules.engine_kit import T0, engine, every_hour, row, rule

RULES = [rule()]
SECOND: dict[str, Any] = {"lat": 11.32, "lon": -5.67, "place": "Sikasso", "key": "s"}


def told(rows, rules=RULES, hours_=24 * 40):
    made = engine(rules, rows)
    return news_of(episodes(made.advance((), every_hour(hours_), light=True).transitions), rules)


def ways(news, who):
    return [(one.decision.news.transition.kind, one.decision.way) for one in listen(news, who)
            if one.decision.news.transition.kind != "reminded"]  # fmt: skip


def test_quiet_hours_hold_a_raise_until_six_and_then_tell_it_once():
    news = told([row(24), row(72, **SECOND)])
    heard = [one for one in listen(news, Preferences()) if one.decision.news.transition.level == Level.ALERT]
    assert [(one.at.hour, one.decision.way) for one in heard[:2]] == [(0, "hold"), (6, "now")]
    assert "quiet hours" in heard[0].decision.reason


def test_who_wants_everything_hears_every_change_at_once():
    news = told([row(24), row(72, **SECOND)])
    assert ways(news, READERS["everything"]) == [
        ("opened", "now"), ("raised", "now"), ("eased", "now"), ("closed", "now")
    ]  # fmt: skip


def test_the_end_goes_to_those_who_had_a_message_whatever_their_least_level():
    news = told([row(24), row(72, **SECOND)])
    picky = Preferences(least_level=Level.CRISIS, quiet_from=None, quiet_until=None)
    assert {way for _, way in ways(news, picky)} == {"never"}


def test_rules_in_shadow_tell_nobody():
    assert told([row(24)], [rule(mode="shadow")]) == []


def test_messages_are_counted_by_week_with_the_fullest():
    news = told([row(24), row(72, **SECOND)])
    start, end = T0, T0 + timedelta(days=28)
    found = messages(news, READERS["everything"], start, end)
    assert (found["messages"], found["per_week"]) == (5, 1.25)
    assert found["busiest_week"] >= 2
    assert found["digests_per_week"] == 14
    assert messages(news, Preferences(digest_at=None), start, end)["digests_per_week"] == 0


def test_a_composite_speaks_for_its_parts_in_one_message():
    stage = rule("stage", family=None, measure={"families": {"at": "tension"}}, rises_to={"alert": 1})
    news = told([row(24)], [rule(), stage])
    first = [one for one in listen(news, READERS["everything"]) if one.at == news[0].transition.at]
    assert sum(one.message for one in first) == 1
    assert any(one.with_.startswith("stage") for one in first)
