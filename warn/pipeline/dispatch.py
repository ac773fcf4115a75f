"""Sends what waits in the outbox: a window for each channel, so that one which is slow or broken holds up no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from warn.channel import Channel
from warn.errors import StoreError
from warn.pipeline.breaker import Breaker
from warn.pipeline.window import Desk, Window
from warn.store import Store, aside, dispatch
from warn.store.dispatch import Swept
from warn.store.vault import Vault

log = logging.getLogger("warn.dispatch")
SWEEP_S = 5.0
STUCK_S = 60.0


@dataclass(slots=True)
class Dispatcher:
    """One per process. `owner` names its leases; `wake` is set by whoever enqueued; `notify` reaches administrators."""

    store: Store
    vault: Vault
    keys: tuple[str, ...]
    channels: Mapping[str, Channel]
    owner: str
    clock: Callable[[], datetime]
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    notify: Callable[[str], Awaitable[None]] | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    running: asyncio.Task[None] | None = None
    windows: tuple[Window, ...] = ()
    telling: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        desk = Desk(
            store=self.store,
            vault=self.vault,
            keys=self.keys,
            owner=self.owner,
            clock=self.clock,
            random=self.random,
            sleep=self.sleep,
            tell=self._tell,
            stopping=self.stopping,
        )
        self.windows = tuple(Window(desk, channel, Breaker(name)) for name, channel in self.channels.items())

    async def run(self) -> None:
        """Until drained. A database that cannot be reached is waited for, never given up on."""
        self.running = asyncio.current_task()
        async with asyncio.TaskGroup() as group:
            for window in self.windows:
                group.create_task(window.run(), name=f"window {window.channel.id}")
            group.create_task(self._keep_house(), name="sweeper")

    def stuck(self) -> list[str]:
        """Channels whose outbox was not looked at for a minute, and with that nothing leaves."""
        now = asyncio.get_running_loop().time()
        return sorted(window.channel.id for window in self.windows if now - window.turned > STUCK_S)

    async def drain(self, seconds: float = 20.0) -> None:
        """Takes nothing new and lets what flies end; what is cut off is sent again after the restart."""
        self.stopping.set()
        self._rouse()
        if self.running is not None and not self.running.done():
            await asyncio.wait({self.running}, timeout=seconds)
        if self.telling:
            await asyncio.wait(self.telling, timeout=1.0)

    async def once(self) -> int:
        """Everything due now, for commands and the replay; how many were tried."""
        await self._sweep()
        return sum(await asyncio.gather(*(window.exhaust() for window in self.windows)))

    async def _keep_house(self) -> None:
        loop = asyncio.get_running_loop()
        swept = loop.time()
        while not self.stopping.is_set():
            try:
                async with asyncio.timeout(max(0.0, swept + SWEEP_S - loop.time())):
                    await self.wake.wait()
                self.wake.clear()
            except TimeoutError:
                await self.tidy()
                swept = loop.time()
            self._rouse()

    async def tidy(self) -> None:
        """Renews what is sent this moment, then frees what others left. Never raises."""
        try:
            for window in self.windows:
                await window.renew()
            await self._sweep()
        except StoreError as error:
            log.error("the outbox waits for its sweep: %s", error)  # noqa: TRY400  # the line says it
        except Exception:
            log.exception("the outbox waits for its sweep")

    def _rouse(self) -> None:
        if self.stopping.is_set():
            self.wake.set()
        for window in self.windows:
            window.news.set()

    async def _sweep(self) -> None:
        holding = [id_ for window in self.windows for id_ in window.held]
        swept = await aside.write(self.store, lambda tx: dispatch.sweep(tx, self.clock(), holding))
        self.give_up(swept.given_up)

    def give_up(self, given_up: Sequence[tuple[str, str]]) -> None:
        """(channel, why) of messages that ended without a send of ours: told like the others."""
        for window in self.windows:
            window.dead += [why for channel, why in given_up if channel == window.channel.id]
        for channel in sorted({channel for channel, _ in given_up} - self.channels.keys()):
            self._tell(f"{channel}: messages given up, see /dead. That channel is off.")

    def _tell(self, line: str) -> None:
        """Beside the work: an administrator who cannot be reached holds up nobody."""
        log.error("%s", line)
        if self.notify is not None:
            task = asyncio.ensure_future(self.notify(line))
            self.telling.add(task)
            task.add_done_callback(self.telling.discard)


def reclaim(store: Store, now: datetime) -> Swept:
    """At boot: what a killed process left in flight is free again at once, if this process is alone."""
    if not store.lock_sender():
        return Swept({}, [])
    with store.write() as tx:
        return dispatch.reclaim(tx, now)


def waiting(store: Store) -> dict[tuple[str, str], int]:
    with store.read() as tx:
        return dispatch.counts(tx)


__all__ = ["Dispatcher", "reclaim", "waiting"]
