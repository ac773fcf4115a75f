"""Sends what waits in the outbox: claim, send, acknowledge each as it ends: a kill repeats at most what flies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from warn import links
from warn.channel import Channel, Parcel, Receipt
from warn.errors import DeliveryError, StoreError
from warn.store import Store, acts, dispatch, subscribers
from warn.store.dispatch import Claimed
from warn.store.vault import Vault

log = logging.getLogger("warn.dispatch")
POLL_S = 1.0  # other processes enqueue too; within this one `wake` is immediate
SWEEP_S = 5.0
MOVED = "migrated:"  # a group became a supergroup; its new id follows


@dataclass(slots=True)
class Dispatcher:
    """One per process. `owner` names its leases; `wake` is set by whoever enqueued."""

    store: Store
    vault: Vault
    keys: tuple[str, ...]
    channels: Mapping[str, Channel]
    owner: str
    clock: Callable[[], datetime]
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    flying: set[asyncio.Task[None]] = field(default_factory=set)
    stopping: bool = False
    running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until drained. A database that cannot be reached is waited for, never given up on."""
        self.running = asyncio.current_task()
        swept = 0.0
        loop = asyncio.get_running_loop()
        while not self.stopping:
            try:
                if loop.time() - swept >= SWEEP_S:
                    await asyncio.to_thread(self._sweep)
                    swept = loop.time()
                claimed = await asyncio.to_thread(self._claim)
            except StoreError as error:
                log.error("deliveries wait: %s", error)  # noqa: TRY400  # the line says it; a trace adds nothing
                await self.sleep(SWEEP_S)
                continue
            for delivery in claimed:
                self._fly(delivery)
            if not claimed:
                await self._rest()
            elif len(self.flying) >= self._width():
                await asyncio.wait(self.flying, return_when=asyncio.FIRST_COMPLETED)

    async def drain(self, seconds: float = 20.0) -> None:
        """Takes nothing new and lets what flies end; what is cut off is sent again after the restart."""
        self.stopping = True
        self.wake.set()
        if self.running is not None:  # what a thread is claiming right now still has to fly
            await asyncio.wait({self.running}, timeout=seconds)
        if self.flying:
            await asyncio.wait(self.flying, timeout=seconds)

    async def once(self) -> int:
        """Everything due now, for commands and the replay; how many were tried."""
        tried = 0
        await asyncio.to_thread(self._sweep)
        while claimed := await asyncio.to_thread(self._claim):
            tried += len(claimed)
            for delivery in claimed:
                self._fly(delivery)
            await asyncio.gather(*self.flying)
        return tried

    async def _rest(self) -> None:
        self.wake.clear()
        waits = [asyncio.ensure_future(self.wake.wait()), *self.flying]
        done, _ = await asyncio.wait(waits, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
        if waits[0] not in done:
            waits[0].cancel()

    def _width(self) -> int:
        return sum(channel.width for channel in self.channels.values())

    def _fly(self, delivery: Claimed) -> None:
        task = asyncio.create_task(self._send(delivery), name=f"delivery {delivery.id}")
        self.flying.add(task)
        task.add_done_callback(self.flying.discard)

    def _sweep(self) -> None:
        with self.store.write() as tx:
            dispatch.sweep(tx, self.clock())

    def _claim(self) -> list[Claimed]:
        room = self._width() - len(self.flying)
        if room <= 0 or not self.channels:
            return []
        with self.store.write() as tx:
            return dispatch.claim(
                tx, self.clock(), room, self.owner, tuple(self.channels), paused=acts.paused(tx)
            )

    async def _send(self, delivery: Claimed) -> None:
        """Never raises: whatever goes wrong becomes a state that an administrator sees."""
        try:
            parcel = await asyncio.to_thread(self._parcel, delivery)
            if parcel is None:
                await asyncio.to_thread(
                    self._failed, delivery, DeliveryError("suppressed", "left or not reachable")
                )
                return
            receipt = await self.channels[delivery.channel].send(parcel)
            await asyncio.to_thread(self._sent, delivery, parcel, receipt)
        except DeliveryError as error:
            await asyncio.to_thread(self._failed, delivery, error)
        except StoreError as error:
            log.error("delivery %s: %s; it is tried again when its lease ends", delivery.id, error)  # noqa: TRY400
        except Exception as error:
            log.exception("delivery %s failed in a way nobody foresaw", delivery.id)
            await asyncio.to_thread(
                self._failed, delivery, DeliveryError("retry", f"{type(error).__name__}: {error}")
            )

    def _parcel(self, delivery: Claimed) -> Parcel | None:
        with self.store.read() as tx:
            address = subscribers.address_of(tx, self.vault, delivery.recipient)
        return (
            delivery.parcel(address, links.reader_token(self.keys, delivery.recipient)) if address else None
        )

    def _sent(self, delivery: Claimed, parcel: Parcel, receipt: Receipt) -> None:
        with self.store.write() as tx:
            dispatch.ack_sent(tx, self.owner, self.clock(), [(delivery.id, receipt)])
            if receipt.detail.startswith(MOVED):
                old = int(parcel.address.partition(":")[0])
                subscribers.migrate_chat(tx, self.vault, old, int(receipt.detail.removeprefix(MOVED)))

    def _failed(self, delivery: Claimed, error: DeliveryError) -> None:
        with self.store.write() as tx:
            state = dispatch.ack_failed(
                tx, self.owner, self.clock(), delivery.id, error.kind, error.message,
                code=error.code, retry_after_s=error.retry_after_s, random=self.random,
            )  # fmt: skip
            if error.kind == "gone":
                subscribers.stop(tx, delivery.recipient)
        log.warning(
            "delivery %s by %s: %s; now %s", delivery.id, delivery.channel, error, state or "another's"
        )


def reclaim(store: Store, now: datetime) -> int:
    """At boot: what a killed process left in flight is free again at once, if this process is alone."""
    if not store.lock_sender():
        return 0
    with store.write() as tx:
        return dispatch.reclaim(tx, now)


def waiting(store: Store) -> dict[tuple[str, str], int]:
    with store.read() as tx:
        return dispatch.counts(tx)


__all__ = ["Dispatcher", "reclaim", "waiting"]
