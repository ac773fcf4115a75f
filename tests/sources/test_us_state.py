from datetime import UTC, datetime

import pytest
from warn.source import Context
from warn.sources.us_state import SOURCE, parse

from tests.fakes.web import body, serving, status
from tests.shared import shared
from tests.sources.asking import ask
from tests.sources.knowing import context, mutated, payload

NOW = datetime(2026, 8, 1, 6, tzinfo=UTC)
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Travel Advisories</title>
<item><title>Malta - Level 1: Exercise Normal Precautions</title><link>https://travel.example/malta</link><pubDate>Tue, 21 Jul 2026 03:42:04 GMT</pubDate></item>
<item><title>Mali Travel Advisory - Level 3: Reconsider Travel</title><link>https://travel.example/mali</link><pubDate>Tue, 07 Jul 2026 03:42:04 GMT</pubDate></item>
<item><title>Mali - Level 4: Do Not Travel</title><link>https://travel.example/mali</link><pubDate>Tue, 21 Jul 2026 03:42:04 GMT</pubDate></item>
</channel></rss>"""


def test_the_newest_advisory_for_the_country_gives_level_and_change() -> None:
    level, change = parse(FEED, context(NOW)).observations
    assert (level.indicator, level.value, level.place, level.occurred_at) == (
        "travel_advice_level",
        4,
        "Mali",
        datetime(2026, 8, 1, tzinfo=UTC),
    )
    assert (change.indicator, change.occurred_at) == (
        "travel_advice",
        datetime(2026, 7, 21, 3, 42, 4, tzinfo=UTC),
    )


def test_an_advisory_dated_in_the_future_is_told_as_a_level_alone() -> None:
    parsed = parse(FEED.replace(b"21 Jul 2026", b"21 Jul 2027"), context(NOW))
    assert [o.indicator for o in parsed.observations] == ["travel_advice_level"]


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (b"<!doctype html><html>", "blocked"),
        (b"", "error"),
        (b"{}", "schema_changed"),
        (FEED.replace(b"Level", b"Stage"), "schema_changed"),
        (FEED.replace(b"Mali ", b"Chad "), "no_data"),
    ],
)
def test_what_says_nothing_of_the_country_ends_in_its_outcome(content: bytes, outcome: str) -> None:
    assert parse(content, context(NOW)).outcome == outcome


def test_the_recorded_feed_gives_level_four() -> None:
    body = shared("payloads/us_state/TAsTWs_sample.xml").read_bytes()
    assert [
        o.value for o in parse(body, context(NOW)).observations if o.indicator == "travel_advice_level"
    ] == [4]
    assert {o.place for o in parse(body, Context(NOW)).observations} == {"Mali", "Niger"}


@pytest.mark.parametrize("seed", range(5))
def test_damaged_bodies_never_raise(seed: int) -> None:
    for content in mutated(FEED, 100, seed):
        assert parse(content, context(NOW)).outcome in {"ok", "no_data", "blocked", "error", "schema_changed"}


async def test_the_feed_and_the_embassy_are_read_and_the_embassy_may_fail() -> None:
    async with serving() as web:
        first = {"us_state_url": web.on("/rss", body(FEED)), "us_embassy_url": web.address + "/{iso2}/feed"}
        web.on("/ml/feed", body(payload("us_state/embassy.xml")))
        found = await ask(SOURCE, first, now=NOW)
        web.on("/ml/feed", status(403))
        without = await ask(SOURCE, first, now=NOW)
    assert {o.indicator for o in found.observations} >= {"travel_advice_level", "curfew", "embassy_departure"}
    assert (without.poll.outcome, without.poll.parts) == ("ok", {"advisories": True, "embassy": False})


async def test_the_departments_list_stands_in_for_its_feed() -> None:
    async with serving() as web:
        where = {
            "us_state_url": web.on("/rss", status(503)),
            "us_state_json_url": web.on(
                "/json", body(payload("us_state/advisories.json"), "application/json")
            ),
            "us_embassy_url": web.on("/embassy", status(404)),
        }
        found = await ask(SOURCE, where)
        web.on("/json", body(b"<html>Just a moment...</html>", "text/html", 403))
        none = await ask(SOURCE, where)
    assert (found.poll.outcome, found.observations[0].value) == ("ok", 4)
    assert none.poll.outcome == "error"


def test_what_stands_behind_the_word_alert_is_read() -> None:
    found = parse(payload("us_state/embassy.xml"), context(NOW)).observations
    assert [(o.indicator, o.grade, o.origins) for o in found] == [
        ("curfew", "A2", ("US Embassy",)),
        ("embassy_departure", "A2", ("US Embassy",)),
        ("travel_advice", "A2", ("US Embassy",)),
    ]


def test_alerts_of_another_post_are_none_of_ours() -> None:
    elsewhere = payload("us_state/embassy.xml").replace(b"ml.usembassy.example", b"ne.usembassy.gov")
    assert parse(elsewhere, context(NOW)).outcome == "no_data"


def test_an_advisory_has_one_key_whichever_list_tells_it() -> None:
    listed = payload("us_state/advisories.json").replace(b"2025-10-10", b"2026-07-21")
    keys = [{o.key for o in parse(content, context(NOW)).observations} for content in (FEED, listed)]
    assert keys[0] == keys[1]
