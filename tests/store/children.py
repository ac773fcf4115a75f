"""What the tests run in processes of their own, to kill them or to let them compete: `python -m tests.store.children`."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from warn.channel import Receipt
from warn.model import Observation
from warn.store import Store, dispatch, jobs, observations, open_store

from tests.store.letters import NOW

ROWS = 6000
FIRST = Observation("convoy_attack", NOW, NOW, source="file", title="x" * 200)


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def file() -> list[Observation]:
    """What a source offers: every third row in two versions."""
    rows = []
    for n in range(ROWS):
        rows.append(replace(FIRST, key=f"k{n}"))
        if n % 3 == 0:
            rows.append(replace(FIRST, key=f"k{n}", value=2, known_at=NOW + timedelta(hours=1)))
    return rows


def ingest(store: Store) -> None:
    rows = file()
    say("ready")
    for start in range(0, len(rows), 500):
        with store.write() as tx:
            observations.ingest(tx, rows[start : start + 500], NOW)


def send(store: Store, owner: str, journal: str, room: str) -> None:
    """Sends until nothing waits; the journal is the outside world, which forgets nothing."""
    world = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    say("ready")
    idle = 0
    while idle < 5:
        with store.write() as tx:
            claimed = dispatch.claim(tx, datetime.now(UTC), int(room), owner, ["email"])
        idle = 0 if claimed else idle + 1
        if not claimed:
            time.sleep(0.02)
            with store.write() as tx:
                dispatch.sweep(tx, datetime.now(UTC))
        for one in claimed:
            os.write(world, f"{time.monotonic_ns()} {one.recipient} {one.key}\n".encode())
            with store.write() as tx:
                dispatch.ack_sent(tx, owner, datetime.now(UTC), [(one.id, Receipt("m"))])


def compete(store: Store, owner: str) -> None:
    say("ready")
    for slot in range(50):
        with store.write() as tx:
            if jobs.start(tx, "collect", slot, owner, NOW):
                say(slot)


if __name__ == "__main__":
    verb, url, *words = sys.argv[1:]
    verbs: dict[str, Callable[..., None]] = {"ingest": ingest, "send": send, "compete": compete}
    verbs[verb](open_store(url), *words)
