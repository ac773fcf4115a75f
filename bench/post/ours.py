"""Our sender, as a service runs it: database, ledger, dispatcher, channel. Each verb prints one JSON line.

`python -m bench.post.ours mail PORT COUNT CONNECTIONS`, `chat PORT COUNT NOISY`, `latency PORT COUNT`,
`spread FOLDER COUNT`, `fill FOLDER COUNT`.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.fakes.bot_api import TOKEN
from warn.app import build
from warn.channels.email import EmailChannel, EmailConfig
from warn.channels.pacer import Pacer
from warn.channels.telegram import TelegramChannel, TelegramConfig
from warn.model import AlertState, Evidence, Level, Placeholder, Preferences, Transition
from warn.pipeline.dispatch import Dispatcher
from warn.pipeline.judge import spread_all
from warn.pipeline.tell import tell
from warn.pipeline.work import Work
from warn.settings import Settings
from warn.store import Store, alerts, dispatch, open_store, outbox, subscribers
from warn.store.outbox import NewDelivery, Rendering
from warn.store.preferences import to_text
from warn.store.tables import SubscriberRow, table
from warn.store.vault import Vault

ROOT = Path(__file__).parents[2]
VAULT = Vault(b"k" * 32)
KEYS = ("k" * 40,)
LINE = "Carburant : 775 FCFA, les files s'allongent devant les stations.....\r\n"
HEAD = (
    "From: Alertes Bamako <alertes@example.org>\r\nSubject: =?utf-8?q?=5BTension_2/4=5D_Bamako?=\r\n"
    "Date: Mon, 15 Sep 2025 06:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    f"https://alertes.example.org/r/{Placeholder}\r\n"
)
BODY = (HEAD + LINE * ((10_000 - len(HEAD)) // len(LINE))).encode()
KINDS = [
    Preferences(kind=kind, lang=lang, least_level=level, immediate_from=level, text_only=plain, quiet_from=None,
                quiet_until=None)
    for kind in ("resident", "ngo", "press") for lang in ("fr", "en")
    for level in (Level.WATCH, Level.TENSION, Level.ALERT) for plain in (False, True)
]  # fmt: skip


def now() -> datetime:
    return datetime.now(UTC)


def prepared(folder: Path, count: int, channel: str, *, digests: bool = True) -> Store:
    """A database with so many readers, and one message queued for each."""
    store = open_store(f"sqlite:///{folder / 'warn.db'}")
    store.upgrade()
    people(store, count, (channel,))
    chat = json.dumps({"parts": ["Bulletin"], "buttons": [], "silent": True}).encode()
    with store.write() as tx:
        form = Rendering(channel, BODY if channel == "email" else chat, "Bulletin", kind="digest")
        rendered = outbox.enqueue_rendered(tx, form, now())
        outbox.enqueue(
            tx,
            (
                NewDelivery(
                    f"k{n}", channel, f"{n:016x}", rendered, 3 if digests else 1, now(), resend=not digests
                )
                for n in range(count)
            ),
            now(),
        )
    return store


def people(store: Store, count: int, channels: tuple[str, ...]) -> None:
    start = now() - timedelta(days=9)
    with store.write() as tx:
        for first in range(0, count, 5000):
            rows = []
            for n in range(first, min(count, first + 5000)):
                channel = channels[n % len(channels)]
                address = f"r{n}@d{n % 20}.example.org" if channel == "email" else str(100_000 + n)
                rows.append({
                    "id": f"{n:016x}", "channel": channel, "mark": VAULT.mark(channel, address),
                    "contact": VAULT.seal(address, f"{n:016x}"), "state": "active",
                    "preferences": to_text(KINDS[n % len(KINDS)]), "created_at": start, "confirmed_at": start,
                })  # fmt: skip
            tx.connection().execute(table(SubscriberRow).insert(), rows)


def dispatcher(store: Store, **channels: Any) -> Dispatcher:
    return Dispatcher(
        store=store, vault=VAULT, keys=KEYS, channels=channels, owner="bench", clock=now, random=random.random
    )


def mailer(port: int, connections: int) -> EmailChannel:
    config = EmailConfig(
        "127.0.0.1", "Alertes Bamako <alertes@example.org>", "https://alertes.example.org", port=port,
        security="none", connections=connections, bounce_domain="retour.example.org", bounce_key=KEYS[0],
    )  # fmt: skip
    return EmailChannel(config)


async def mail(port: str, count: str, connections: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        store = prepared(Path(folder), int(count), "email")
        channel = mailer(int(port), int(connections))
        gc.freeze()  # as `warn` does with what it has loaded
        began, worked = time.perf_counter(), time.process_time()
        await dispatcher(store, email=channel).once()
        took, worked = time.perf_counter() - began, time.process_time() - worked
        await channel.close()
        with store.read() as tx:
            assert dispatch.counts(tx) == {("email", "sent"): int(count)}
        store.close()
        return {"rate": int(count) / took, "cpu_ms": 1000 * worked / int(count)}


async def chat(port: str, count: str, noisy: str) -> dict[str, float]:
    """`noisy`: a chat that always refuses, with five messages of its own beside the others."""
    with tempfile.TemporaryDirectory() as folder:
        store = prepared(Path(folder), int(count), "telegram")
        if noisy != "-":
            _disturb(store, noisy)
        channel = TelegramChannel(TelegramConfig(TOKEN, Pacer(), base_url=f"http://127.0.0.1:{port}/bot"))
        sender = dispatcher(store, telegram=channel)
        task = asyncio.create_task(sender.run())
        sent = 0
        while sent < int(count):
            await asyncio.sleep(0.1)
            with store.read() as tx:
                sent = dispatch.counts(tx).get(("telegram", "sent"), 0)
        await sender.drain(1)
        task.cancel()
        await channel.close()
        store.close()
        return {"sent": sent}


def _disturb(store: Store, chat_id: str) -> None:
    body = json.dumps({"parts": ["Bulletin"], "buttons": [], "silent": True}).encode()
    with store.write() as tx:
        person = subscribers.add_pending(tx, VAULT, "telegram", chat_id, Preferences(), now(), "noisy")
        subscribers.confirm(tx, person.id, now())
        rendered = outbox.enqueue_rendered(tx, Rendering("telegram", body, "Bulletin"), now())
        more = [
            NewDelivery(f"noisy{n}", "telegram", "noisy", rendered, 1, now(), lane=f"n{n}") for n in range(5)
        ]
        outbox.enqueue(tx, more, now())


def working(folder: Path) -> Work:
    settings = Settings(var=folder, rules=ROOT / "rules", templates=ROOT / "templates", secret="s" * 40)
    store = build.open_database(settings, upgrade=True)
    return build.work(settings, store, pictures=False)


def alarm(work: Work, at: datetime) -> None:
    """An alert of level 3 opens, and is told."""
    rule = next(one.rule for one in work.knowledge.rules if not one.rule.by and one.rule.mode == "live")
    proof = Evidence(3, 3, 3, 2, {"watch": 1, "tension": 1, "alert": 2})
    moved = Transition(rule.id, (), at, "opened", Level.ALERT, Level.CALM, proof, opened_at=at)
    state = AlertState(rule.id, (), "open", Level.ALERT, at, at, Level.ALERT, at)
    with work.store.write() as tx:
        tell(tx, work, at, alerts.apply(tx, at, [state], [moved], "bench"))


async def latency(port: str, count: str) -> dict[str, float]:
    """When the alert was triggered, on the clock of the sink's journal."""
    with tempfile.TemporaryDirectory() as folder:
        work = working(Path(folder))
        people(work.store, int(count), ("email",))
        channel = mailer(int(port), 10)
        sender = Dispatcher(
            store=work.store, vault=VAULT, keys=KEYS, channels={"email": channel}, owner="bench", clock=now,
            random=random.random,
        )  # fmt: skip
        task = asyncio.create_task(sender.run())
        await asyncio.sleep(0.5)
        triggered = time.time_ns()
        await asyncio.to_thread(alarm, work, now())
        sender.wake.set()
        await asyncio.to_thread(spread_all, work, now())
        while True:
            with work.store.read() as tx:
                if dispatch.counts(tx).get(("email", "sent"), 0) >= int(count):
                    break
            await asyncio.sleep(0.2)
        await sender.drain(5)
        task.cancel()
        await channel.close()
        work.store.close()
        return {"triggered": triggered}


async def fill(folder: str, count: str) -> dict[str, float]:
    work = working(Path(folder))
    people(work.store, int(count), ("email", "telegram"))
    work.store.close()
    return {}


async def spread(folder: str, count: str) -> dict[str, float]:
    work = working(Path(folder))
    at = now()
    began = time.perf_counter()
    alarm(work, at)
    spread_all(work, at)
    took = time.perf_counter() - began
    with work.store.read() as tx:
        assert sum(dispatch.counts(tx).values()) == int(count)
    return {"seconds": took, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    verbs: dict[str, Callable[..., Awaitable[dict[str, float]]]] = {
        "mail": mail, "chat": chat, "latency": latency, "fill": fill, "spread": spread,
    }  # fmt: skip
    print(json.dumps(asyncio.run(verbs[sys.argv[1]](*sys.argv[2:]))))  # type: ignore[arg-type]  # all are coroutines
