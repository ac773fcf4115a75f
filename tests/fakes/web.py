"""A web server on loopback that serves bodies and misbehaves on request, byte by byte where need be."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

Writer = asyncio.StreamWriter
Answer = Callable[["Asked", Writer], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came; header names are small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(slots=True)
class Web:
    """`routes`: path -> answers, given in order; the last one is given again and again."""

    address: str = ""
    routes: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    talks: set[asyncio.Task[None]] = field(default_factory=set)

    def on(self, path: str, *answers: Answer) -> str:
        """Sets what a path answers; gives its full address."""
        self.routes[path] = list(answers)
        return f"{self.address}{path}"

    def handle(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        talk = asyncio.create_task(self._talk(reader, writer))
        self.talks.add(talk)
        talk.add_done_callback(self.talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                asked = await _read(reader)
                self.asked.append(asked)
                answers = self.routes.get(asked.path, [status(404)])
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                await answer(asked, writer)
                await writer.drain()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Web]:
    web = Web()
    server = await asyncio.start_server(web.handle, "127.0.0.1", 0)
    web.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield web
    finally:
        server.close()
        for talk in list(web.talks):
            talk.cancel()
        await asyncio.gather(*web.talks, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.lower(): said.strip() for name, _, said in (line.partition(":") for line in lines if line)
    }
    return Asked(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def body(content: bytes, kind: str = "application/xml", code: int = 200, /, **headers: str) -> Answer:
    """A complete answer; `headers` use underscores for hyphens."""

    async def answer(_asked: Asked, writer: Writer) -> None:
        said = {"Content-Type": kind, "Content-Length": str(len(content)), "Connection": "close"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        writer.write(head(code, said) + content)

    return answer


def status(code: int, content: bytes = b"", /, **headers: str) -> Answer:
    return body(content, "text/plain", code, **headers)


def redirect(target: str, code: int = 302) -> Answer:
    return body(b"", "text/plain", code, Location=target)


def raw(content: bytes) -> Answer:
    """Exactly these bytes, then the end of the connection."""

    async def answer(_asked: Asked, writer: Writer) -> None:
        writer.write(content)

    return answer


def drip(content: bytes, every_s: float, kind: str = "application/xml") -> Answer:
    """One byte at a time: each read is in time, the whole never ends."""

    async def answer(_asked: Asked, writer: Writer) -> None:
        writer.write(head(200, {"Content-Type": kind, "Content-Length": str(len(content))}))
        for byte in content:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(every_s)

    return answer


def silent(seconds: float) -> Answer:
    """Takes the request and says nothing."""

    async def answer(_asked: Asked, _writer: Writer) -> None:
        await asyncio.sleep(seconds)

    return answer


def unless_known(content: bytes, etag: str, kind: str = "application/xml") -> Answer:
    """Answers 304 to who has it already."""

    async def answer(asked: Asked, writer: Writer) -> None:
        if asked.headers.get("if-none-match") == etag:
            await status(304)(asked, writer)
        else:
            await body(content, kind, ETag=etag)(asked, writer)

    return answer


def head(code: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {code} x", *(f"{name}: {said}" for name, said in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")
