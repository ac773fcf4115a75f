"""What partners send: only signed, only fresh, and nothing twice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from warn.links import body_signature
from warn.model import EMPTY
from warn.sources.webhook import SOURCE
from warn.store import observations

from tests.pipeline.city import NOON, City, city, page_of

SECRET = "the-secret-that-a-partner-was-given"
ROW = {"indicator": "road_block", "occurred_at": "2026-11-20T08:00Z", "place": "Kita", "key": "n1"}


@asynccontextmanager
async def listening(folder: Path, secret: str = SECRET) -> AsyncIterator[City]:
    async with city(folder) as bamako:
        bamako.work.sources = {**bamako.work.sources, "webhook": SOURCE}
        bamako.work.options = {**bamako.work.options, "webhook": {"webhook_secret": secret}}
        yield bamako


async def send(
    bamako: City, said: Any, *, secret: str = SECRET, at: float = 0, headers: Mapping[str, str] = EMPTY
) -> httpx.Response:
    content = said if isinstance(said, bytes) else json.dumps(said).encode()
    timestamp = str(int((NOON + timedelta(seconds=at)).timestamp()))
    signed = {
        "Warn-Timestamp": timestamp,
        "Warn-Signature": f"sha256={body_signature(secret, timestamp, content)}",
    }
    async with page_of(bamako) as page:
        return await page.post("/inbound", content=content, headers={**signed, **headers})


def stored(bamako: City) -> list[str]:
    with bamako.work.store.read() as tx:
        return [one.key for one in observations.load(tx) if one.source == "webhook"]


async def test_signed_rows_are_stored_once_however_often_they_are_sent(tmp_path: Path) -> None:
    async with listening(tmp_path) as bamako:
        first, again = await send(bamako, ROW), await send(bamako, ROW)
        assert (first.status_code, first.json()["new"]) == (202, 1)
        assert (again.status_code, again.json()["new"], again.json()["unchanged"]) == (202, 0, 1)
        assert stored(bamako) == ["n1"]


async def test_what_is_sent_is_judged_at_once(tmp_path: Path) -> None:
    attack = {"indicator": "convoy_attack", "occurred_at": "2026-11-20T08:00Z", "place": "Kita", "origin": "RFI",
              "lat": 13.03, "lon": -9.49, "precision": "town", "grade": "B2", "key": "a1"}  # fmt: skip
    async with listening(tmp_path) as bamako:
        await send(bamako, attack)
        assert "convoy-attacks" in bamako.levels()


async def test_bad_rows_are_told_to_the_sender(tmp_path: Path) -> None:
    async with listening(tmp_path) as bamako:
        mixed = await send(bamako, [ROW, ROW | {"indicator": "road_blok"}])
        assert (mixed.status_code, [one["row"] for one in mixed.json()["refused"]]) == (202, [2])
        assert (await send(bamako, {"observations": [{"who": 1}]})).status_code == 422
        assert stored(bamako) == ["n1"]


@pytest.mark.parametrize("off", [-301, 301])
async def test_an_old_or_future_signature_is_refused(tmp_path: Path, off: float) -> None:
    async with listening(tmp_path) as bamako:
        answer = await send(bamako, ROW, at=off)
        assert (answer.status_code, stored(bamako)) == (401, [])
        assert "five minutes" in answer.json()["error"]


async def test_what_is_not_signed_is_refused(tmp_path: Path) -> None:
    unsigned = [
        {"Warn-Signature": ""},
        {"Warn-Signature": "sha256=00"},
        {"Warn-Signature": f"sha256={'0' * 64}"},
        {"Warn-Timestamp": ""},
        {"Warn-Timestamp": "now"},
        {"Warn-Timestamp": "9" * 400},
    ]
    async with listening(tmp_path) as bamako:
        assert {(await send(bamako, ROW, headers=headers)).status_code for headers in unsigned} == {401}
        assert stored(bamako) == []


async def test_another_secret_is_refused_and_the_older_one_still_taken_while_it_changes(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path, f"new-secret, {SECRET}") as bamako:
        assert (await send(bamako, ROW, secret="guessed")).status_code == 401
        assert (await send(bamako, ROW)).status_code == 202
        assert (await send(bamako, ROW, secret="new-secret")).status_code == 202


async def test_a_body_too_large_is_refused_and_without_a_secret_the_address_is_not_there(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as bamako:
        assert (await send(bamako, b"x" * 5_000_001)).status_code == 413
        bamako.work.sources = {name: one for name, one in bamako.work.sources.items() if name != "webhook"}
        assert (await send(bamako, ROW)).status_code == 404


async def test_reading_the_address_changes_nothing(tmp_path: Path) -> None:
    async with listening(tmp_path) as bamako, page_of(bamako) as page:
        assert (await page.get("/inbound")).status_code == 405
