"""How a described service is asked: pages, keys, tokens, and what of it goes wrong."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from warn.fetching import Collected, Fetcher, Manners, collect_one
from warn.sources import generic

from tests.fakes.web import Web, body, redirect, serving, status
from tests.sources.knowing import context

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PLAIN: dict[str, Any] = {
    "id": "office", "title": "Field office", "homepage": "https://example.org", "terms": "ours", "origin": "Office",
    "grade": "B2", "every": "1d", "lag": "1d",
}  # fmt: skip
TABLE: dict[str, Any] = {
    "id": "queues", "records": "rows", "has": ["town", "hours"],
    "gives": [{"indicator": "fuel_queue_hours", "value": {"column": "hours"}, "occurred_at": {"column": "day"},
               "place": "town", "key": "{town}:{day}"}],
}  # fmt: skip


def rows(*hours: float) -> dict[str, Any]:
    return {
        "rows": [{"town": "Bamako", "hours": h, "day": f"2026-10-{n:02d}"} for n, h in enumerate(hours, 1)]
    }


def answer(said: object) -> Any:
    return body(json.dumps(said).encode(), "application/json")


async def polled(web: Web, said: dict[str, Any], **options: str) -> Collected:
    table = TABLE | {"address": f"{web.address}/queues"} | said.pop("table", {})
    (described,) = generic.load(json.dumps({"sources": [PLAIN | said | {"tables": [table]}]}))
    fetcher = Fetcher(Manners(pace_s=0, allow_private=True, backoff_s=0.01))
    now = context(NOW)
    try:
        return await collect_one(
            generic.source_of(described),
            fetcher,
            replace(now, indicators=None),
            {"area": now.area, **options},
        )
    finally:
        await fetcher.close()


def asked(web: Web) -> list[dict[str, str]]:
    return [
        {name: said[0] for name, said in parse_qs(urlsplit(one.target).query).items()} for one in web.asked
    ]


async def test_addresses_and_parameters_are_filled_with_country_and_days() -> None:
    async with serving() as web:
        web.on("/MLI/queues", answer(rows(2)))
        table = {
            "address": f"{web.address}/{{iso3}}/queues",
            "query": {"from": "{since}", "to": "{today}"},
            "looks_back": "30d",
        }
        told = await polled(web, {"table": table})
        assert told.poll.outcome == "ok"
        assert asked(web) == [{"from": "2026-10-02", "to": "2026-11-01"}]


async def test_offset_pages_end_with_a_short_one() -> None:
    pages = {"by": "offset", "at": "skip", "count": "limit", "size": 2}
    async with serving() as web:
        days = rows(1, 2, 3)["rows"]
        web.on("/queues", answer({"rows": days[:2]}), answer({"rows": days[2:]}))
        told = await polled(web, {"pages": pages})
        assert (told.poll.outcome, len(told.observations)) == ("ok", 3)
        assert asked(web) == [{"skip": "0", "limit": "2"}, {"skip": "2", "limit": "2"}]


async def test_numbered_pages_end_with_an_empty_one() -> None:
    async with serving() as web:
        web.on("/queues", answer(rows(1, 2)), answer({"rows": []}))
        told = await polled(web, {"pages": {"by": "page", "at": "page", "size": 2}})
        assert (told.poll.outcome, [one["page"] for one in asked(web)]) == ("ok", ["1", "2"])


async def test_a_cursor_is_followed_until_there_is_none() -> None:
    async with serving() as web:
        days = rows(1, 2)["rows"]
        web.on(
            "/queues",
            answer({"rows": days[:1], "meta": {"next": "abc"}}),
            answer({"rows": days[1:], "meta": {"next": None}}),
        )
        told = await polled(web, {"pages": {"by": "cursor", "at": "cursor", "next": "meta.next"}})
        assert (len(told.observations), asked(web)) == (2, [{}, {"cursor": "abc"}])


async def test_a_link_is_followed_on_the_same_host_and_with_the_key() -> None:
    async with serving() as web:
        days = rows(1, 2)["rows"]
        web.on("/queues", answer({"rows": days[:1], "next": f"{web.address}/more?page=2"}))
        web.on("/more", answer({"rows": days[1:], "next": None}))
        said = {"pages": {"by": "link", "next": "next"}, "key": {"name": "office", "query": "k"}}
        told = await polled(web, said, key_office="s3cret")
        assert (len(told.observations), asked(web)) == (2, [{"k": "s3cret"}, {"page": "2", "k": "s3cret"}])


async def test_a_link_to_another_host_is_not_followed() -> None:
    async with serving() as web:
        web.on("/queues", answer(rows(1) | {"next": "https://elsewhere.example/queues"}))
        told = await polled(web, {"pages": {"by": "link", "next": "next"}})
        assert (told.poll.outcome, len(web.asked)) == ("error", 1)
        assert "another host" in told.poll.message


async def test_a_service_that_does_not_heed_pages_is_asked_twice_and_no_more() -> None:
    async with serving() as web:
        web.on("/queues", answer(rows(1, 2)))
        told = await polled(web, {"pages": {"by": "page", "at": "page", "size": 2}})
        assert (told.poll.outcome, len(told.observations), len(web.asked)) == ("ok", 2, 2)


async def test_more_pages_than_allowed_are_an_error_that_keeps_what_came() -> None:
    async with serving() as web:
        web.on("/queues", *(answer(rows(n, n)) for n in range(1, 9)))
        told = await polled(web, {"pages": {"by": "page", "at": "page", "size": 2, "most": 3}})
        assert (told.poll.outcome, len(web.asked)) == ("error", 3)
        assert told.observations
        assert "more than 3 pages" in told.poll.message


async def test_the_key_goes_into_its_header_and_never_into_a_message() -> None:
    async with serving() as web:
        web.on("/queues", status(403))
        said = {"key": {"name": "office", "header": "Authorization", "write": "Bearer {key}"}}
        told = await polled(web, said, key_office="s3cret")
        assert (told.poll.outcome, web.asked[0].headers["authorization"]) == ("blocked", "Bearer s3cret")
        assert "s3cret" not in told.poll.message


async def test_a_key_buys_a_token_which_is_sent_along() -> None:
    async with serving() as web:
        web.on("/token", answer({"access_token": "t0ken"}))
        web.on("/queues", answer(rows(1)))
        said = {
            "key": {"name": "office"},
            "token": {"address": f"{web.address}/token", "form": {"grant_type": "x"}},
        }
        told = await polled(web, said, key_office="me:secret")
        assert told.poll.outcome == "ok"
        assert [one.method for one in web.asked] == ["POST", "GET"]
        assert web.asked[0].headers["authorization"] == "Basic bWU6c2VjcmV0"
        assert web.asked[1].headers["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize("said", [{"error": "invalid_client"}, {"access_token": 3}, []])
async def test_without_a_token_the_source_is_blocked(said: object) -> None:
    async with serving() as web:
        web.on("/token", answer(said))
        asks = {"key": {"name": "office"}, "token": {"address": f"{web.address}/token"}}
        assert (await polled(web, asks, key_office="me:secret")).poll.outcome == "blocked"


async def test_a_status_that_is_an_answer_is_read() -> None:
    said = {
        "answers": [404],
        "outcomes": [
            {
                "when": [{"column": "message", "contains": ["not yet"]}],
                "outcome": "not_released",
                "says": "{message}",
            }
        ],
    }
    async with serving() as web:
        web.on("/queues", body(b'{"message": "not yet out"}', "application/json", 404))
        told = await polled(web, said)
        assert (told.poll.outcome, told.poll.message) == ("not_released", "not yet out")
        told = await polled(web, {})
        assert told.poll.outcome == "error"


async def test_one_table_that_fails_is_told_and_stops_no_other() -> None:
    async with serving() as web:
        web.on("/queues", answer(rows(1)))
        web.on("/gone", status(500))
        second = TABLE | {"id": "gone", "address": f"{web.address}/gone"}
        said = PLAIN | {"tables": [second, TABLE | {"address": f"{web.address}/queues"}]}
        (described,) = generic.load(json.dumps({"sources": [said]}))
        fetcher = Fetcher(Manners(pace_s=0, allow_private=True, backoff_s=0.01))
        told = await collect_one(
            generic.source_of(described), fetcher, context(NOW), {"area": context(NOW).area}
        )
        await fetcher.close()
        assert (told.poll.outcome, len(told.observations)) == ("error", 1)
        assert told.poll.parts == {"gone": False, "queues": True}


async def test_a_redirect_into_the_private_network_is_refused() -> None:
    async with serving() as web:
        web.on("/queues", redirect("http://169.254.169.254/latest"))
        (described,) = generic.load(
            json.dumps({"sources": [PLAIN | {"tables": [TABLE | {"address": f"{web.address}/queues"}]}]})
        )
        fetcher = Fetcher(Manners(pace_s=0, attempts=1))
        told = await collect_one(
            generic.source_of(described), fetcher, context(NOW), {"area": context(NOW).area}
        )
        await fetcher.close()
        assert told.poll.outcome == "blocked"
