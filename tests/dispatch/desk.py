"""A dispatcher over a real database, with readers in it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from warn.channel import Channel, Parcel, Receipt
from warn.channels.email import EmailChannel, EmailConfig
from warn.channels.pacer import Pace, Pacer
from warn.channels.telegram import TelegramChannel, TelegramConfig
from warn.errors import DeliveryError
from warn.model import Preferences
from warn.pipeline.dispatch import Dispatcher
from warn.store import Store, outbox, subscribers
from warn.store.outbox import NewDelivery, Rendering
from warn.store.vault import Vault

from tests.channels.parcels import MAIL
from tests.fakes.bot_api import BotApi
from tests.fakes.smtp import Relay

VAULT = Vault(b"k" * 32)
KEYS = ("a key of the tests that is long enough",)
QUICK = Pace(start=1000, ceiling=1000, replies=1000, chat_s=0, group_s=0, patience_s=0.2)


@dataclass
class Desk:
    """`later(s)` moves the clock; `told` are the notices to administrators."""

    store: Store
    channels: dict[str, Channel]
    moved: timedelta = timedelta(0)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dispatcher = self.another("me")

    def another(self, owner: str) -> Dispatcher:
        return Dispatcher(
            store=self.store, vault=VAULT, keys=KEYS, channels=self.channels, owner=owner, clock=self.now,
            random=lambda: 0.5, notify=self._tell,
        )  # fmt: skip

    def now(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def later(self, seconds: float) -> None:
        self.moved += timedelta(seconds=seconds)

    async def _tell(self, line: str) -> None:
        self.told.append(line)

    def reader(self, id_: str, channel: Any = "email", address: str = "") -> str:
        address = address or (f"{id_}@{id_}.example.org" if channel == "email" else id_.removeprefix("c"))
        with self.store.write() as tx:
            subscribers.add_pending(tx, VAULT, channel, address, Preferences(), self.now(), id_)
            subscribers.confirm(tx, id_, self.now())
        return id_

    def queue(
        self, reader: str, name: str, *, channel: str = "email", priority: int = 1, **more: Any
    ) -> None:
        """One message; in the text of a chat, and in the key, stands its name."""
        parts = more.pop("parts", (name,))
        body = MAIL.replace(b"carburant", name.encode()) if channel == "email" else _chat(parts)
        with self.store.write() as tx:
            rendering = Rendering(channel, body, name, kind="alert", tells=more.pop("tells", ()))
            rendered = outbox.enqueue_rendered(tx, rendering, self.now())
            due = more.pop("due", self.now())
            one = NewDelivery(f"{name}-{reader}", channel, reader, rendered, priority, due, **more)
            outbox.enqueue(tx, [one], self.now())

    def rows(self) -> dict[str, Any]:
        """Key -> the delivery as it stands."""
        with self.store.read() as tx:
            return {row.idem_key: row for row in tx.connection().execute(text("SELECT * FROM delivery"))}

    def states(self) -> dict[str, str]:
        return {key: row.state for key, row in self.rows().items()}

    def counts(self) -> Counter[str]:
        return Counter(self.states().values())

    def reader_state(self, id_: str) -> str:
        with self.store.read() as tx:
            found = subscribers.get(tx, id_)
        return found.state if found else "erased"

    @asynccontextmanager
    async def running(self):
        task = asyncio.create_task(self.dispatcher.run())
        try:
            yield
        finally:
            await self.dispatcher.drain(5)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, true: Callable[[], bool], seconds: float = 15.0) -> None:
        """Waits for it; the dispatcher is told that something is new."""
        async with asyncio.timeout(seconds):
            while not true():
                self.dispatcher.wake.set()
                await asyncio.sleep(0.02)


@dataclass
class Scripted:
    """A channel that does what the test says, where no server can be made to."""

    id: str = "email"
    width: int = 4
    sent: list[Parcel] = field(default_factory=list)
    fault: Callable[[Parcel], Exception | None] = lambda _parcel: None
    gate: asyncio.Event | None = None
    flying: int = 0
    most: int = 0

    async def open(self) -> None: ...

    async def send(self, parcel: Parcel) -> Receipt:
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            await (self.gate.wait() if self.gate else asyncio.sleep(0))
            if error := self.fault(parcel):
                raise error
            self.sent.append(parcel)
            return Receipt(f"m{len(self.sent)}")
        finally:
            self.flying -= 1

    async def check(self) -> str:
        return "fine"

    async def close(self) -> None: ...


def mail_channel(relay: Relay, **more: Any) -> EmailChannel:
    whole = {
        "host": "127.0.0.1", "port": relay.port, "security": "none", "sender": "Alertes <alertes@example.org>",
        "web_address": "https://alertes.example.org", "connections": 4, "timeout_s": 2.0,
    }  # fmt: skip
    return EmailChannel(EmailConfig(**(whole | more)))  # type: ignore[arg-type]  # plain values of a test


def chat_channel(api: BotApi, pace: Pace = QUICK, **more: Any) -> TelegramChannel:
    return TelegramChannel(
        TelegramConfig(more.pop("token", api.token), Pacer(pace), base_url=api.base_url, **more)
    )


def down(code: str = "connect") -> DeliveryError:
    return DeliveryError("refund", "It is down.", code=code, whole=True)


def _chat(parts: Sequence[str]) -> bytes:
    return json.dumps({"parts": parts, "buttons": [], "silent": False}).encode()
