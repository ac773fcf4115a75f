"""The lines to one relay, and the mails that wait for one.

A line that hands a message over takes along what waits longest, so that few lines carry much with little work. How many
are at work hangs on how long a message takes: beyond a few, what would wait longer than ten milliseconds gets a line of
its own. Where the relay is far that is every message; where it is near, those few carry thousands a second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from warn.channels.smtp import Line, LostError, Mail, Reply

MESSAGES_PER_LINE = 100
LINE_LIVES_S = 300.0
NOOP_AFTER_S = 30.0
FEW = 16  # lines that are put to work before anything waits
SOON_S = 0.01
STUCK_S = 1.0  # what a message is held to take while none moves
FORGETFUL_S = 24 * 3600.0  # how long a relay is known to lose what was sent ahead of its answer to a message


class Lines:
    """At most `most`, each for 100 messages or five minutes. `connect` opens one, or raises."""

    def __init__(self, connect: Callable[[], Awaitable[Line]], most: int) -> None:
        self._connect = connect
        self._most = most
        self._idle: list[Line] = []
        self._busy: set[Line] = set()
        self._openings: set[asyncio.Task[None]] = set()
        self._waiting: deque[Mail] = deque()
        self._takes_s = 0.0  # the quickest lately: what we keep waiting ourselves must not count
        self._clock: asyncio.TimerHandle | None = None
        self._forgetful_until = 0.0

    async def carry(self, sender: str, recipient: str, message: bytes) -> Reply:
        """The relay's yes; raises RefusedError, LostError, or what `connect` raises."""
        try:
            return await self._carry(sender, recipient, message)
        except LostError as error:
            if error.after_dot or not error.stale:
                raise
        # A kept line had died unnoticed, and nothing was handed over. Those that rest are no better.
        while self._idle:
            self._idle.pop().close()
        return await self._carry(sender, recipient, message)

    async def close(self) -> None:
        for task in self._openings:
            task.cancel()
        idle, self._idle = self._idle, []
        await asyncio.gather(*self._openings, *(line.quit() for line in idle), return_exceptions=True)

    async def _carry(self, sender: str, recipient: str, message: bytes) -> Reply:
        mail = Mail(sender, recipient, message, asyncio.get_running_loop().create_future())
        self._waiting.append(mail)
        self._staff()
        try:
            return await mail.done
        except asyncio.CancelledError:
            if mail in self._waiting:
                self._waiting.remove(mail)
            elif mail.line is not None and mail.done.cancelled():
                mail.line.close()  # where the conversation stands is unknown
            raise

    def _staff(self) -> None:
        """Puts more lines to work where what waits calls for them."""
        while self._is_another_needed():
            line = self._rested()
            if line is not None:
                self._put_to_work(line)
                continue
            task = asyncio.create_task(self._open())
            self._openings.add(task)
        if self._waiting and self._clock is None and len(self._busy) < self._most:
            loop = asyncio.get_running_loop()
            self._clock = loop.call_later(2 * SOON_S, self._look_after, self._waiting[0])

    def _is_another_needed(self) -> bool:
        opening = len(self._openings)
        waiting, busy = len(self._waiting) - opening, len(self._busy)
        if waiting <= 0 or busy + opening >= self._most:
            return False
        return busy + opening < FEW or waiting * self._takes_s > busy * SOON_S

    def _look_after(self, first: Mail) -> None:
        """A line that is held up must not hold up what waits for it."""
        self._clock = None
        if self._waiting and self._waiting[0] is first:
            self._takes_s = STUCK_S
        self._staff()

    def _rested(self) -> Line | None:
        """An idle line that can be used at once."""
        now = asyncio.get_running_loop().time()
        for place in range(len(self._idle) - 1, -1, -1):
            line = self._idle[place]
            if now - line.used <= NOOP_AFTER_S and not _is_worn(line, now):
                return self._idle.pop(place)
        return None

    async def _open(self) -> None:
        """One more line; where there is none to be had, the mail that waits longest hears why."""
        try:
            line = await self._another()
        except Exception as error:  # noqa: BLE001 - it is raised to whom it concerns
            self._opened()
            if self._waiting:
                self._waiting.popleft().fail(error)
            self._staff()
            return
        except asyncio.CancelledError:
            self._opened()
            raise
        self._opened()
        self._put_to_work(line)

    def _opened(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._openings.discard(task)

    async def _another(self) -> Line:
        loop = asyncio.get_running_loop()
        while self._idle:
            line = self._idle.pop()
            if _is_worn(line, loop.time()):
                await line.quit()
            elif loop.time() - line.used <= NOOP_AFTER_S or await _answers(line):
                return line
        line = await self._connect()
        line.feed, line.rest = self._feed, self._rest
        return line

    def _put_to_work(self, line: Line) -> None:
        self._busy.add(line)
        line.ahead = asyncio.get_running_loop().time() >= self._forgetful_until
        if not line.go():
            self._rest(line)

    def _feed(self, line: Line) -> Mail | None:
        if line.answered:
            self._takes_s = min(line.took_s, 1.05 * self._takes_s) or line.took_s
        if not self._waiting or _is_worn(line, line.used):
            return None
        return self._waiting.popleft()

    def _rest(self, line: Line) -> None:
        self._busy.discard(line)
        if line.forgot:
            self._take_one_by_one()
        if not line.lost:
            self._idle.append(line)
        elif line in self._idle:
            self._idle.remove(line)
        if self._waiting:
            self._staff()

    def _take_one_by_one(self) -> None:
        """The relay, or a proxy before it, drops what it had read when it answers a message: one silence shows it."""
        self._forgetful_until = asyncio.get_running_loop().time() + FORGETFUL_S
        for line in self._busy:
            line.ahead = False


def _is_worn(line: Line, now: float) -> bool:
    return line.begun >= MESSAGES_PER_LINE or now - line.opened > LINE_LIVES_S


async def _answers(line: Line) -> bool:
    try:
        return (await line.ask(b"NOOP")).good
    except LostError:
        return False
