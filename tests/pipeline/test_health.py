"""What administrators are told of sources: silence, a yield that dried up, and every row that was set aside."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from warn.app import knowing, once
from warn.model import Poll
from warn.pipeline.collect import receive
from warn.pipeline.health import healths
from warn.store import polls

from tests.pipeline.city import NOON, City, city, page_of

DAY = timedelta(days=1)
BODIES: dict[str, dict[str, Any]] = {
    "hapi": {"data": [{
        "location_code": "MLI", "market_code": "1", "market_name": "Bamako", "commodity_code": "52",
        "commodity_name": "Rice", "commodity_category": "cereals", "currency_code": "XOF", "unit": "KG",
        "price_flag": "actual", "price_type": "Retail", "price": 450.0, "lat": 12.65, "lon": -8.0,
        "reference_period_start": "2026-09-01T00:00:00",
    }]},
    "dtm": {"result": [{
        "operation": "Mali", "admin0Pcode": "MLI", "numPresentIdpInd": 9_000, "reportingDate": "2026-07-31T00:00:00",
        "assessmentType": "BA",
    }], "isSuccess": True},
    "webhook": {"observations": [{"indicator": "fuel_queue_hours", "value": 4, "occurred_at": "2026-11-19T08:00Z",
                                  "lat": 12.65, "lon": -8.0, "place": "Bamako"}]},
}  # fmt: skip
CHANGED: dict[str, list[tuple[dict[str, Any], str]]] = {
    "hapi": [
        ({"price": 45_000_000}, "check the unit"),
        ({"lon": 8.0}, "outside the country"),
        ({"reference_period_start": "2031-01-01T00:00:00"}, "in the future"),
    ],
    "dtm": [
        ({"numPresentIdpInd": 90_000_000}, "check the unit"),
        ({"reportingDate": "2031-01-01"}, "in the future"),
    ],
    "webhook": [
        ({"value": 4_000}, "check the unit"),
        ({"lon": 8.0}, "wrong sign"),
        ({"occurred_at": "2031-01-01"}, "in the future"),
    ],
}


def polled(bamako: City, source: str, days_ago: float, found: int, outcome: str = "ok") -> None:
    with bamako.work.store.write() as tx:
        polls.record_poll(tx, Poll(source, NOON - days_ago * DAY, outcome, found=found))  # type: ignore[arg-type]


@pytest.mark.parametrize("source", sorted(BODIES))
async def test_what_a_source_says_that_cannot_be_true_is_kept_aside_counted_and_shown(
    tmp_path: Path, source: str
) -> None:
    async with city(tmp_path) as bamako:
        described = knowing.every_source(bamako.work.knowledge.files)[source]
        whole = BODIES[source]
        (name, (row,)) = next((name, rows) for name, rows in whole.items() if isinstance(rows, list))
        bad = [row | change for change, _ in CHANGED[source]]
        content = json.dumps(whole | {name: [row, *bad]}).encode()
        gathered, refused = receive(bamako.work, described, content, NOON)
        assert (gathered.poll.outcome, gathered.ingested.new, len(refused)) == ("ok", 1, len(bad))
        receive(bamako.work, described, content, NOON + DAY)
        shown = next(one for one in once.source_rows(bamako.settings, NOON) if one["id"] == source)
        assert shown["refused_rows"] == len(bad)
        assert {one["times"] for one in shown["refused"]} == {2}
        lines = "\n".join(once.source_lines([shown]))
        for _, why in CHANGED[source]:
            assert why in lines


async def test_a_source_that_finds_nothing_any_more_is_a_line_for_administrators(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        for day in range(3, 30):
            polled(bamako, "ioda", day + 0.1, 24)
        polled(bamako, "ioda", 0.1, 0, "no_data")
        shown = next(one for one in once.source_rows(bamako.settings, NOON) if one["id"] == "ioda")
        assert shown["trouble"] == "answers, but finds nothing any more: 0 in three days, usually 24 a day"
        assert any("finds nothing any more" in line for line in once.source_lines([shown]))
        async with page_of(bamako) as page:
            assert "ioda" in (await page.get("/readyz")).json()["sources"]


async def test_a_source_that_fails_for_days_is_told_with_its_last_words(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        polled(bamako, "brent", 2.5, 30)
        polled(bamako, "brent", 0.1, 0, "blocked")
        with bamako.work.store.read() as tx:
            found = healths(tx, bamako.work.sources.values(), NOON)
        assert found["brent"].standing == "overdue"
        assert "blocked" in found["brent"].trouble
        assert found["fcdo"].trouble == ""  # never asked yet
