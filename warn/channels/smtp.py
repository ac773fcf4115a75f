"""One kept connection to a relay, and the messages that travel over it.

aiosmtplib opens it (TLS, STARTTLS, EHLO, AUTH); the transactions are ours, for two reasons. Where the relay offers
PIPELINING (RFC 2920), MAIL, RCPT and DATA leave in one write, and where more waits, in the same write as the message
before: one round trip a message instead of four, and one write and one read. And only who writes the final dot knows
whether a silence came before it (not sent) or after it (may have arrived).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

import aiosmtplib

Security = Literal["starttls", "tls", "none"]
Stage = Literal["connect", "mail", "rcpt", "data", "end"]
ROOM = 4096
LONGEST, MOST_LINES = 65_536, 1000  # of a reply: bytes in a line, and lines
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
    """No answer came. `after_dot`: the message was handed over whole, so that it may have been taken.

    `stale`: the line had carried others, so that another line may still do.
    """

    def __init__(self, why: str, *, after_dot: bool = False, stale: bool = False) -> None:
        super().__init__(why)
        self.after_dot = after_dot
        self.stale = stale


@dataclass(slots=True, eq=False)
class Mail:
    """One message to one recipient. `done` ends with the relay's answer, RefusedError or LostError.

    `message` as it goes over the wire: CRLF, leading dots doubled, the final dot at its end. `over`: it was written.
    """

    sender: str
    recipient: str
    message: bytes
    done: asyncio.Future[Reply]
    line: Line | None = None
    refused: RefusedError | None = None
    over: bool = False

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


# What the next reply answers: a stage of a mail, the empty message and the reset after a refusal, or a plain question.
_Due = tuple[Stage | Literal["empty", "reset"], Mail] | asyncio.Future[Reply]


class Line(asyncio.BufferedProtocol):
    """Carries mails one after the other. Takes over the transport once aiosmtplib has opened it.

    `feed` gives the next mail, or None; `rest` hears when nothing is under way any more, or the line is lost. All is
    done where a reply comes in: a task would cost more than the reply. So would a timer for each: there is one clock
    for a line, wound up by whatever is written and by each reply, and looked at when it runs down.
    """

    def __init__(self, client: aiosmtplib.SMTP, timeout_s: float) -> None:
        self._client = client  # keeps what opened the transport alive
        self._transport = cast("asyncio.Transport", client.transport)
        self._timeout_s = timeout_s
        self._room = memoryview(
            bytearray(ROOM)
        )  # asyncio's own would be a quarter megabyte, made anew for each reply
        self._rest = b""
        self._lines: list[str] = []
        self._due: deque[_Due] = deque()
        self._loop = asyncio.get_running_loop()
        self._clock: asyncio.TimerHandle | None = None
        self.feed: Callable[[Line], Mail | None] = _nothing
        self.rest: Callable[[Line], None] = _nothing
        self.opened = self.used = self._began = self._loop.time()
        self.begun = self.answered = 0  # mails
        self.took_s = 0.0  # the newest mail, from the end of the one before
        self.pipelining = client.supports_extension("pipelining")
        self.eight_bit = client.supports_extension("8bitmime")
        self.utf8 = client.supports_extension("smtputf8")
        self.ahead = True  # whether what opens the next mail may leave before the answer to this one
        self.forgot = False  # the relay lost such an opening
        self._opened_ahead: Mail | None = None
        self.lost = False
        self._transport.set_protocol(self)

    def go(self) -> bool:
        """Begins with what `feed` gives, where nothing is under way; whether there was something."""
        mail = self._following()
        if mail is not None:
            self._began = self._loop.time()
            self._write(self._opening(mail))
        return mail is not None

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        """Only a whole reply winds up the clock: who says a little for ever has not answered."""
        *lines, self._rest = b"".join((self._rest, self._room[:nbytes])).split(b"\n")
        now = self._loop.time()
        for raw in lines:
            if raw[3:4] == b"-":
                self._lines.append(_reply(raw).text)
                continue
            self.used = now
            if self._lines:
                last = _reply(raw)
                self._heard(Reply(last.code, " ".join([*self._lines, last.text])))
                self._lines.clear()
            else:
                self._heard(_reply(raw))
            if self.lost:
                return
        if len(self._rest) > LONGEST or len(self._lines) > MOST_LINES:
            self._end("the relay's reply had no end")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._end("the relay closed the connection")

    async def ask(self, command: bytes) -> Reply:
        """Only where nothing is under way; LostError when the relay hangs up or stays silent."""
        if self.lost:
            raise LostError("the relay closed the connection")
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._due.append(answer)
        self._write(command + b"\r\n")
        return await answer

    async def quit(self) -> None:
        """Says goodbye where somebody still listens."""
        with contextlib.suppress(LostError, TimeoutError):
            async with asyncio.timeout(2):
                await self.ask(b"QUIT")
        self.close()

    def close(self) -> None:
        self._end("the connection was closed")

    def _write(self, data: bytes) -> None:
        if self.lost or self._transport.is_closing():
            self._end("the relay closed the connection")
            return
        self._transport.write(data)
        self.used = self._loop.time()
        if self._clock is None:
            self._clock = self._loop.call_at(self.used + self._timeout_s, self._run_down)

    def _run_down(self) -> None:
        """Silence counts only while somebody waits."""
        self._clock = None
        if not self._due:
            return
        until = self.used + self._timeout_s
        if self._loop.time() < until:
            self._clock = self._loop.call_at(until, self._run_down)
        else:
            due = self._due[0]
            self.forgot = (
                not isinstance(due, asyncio.Future) and due[0] != "end" and due[1] is self._opened_ahead
            )
            self._end(f"the relay was silent for {self._timeout_s:g} s")

    def _end(self, why: str) -> None:
        """Once: whoever still waits hears of it."""
        if self.lost:
            return
        self.lost = True
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        self._transport.close()
        while self._due:
            due = self._due.popleft()
            if isinstance(due, asyncio.Future):
                if not due.done():
                    due.set_exception(LostError(why))
            else:
                mail = due[1]
                refused = None if self.forgot else mail.refused  # an answer to half a question
                mail.fail(refused or LostError(why, after_dot=mail.over, stale=self.answered > 0))
        self.rest(self)

    def _heard(self, reply: Reply) -> None:
        if not self._due:  # nobody asked: the relay says why it hangs up
            self.close()
            return
        due = self._due.popleft()
        if isinstance(due, asyncio.Future):
            if not due.done():
                due.set_result(reply)
            return
        stage, mail = due
        if stage == "end":
            self._answered(mail, reply)
        elif stage == "reset":
            self._was_reset(mail, reply)
        elif stage != "empty":
            self._opened(stage, mail, reply)

    def _opening(self, mail: Mail) -> bytes:
        """The commands before a message: all of them, or the first."""
        mail.line = self
        self.begun += 1
        commands = self._commands(mail)
        if not self.pipelining:
            self._due.append(("mail", mail))
            return commands[0]
        self._due += (("mail", mail), ("rcpt", mail), ("data", mail))
        return b"".join(commands)

    def _commands(self, mail: Mail) -> tuple[bytes, bytes, bytes]:
        options = " BODY=8BITMIME" if self.eight_bit and not mail.message.isascii() else ""
        if not mail.recipient.isascii():
            options += " SMTPUTF8"
        return (
            f"MAIL FROM:<{mail.sender}>{options}\r\n".encode(),
            f"RCPT TO:<{mail.recipient}>\r\n".encode(),
            b"DATA\r\n",
        )

    def _opened(self, stage: Literal["connect", "mail", "rcpt", "data"], mail: Mail, reply: Reply) -> None:
        if not reply.good and mail.refused is None:
            mail.refused = RefusedError(reply, stage)
        if mail.refused is not None:
            if stage == "data" or not self.pipelining:
                self._take_back(mail, wanted=reply.good)
        elif stage == "data":
            self._hand_over(mail)
        elif not self.pipelining:
            following: Stage = "rcpt" if stage == "mail" else "data"
            self._due.append((following, mail))
            self._write(self._commands(mail)[1 if stage == "mail" else 2])

    def _hand_over(self, mail: Mail) -> None:
        """The message, and behind it what opens the next one."""
        mail.over = not self._transport.is_closing()
        self._due.append(("end", mail))
        following = self._opened_ahead = self._following() if self.pipelining and self.ahead else None
        self._write(mail.message + self._opening(following) if following else mail.message)

    def _take_back(self, mail: Mail, *, wanted: bool) -> None:
        """`wanted`: DATA was taken though nobody will read it: an empty message, which is refused."""
        if wanted:
            self._due.append(("empty", mail))
        self._due.append(("reset", mail))
        self._write(b".\r\nRSET\r\n" if wanted else b"RSET\r\n")

    def _was_reset(self, mail: Mail, reply: Reply) -> None:
        """A line that will not be reset is not used again."""
        assert mail.refused is not None
        mail.fail(mail.refused)
        self._done(usable=reply.good and mail.refused.reply.code != 421)

    def _answered(self, mail: Mail, reply: Reply) -> None:
        """What is neither yes nor no, as a 354 or no code at all, may mean that it was taken."""
        refused = 400 <= reply.code < 600
        clear = refused or 200 <= reply.code < 300
        if refused:
            mail.fail(RefusedError(reply, "end"))
        elif not clear:
            mail.fail(LostError("the relay's answer was not to be understood", after_dot=True))
        elif not mail.done.done():
            mail.done.set_result(reply)
        self._done(usable=clear and reply.code != 421)

    def _done(self, *, usable: bool) -> None:
        self.answered += 1
        self.took_s, self._began = self.used - self._began, self.used
        if not usable:
            self.close()
        elif not self._due and not self.go():
            self.rest(self)

    def _following(self) -> Mail | None:
        """The next mail that this line can carry."""
        while (mail := self.feed(self)) is not None:
            if mail.recipient.isascii() or self.utf8:
                return mail
            mail.fail(RefusedError(Reply(553, "5.6.7 the relay takes no such address"), "rcpt"))
        return None


def _nothing(_line: Line) -> None:
    return None


@lru_cache(maxsize=64)
def _reply(raw: bytes) -> Reply:
    """Of one line; most are said thousands of times."""
    line = raw.rstrip(b"\r").decode("utf-8", "replace")
    return Reply(int(line[:3]) if line[:3].isdecimal() and line[:3].isascii() else 0, line[4:])


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
