"""Nothing accepted is lost and nothing is doubled, whenever a process dies and however many compete."""

import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from warn.store import Store, dispatch, observations, outbox

from tests.store.children import ROWS, file
from tests.store.letters import NOW, letter, rendered

ROOT = Path(__file__).parents[2]


def child(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.children", *words]
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert started.stdout
    assert started.stdout.readline() == "ready\n"
    return started


def kill_soon(process: subprocess.Popen[str], longest_s: float) -> bool:
    """kill -9 at a random moment; False where it had ended before."""
    time.sleep(random.uniform(0.0, longest_s))
    process.kill()
    with process:
        return process.wait() != 0


def test_an_ingest_killed_anywhere_and_repeated_stores_each_version_once(store: Store, url: str) -> None:
    killed = sum(kill_soon(child("ingest", url), 0.12) for _ in range(3))
    with child("ingest", url) as last:
        assert last.wait() == 0
    assert killed
    with store.read() as tx:
        rows = observations.load(tx)
        assert len(rows) == ROWS + ROWS // 3
        assert len({(row.key, row.value) for row in rows}) == len(rows)
        assert sum(row.superseded_at is None for row in rows) == ROWS
    with store.write() as tx:
        assert not observations.ingest(tx, file(), NOW).changed


def fill(store: Store, recipients: int, each: int) -> set[str]:
    """Two alerts, then a digest, and so on, for every recipient."""
    with store.write() as tx:
        rid = rendered(tx)
        keys = [
            letter(
                tx, f"{'digest' if n % 3 == 2 else 'alert'}-r{who}-{n:02}", f"r{who}", 3 if n % 3 == 2 else 1,
                resend=n % 3 != 2, rendered_id=rid,
            )
            for n in range(each)
            for who in range(recipients)
        ]  # fmt: skip
        outbox.enqueue(tx, keys, NOW)
    return {one.idem_key for one in keys}


def sent(journal: Path) -> list[tuple[int, str, str]]:
    lines = [line.split() for line in journal.read_text().splitlines()] if journal.exists() else []
    return sorted((int(at), who, key) for at, who, key in lines)


def test_a_sender_killed_anywhere_loses_nothing_and_repeats_at_most_what_was_in_flight(
    store: Store, url: str, tmp_path: Path
) -> None:
    keys = fill(store, recipients=40, each=6)
    journal = tmp_path / "world"
    kills = 0
    for round_ in range(5):
        kills += kill_soon(child("send", url, f"p{round_}", str(journal), "10"), 0.15)
        with store.write() as tx:
            dispatch.reclaim(tx, NOW)
    with child("send", url, "last", str(journal), "10") as last:
        assert last.wait() == 0
    assert kills
    times = Counter(key for _, _, key in sent(journal))
    with store.read() as tx:
        unsure = {one.id for one in dispatch.letters(tx, ["uncertain"], 1000)}
        ended = {state: count for (_, state), count in dispatch.counts(tx).items()}
    alerts = {key for key in keys if key.startswith("alert")}
    assert alerts <= set(times), "no alert is lost"
    assert sum(times[key] - 1 for key in alerts) <= kills, "one is in flight at a time"
    assert all(times[key] <= 1 for key in keys - alerts), "no digest is doubled"
    assert len(keys - set(times)) <= len(unsure)
    assert ended == {"sent": len(keys) - len(unsure)} | ({"uncertain": len(unsure)} if unsure else {})


def test_four_senders_share_the_work_without_doubles_misses_or_disorder(
    store: Store, url: str, tmp_path: Path
) -> None:
    keys = fill(store, recipients=20, each=12)
    journal = tmp_path / "world"
    senders = [child("send", url, f"p{n}", str(journal), "7") for n in range(4)]
    for sender in senders:
        with sender:
            assert sender.wait() == 0
    done = sent(journal)
    assert sorted(key for _, _, key in done) == sorted(keys)
    order = defaultdict(list)
    for _, who, key in done:
        order[who, key.startswith("digest")].append(int(key[-2:]))
    alerts, digests = [n for n in range(12) if n % 3 != 2], [2, 5, 8, 11]
    assert all(numbers == (digests if late else alerts) for (_, late), numbers in order.items())


@pytest.mark.usefixtures("store")
def test_four_processes_that_want_the_same_slots_get_each_once(url: str) -> None:
    racers = [child("compete", url, f"p{n}") for n in range(4)]
    won = []
    for racer in racers:
        with racer:
            assert racer.stdout
            won += [int(line) for line in racer.stdout]
    assert sorted(won) == list(range(50))
