import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from warn.fetching import Collected, Fetcher, Manners, collect_one
from warn.sources.fcdo import SOURCE, parse

from tests.fakes.web import Web, body, raw, serving, status
from tests.shared import shared
from tests.sources.knowing import context, mutated, payload

NOW = datetime(2025, 10, 28, 6, 30, tzinfo=UTC)
GOOD = payload("fcdo/all-travel.json")


def changed(**details) -> bytes:
    advice = json.loads(GOOD)
    advice["details"] |= details
    return json.dumps(advice).encode()


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with serving() as server:
        yield server


async def ask(web: Web) -> Collected:
    fetcher = Fetcher(Manners(pace_s=0, backoff_s=0, read_s=0.5, allow_private=True))
    options = {"fcdo_url": f"{web.address}/api/{{slug}}", "area": context(NOW).area}
    try:
        return await collect_one(SOURCE, fetcher, context(NOW), options)
    finally:
        await fetcher.close()


async def test_the_advice_for_the_country_is_told_as_a_level_and_a_change(web: Web) -> None:
    web.on("/api/mali", body(GOOD, "application/json"))
    got = await ask(web)
    level, change = got.observations
    assert (got.poll.outcome, level.indicator, level.value, level.place) == (
        "ok",
        "travel_advice_level",
        4,
        "Mali",
    )
    assert (level.occurred_at, level.known_at) == (datetime(2025, 10, 28, tzinfo=UTC), NOW)
    assert (change.indicator, change.occurred_at) == (
        "travel_advice",
        datetime(2025, 10, 24, 15, 41, 3, tzinfo=UTC),
    )
    assert change.title == "The advice now covers the shortage of fuel."
    assert (change.grade, change.origins) == ("A1", ("FCDO",))
    assert change.url == "https://www.gov.uk/foreign-travel-advice/mali"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (body(b"<!DOCTYPE html><html>not here</html>", "text/html"), "blocked"),
        (status(404), "error"),
        (status(403), "blocked"),
        (raw(b""), "error"),
        (body(b"{", "application/json"), "schema_changed"),
        (body(b"[]", "application/json"), "schema_changed"),
        (body(GOOD.replace(b"alert_status", b"alertStatus"), "application/json"), "schema_changed"),
        (body(b'"' + GOOD, "application/json"), "error"),
    ],
)
async def test_what_is_no_advice_ends_in_its_outcome(web: Web, answer, outcome: str) -> None:
    web.on("/api/mali", answer)
    got = await ask(web)
    assert (got.poll.outcome, got.observations) == (outcome, ())
    assert got.poll.message


async def test_advice_for_another_country_is_not_taken_for_ours(web: Web) -> None:
    web.on("/api/mali", body(GOOD.replace(b"advice/mali", b"advice/malta"), "application/json"))
    assert (await ask(web)).poll.outcome == "schema_changed"


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ([], 1),
        (["avoid_all_travel_to_parts"], 2),
        (["avoid_all_but_essential_travel_to_parts"], 2),
        (["avoid_all_travel_to_parts", "avoid_all_but_essential_travel_to_whole_country"], 3),
        (["avoid_all_travel_to_whole_country", "a_word_of_tomorrow"], 4),
    ],
)
def test_every_status_has_its_level(said: list[str], level: int) -> None:
    parsed = parse(changed(alert_status=said), context(NOW))
    assert [o.value for o in parsed.observations if o.indicator == "travel_advice_level"] == [level]


def test_an_unknown_status_alone_is_a_changed_schema_not_calm() -> None:
    parsed = parse(changed(alert_status=["a_word_of_tomorrow"]), context(NOW))
    assert (parsed.outcome, parsed.observations) == ("schema_changed", ())


def test_a_withdrawn_page_is_no_advice() -> None:
    notice = {"explanation": "<p>moved</p>", "withdrawn_at": "2025-10-01T10:00:00Z"}
    parsed = parse(json.dumps(json.loads(GOOD) | {"withdrawn_notice": notice}).encode(), context(NOW))
    assert (parsed.outcome, "withdrawn" in parsed.message) == ("schema_changed", True)


def test_only_status_text_or_publication_make_a_change() -> None:
    def key(content: bytes) -> str:
        return parse(content, context(NOW)).observations[1].key

    assert key(changed(reviewed_at="2025-10-28T06:00:00Z")) == key(GOOD)
    assert key(changed(change_description="Latest update: something else")) != key(GOOD)
    assert key(changed(alert_status=["avoid_all_travel_to_parts"])) != key(GOOD)
    assert key(GOOD.replace(b"2025-10-24T16", b"2025-10-25T16")) != key(GOOD)


@pytest.mark.parametrize("name", ["full-country.json", "no-parts.json"])
def test_recorded_bodies_give_their_country_and_level(name: str) -> None:
    parsed = parse(shared(f"payloads/fcdo/{name}").read_bytes(), context(NOW))
    assert parsed.outcome == "ok"
    assert [(o.indicator, o.value) for o in parsed.observations] == [("travel_advice_level", 1)]
    assert parsed.observations[0].place in {"Albania", "Antarctica"}


def test_the_feed_of_all_countries_is_not_this_format() -> None:
    assert (
        parse(shared("payloads/fcdo/foreign-travel-advice_sample.atom").read_bytes(), context(NOW)).outcome
        == "error"
    )


@pytest.mark.parametrize("seed", range(5))
def test_damaged_bodies_never_raise(seed: int) -> None:
    for content in mutated(GOOD, 100, seed):
        parsed = parse(content, context(NOW))
        assert parsed.outcome == "ok" or not parsed.observations
