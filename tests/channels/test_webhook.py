"""Signed messages to programs: what they can check, and what each of their answers means."""

import asyncio
import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from warn import links
from warn.channels.webhook import WebhookChannel, WebhookConfig, make_address, read_address
from warn.errors import DeliveryError, UsageError
from warn.model import Placeholder

from tests.channels.parcels import TOKEN, mail
from tests.fakes.web import redirect, serving, silent, status

SECRET = "s" * 40
BODY = json.dumps({"kind": "alert", "text": f"Pénurie https://e.org/u/{Placeholder}"}).encode()
CLOCK = 1_790_000_000.0


def hook(**more: Any) -> WebhookChannel:
    whole: dict[str, Any] = {"allow_private": True, "timeout_s": 1.0, "clock": lambda: CLOCK}
    return WebhookChannel(WebhookConfig(**(whole | more)))


async def give(url: str, channel: WebhookChannel, **changes):
    parcel = mail(**({"form": "webhook", "body": BODY, "address": f"{url} {SECRET}"} | changes))
    try:
        return await channel.send(parcel)
    finally:
        await channel.close()


async def fault(url: str, **more) -> DeliveryError:
    with pytest.raises(DeliveryError) as raised:
        await give(url, hook(**more))
    return raised.value


async def test_a_program_can_check_who_spoke_and_knows_a_repetition_by_its_key():
    async with serving() as web:
        url = web.on("/in", status(204))
        await give(url, hook())
        await give(url, hook())
    first, again = web.asked
    assert (first.method, first.body, first.headers["idempotency-key"]) == (
        "POST",
        again.body,
        "episode-12|raised|s1|email",
    )
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"]
    assert json.loads(first.body)["text"].endswith(TOKEN)
    said = (first.headers["warn-timestamp"], first.headers["warn-signature"])
    links.check_body([SECRET], *said, first.body, datetime.fromtimestamp(CLOCK, UTC))
    for secret, body in ((SECRET, first.body + b" "), ("another" * 8, first.body)):
        with pytest.raises(links.LinkError):
            links.check_body([secret], *said, body, datetime.fromtimestamp(CLOCK, UTC))


@pytest.mark.parametrize(
    ("code", "kind", "patient"),
    [(500, "retry", True), (503, "retry", True), (429, "retry", True), (404, "retry", False), (401, "retry", False),
     (410, "gone", False)],
)  # fmt: skip
async def test_each_answer_has_its_consequence(code, kind, patient):
    async with serving() as web:
        error = await fault(web.on("/in", status(code)))
    assert (error.kind, error.code, error.patience_s > 0, error.whole) == (kind, str(code), patient, False)


async def test_a_server_that_names_a_time_is_heeded_within_reason():
    async with serving() as web:
        assert (await fault(web.on("/in", status(503, retry_after="120")))).retry_after_s == 120
        assert (await fault(web.on("/in", status(503, retry_after="999999")))).retry_after_s == 3600
        assert (await fault(web.on("/in", status(503, retry_after="soon")))).retry_after_s is None


async def test_redirects_are_not_followed():
    async with serving() as web:
        web.on("/other", status(200))
        error = await fault(web.on("/in", redirect("/other")))
    assert error.kind == "retry"
    assert [asked.path for asked in web.asked] == ["/in"]


async def test_silence_and_a_closed_port_are_tried_again():
    async with serving() as web:
        assert (await fault(web.on("/in", silent(2)), timeout_s=0.2)).code == "no answer"
        closed = f"{web.address}/in"
    assert (await fault(closed)).code == "connect"


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Drip: ", b"a"),
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
        (b"HTTP/1.1 2", b"0"),
    ],
)
async def test_a_receiver_that_says_a_little_for_ever_is_given_up(first, drop):
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError), contextlib.closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(first)
            while not reader.at_eof():
                writer.write(drop)
                await writer.drain()
                await asyncio.sleep(0.05)

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(3):
            error = await fault(f"http://127.0.0.1:{port}/in", timeout_s=0.2)
        await asyncio.sleep(0.1)
    assert (error.kind, error.code) == ("retry", "no answer")


@pytest.mark.parametrize(
    "url",
    ["https://xn--/", "https://xn--zzzz-ß.example/", "https://xn--a.org/", "https://exa\u00admple.org/", "https://a..b/",
     "https://host%41/", "https://-/", f"https://{'a' * 70}.org/", f"https://{'a.' * 130}org/"],
)  # fmt: skip
async def test_a_host_that_cannot_be_asked_for_is_refused_before_it_is_stored_and_never_told(url):
    with pytest.raises(UsageError):
        make_address(url, SECRET)
    error = await fault(url)
    assert (error.kind, error.code) == ("dead", "address")
    assert url[8:12] not in str(error)


@pytest.mark.parametrize(
    "url", ["https://例え.jp/in", "https://é.org:8443/in", "https://[2001:db8::1]/in", "https://a_b.org./"]
)
def test_hosts_in_other_letters_and_numbers_are_hosts(url):
    assert read_address(make_address(url, SECRET)) == (url, SECRET)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]", "0x7f000001"]
)
async def test_an_address_inside_a_private_network_is_never_spoken_to(host):
    error = await fault(f"https://{host}/in", allow_private=False)
    assert (error.kind, error.code) == ("dead", "private")


@pytest.mark.parametrize(
    "url", ["", "http://example.org/x", "ftp://example.org", "https://", "https://u:p@example.org/", "https://e.org:x/",
            "https://e.org/\r\nX:y"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_before_it_is_stored(url):
    with pytest.raises(UsageError):
        make_address(url, SECRET)


def test_a_stored_address_holds_its_own_secret_and_a_short_one_is_refused():
    assert read_address(make_address("https://example.org/in", SECRET)) == ("https://example.org/in", SECRET)
    with pytest.raises(UsageError):
        make_address("https://example.org/in", "short")
