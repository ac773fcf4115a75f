"""httpx over a connection pool whose every connection passes the guard."""

from __future__ import annotations

import ssl
import typing
from collections.abc import AsyncIterator

import httpcore
import httpx

from warn.fetching.guard import GuardedNetwork


class GuardedTransport(httpx.AsyncBaseTransport):
    """httpx offers no public way to hand a network backend to its own transport; this is all that it takes.

    Failures are httpcore's own exceptions, and `Forbidden`.
    """

    def __init__(self, *, allow_private: bool, verify: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=verify,
            max_connections=20,
            keepalive_expiry=15,
            network_backend=GuardedNetwork(allow_private=allow_private),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Raw(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Raw(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in typing.cast("typing.AsyncIterable[bytes]", self._answer.stream):
            yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()
