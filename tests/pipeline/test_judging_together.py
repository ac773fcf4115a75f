"""Two processes that judge at the same moment, on the database that lets both write."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
from warn.app import build
from warn.model import Observation
from warn.pipeline.judge import judge
from warn.pipeline.work import Work
from warn.settings import Settings
from warn.store import observations

from tests.app.running import ROOT, RULES, SECRET
from tests.pipeline.city import NOON, shipped
from tests.postgres import postgres_server  # noqa: F401 - a fixture

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'episode'::regclass"


def test_the_service_and_a_command_that_judge_at_once_open_an_alert_once(
    postgres_server: Callable[..., str],  # noqa: F811 - the fixture of that name
    tmp_path: Path,
) -> None:
    address = postgres_server()
    service, command = working(address, tmp_path), working(address, tmp_path)
    later = NOON + timedelta(minutes=5)
    judge(service, NOON)
    judge(command, NOON)
    with service.store.write() as tx:
        observations.ingest(tx, [short_of_fuel(outlet) for outlet in ("RFI", "BBC", "AFP")], NOON)
    with psycopg.connect(address) as gate, psycopg.connect(address, autocommit=True) as watch:
        gate.execute("LOCK TABLE episode IN SHARE ROW EXCLUSIVE MODE")
        with ThreadPoolExecutor(2) as both:
            moments = (later, later + timedelta(seconds=1))
            told = [both.submit(judge, *one) for one in zip((service, command), moments, strict=True)]
            until_both_wait(watch)
            gate.rollback()
        rows = watch.execute("SELECT number, rule FROM episode").fetchall()
    assert sorted(len(one.result()) for one in told) == [0, len(rows)]
    assert len(rows) == len({rule for _, rule in rows}) > 0
    service.store.close()
    command.store.close()


def working(address: str, folder: Path) -> Work:
    settings = Settings(
        rules=RULES, templates=ROOT / "templates", var=folder, secret=SECRET, database=address
    )
    store = build.open_database(settings, upgrade=True)
    return build.work(settings, store, known=shipped(), pictures=False)


def short_of_fuel(outlet: str) -> Observation:
    return Observation(
        indicator="fuel_shortage_report", occurred_at=NOON - timedelta(hours=2), known_at=NOON - timedelta(hours=1),
        value=1, source="file", origins=(outlet,), place="Bamako", lat=12.6, lon=-8.0, precision="town", grade="B2",
        key=outlet,
    )  # fmt: skip


def until_both_wait(watch: psycopg.Connection) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = watch.execute(WAITING).fetchone()
        if found is not None and found[0] == 2:
            return
        time.sleep(0.01)
    raise AssertionError("the two never waited for each other")
