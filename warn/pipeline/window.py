"""One channel's window on the outbox: what is claimed, in the air, or waits for its acknowledgement.

The window is as wide as the channel, and a place in it is free only when the acknowledgement is committed: what a
kill can repeat is never more than that. Acknowledgements of what ended meanwhile and the claim of what follows share
one transaction, so that thousands a second leave without a transaction each.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from warn import links, mailboxes
from warn.channel import Channel, Receipt
from warn.errors import DeliveryError, StoreError
from warn.pipeline import admins
from warn.pipeline.breaker import Brake, Breaker, Suspects
from warn.store import Store, Tx, acts, aside, bounces, dispatch, subscribers
from warn.store.dispatch import Claimed, Shelf
from warn.store.lanes import DIGEST
from warn.store.vault import Vault

log = logging.getLogger("warn.dispatch")
POLL_S = 1.0  # other processes enqueue too; within this one `wake` is immediate
COLLECT_S = 0.01  # at most, while ends come close together; nine tenths of a window a transaction are enough
LULL_S = 0.002  # without an end; where the relay is far, waiting for the next would leave lines idle
STORE_WAIT_S = 5.0
RENEW_S = 20.0
PATIENCE_S = 8 * 3600.0  # of a delivery that fails alone as if its channel did
SAME_NOTICE_S = 6 * 3600.0
DEAD_NOTICE_S = 600.0  # at least between two notices of messages that were given up
MOVED = "migrated:"  # a group became a supergroup; its new id follows
UNTHREADED = "thread gone"  # a topic was deleted; what it was sent stands in the general one
LEFT = DeliveryError("suppressed", "left or not reachable")
SEALED = DeliveryError(
    "refund",
    "A reader's address does not open with the present key. Put back the key that the database was written with, "
    "or erase that reader.",
    code="sealed",
    retry_after_s=600.0,
)
DOUBTED = DeliveryError(
    "refund",
    "So many readers are called gone that the fault must be here: nobody is erased for it. See that the token, or the "
    "relay, is the right one.",
    code="doubted",
    retry_after_s=600.0,
)
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """What all windows of a process share."""

    store: Store
    vault: Vault
    keys: tuple[str, ...]
    owner: str
    clock: Callable[[], datetime]
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    tell: Tell
    stopping: asyncio.Event


@dataclass(frozen=True, slots=True)
class Ended:
    """How one send came out: a receipt, or an error. `address` is what it was sent to."""

    delivery: Claimed
    address: str
    receipt: Receipt | None = None
    error: DeliveryError | None = None


@dataclass(slots=True)
class Window:
    """`held`: id -> when it was claimed, until its end is committed."""

    desk: Desk
    channel: Channel
    breaker: Breaker
    held: dict[int, float] = field(default_factory=dict)
    flying: set[asyncio.Task[None]] = field(default_factory=set)
    ended: list[Ended] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    shelf: Shelf = field(default_factory=Shelf)
    owed: float = 0.0  # places that digests may still claim of their fifth
    refused: dict[str, float] = field(default_factory=dict)  # code -> when it was told
    dead: list[str] = field(default_factory=list)  # why alerts were given up, of which nobody was told yet
    dead_told: float = float("-inf")
    brake: Brake = field(default_factory=Brake)
    suspects: Suspects = field(default_factory=Suspects)
    mend: set[DeliveryError] = field(default_factory=set)  # met since the last turn, for a person to mend
    turned: float = float("-inf")  # the newest turn that went well

    async def run(self) -> None:
        """Until stopped and everything in the air is down; whatever goes wrong is logged and tried again."""
        while not self.desk.stopping.is_set() or self.held:
            self.news.clear()
            try:
                claimed = await self.turn()
            except StoreError as error:
                log.error("%s: deliveries wait: %s", self.channel.id, error)  # noqa: TRY400  # the line says it
                await self.desk.sleep(STORE_WAIT_S)
                continue
            except Exception:
                log.exception("%s: deliveries wait", self.channel.id)
                await self.desk.sleep(STORE_WAIT_S)
                continue
            self.turned = _now()
            self._tell_dead()
            if not claimed or len(self.held) >= self.channel.width:
                await self._rest()

    async def exhaust(self) -> int:
        """Everything due now; how many were tried."""
        tried = 0
        while True:
            self.news.clear()
            claimed = await self.turn()
            tried += claimed
            if not claimed and not self.held:
                return tried
            if not self.ended:
                await self.news.wait()
            await self._collect()

    async def turn(self) -> int:
        """Acknowledges what ended, claims what there is room for, sends it off; how many were claimed."""
        ended, self.ended = self.ended, []
        held = len(self.held) - len(ended)
        room = 0
        if not self.desk.stopping.is_set():
            room = self.breaker.room(self.channel.width - held, held, _now())
        if not ended and not room:
            return 0
        floor = self._floor(room)
        but = frozenset(self.suspects.tried if self.breaker.failures else ())
        try:
            claimed, dead = await asyncio.to_thread(self._exchange, ended, room, floor, but)
        except BaseException:
            self.ended = ended + self.ended
            raise
        for one in ended:
            self.held.pop(one.delivery.id, None)
        self.dead += dead
        self._tell_dead()
        while self.mend:
            self._tell_seldom(self.mend.pop())
        for delivery, address in claimed:
            if delivery.id not in self.held:  # freed by somebody else while it is on its way from here
                self._fly(delivery, address)
        return len(claimed)

    async def renew(self, after_s: float = RENEW_S) -> None:
        """Sends that take long keep their lease, or a sweep would hand them to somebody else."""
        long = [id_ for id_, since in self.held.items() if _now() - since > after_s]
        if long:
            await aside.write(
                self.desk.store, lambda tx: dispatch.extend(tx, self.desk.owner, self.desk.clock(), long)
            )

    def _floor(self, room: int) -> int:
        """A fifth of all that is claimed is for digests, also where claims are of one or two.

        Where there are digests only they are ahead of it, and nothing need be kept for them.
        """
        self.owed = min(self.owed + room / 5, max(1.0, self.channel.width / 5))
        return max(0, int(self.owed))

    async def _rest(self) -> None:
        """Until something ended, was queued, or might be due."""
        try:
            async with asyncio.timeout(POLL_S):
                await self.news.wait()
        except TimeoutError:
            return
        await self._collect()

    async def _collect(self) -> None:
        """A transaction for each end would be dear: while ends come one upon the other, a few milliseconds for them."""
        until = _now() + COLLECT_S
        while self.ended and not self._is_enough() and _now() < until:
            before = len(self.ended)
            self.enough.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LULL_S):
                    await self.enough.wait()
            if len(self.ended) == before:
                return

    def _is_enough(self) -> bool:
        return 10 * len(self.ended) >= min(9 * self.channel.width, 10 * len(self.held))

    def _fly(self, delivery: Claimed, address: str) -> None:
        self.held[delivery.id] = _now()
        if delivery.priority == DIGEST:
            self.owed = max(-self.channel.width / 5, self.owed - 1.0)
        task = asyncio.create_task(self._send(delivery, address), name=f"delivery {delivery.id}")
        self.flying.add(task)
        task.add_done_callback(self.flying.discard)

    async def _send(self, delivery: Claimed, address: str) -> None:
        """Never raises: whatever goes wrong becomes a state that an administrator sees."""
        try:
            token = links.reader_token(self.desk.keys, delivery.recipient)
            note, stands = partial(self._note, delivery.id), partial(self._stands, delivery.id)
            parcel = delivery.parcel(address, token, note, stands)
            receipt = await self.channel.send(parcel)
            end = Ended(delivery, address, receipt)
        except DeliveryError as error:
            end = Ended(delivery, address, error=error)
        except Exception as error:
            log.exception("delivery %s failed in a way nobody foresaw", delivery.id)
            end = Ended(
                delivery,
                address,
                error=DeliveryError("retry", f"{type(error).__name__}: {error}", code="defect"),
            )
        self.ended.append(self._judged(end))
        self.news.set()
        if self._is_enough():
            self.enough.set()

    async def _note(self, id_: int, begun: str) -> None:
        """What could not be written down costs a part sent twice at worst, and only after a kill."""
        try:
            await aside.write(
                self.desk.store, lambda tx: dispatch.note_parts(tx, self.desk.owner, id_, begun)
            )
        except StoreError as error:
            log.warning("delivery %s: the parts that arrived are not written down: %s", id_, error)

    async def _stands(self, id_: int) -> None:
        """Raises where the reader has left since it was claimed."""
        try:
            stands = await aside.read(self.desk.store, lambda tx: dispatch.stands(tx, id_))
        except StoreError as error:
            log.warning("delivery %s: whether its reader left is not known: %s", id_, error)
            return
        if not stands:
            raise DeliveryError(LEFT.kind, LEFT.message)

    def _judged(self, end: Ended) -> Ended:
        """A delivery that fails alone, time and again, is at fault itself: its tries are counted, the others go on."""
        error, delivery = end.error, end.delivery
        if error is None or not error.whole or not self.suspects.alone(delivery.id):
            self._judge(end)
            return end
        own = DeliveryError("retry", error.message, code=error.code, patience_s=PATIENCE_S, begun=error.begun)
        return replace(end, error=own)

    def _judge(self, end: Ended) -> None:
        """What this end says of the channel itself."""
        error = end.error
        if error is not None and error.whole:
            self.suspects.fail(end.delivery.id, end.delivery.recipient)
            notice = self.breaker.failed(error, _now(), self.desk.random())
        elif error is not None and error.kind == "refund":
            if error.code == "stranger":
                self._tell_seldom(error)
            return  # held back by our own pace
        else:
            self.suspects.worked(end.delivery.id)
            notice = self.breaker.worked()
            if error is not None and error.code.startswith("policy"):
                self._tell_seldom(error)
        if notice:
            self.desk.tell(notice)

    def _tell_seldom(self, error: DeliveryError) -> None:
        """What only a person can mend, as a policy that refuses us: told once in a while for each code."""
        if _now() - self.refused.get(error.code, -SAME_NOTICE_S) >= SAME_NOTICE_S:
            self.refused[error.code] = _now()
            self.desk.tell(f"{self.channel.id}: messages do not leave. {error}")

    def _tell_dead(self) -> None:
        """Every alert that is given up is told: the first at once, what follows together."""
        if not self.dead or _now() - self.dead_told < DEAD_NOTICE_S:
            return
        dead, self.dead, self.dead_told = self.dead, [], _now()
        messages = "1 message" if len(dead) == 1 else f"{len(dead)} messages"
        self.desk.tell(f"{self.channel.id}: {messages} given up, see /dead. The newest: {dead[-1]}")

    def _exchange(
        self, ended: list[Ended], room: int, floor: int, but: frozenset[str]
    ) -> tuple[list[tuple[Claimed, str]], list[str]]:
        """One transaction: what is claimed now, with addresses, and why alerts of `ended` are given up."""
        with self.desk.store.write() as tx:
            now = self.desk.clock()
            dead = self._acknowledge(tx, ended, now)
            claimed = self._claim(tx, room, floor, now, but) if room else []
            if room and but and not claimed:  # each of them tried once: from the beginning again
                self.suspects.tried.clear()
                claimed = self._claim(tx, room, floor, now)
            return claimed, dead

    def _claim(
        self, tx: Tx, room: int, floor: int, now: datetime, but: Collection[str] = ()
    ) -> list[tuple[Claimed, str]]:
        desk = self.desk
        while claimed := dispatch.claim(
            tx, now, room, desk.owner, (self.channel.id,),
            paused=acts.paused(tx), floor=floor, shelf=self.shelf, but=but,
        ):  # fmt: skip
            wanted = [one.recipient for one in claimed]
            addresses = subscribers.addresses_of(tx, desk.vault, wanted) | admins.addresses(wanted)
            for one in claimed:
                if not addresses.get(one.recipient):
                    why = SEALED if one.recipient in addresses else LEFT
                    self._failed(tx, Ended(one, "", error=why), now)
                    self.mend |= {why} - {LEFT}
            if found := [(one, address) for one in claimed if (address := addresses.get(one.recipient))]:
                return found
        return []

    def _acknowledge(self, tx: Tx, ended: list[Ended], now: datetime) -> list[str]:
        """Answers why alerts are given up. Chats that moved come first: receipts are of the new ones."""
        for one in ended:
            old = one.address.partition(":")[0]
            if one.receipt is None or not one.receipt.detail.startswith(MOVED) or old.startswith("@"):
                continue  # a name goes on to be the name of the new chat
            new = one.receipt.detail.removeprefix(MOVED)
            subscribers.migrate_chat(tx, self.desk.vault, int(old), int(new))
        for one in ended:
            if one.receipt is not None and one.receipt.detail == UNTHREADED:
                subscribers.leave_thread(tx, self.desk.vault, one.delivery.recipient)
        receipts = [(one.delivery.id, one.receipt) for one in ended if one.receipt is not None]
        dispatch.ack_sent(tx, self.desk.owner, now, receipts)
        self.brake.serve(len(receipts), now)
        dead = []
        for one in ended:
            if one.error is None:
                continue
            if one.error.kind == "gone" and not self.brake.believes(now):
                self._failed(tx, replace(one, error=DOUBTED), now)
                self.mend.add(DOUBTED)
                continue
            state = self._failed(tx, one, now)
            given_up = state in {"dead", "uncertain"} and one.error.kind != "gone"
            if given_up and one.delivery.priority < DIGEST:
                dead.append(str(one.error))
        return dead

    def _failed(self, tx: Tx, end: Ended, now: datetime) -> str:
        delivery, error = end.delivery, end.error
        assert error is not None
        state = dispatch.ack_failed(
            tx, self.desk.owner, now, delivery.id, error.kind, error.message, code=error.code,
            retry_after_s=None if error.whole else error.retry_after_s, patience_s=error.patience_s,
            begun=error.begun,
            random=self.desk.random,
        )  # fmt: skip
        if error.kind == "gone":
            bounces.gone(tx, delivery.recipient, now)
        elif state == "dead" or mailboxes.is_own(error.code):
            bounces.failed_again(tx, delivery.recipient, now)
        level = logging.INFO if error.kind in {"refund", "suppressed"} else logging.WARNING
        log.log(
            level, "delivery %s by %s: %s; now %s", delivery.id, delivery.channel, error, state or "another's"
        )
        return state


def _now() -> float:
    return asyncio.get_running_loop().time()
