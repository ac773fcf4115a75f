"""The one way to the network: identified, paced, capped, guarded, conditional; failures are SourceError."""

from __future__ import annotations

import asyncio
import email.utils
import hashlib
import logging
import random
import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpcore
import httpx

from warn.errors import SourceError
from warn.fetching.guard import Forbidden
from warn.fetching.limits import Limits, gather
from warn.fetching.pace import Pace
from warn.fetching.sniffing import challenged, form
from warn.fetching.transport import GuardedTransport
from warn.source import Body, Expect, Validators

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
NOTED = "noted:"
"""What a source noted is kept among the validators under its name; fingerprints of addresses hold no colon."""
ACCEPTS: Mapping[str, str] = {
    "xml": "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5",
    "json": "application/json, */*;q=0.5",
    "csv": "text/csv, text/plain;q=0.9, */*;q=0.5",
}
UNREACHABLE = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpx.TransportError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Manners:
    """How we behave towards others' servers. Seconds; `host_pace_s` is for hosts that ask for more."""

    agent: str = "warn/0.1"
    contact: str = ""
    pace_s: float = 1.0
    host_pace_s: Mapping[str, float] = field(default_factory=dict)
    connect_s: float = 10.0
    read_s: float = 20.0
    total_s: float = 90.0
    attempts: int = 3
    backoff_s: float = 2.0
    patience_s: float = 30.0  # a longer Retry-After is left to the next poll
    allow_private: bool = False
    limits: Limits = field(default_factory=Limits)

    @property
    def identity(self) -> str:
        return f"{self.agent} (+{self.contact})" if self.contact else self.agent


class Fetcher:
    """The shared client: connections and pace belong to all sources, validators to one poll (`visit`)."""

    def __init__(self, manners: Manners, *, verify: ssl.SSLContext | None = None) -> None:
        self.manners = manners
        self.pace = Pace(manners.pace_s, manners.host_pace_s)
        transport = GuardedTransport(
            allow_private=manners.allow_private, verify=verify or ssl.create_default_context()
        )
        self.client = httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": manners.identity, "Accept-Encoding": "gzip, deflate"},
            timeout=httpx.Timeout(manners.read_s, connect=manners.connect_s),
        )
        logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO line prints addresses with their keys

    def visit(self, validators: Mapping[str, Validators] | None = None) -> Visit:
        """For one poll: sends back what tells a server that we have its body, and notes what it gives now."""
        return Visit(self, validators or {})

    async def close(self) -> None:
        await self.client.aclose()


class Visit:
    """One poll of one source; implements `warn.source.Http`.

    `learned` (by fingerprint of the address) is to be stored together with what was read: stored earlier, a
    crash in between would lose the body for good, since the server would answer "not modified" ever after.
    """

    def __init__(self, fetcher: Fetcher, validators: Mapping[str, Validators]) -> None:
        self._fetcher = fetcher
        self._known = validators
        self.learned: dict[str, Validators] = {}

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        part: str = "",
        expect: Expect = "",
        form_data: Mapping[str, str] | None = None,
        conditional: bool = True,
        answers: Collection[int] = (),
    ) -> Body:
        full = _address(url, params)
        asked = fingerprint(full)
        known = self._known.get(asked) if conditional and form_data is None else None
        sent = {"Accept": ACCEPTS.get(expect, "*/*"), **(headers or {}), **_conditions(known)}
        question = _Question(full, sent, expect, form_data, answers)
        body, learned = await _persist(self._fetcher, question)
        if learned is not None and conditional and form_data is None:
            self.learned[asked] = learned
        return replace(body, url=shown(full), part=part, asked=asked)

    def recall(self, name: str) -> str:
        return self._known.get(f"{NOTED}{name}", Validators()).noted

    def note(self, name: str, value: str) -> None:
        self.learned[f"{NOTED}{name}"] = Validators(noted=value)


