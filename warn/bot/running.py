"""The bot while the service runs: polls, survives outages, and ends without losing or repeating a command.

python-telegram-bot's own `run_polling` owns the loop and the signals, and its Updater gives up for good on a
refused token; the service must start without the network and outlive both. So the polling is ours.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, NamedTuple

from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError, TimedOut
from telegram.ext import ExtBot

from warn.bot.build import ALLOWED_UPDATES, AnyApplication, build_application, set_menus
from warn.bot.parts import Parts
from warn.bot.sweeping import sweep
from warn.channels.redact import redact

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
TOKEN_PAUSE_S = 300.0
AGAIN_S = 0.5  # between polls while something is being answered
HELD_S = 60.0  # the longest that one answer keeps what follows it from being confirmed


@asynccontextmanager
async def run_bot(parts: Parts) -> AsyncIterator[None]:
    """Returns at once, whether or not Telegram answers; on leaving, what was received is answered first."""
    stop = asyncio.Event()
    task = asyncio.create_task(_live(parts, stop), name="bot")
    try:
        yield
    finally:
        stop.set()
        await task


async def _live(parts: Parts, stop: asyncio.Event) -> None:
    application = build_application(parts)
    bot: ExtBot[Any] = application.bot
    try:
        if not await _begin(application, stop):
            return
        await set_menus(bot, parts.lang)
        await application.start()
        sweeping = asyncio.create_task(sweep(bot, parts, stop), name="sweep")
        try:
            await _poll(application, parts.poll_s, stop)
        finally:
            stop.set()
            try:
                await sweeping
            finally:
                await application.stop()
    finally:
        await _close(application)


async def _begin(application: AnyApplication, stop: asyncio.Event) -> bool:
    """Asks who we are until Telegram answers; False when the service ends first."""
    pauses = _Pauses()
    while not stop.is_set():
        try:
            await _unless(stop, application.initialize())
        except TelegramError as error:
            await _rest(stop, pauses.after(error))
        else:
            return not stop.is_set()
    return False


async def _poll(application: AnyApplication, poll_s: float, stop: asyncio.Event) -> None:
    """Long polls; asking again confirms only what has been answered, so that a killed process loses no command."""
    bot, hands, pauses = application.bot, _Hands(application), _Pauses()
    while not stop.is_set():
        wanted = bot.get_updates(
            offset=hands.offset(),
            timeout=timedelta(seconds=0 if hands.busy else poll_s),
            allowed_updates=ALLOWED_UPDATES,
        )
        try:
            updates = await _unless(stop, wanted)
        except TimedOut:
            continue  # a long poll over a poor line; ask again
        except TelegramError as error:
            await _rest(stop, pauses.after(error))
            continue
        pauses.reset()
        await hands.take(updates or ())
    await hands.emptied()
    if offset := hands.offset():
        with suppress(TelegramError, TimeoutError):
            async with asyncio.timeout(5):
                await bot.get_updates(
                    offset=offset, timeout=timedelta(0), limit=1, allowed_updates=ALLOWED_UPDATES
                )


class _Taken(NamedTuple):
    task: asyncio.Task[None]
    since: float  # seconds of the loop's clock


class _Hands:
    """Answers what was received; Telegram gives an update again until it and all before it are answered."""

    def __init__(self, application: AnyApplication) -> None:
        self._application = application
        self._taken: dict[int, _Taken] = {}  # in the order they came: their numbers may start anew
        self._open: set[asyncio.Task[None]] = set()
        self._next = 0

    @property
    def busy(self) -> bool:
        return bool(self._open)

    def offset(self) -> int:
        """The number of the oldest that is not answered, or the one after the newest."""
        now = asyncio.get_running_loop().time()
        while self._taken:
            number, (task, since) = next(iter(self._taken.items()))
            if not task.done() and now - since < HELD_S:
                return number
            del self._taken[number]
        return self._next

    async def take(self, updates: Iterable[Update]) -> None:
        """Begins with those not seen yet, and gives what is open a moment."""
        for update in updates:
            if update.update_id not in self._taken:
                self._begin(update)
        if self._open:
            await asyncio.wait(self._open, timeout=AGAIN_S)

    async def emptied(self) -> None:
        if self._open:
            await asyncio.wait(self._open)

    def _begin(self, update: Update) -> None:
        application, number = self._application, update.update_id
        task = asyncio.create_task(
            application.update_processor.process_update(update, application.process_update(update))
        )
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        self._taken[number] = _Taken(task, asyncio.get_running_loop().time())
        self._next = number + 1


class _Pauses:
    """Twice as long after each failure, at random; says once what is wrong, and once that it is over."""

    def __init__(self) -> None:
        self._failures = 0
        self._said = ""

    def after(self, error: TelegramError) -> float:
        said = _explained(error)
        if said != self._said:
            log.warning("%s", said)
            self._said = said
        self._failures += 1
        if isinstance(error, InvalidToken):
            return TOKEN_PAUSE_S
        if isinstance(error, RetryAfter):
            given = error.retry_after
            return given.total_seconds() if isinstance(given, timedelta) else float(given)
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._failures - 1, 10))
        return random.uniform(0.5, 1.0) * longest  # noqa: S311 - no secret hangs on it

    def reset(self) -> None:
        if self._said:
            log.warning("Telegram answers again.")
        self._failures, self._said = 0, ""


def _explained(error: TelegramError) -> str:
    if isinstance(error, InvalidToken):
        return "Telegram refuses the bot token. Set a valid WARN_TELEGRAM__TOKEN (from @BotFather) and start again."
    if isinstance(error, Conflict):
        return "Another process polls with the same bot token. Stop it; meanwhile this one keeps trying."
    return f"Telegram cannot be reached, the bot keeps trying: {redact(error.message)}"


async def _unless(stop: asyncio.Event, wanted: Any) -> Any:
    """What is wanted, or None as soon as the service ends."""
    work, ending = asyncio.ensure_future(wanted), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((work, ending), return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        ending.cancel()
        if not work.done():
            work.cancel()
            with suppress(asyncio.CancelledError, TelegramError):
                await work


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def _close(application: AnyApplication) -> None:
    with suppress(TelegramError):
        await application.shutdown()
    # shutdown() passes over requests whose bot never learned who it is
    for request in application.bot._request:  # noqa: SLF001
        await request.shutdown()
