from datetime import UTC, datetime

import pytest
from warn.source import Context
from warn.sources.us_state import parse

from tests.shared import shared
from tests.sources.knowing import context, mutated

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