@dataclass(frozen=True, slots=True)
class _Question:
    """One request as its source means it; what follows from redirects is not in it."""

    url: str
    headers: Mapping[str, str]
    expect: Expect
    form_data: Mapping[str, str] | None
    answers: Collection[int]


async def _persist(fetcher: Fetcher, asked: _Question) -> tuple[Body, Validators | None]:
    """Tries again what may pass, waiting as the server asks, else longer each time with jitter."""
    manners = fetcher.manners
    for attempt in range(1, manners.attempts + 1):
        try:
            async with asyncio.timeout(manners.total_s):
                return await _follow(fetcher, asked)
        except TimeoutError:
            trouble = _Passing(SourceError("error", f"no complete answer within {manners.total_s:g} s"))
        except _Passing as passing:
            trouble = passing
        except SourceError as error:
            raise _named(error, asked.url) from None
        wait = trouble.error.retry_after_s
        if attempt == manners.attempts or (wait or 0) > manners.patience_s:
            break
        usual = manners.backoff_s * 2 ** (attempt - 1)
        await asyncio.sleep(max(wait or 0, usual) * random.uniform(1, 1.5))  # noqa: S311  # jitter, not secrecy
    raise _named(trouble.error, asked.url)


def _named(error: SourceError, url: str) -> SourceError:
    told = f"{shown(url)}: {error.message}"
    return SourceError(error.outcome, told, error.remedy, error.retry_after_s, error.status)


class _Passing(Exception):  # noqa: N818  # carries an error that another attempt may cure
    def __init__(self, error: SourceError) -> None:
        self.error = error


async def _follow(fetcher: Fetcher, asked: _Question) -> tuple[Body, Validators | None]:
    here, headers, form_data = asked.url, asked.headers, asked.form_data
    for _ in range(fetcher.manners.limits.redirects + 1):
        async with _answer(fetcher, here, headers, form_data) as response:
            if response.status_code not in REDIRECTS:
                return await _judge(response, asked, fetcher.manners.limits)
            here, headers = _onward(here, response, headers)
            form_data = form_data if response.status_code in {307, 308} else None
    raise SourceError("error", f"more than {fetcher.manners.limits.redirects} redirects")


@asynccontextmanager
async def _answer(
    fetcher: Fetcher, url: str, headers: Mapping[str, str], form_data: Mapping[str, str] | None
) -> AsyncIterator[httpx.Response]:
    """The response with its body still on the wire; whatever goes wrong below HTTP may pass."""
    await fetcher.pace.wait(urlsplit(url).hostname or "")
    try:
        method = "GET" if form_data is None else "POST"
        async with fetcher.client.stream(method, url, headers=dict(headers), data=form_data) as response:
            yield response
    except Forbidden as refusal:
        raise SourceError(
            "blocked",
            f"refused, {refusal}",
            "Allow it with WARN_SOURCE__ALLOW_PRIVATE if it is yours.",
        ) from None
    except (httpx.InvalidURL, httpcore.UnsupportedProtocol, ValueError) as error:
        raise SourceError("error", f"not an address that can be asked ({_short(error)})") from None
    except UNREACHABLE as error:
        raise _Passing(SourceError("error", _told(error))) from None


