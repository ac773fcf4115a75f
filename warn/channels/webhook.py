"""Signed messages to a subscriber's own program: POST of JSON, the same signature that we ask of others.

`Warn-Timestamp` are seconds since 1970, `Warn-Signature` is `sha256=` and the HMAC-SHA256 of `timestamp.body` with the
subscriber's secret in hex, `Idempotency-Key` is the same in every retry: whoever keeps it takes each message once.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore
import httpx

from warn import links
from warn.channel import Parcel, Receipt
from warn.errors import DeliveryError, UsageError
from warn.fetching.guard import Forbidden
from warn.fetching.transport import GuardedTransport
from warn.model import Placeholder

PATIENCE_S = 8 * 3600.0
LONGEST_WAIT_S = 3600.0
LEAST_SECRET = 32
LONGEST_HOST = 253
_HOST = re.compile(r"(?!-)[\w-]{1,63}(?<!-)(?:\.(?!-)[\w-]{1,63}(?<!-))*\.?", re.ASCII)
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """`allow_private`: receivers inside the operator's own network, and plain http, are wanted.

    `timeout_s` is how long each step may take; all of them together take twice that at most.
    """

    allow_private: bool = False
    width: int = 8
    timeout_s: float = 10.0
    clock: Callable[[], float] = time.time


class WebhookChannel:
    """An address is `URL SECRET`. A receiver that fails says nothing of the others: no breaker, but its own retries."""

    id = "webhook"

    def __init__(self, config: WebhookConfig) -> None:
        self._config = config
        self.width = config.width
        transport = GuardedTransport(allow_private=config.allow_private, verify=ssl.create_default_context())
        self._client = httpx.AsyncClient(transport=transport, timeout=config.timeout_s, trust_env=False)

    async def open(self) -> None:
        """Nothing: receivers are spoken to when there is something to say."""

    async def send(self, parcel: Parcel) -> Receipt:
        url, secret = read_address(parcel.address, allow_private=self._config.allow_private)
        body = (
            parcel.body.replace(Placeholder.encode(), parcel.token.encode()) if parcel.token else parcel.body
        )
        stamp = str(int(self._config.clock()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.key,
            "User-Agent": "warn-webhook/1",
            "Warn-Timestamp": stamp,
            "Warn-Signature": f"sha256={links.body_signature(secret, stamp, body)}",
        }
        try:
            async with (
                asyncio.timeout(2 * self._config.timeout_s),
                self._client.stream("POST", url, content=body, headers=headers) as answer,
            ):
                return _receipt(answer)
        except Forbidden as error:
            raise DeliveryError(
                "dead", f"{error}. WARN_WEBHOOK__ALLOW_PRIVATE=true permits it.", code="private"
            ) from error
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise _later("It cannot be reached.", "connect") from error
        except (
            TimeoutError,
            httpx.HTTPError,
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
        ) as error:
            raise _later("It did not answer.", "no answer") from error  # the key makes a second time harmless

    async def check(self) -> str:
        return "Ready; receivers are asked when there is something to send."

    async def close(self) -> None:
        await self._client.aclose()


def make_address(url: str, secret: str, *, allow_private: bool = False) -> str:
    """What is stored of a subscriber; raises UsageError."""
    try:
        read_address(f"{url} {secret}", allow_private=allow_private)
    except DeliveryError as error:
        raise UsageError(error.message, "Give https://host/path.") from error
    return f"{url} {secret}"


def read_address(address: str, *, allow_private: bool = False) -> tuple[str, str]:
    """Raises DeliveryError 'dead'."""
    url, _, secret = address.partition(" ")
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and parts.username is None and (parts.port or 1) > 0
    except ValueError:
        whole = False
        parts = urlsplit("")
    schemes = {"https", "http"} if allow_private else {"https"}
    if (
        not whole
        or not _names_host(url)
        or parts.scheme not in schemes
        or re.search(r"[\s\x00-\x1f\x7f]", url)
    ):
        raise DeliveryError("dead", "This is not an https address.", code="address")
    if len(secret) < LEAST_SECRET or not secret.isascii() or " " in secret:
        raise DeliveryError("dead", "The webhook's secret is missing or too short.", code="address")
    return url, secret


def _names_host(url: str) -> bool:
    """Whether the client can ask for this host at all; what it cannot it would tell in ways of its own."""
    try:
        address = httpx.URL(url)
        host = address.raw_host.decode("ascii")
        readable = bool(address.host)
    except (httpx.InvalidURL, UnicodeError):
        return False
    return readable and (":" in host or (len(host) <= LONGEST_HOST and _HOST.fullmatch(host) is not None))


def _receipt(answer: httpx.Response) -> Receipt:
    code = answer.status_code
    if 200 <= code < 300:
        return Receipt(provider_id=answer.headers.get("x-request-id", "")[:200], detail=str(code))
    said = f"It answered {code}."
    if code == 410:
        raise DeliveryError("gone", said, code="410")
    if code in _PASSING:
        raise _later(said, str(code), _wait(answer.headers.get("retry-after", "")))
    if 300 <= code < 400:
        said = f"{said} Redirects are not followed: subscribe its final address."
    raise DeliveryError("retry", said, code=str(code))


def _later(said: str, code: str, wait: float | None = None) -> DeliveryError:
    return DeliveryError("retry", said, code=code, retry_after_s=wait, patience_s=PATIENCE_S)


def _wait(retry_after: str) -> float | None:
    return (
        min(LONGEST_WAIT_S, float(retry_after)) if retry_after.isascii() and retry_after.isdecimal() else None
    )
