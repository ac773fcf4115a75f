"""How fast the bot may speak: a rate limiter for python-telegram-bot that spaces sends, never bursts.

Telegram allows about 30 messages a second in all, one a second to a chat, 20 a minute to a group, and
punishes bursts. So sends leave at even intervals: 25 a second at first, a little faster after every 30
that went well, to 28; a tenth slower after a refusal that meant the whole bot. A refusal in one chat
halts that chat alone; a second chat refused within a second shows that the bot is meant, and halts all.
Answers to people who tapped a button have two places a second of their own, and go first besides.
"""

from __future__ import annotations

import asyncio
import heapq
import os
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

Answer = bool | dict[str, Any] | list[dict[str, Any]]
Call = Callable[..., Coroutine[Any, Any, Answer]]

REPLY = -1  # more urgent than any parcel
_MANY_CHATS = 4096


@dataclass(frozen=True, slots=True)
class Pace:
    """Sends a second, and seconds between sends to one chat."""

    start: float = 25.0
    ceiling: float = 28.0
    floor: float = 5.0
    step: float = 0.25
    clean_sends: int = 30
    back_off: float = 0.9
    replies: float = 2.0
    chat_s: float = 1.0
    group_s: float = 3.0
    patience_s: float = 5.0  # a longer wait is the outbox's business
    tries: int = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """The parcel's priority, lower first; `ask` may forbid the send when its turn has come."""

    priority: int
    ask: Callable[[], Awaitable[None]] | None = None


class HeldBackError(RetryAfter):
    """The request was not made, for the chat or the bot is halted for longer than our patience."""

    def __init__(self, seconds: float) -> None:
        super().__init__(max(1, round(seconds)))
        self.seconds = seconds


@dataclass(slots=True)
class _Chat:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_at: float = 0.0
    halted_until: float = 0.0


class Pacer(BaseRateLimiter[Turn | int]):
    """One per bot token. `rate_limit_args` is the parcel's turn, or its priority alone; without it, an answer."""

    def __init__(self, pace: Pace | None = None) -> None:
        os.environ["PTB_TIMEDELTA"] = "1"  # else python-telegram-bot 22 warns each time of a changing type
        self._pace = pace or Pace()
        self._gate = _Gate(self._pace.start)
        self._reserved = _Gate(self._pace.replies)
        self._chats: dict[str, _Chat] = {}
        self._clean = 0
        self._refused: tuple[str, float] = ("", float("-inf"))  # chat and moment of the newest refusal
        self.refusals = 0

    @property
    def rate(self) -> float:
        """Sends a second at present."""
        return self._gate.rate

    async def initialize(self) -> None:
        """Nothing to prepare; shared by two bots, so neither may reset it."""

    async def shutdown(self) -> None:
        """Whoever still waits is answered by its own cancellation."""

    async def process_request(
        self,
        callback: Call,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,  # noqa: ARG002 - as above
        data: dict[str, Any],
        rate_limit_args: Turn | int | None,
    ) -> Answer:
        if data.get("chat_id") is None:
            return await callback(*args, **kwargs)
        name = str(data["chat_id"])
        given = REPLY if rate_limit_args is None else rate_limit_args
        turn = Turn(given) if isinstance(given, int) else given
        chat = self._chat(name)
        for left in range(self._pace.tries - 1, -1, -1):
            try:
                return await self._in_turn(chat, name, turn, lambda: callback(*args, **kwargs))
            except HeldBackError:
                raise
            except RetryAfter as error:
                wait = _seconds(error)
                self._halt(chat, name, wait)
                if not left or wait > self._pace.patience_s:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _in_turn(
        self, chat: _Chat, name: str, turn: Turn, call: Callable[[], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        if turn.priority == REPLY:  # people's taps come one by one, and Telegram bears short bursts in a chat
            await self._wait(chat.halted_until)
            if not self._reserved.take_now():
                await self._gate.turn(REPLY, self._pace.patience_s)
            chat.next_at = _now() + self._spacing(name)
            return await call()
        async with chat.turn:
            await self._wait(max(chat.halted_until, chat.next_at))
            await self._gate.turn(turn.priority, self._pace.patience_s)
            await self._wait(chat.halted_until)
            if turn.ask is not None:
                await turn.ask()
            try:
                answer = await call()
            finally:  # counted from the answer: the request may have taken long to arrive
                chat.next_at = _now() + self._spacing(name)
        self._went_well()
        return answer

    async def _wait(self, until: float) -> None:
        wait = until - _now()
        if wait > self._pace.patience_s:
            raise HeldBackError(wait)
        if wait > 0:
            await asyncio.sleep(wait)

    def _halt(self, chat: _Chat, name: str, seconds: float) -> None:
        now = _now()
        self.refusals += 1
        self._clean = 0
        chat.halted_until = max(chat.halted_until, now + seconds + 0.1)
        other, when = self._refused
        self._refused = (name, now)
        if name != other and now - when < 1.0:
            self._gate.halt(chat.halted_until)
            self._reserved.halt(chat.halted_until)
            self._gate.rate = max(self._pace.floor, self._gate.rate * self._pace.back_off)
            self._refused = (name, float("-inf"))  # one slowing for one flood, not for each of its refusals

    def _went_well(self) -> None:
        self._clean += 1
        if self._clean >= self._pace.clean_sends:
            self._clean = 0
            self._gate.rate = min(self._pace.ceiling, self._gate.rate + self._pace.step)

    def _spacing(self, name: str) -> float:
        """Groups and channels have negative ids or names."""
        return self._pace.chat_s if name.isdigit() else self._pace.group_s

    def _chat(self, name: str) -> _Chat:
        if len(self._chats) > _MANY_CHATS:
            now = _now()
            self._chats = {
                key: chat
                for key, chat in self._chats.items()
                if chat.turn.locked() or max(chat.next_at, chat.halted_until) > now
            }
        return self._chats.setdefault(name, _Chat())


class _Gate:
    """Lets one pass at a time, at even intervals, the most urgent first."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._next = 0.0
        self._halted_until = 0.0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()
        self._timer: asyncio.TimerHandle | None = None

    def halt(self, until: float) -> None:
        self._halted_until = max(self._halted_until, until)

    def take_now(self) -> bool:
        """Passes at once or not at all."""
        now = _now()
        if now < max(self._next, self._halted_until):
            return False
        self._next = now + 1 / self.rate
        return True

    async def turn(self, priority: int, patience_s: float) -> None:
        """Returns when it is this one's turn; a gate halted for longer than that turns it away."""
        wait = self._halted_until - _now()
        if wait > patience_s:
            raise HeldBackError(wait)
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._order), place))
        self._set_timer()
        await place

    def _set_timer(self) -> None:
        if self._timer is None and self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(self._next, self._halted_until), self._open)

    def _open(self) -> None:
        self._timer = None
        now = _now()
        if now >= self._halted_until:
            while self._waiting:
                place = heapq.heappop(self._waiting)[2]
                if not place.done():  # whoever was cancelled has left the queue
                    place.set_result(None)
                    # half an interval may be made up for a late timer, more would be a burst
                    self._next = max(self._next, now - 0.5 / self.rate) + 1 / self.rate
                    break
        self._set_timer()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _seconds(error: RetryAfter) -> float:
    given = error.retry_after
    return given.total_seconds() if isinstance(given, timedelta) else float(given)