def _onward(here: str, response: httpx.Response, headers: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """Where a redirect leads. Keys are never carried to another host, nor from https to http."""
    try:
        target = str(httpx.URL(here).join(response.headers.get("Location", "")))
        parts = urlsplit(target)
    except (httpx.InvalidURL, ValueError):
        raise SourceError("error", "redirects to something that is no address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise SourceError("blocked", f"redirects to {parts.scheme[:12]}:, which is never followed")
    old = urlsplit(here)
    if old.scheme == "https" and parts.scheme == "http":
        raise SourceError("blocked", "redirects from https to http")
    if (old.scheme, old.hostname, old.port) != (parts.scheme, parts.hostname, parts.port):
        headers = {name: said for name, said in headers.items() if name.lower() == "accept"}
    return target, headers


async def _judge(
    response: httpx.Response, asked: _Question, limits: Limits
) -> tuple[Body, Validators | None]:
    status = response.status_code
    kind = response.headers.get("Content-Type", "")[:100]
    if status == 304:
        return Body(b"", asked.url, status, kind, not_modified=True), None
    content = await gather(response.aiter_raw(), response.headers.get("Content-Encoding", ""), limits)
    understood = status in asked.answers and form(content) not in {"html", "empty"}
    error = (
        None if understood else _refusal(response, status, content) or _unlike(content, status, asked.expect)
    )
    if error is not None:
        error.status = status
    if error is not None and status in AGAIN:
        raise _Passing(error)
    if error is not None:
        raise error
    learned = Validators(
        response.headers.get("ETag", "")[:500], response.headers.get("Last-Modified", "")[:100]
    )
    kept = status == 200 and bool(learned.etag or learned.last_modified)
    return Body(content, asked.url, status, kind), learned if kept else None


def _refusal(response: httpx.Response, status: int, content: bytes) -> SourceError | None:
    """What a status says. A page that asks for proof of being a person is a block, whatever its number."""
    after = _seconds(response.headers.get("Retry-After", ""))
    if status == 202 or (status != 200 and form(content) == "html" and challenged(content)):
        return SourceError("blocked", f"answered {status} with a challenge page", retry_after_s=after)
    if status == 429:
        return SourceError("blocked", "answered 429: asked too often", retry_after_s=after)
    if status in {401, 403, 407, 451}:
        return SourceError(
            "blocked", f"answered {status}: not allowed", "Check the key, or ask the provider."
        )
    if status == 206 or status >= 300 or status < 200:
        return SourceError("error", f"answered {status}", retry_after_s=after)
    return None


def _unlike(content: bytes, status: int, expect: Expect) -> SourceError | None:
    """What does not begin like what was asked for."""
    if not expect or status == 204:
        return None
    found = form(content)
    if found == "html" and expect != "html":
        why = "a challenge page" if challenged(content) else "a web page"
        return SourceError("blocked", f"answered {status} with {why} instead of {expect.upper()}")
    if expect == "zip" and found != "zip":
        return SourceError("schema_changed", f"answered with {found} instead of an archive")
    return None


def shown(url: str) -> str:
    """An address fit for logs and readers: without query, user and fragment, where keys live."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the address"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"[:200]


def fingerprint(url: str) -> str:
    """Names an address without giving away the key that may stand in it."""
    return hashlib.sha256(url.encode()).hexdigest()[:24]


def _address(url: str, params: Mapping[str, str] | None) -> str:
    try:
        made = httpx.URL(url)
        made = made.copy_merge_params(dict(params)) if params else made
    except (httpx.InvalidURL, ValueError, TypeError):
        raise SourceError(
            "error", f"{shown(url)}: not an address", "Write it as https://host/path."
        ) from None
    if made.scheme not in {"http", "https"} or not made.host or made.userinfo:
        raise SourceError(
            "error", f"{shown(url)}: not an address", "Write it as https://host/path, without a key."
        )
    return str(made)


def _conditions(known: Validators | None) -> dict[str, str]:
    if known is None:
        return {}
    said = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in said.items() if value}


def _seconds(said: str) -> float | None:
    """Retry-After: seconds, or a date."""
    if said.strip().isdecimal() and len(said) < 8:
        return float(said)
    try:
        until = email.utils.parsedate_to_datetime(said)
    except (TypeError, ValueError, IndexError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _told(error: Exception) -> str:
    match error:
        case httpcore.ConnectTimeout() | httpx.ConnectTimeout():
            return "could not be reached in time"
        case httpcore.ReadTimeout() | httpx.ReadTimeout():
            return "fell silent while answering"
        case httpcore.ConnectError() | httpx.ConnectError():
            return f"could not be reached ({_short(error)})"
        case _:
            return f"broke off ({_short(error)})"


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__
