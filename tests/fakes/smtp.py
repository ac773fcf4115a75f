# ruff: noqa: N802 - aiosmtpd finds commands by these names
"""A real SMTP server (aiosmtpd) on loopback that keeps what it accepts and misbehaves on request.

`relay.say("rcpt", "450 4.2.0 later")` answers the next RCPT so; `relay.say("end", HANG_UP)` takes a message and hangs
up after the final dot; a number is a silence in seconds before the usual answer. `relay.unwelcome["a@b.c"] = ...` answers
each RCPT of that address so.
"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HANG_UP = "hang up"
Answer = str | float


@dataclass
class Mail:
    sender: str
    recipient: str
    content: bytes
    connection: int


@dataclass
class Relay:
    """What a test sees of the server."""

    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    handed_over: list[Mail] = field(default_factory=list)  # also those whose sender never heard of it
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    pipelining: bool = True
    login: tuple[str, str] | None = None
    starttls: ssl.SSLContext | None = None
    unwelcome: dict[str, str] = field(default_factory=dict)
    answers: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))

    def say(self, stage: str, *answers: Answer) -> None:
        """`stage` is connect, mail, rcpt, data or end."""
        self.answers[stage].extend(answers)

    async def answer(self, stage: str) -> str | None:
        """The scripted answer, None for the usual one."""
        if not self.answers[stage]:
            return None
        scripted = self.answers[stage].popleft()
        if isinstance(scripted, str):
            return scripted
        await asyncio.sleep(scripted)
        return None


@asynccontextmanager
async def smtp_relay(
    *,
    pipelining: bool = True,
    login: tuple[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
) -> AsyncIterator[Relay]:
    relay = Relay(pipelining=pipelining, login=login, starttls=starttls)
    loop = asyncio.get_running_loop()
    lines: list[_Line] = []

    def accept() -> _Line:
        relay.connections += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a login without TLS, which only loopback allows
            lines.append(_Line(relay, relay.connections))
        return lines[-1]

    server = await loop.create_server(accept, "127.0.0.1", 0, ssl=tls)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        for line in lines:
            line.hang_up()
        await asyncio.sleep(0.01)


class _Line(SMTP):
    """One connection; the commands are aiosmtpd's but for the scripted answers."""

    def __init__(self, relay: Relay, number: int) -> None:
        self.relay = relay
        login = relay.login

        def authenticate(
            _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
        ) -> AuthResult:
            good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == login
            return AuthResult(success=good, handled=good)

        super().__init__(
            _Handler(relay, number),
            hostname="relay.test",
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            tls_context=relay.starttls,
            require_starttls=relay.starttls is not None,
            auth_required=login is not None,
            authenticator=authenticate if login else None,
        )

    async def _handle_client(self) -> None:
        greeting = await self.relay.answer("connect")
        if greeting == HANG_UP:
            self.hang_up()
            return
        if greeting is not None:
            await self.push(greeting)
            self.hang_up()
            return
        await super()._handle_client()

    async def smtp_MAIL(self, arg: str) -> None:
        if not await self._scripted("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        if said := self.relay.unwelcome.get(arg.partition("<")[2].partition(">")[0]):
            self.relay.say("rcpt", said)
        if not await self._scripted("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self._scripted("data"):
            await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg: str) -> None:
        self.relay.commands.append("rset")
        await super().smtp_RSET(arg)

    async def smtp_NOOP(self, arg: str) -> None:
        self.relay.commands.append("noop")
        await super().smtp_NOOP(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        self.relay.commands.append("quit")
        await super().smtp_QUIT(arg)

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()

    async def _scripted(self, stage: str) -> bool:
        self.relay.commands.append(stage)
        answer = await self.relay.answer(stage)
        if answer == HANG_UP:
            self.hang_up()
        elif answer is not None:
            await self.push(answer)
        return answer is not None


class _Handler:
    def __init__(self, relay: Relay, number: int) -> None:
        self._relay = relay
        self._number = number

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if self._relay.pipelining:
            responses.insert(1, "250-PIPELINING")
        return responses

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        mails = [Mail(envelope.mail_from or "", to, content, self._number) for to in envelope.rcpt_tos]
        self._relay.handed_over.extend(mails)
        answer = await self._relay.answer("end")
        if answer == HANG_UP:
            assert isinstance(server, _Line)
            server.hang_up()
            return "421 4.3.0 gone"
        if answer is None or answer.startswith("2"):
            self._relay.mails.extend(mails)
        return answer or "250 2.0.0 queued as 1"
