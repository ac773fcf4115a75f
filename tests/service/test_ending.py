"""A service whose dispatcher is gone must not look alive."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from warn.service import Service, Timetable, serve
from warn.web.pages import Site
from warn.web.site import application

from tests.pipeline.city import city


def service(dispatch) -> Service:
    async def drain() -> None: ...

    return Service(Timetable(), dispatch, drain, nullcontext(), None, Starlette(), "127.0.0.1", 0)


async def test_a_dispatcher_that_breaks_ends_the_service_so_that_it_is_started_anew(caplog):
    async def breaks() -> None:
        await asyncio.sleep(0.01)
        raise ValueError("oops")

    with pytest.raises(RuntimeError, match="dispatcher ended"):
        async with asyncio.timeout(10):
            await serve(service(breaks), lambda _address: None)
    assert "oops" in caplog.text


async def test_a_channel_by_which_nothing_is_sent_is_not_ready(tmp_path: Path):
    stuck: list[str] = []
    async with city(tmp_path) as bamako:
        await bamako.judge()
        app = application(Site(lambda: bamako.work, bamako.clock, stuck=lambda: stuck))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="https://a.example"
        ) as page:
            assert (await page.get("/readyz")).status_code == 200
            stuck.append("email")
            answer = await page.get("/readyz")
    assert (answer.status_code, answer.json()["ready"], answer.json()["stuck"]) == (503, False, ["email"])
