import asyncio
import gzip
import io
import ipaddress
import time
import zipfile
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from warn.errors import SourceError
from warn.fetching import Fetcher, Limits, Manners, collect_one, form, shown, unzip
from warn.fetching.guard import public
from warn.model import Observation
from warn.source import Body, Context, Parsed, Source

from tests.fakes.web import Web, body, drip, head, raw, redirect, serving, silent, status, unless_known

NOW = datetime(2025, 10, 20, 6, tzinfo=UTC)
FEED = b"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title></channel></rss>"
QUICK = Manners(
    contact="https://example.org/warn",
    pace_s=0,
    connect_s=1,
    read_s=0.4,
    total_s=1,
    backoff_s=0.01,
    patience_s=2,
    allow_private=True,
    limits=Limits(wire=200_000, decoded=1_000_000),
)


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with serving() as server:
        yield server


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    made = Fetcher(QUICK)
    yield made
    await made.close()


async def fails(fetcher: Fetcher, url: str, **asked) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await fetcher.visit().get(url, **asked)
    return caught.value


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def announced(length: int, content: bytes, **headers: str) -> bytes:
    return head(200, {"Content-Type": "application/xml", "Content-Length": str(length), **headers}) + content


BOMB = gzip.compress(b"0" * 50_000_000)
CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>cf-challenge</body></html>"
)
PAGE = b"<!doctype html>\n<html><body>Bienvenue</body></html>"
FAULTS = {
    "400": (status(400), "error", "400"),
    "401": (status(401), "blocked", "not allowed"),
    "403": (status(403), "blocked", "not allowed"),
    "403 with a challenge page": (body(CHALLENGE, "text/html", 403), "blocked", "challenge"),
    "404": (status(404, b"gone"), "error", "404"),
    "410": (status(410), "error", "410"),
    "429 without end": (status(429), "blocked", "too often"),
    "429 for an hour": (status(429, Retry_After="3600"), "blocked", "too often"),
    "451": (status(451), "blocked", "not allowed"),
    "500": (status(500), "error", "500"),
    "502": (status(502), "error", "502"),
    "503 with a challenge page": (body(CHALLENGE, "text/html", 503), "blocked", "challenge"),
    "202 with a challenge page": (body(CHALLENGE, "text/html", 202), "blocked", "challenge"),
    "206": (body(FEED, "application/xml", 206), "error", "206"),
    "a web page with 200": (body(PAGE, "text/html"), "blocked", "a web page instead of XML"),
    "a web page that claims to be XML": (body(PAGE, "application/rss+xml"), "blocked", "a web page"),
    "a web page behind an XML prologue": (body(b"<?xml version='1.0'?>" + PAGE), "blocked", "a web page"),
    "a challenge with 200": (body(CHALLENGE, "text/html"), "blocked", "challenge"),
    "a web page in capitals behind spaces": (body(b"\r\n  <HTML><BODY>x"), "blocked", "a web page"),
    "a redirect without end": (redirect("/fault"), "error", "redirects"),
    "a redirect to a file": (redirect("file:///etc/passwd"), "blocked", "never followed"),
    "a redirect with a password": (redirect("http://me:secret@127.0.0.1/"), "blocked", "never followed"),
    "a redirect without a target": (status(302), "error", "redirects"),
    "a redirect to a name that is none": (redirect("http://[::1:::/"), "error", "location"),
    "truncated gzip": (body(cut(gzip.compress(FEED * 9)), Content_Encoding="gzip"), "error", "breaks off"),
    "gzip that is none": (body(FEED, Content_Encoding="gzip"), "error", "not the packed data"),
    "a gzip bomb": (body(BOMB, Content_Encoding="gzip"), "error", "unpacked body is larger"),
    "a packing we did not ask for": (body(FEED, Content_Encoding="br"), "error", "did not ask for"),
    "a body larger than allowed": (body(b"<" + b"x" * 300_000), "error", "larger than"),
    "a body cut short": (raw(announced(900, FEED)), "error", "broke off"),
    "a body that drips": (drip(FEED, 0.1), "error", "within 1 s"),
    "silence": (silent(30), "error", "silent"),
    "no answer at all": (raw(b""), "error", "broke off"),
    "not HTTP": (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "error", "broke off"),
    "a header that is none": (raw(b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n"), "error", "broke off"),
    "a length that is none": (raw(b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n"), "error", "broke off"),
    "endless headers": (raw(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 40_000), "error", "broke off"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_ends_in_the_right_outcome_and_one_clear_line(
    name: str, web: Web, fetcher: Fetcher
) -> None:
    answer, outcome, told = FAULTS[name]
    error = await fails(fetcher, web.on("/fault", answer), expect="xml")
    assert error.outcome == outcome
    assert told in error.message
    assert "/fault" in error.message
    assert "\n" not in str(error)


async def test_a_server_that_is_not_there_is_an_error(fetcher: Fetcher, unused_tcp_port: int) -> None:
    error = await fails(fetcher, f"http://127.0.0.1:{unused_tcp_port}/feed")
    assert (error.outcome, "could not be reached" in error.message) == ("error", True)


@pytest.mark.parametrize(
    "url", ["ftp://x/y", "feed", "https://", "http://me:secret@x.org/", "http://[:/", ""]
)
async def test_what_is_no_address_is_said_without_its_secrets(fetcher: Fetcher, url: str) -> None:
    error = await fails(fetcher, url)
    assert error.outcome == "error"
    assert "secret" not in str(error)


async def test_a_good_body_comes_whole_and_we_say_who_we_are(web: Web, fetcher: Fetcher) -> None:
    found = await fetcher.visit().get(
        web.on("/feed", body(FEED)), params={"key": "hidden"}, part="rfi", expect="xml"
    )
    assert (found.content, found.part, found.status) == (FEED, "rfi", 200)
    assert "hidden" not in found.url
    assert web.asked[0].target == "/feed?key=hidden"
    assert web.asked[0].headers["user-agent"] == "warn/0.1 (+https://example.org/warn)"
    assert "br" not in web.asked[0].headers["accept-encoding"]


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(FEED),
        zlib.compress(FEED),
        zlib.compress(FEED, wbits=-15),
        gzip.compress(FEED[:9]) + gzip.compress(FEED[9:]),
    ],
    ids=["gzip", "deflate", "raw deflate", "two members"],
)
async def test_every_usual_packing_is_undone(packed: bytes, web: Web, fetcher: Fetcher) -> None:
    encoding = "gzip" if packed.startswith(b"\x1f\x8b") else "deflate"
    url = web.on("/feed", body(packed, Content_Encoding=encoding))
    assert (await fetcher.visit().get(url, expect="xml")).content == FEED


async def test_a_bomb_is_stopped_at_once(web: Web, fetcher: Fetcher) -> None:
    started = time.process_time()
    await fails(fetcher, web.on("/bomb", body(BOMB, Content_Encoding="gzip")))
    assert time.process_time() - started < 1


async def test_what_passes_is_tried_again_and_what_does_not_is_not(web: Web, fetcher: Fetcher) -> None:
    url = web.on("/feed", status(503), raw(b""), body(FEED))
    assert (await fetcher.visit().get(url)).content == FEED
    assert len(web.asked) == 3
    await fails(fetcher, web.on("/gone", status(404)))
    assert len(web.asked) == 4


async def test_retry_after_is_waited_for_and_a_long_one_is_handed_on(web: Web, fetcher: Fetcher) -> None:
    url = web.on("/feed", status(429, Retry_After="1"), body(FEED))
    started = time.perf_counter()
    await fetcher.visit().get(url)
    assert time.perf_counter() - started >= 1
    later = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    error = await fails(fetcher, web.on("/later", status(503, Retry_After=later)))
    assert error.retry_after_s == pytest.approx(7200, abs=30)
    assert [asked.path for asked in web.asked].count("/later") == 1


async def test_an_unchanged_body_is_not_sent_again(web: Web, fetcher: Fetcher) -> None:
    url = web.on("/feed", unless_known(FEED, '"abc"'))
    first = fetcher.visit()
    await first.get(url)
    second = fetcher.visit(first.learned)
    assert (await second.get(url)).not_modified
    assert (await second.get(url, conditional=False)).content == FEED
    assert not any("127.0.0.1" in asked for asked in first.learned)


async def test_requests_to_one_host_keep_their_distance(web: Web) -> None:
    fetcher = Fetcher(replace(QUICK, host_pace_s={"127.0.0.1": 0.2}))
    url = web.on("/feed", body(FEED))
    started = time.perf_counter()
    await asyncio.gather(*(fetcher.visit().get(url) for _ in range(3)))
    await fetcher.close()
    assert time.perf_counter() - started >= 0.4


async def test_a_redirect_is_followed_and_takes_no_key_to_another_host(web: Web, fetcher: Fetcher) -> None:
    async with serving() as other:
        other.on("/feed", body(FEED))
        url = web.on("/old", redirect(f"{other.address}/feed", 301))
        assert (await fetcher.visit().get(url, headers={"Authorization": "Bearer secret"})).content == FEED
        assert web.asked[0].headers["authorization"] == "Bearer secret"
        assert "authorization" not in other.asked[0].headers


PRIVATE = (
    "127.0.0.1", "localhost", "169.254.169.254", "[::1]", "0x7f000001", "2130706433", "127.1", "[::ffff:127.0.0.1]",
    "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]",
    "224.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
async def test_addresses_inside_a_network_are_refused_however_they_are_written(host: str) -> None:
    fetcher = Fetcher(replace(QUICK, allow_private=False, attempts=1))
    error = await fails(fetcher, f"http://{host}:9/latest/meta-data")
    await fetcher.close()
    assert error.outcome == "blocked" or "name service" in error.message
    assert host == "224.0.0.1" or "private network" in error.message or "name service" in error.message


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
def test_public_addresses_pass(address: str) -> None:
    assert public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["64:ff9b::a00:1", "2002:7f00:1::", "::ffff:10.0.0.1", "240.0.0.1", "ff02::1"]
)
def test_addresses_that_hide_a_private_one_do_not_pass(address: str) -> None:
    assert not public(ipaddress.ip_address(address))


def test_an_address_is_shown_without_key_user_or_fragment() -> None:
    assert shown("https://me:pw@x.org:8443/a/b?key=secret#f") == "https://x.org:8443/a/b"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbf<?xml version='1.0'?><rss/>", "xml"),
        (b"<!-- a comment --><rss/>", "xml"),
        (b'{"a": 1}', "json"),
        (b" [1]", "json"),
        (b"<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>", "html"),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html xmlns='x'>", "html"),
        (b"a,b\n1,2", "text"),
        (b" \n", "empty"),
        (b"PK\x03\x04", "zip"),
        ("<rss/>".encode("utf-16"), "xml"),
    ],
)
def test_a_body_is_what_its_first_bytes_say(content: bytes, expected: str) -> None:
    assert form(content) == expected


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def test_an_archive_gives_its_files() -> None:
    assert unzip(archive(a=b"1", b=b"2")) == {"a": b"1", "b": b"2"}


@pytest.mark.parametrize(
    "content",
    [
        archive(a=b"0" * 10_000_000),
        archive(**{f"f{n}": b"" for n in range(60)}),
        archive(**{"../../etc/passwd": b"x"}),
        cut(archive(a=b"hello" * 99)),
        b"PK\x03\x04 and nothing else",
        b"",
    ],
    ids=["bomb", "too many", "a path", "cut", "fake", "empty"],
)
def test_a_hostile_archive_is_an_error(content: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        unzip(content)
    assert caught.value.outcome == "error"


def source(fetch, parse, **more) -> Source:
    return Source("x", "X", ("truce",), timedelta(hours=1), timedelta(0), "", "", fetch, parse, **more)


async def nothing(http, options) -> tuple[Body, ...]:
    return (Body(b"1", part="a"), Body(b"2", part="b", outcome="blocked", message="turned away"))


def good(content: bytes, context: Context) -> Parsed:
    seen = Observation("truce", context.now, context.now, source="x", key=context.part)
    return Parsed("ok", (seen,), reaches_back_to=NOW - timedelta(days=2))


async def test_one_feed_of_many_that_fails_is_told_and_hides_no_other(fetcher: Fetcher) -> None:
    got = await collect_one(source(nothing, good, core_parts=("a", "b")), fetcher, Context(NOW))
    assert (got.poll.outcome, got.poll.parts, got.poll.found) == ("ok", {"a": True, "b": False}, 1)
    assert "turned away" in got.poll.message
    assert got.poll.reaches_back_to == NOW - timedelta(days=2)


async def test_one_page_of_a_whole_that_fails_makes_the_poll_fail(fetcher: Fetcher) -> None:
    got = await collect_one(source(nothing, good), fetcher, Context(NOW))
    assert (got.poll.outcome, len(got.observations)) == ("blocked", 1)


async def test_a_defect_of_a_parser_is_an_outcome_of_one_line(fetcher: Fetcher) -> None:
    def broken(content: bytes, context: Context) -> Parsed:
        raise KeyError("details")

    got = await collect_one(source(nothing, broken), fetcher, Context(NOW))
    assert got.poll.outcome == "error"
    assert "KeyError" in got.poll.message
    assert "\n" not in got.poll.message


async def test_what_cannot_be_true_is_set_aside_with_its_reason(fetcher: Fetcher) -> None:
    def doubtful(content: bytes, context: Context) -> Parsed:
        sound = Observation("truce", NOW, NOW, source="x", key="a")
        later, endless = (
            replace(sound, occurred_at=NOW + timedelta(days=3)),
            replace(sound, value=float("inf")),
        )
        return Parsed("ok", (sound, later, endless) if content == b"1" else (later,))

    async def ask(http, options) -> tuple[Body, ...]:
        return (Body(options["body"]),)

    got = await collect_one(source(ask, doubtful), fetcher, Context(NOW), {"body": b"1"})
    assert (got.poll.outcome, got.poll.found, got.poll.refused) == ("ok", 1, 2)
    assert "in the future" in got.refused[0].reason
    got = await collect_one(source(ask, doubtful), fetcher, Context(NOW), {"body": b"2"})
    assert got.poll.outcome == "schema_changed"


async def test_a_defect_while_asking_and_a_refusal_are_told_apart(fetcher: Fetcher) -> None:
    async def broken(http, options) -> tuple[Body, ...]:
        raise TypeError("x")

    async def refused(http, options) -> tuple[Body, ...]:
        raise SourceError("embargoed", "rows appear after twelve months", retry_after_s=60)

    assert (await collect_one(source(broken, good), fetcher, Context(NOW))).poll.outcome == "error"
    got = await collect_one(source(refused, good, core_parts=("a",)), fetcher, Context(NOW))
    assert (got.poll.outcome, got.retry_after_s, got.poll.parts) == ("embargoed", 60, {"a": False})


async def test_validators_of_a_body_that_could_not_be_read_are_not_kept(web: Web, fetcher: Fetcher) -> None:
    url = web.on("/feed", unless_known(FEED, '"abc"'))

    async def ask(http, options) -> tuple[Body, ...]:
        return (await http.get(url),)

    def unreadable(content: bytes, context: Context) -> Parsed:
        return Parsed("schema_changed", message="renamed column")

    assert not (await collect_one(source(ask, unreadable), fetcher, Context(NOW))).validators
    kept = (await collect_one(source(ask, good), fetcher, Context(NOW))).validators
    again = await collect_one(source(ask, good), fetcher, Context(NOW), validators=kept)
    assert (again.poll.outcome, again.observations) == ("no_data", ())
