"""One kept connection to a relay, and one message over it.

aiosmtplib opens it (TLS, STARTTLS, EHLO, AUTH); the transaction itself is ours, for two reasons. Where
the relay offers PIPELINING, MAIL, RCPT and DATA leave in one write (RFC 2920): two round trips a message
instead of four, and from Bamako to a European relay the round trip is the limit. And only who writes the
final dot knows whether a silence came before it (not sent) or after it (may have arrived).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from dataclasses import dataclass
from typing import Literal, cast

import aiosmtplib

Security = Literal["starttls", "tls", "none"]
Stage = Literal["connect", "mail", "rcpt", "data", "end"]
_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the relay said; `enhanced` is the RFC 3463 code, empty where it gave none."""

    code: int
    text: str

    @property
    def enhanced(self) -> str:
        found = _ENHANCED.match(self.text)
        return found.group(1) if found else ""

    @property
    def good(self) -> bool:
        return 200 <= self.code < 400


class RefusedError(Exception):
    """The relay answered, and the answer was no."""

    def __init__(self, reply: Reply, stage: Stage) -> None:
        super().__init__(f"{reply.code} {reply.text}")
        self.reply = reply
        self.stage = stage


class LostError(Exception):
    """No answer came. `after_dot`: the message was handed over whole, so that it may have been taken."""

    def __init__(self, why: str, *, after_dot: bool = False) -> None:
        super().__init__(why)
        self.after_dot = after_dot


class Line(asyncio.Protocol):
    """Writes, and gives replies in order. Takes over the transport once aiosmtplib has opened it.

    One clock for a line, wound up at each question and looked at when it runs down: a timer for each reply would cost
    as much as the reply.
    """

    def __init__(self, client: aiosmtplib.SMTP, timeout_s: float) -> None:
        self._client = client  # keeps what opened the transport alive
        self._transport = cast("asyncio.Transport", client.transport)
        self._timeout_s = timeout_s
        self._buffer = b""
        self._lines: list[str] = []
        self._replies: deque[Reply] = deque()
        self._wanted = 0
        self._arrived: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._until = 0.0
        self._clock: asyncio.TimerHandle | None = None
        self.pipelining = client.supports_extension("pipelining")
        self.eight_bit = client.supports_extension("8bitmime")
        self.utf8 = client.supports_extension("smtputf8")
        self.lost = False
        self._transport.set_protocol(self)

    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for raw in lines:
            line = raw.rstrip(b"\r").decode("utf-8", "replace")
            self._lines.append(line[4:])
            if line[3:4] != "-":
                code = int(line[:3]) if line[:3].isdigit() else 0
                self._replies.append(Reply(code, " ".join(self._lines)))
                self._lines.clear()
        if len(self._replies) >= self._wanted:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.lost = True
        self._wake()

    def write(self, data: bytes) -> None:
        if self.lost or self._transport.is_closing():
            raise LostError("the relay closed the connection")
        self._transport.write(data)

    async def reply(self) -> Reply:
        """The next one, or LostError when the relay hangs up or stays silent."""
        return (await self.replies(1))[0]

    async def replies(self, count: int) -> list[Reply]:
        """The next ones, all of them."""
        while len(self._replies) < count:
            if self.lost:
                raise LostError("the relay closed the connection")
            self._wanted, self._arrived = count, self._loop.create_future()
            self._wind_up()
            await self._arrived
            if self._until < 0 and len(self._replies) < count:
                raise LostError(f"the relay was silent for {self._timeout_s:g} s")
        return [self._replies.popleft() for _ in range(count)]

    def _wake(self) -> None:
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    def _wind_up(self) -> None:
        self._until = self._loop.time() + self._timeout_s
        if self._clock is None:
            self._clock = self._loop.call_at(self._until, self._run_down)

    def _run_down(self) -> None:
        """Silence counts only while somebody waits."""
        self._clock = None
        if self._arrived is None or self._arrived.done():
            return
        if self._loop.time() < self._until:
            self._clock = self._loop.call_at(self._until, self._run_down)
            return
        self._until = -1.0
        self.close()
        self._wake()

    async def ask(self, command: bytes) -> Reply:
        self.write(command + b"\r\n")
        return await self.reply()

    async def quit(self) -> None:
        """Says goodbye where somebody still listens."""
        with contextlib.suppress(LostError, TimeoutError):
            async with asyncio.timeout(2):
                await self.ask(b"QUIT")
        self.close()

    def close(self) -> None:
        self.lost = True
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        self._transport.close()


async def connect(
    host: str,
    port: int,
    security: Security,
    *,
    username: str,
    password: str,
    timeout_s: float,
    ca_file: str = "",
) -> Line:
    """A line ready for transactions; raises aiosmtplib's errors."""
    client = aiosmtplib.SMTP(
        hostname=host,
        port=port,
        use_tls=security == "tls",
        start_tls=security == "starttls",
        username=username or None,
        password=password or None,
        timeout=timeout_s,
        cert_bundle=ca_file or None,
    )
    try:
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
    except BaseException:
        client.close()
        raise
    return Line(client, timeout_s)


async def transact(line: Line, sender: str, recipient: str, message: bytes) -> Reply:
    """One message to one recipient; raises RefusedError (the line is clean) or LostError (it is not).

    `message` as it goes over the wire: CRLF, leading dots doubled, the final dot at its end.
    """
    options = " BODY=8BITMIME" if line.eight_bit and not message.isascii() else ""
    if not recipient.isascii():
        if not line.utf8:
            raise RefusedError(Reply(553, "5.6.7 the relay takes no such address"), "rcpt")
        options += " SMTPUTF8"
    commands: tuple[tuple[Stage, bytes], ...] = (
        ("mail", f"MAIL FROM:<{sender}>{options}".encode()),
        ("rcpt", f"RCPT TO:<{recipient}>".encode()),
        ("data", b"DATA"),
    )
    if line.pipelining:
        await _ask_at_once(line, commands)
    else:
        await _ask_in_turn(line, commands)
    try:
        line.write(message)
        reply = await line.reply()
    except LostError as error:
        raise LostError(str(error), after_dot=True) from error
    if not reply.good:
        raise RefusedError(reply, "end")
    return reply


async def _ask_at_once(line: Line, commands: tuple[tuple[Stage, bytes], ...]) -> None:
    line.write(b"".join(command + b"\r\n" for _, command in commands))
    answers = await line.replies(len(commands))
    replies = [(stage, answer) for (stage, _), answer in zip(commands, answers, strict=True)]
    refused = next(((stage, reply) for stage, reply in replies if not reply.good), None)
    if refused is None:
        return
    if replies[-1][1].good:  # DATA was taken though nobody will read it: an empty message, which is refused
        await line.ask(b".")
    await _reset(line)
    raise RefusedError(refused[1], refused[0])


async def _ask_in_turn(line: Line, commands: tuple[tuple[Stage, bytes], ...]) -> None:
    for stage, command in commands:
        reply = await line.ask(command)
        if not reply.good:
            await _reset(line)
            raise RefusedError(reply, stage)


async def _reset(line: Line) -> None:
    """A line that will not be reset is not used again."""
    try:
        if not (await line.ask(b"RSET")).good:
            line.close()
    except LostError:
        line.close()
