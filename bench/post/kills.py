"""200 times `kill -9` at a random instant under load: what is lost, what comes twice.

The sender is forked from a process that has everything loaded, so that a kill costs a blink and not a start.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import text
from warn.model import Placeholder
from warn.pipeline.dispatch import reclaim
from warn.store import dispatch, open_store, outbox
from warn.store.outbox import NewDelivery, Rendering

from bench.post import ours

T = TypeVar("T")
CONNECTIONS = 10
READERS = 2500
FEW = 3000  # fewer waiting than this: more are queued, the load never ends


@dataclass
class Count:
    kills: int
    alerts: int
    digests: int
    lost: int
    doubled: int
    worst: int  # most doubles of one kill
    digests_doubled: int
    digests_unended: int
    uncertain: int
    seconds: float


def refill(url: str, batch: int) -> None:
    """One alert and one digest more to everybody."""
    store = open_store(url)
    for kind, priority in (("a", 1), ("d", 3)):
        with store.write() as tx:
            body = ours.BODY.replace(Placeholder.encode(), f"{kind}{batch} {Placeholder}".encode())
            rendered = outbox.enqueue_rendered(tx, Rendering("email", body, "x", kind="alert"), ours.now())
            outbox.enqueue(
                tx,
                [
                    NewDelivery(
                        f"{kind}{batch}-{n}",
                        "email",
                        f"{n:016x}",
                        rendered,
                        priority,
                        ours.now(),
                        resend=kind == "a",
                    )
                    for n in range(READERS)
                ],
                ours.now(),
            )
    store.close()


def send(url: str, port: int, until_empty: bool) -> None:
    store = open_store(url)
    reclaim(store, ours.now())

    async def run() -> None:
        channel = ours.mailer(port, CONNECTIONS)
        sender = ours.dispatcher(store, email=channel)
        if not until_empty:
            await sender.run()
        while await sender.once():
            pass
        await channel.close()

    asyncio.run(run())


def waiting(url: str) -> int:
    store = open_store(url)
    with store.read() as tx:
        found = dispatch.counts(tx)
    store.close()
    return sum(count for (_, state), count in found.items() if state in {"ready", "blocked"})


def torment(port: int, journal: Path, kills: int, seconds: float) -> Count:
    """At most `kills` of them, as many as fit into the time."""
    fork = multiprocessing.get_context("fork")
    chance = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/warn.db"
        seed = fork.Process(target=_seed, args=(url,))
        seed.start()
        seed.join()
        began, batches, done, marks = time.monotonic(), 0, 0, list[int]()
        while done < kills and time.monotonic() - began < seconds:
            if _asked(fork, waiting, url) < FEW:
                _asked(fork, refill, url, batches)
                batches += 1
            child = fork.Process(target=send, args=(url, port, False))
            child.start()
            before = journal.stat().st_size if journal.exists() else 0
            while (journal.stat().st_size if journal.exists() else 0) == before and child.is_alive():
                time.sleep(0.002)
            time.sleep(chance.uniform(0.0, 0.15))
            child.kill()
            child.join()
            time.sleep(0.02)  # what the sink still reads was handed over
            marks.append(len(journal.read_bytes().splitlines()))
            done += 1
        last = fork.Process(target=send, args=(url, port, True))
        last.start()
        last.join()
        judged: Count = _asked(fork, _judge, url, journal, marks, time.monotonic() - began)
        return judged


def _seed(url: str) -> None:
    store = open_store(url)
    store.upgrade()
    ours.people(store, READERS, ("email",))
    store.close()


def _asked(fork: Any, verb: Callable[..., T], *words: Any) -> T:
    """Done in a process of its own: this one never opens the database, for it forks."""
    answers = fork.SimpleQueue()
    child = fork.Process(target=lambda: answers.put(verb(*words)))
    child.start()
    answer: T = answers.get()
    child.join()
    return answer


def _judge(url: str, journal: Path, marks: list[int], took: float) -> Count:
    store = open_store(url)
    with store.read() as tx:
        rows = list(tx.connection().execute(text("SELECT idem_key, state FROM delivery")))
    store.close()
    seen = defaultdict(list)
    for place, line in enumerate(journal.read_bytes().splitlines()):
        seen[line.split()[1].decode()].append(place)
    names = {key: _message_id(key) for key, _ in rows}
    alerts = [key for key, _ in rows if key.startswith("a")]
    digests = {key: state for key, state in rows if key.startswith("d")}
    by_kill: dict[int, int] = defaultdict(int)
    for key in alerts:
        for place in seen[names[key]][:-1]:
            by_kill[sum(mark <= place for mark in marks)] += 1
    return Count(
        kills=len(marks),
        alerts=len(alerts),
        digests=len(digests),
        lost=sum(not seen[names[key]] for key in alerts),
        doubled=sum(by_kill.values()),
        worst=max(by_kill.values(), default=0),
        digests_doubled=sum(len(seen[names[key]]) > 1 for key in digests),
        digests_unended=sum(
            state not in {"sent", "uncertain"} or (state == "sent" and not seen[names[key]])
            for key, state in digests.items()
        ),
        uncertain=sum(state == "uncertain" for state in digests.values()),
        seconds=took,
    )


def _message_id(key: str) -> str:
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@example.org>"
