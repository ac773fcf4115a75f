"""100,000 observations into SQLite, beside SQLModel's own add_all on the same table in the same run."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from warn.model import Observation
from warn.store import Store, observations, open_store
from warn.store.tables import ObservationRow

ROWS = 100_000
ROUNDS = 3
MOST_SECONDS = 2.0
LEAST_RATIO = 4.0
START = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def made(count: int = ROWS) -> list[Observation]:
    return [
        Observation(
            "food_price",
            START + timedelta(minutes=nth),
            START + timedelta(minutes=nth + 60),
            value=400 + nth % 90,
            source="wfp_prices",
            origins=("WFP",),
            place="Bamako",
            lat=12.6,
            lon=-8.0,
            precision="town",
            grade="A2",
            attributes={"commodity": f"Rice {nth % 12}"},
            title="Price of rice at the market",
            key=f"row-{nth}",
        )
        for nth in range(count)
    ]


def ours(store: Store, rows: list[Observation]) -> None:
    with store.write() as tx:
        observations.ingest(tx, rows, NOW)


def peer(store: Store, rows: list[Observation]) -> None:
    """What SQLModel's documentation shows: an object for each row, all of them added, one commit."""
    with store.write() as tx:
        tx.add_all([_row(one) for one in rows])


def _row(one: Observation) -> ObservationRow:
    return ObservationRow(
        source=one.source, key=one.key, version=1, digest=b"0" * 16, change=1, indicator=one.indicator,
        occurred_at=one.occurred_at, known_at=one.known_at, stored_at=NOW, value=one.value, origins="|".join(one.origins),
        place=one.place, lat=one.lat, lon=one.lon, precision=one.precision, grade=one.grade,
        attributes=str(dict(one.attributes)), title=one.title,
    )  # fmt: skip


def timed(
    job: Callable[[Store, list[Observation]], None], rows: list[Observation], *, again: bool = False
) -> list[float]:
    """Seconds into an empty database, and with `again` those of the same rows once more."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'bench.db'}")
        store.upgrade()
        took = []
        for _ in range(2 if again else 1):
            began = time.perf_counter()
            job(store, rows)
            took.append(time.perf_counter() - began)
        store.close()
        return took


def main() -> int:
    rows = made()
    timed(ours, rows[:1000], again=True)
    timed(peer, rows[:1000])
    new, same, model = [], [], []
    worked = 0.0
    for _ in range(ROUNDS):
        began = time.process_time()
        first, second = timed(ours, rows, again=True)
        worked += time.process_time() - began
        new.append(first)
        same.append(second)
        model += timed(peer, rows)
    ratio = median(model) / median(new)
    print(f"{'100,000 observations':40} {'target':>10} {'result':>10}")
    print(f"{'new, on SQLite':40} {'< 2 s':>10} {f'{median(new):.2f} s':>10}")
    print(f"{'the same again, changing nothing':40} {'< 2 s':>10} {f'{median(same):.2f} s':>10}")
    print(
        f"{'beside add_all of SQLModel':40} {'>= 4x':>10} {f'{ratio:.1f}x':>10}   (add_all {median(model):.1f} s)"
    )
    print(f"{'both of ours, seconds of processor':40} {'':>10} {worked / ROUNDS:>8.2f} s")
    return 0 if max(median(new), median(same)) < MOST_SECONDS and ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
