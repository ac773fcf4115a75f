"""What one poll leaves in the database: deletions, revisions, terms, and stories that came from elsewhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from warn.app import once
from warn.model import Observation
from warn.pipeline.collect import Gathered, collect
from warn.source import Source
from warn.sources import acled, forms, gdelt, kobo
from warn.store import observations

from tests.fakes.web import body
from tests.pipeline.city import NOON, SHORTAGE, City, city
from tests.sources.knowing import RULES, payload

DAY = timedelta(days=1)
TOKEN = b'{"access_token": "x", "refresh_token": "y", "expires_in": 86400}'
NONE: dict[str, Any] = {"data": [], "next_cursor": None}
ROWS = json.loads(payload("acled/read.json"))["data"]


def account() -> Source:
    return replace(acled.SOURCE, fetch=acled.Account().fetch)


async def polled(bamako: City, rows: list[dict[str, Any]], gone: list[dict[str, Any]], days: int) -> Gathered:
    web = bamako.web
    web.on("/oauth/token", body(TOKEN, "application/json"))
    web.on("/api/acled/read", body(json.dumps({**NONE, "data": rows}).encode(), "application/json"))
    web.on("/api/deleted/read", body(json.dumps({**NONE, "data": gone}).encode(), "application/json"))
    given = {"area": bamako.work.knowledge.geography.area, "acled_url": web.address}
    return await collect(bamako.work, account(), bamako.fetcher, NOON + days * DAY, given)


def stored(bamako: City, source: str) -> list[Observation]:
    with bamako.work.store.read() as tx:
        return [one for one in observations.load(tx) if one.source == source and one.superseded_at is None]


async def test_a_row_that_was_revised_or_deleted_by_its_provider_counts_as_it_is_now(tmp_path: Path) -> None:
    first, second = ROWS[:2]
    gone = {"event_id_cnty": first["event_id_cnty"], "deleted_timestamp": 1}
    async with city(tmp_path) as bamako:
        assert (await polled(bamako, [first, second], [], 0)).ingested.new == 2
        assert not (await polled(bamako, [first, second], [], 1)).ingested.changed
        assert (await polled(bamako, [first, {**second, "fatalities": 9}], [], 2)).ingested.revised == 1
        assert (await polled(bamako, [{**second, "fatalities": 9}], [gone], 3)).ingested.revised == 1
        assert not (await polled(bamako, [{**second, "fatalities": 9}], [gone], 4)).ingested.changed
        left = stored(bamako, "acled")
    assert [(one.key, one.attributes["deaths"]) for one in left] == [(second["event_id_cnty"], "9")]


async def test_rows_whose_terms_forbid_it_are_counted_but_not_exported(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        await polled(bamako, ROWS[:2], [], 0)
        bamako.publish(SHORTAGE)
        await bamako.hear()
        assert len(stored(bamako, "acled")) == 2
        exported = await asyncio.to_thread(once.export, bamako.settings, "jsonl", bamako.database)
    sources = {json.loads(line).get("source") for line in exported.splitlines()}
    assert sources == {"feeds"}


async def test_one_text_read_from_two_sources_has_one_origin(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.publish(SHORTAGE)
        await bamako.hear()
        copy = {"url": "https://copy.example/1", "title": SHORTAGE, "domain": "copy.example"}
        seen = {**copy, "seendate": f"{NOON - timedelta(hours=2):%Y%m%dT%H%M%SZ}"}
        bamako.web.on("/doc", body(json.dumps({"articles": [seen]}).encode(), "application/json"))
        given = {
            "area": bamako.work.knowledge.geography.area,
            "gdelt_url": f"{bamako.web.address}/",
            "gdelt_mirror_url": f"{bamako.web.address}/",
            "gdelt_doc_url": f"{bamako.web.address}/doc",
        }
        await collect(bamako.work, gdelt.SOURCE, bamako.fetcher, bamako.clock.now, given)
        told = stored(bamako, "gdelt") + stored(bamako, "feeds")
    assert [one.source for one in told] == ["gdelt", "feeds"]
    assert {one.origins for one in told} == {("RFI",)}


async def reported(bamako: City, reporters: Sequence[int], days: int) -> list[Observation]:
    """What stands after a poll of a KoBo form in which these reporters have an approved submission."""
    at = NOON + timedelta(hours=-6)
    rows = [
        {
            "_id": n, "_submission_time": f"{at:%Y-%m-%dT%H:%M:%S}", "_submitted_by": f"one{n}",
            "_validation_status": {"uid": "validation_status_approved", "timestamp": at.timestamp()},
            "group/fuel_here": "no", "where/town": "bamako",
        }
        for n in reporters
    ]  # fmt: skip
    answer = body(json.dumps({"results": rows}).encode(), "application/json")
    bamako.web.on("/api/v2/assets/aUid/data.json", answer)
    (form,) = forms.load({"forms/supply.yaml": (RULES / "forms" / "supply.yaml").read_text("utf-8")})
    source = kobo.configured([form.model_copy(update={"kobo": "aUid"})])
    keys = {"reporter_keys": ("a-key-of-the-tests-that-is-long-enough-0123456789",)}
    bamako.work.options = {**bamako.work.options, "kobo": keys}
    given = {**keys, "kobo_url": bamako.web.address, "kobo_token": "t"}
    await collect(bamako.work, source, bamako.fetcher, NOON + days * DAY, given)
    return stored(bamako, "kobo")


async def test_a_submission_that_is_gone_from_its_form_counts_no_more(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        assert len(await reported(bamako, range(4), 0)) == 4
        assert len(await reported(bamako, [], 1)) == 4  # a server in trouble says nothing, too
        assert len(await reported(bamako, range(3), 2)) == 3
        assert await reported(bamako, range(2), 3) == []  # two alone are not told
        assert len(await reported(bamako, range(4), 4)) == 4
