"""Who asks, where a proxy stands between, and who may say so."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from warn.service import page_running
from warn.settings import WebSettings
from warn.web.forms import network_of

from tests.pipeline.city import city, page_of


async def told(request: Request) -> Response:
    return PlainTextResponse(network_of(request))


@pytest.mark.parametrize(
    ("proxies", "said", "network"),
    [
        ("127.0.0.1", "41.73.100.7", "41.73.100.0/24"),
        ("127.0.0.0/8, 10.0.0.0/8", "2001:db8:0:1::7", "2001:db8:0:1::/64"),
        ("127.0.0.1", "::ffff:41.73.100.7", "41.73.100.0/24"),
        ("127.0.0.1", "1.2.3.4, 41.73.100.7", "41.73.100.0/24"),
        ("127.0.0.1", "nonsense", ""),
        ("10.0.0.0/8", "41.73.100.7", "127.0.0.0/24"),
        ("", "41.73.100.7", "127.0.0.0/24"),
    ],
)
async def test_only_a_proxy_that_is_configured_tells_who_asks(proxies: str, said: str, network: str) -> None:
    page = Starlette(routes=[Route("/", told)])
    async with (
        page_running(page, "127.0.0.1", 0, WebSettings(proxies=proxies).proxies) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        answer = await client.get("/", headers={"X-Forwarded-For": said})
    assert answer.text == network


@pytest.mark.parametrize("proxies", ["*", "127.0.0.1, everybody", "10.0.0.0/99"])
def test_not_everybody_can_be_a_proxy(proxies: str) -> None:
    with pytest.raises(ValidationError):
        WebSettings(proxies=proxies)


async def test_a_number_that_no_alert_can_have_is_a_page_that_is_missing(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako, page_of(bamako) as page:
        for number in ("99999999999999999999", "9" * 5000, "-1", "1e3", "٣", "0"):
            for prefix in ("", "/en"):
                assert (await page.get(f"{prefix}/a/{number}")).status_code == 404
