import json
from datetime import UTC, datetime

import pytest
from warn.fetching import Fetcher, Manners, collect_one
from warn.sources.ioda import SOURCE, parse

from tests.fakes.web import body, serving
from tests.shared import shared
from tests.sources.knowing import context, mutated

NOW = datetime(2025, 10, 20, 12, tzinfo=UTC)
START = int(datetime(2025, 10, 20, tzinfo=UTC).timestamp())


def signals(values: list[float | None], **more: object) -> bytes:
    series = {
        "entityCode": "ML",
        "entityName": "Mali",
        "datasource": "ping-slash24",
        "from": START,
        "step": 1800,
        "values": values,
    }
    return json.dumps({"type": "signals", "error": None, "data": [[series | more]]}).encode()


FALL = signals([100, 100, 100, None, 100, 100, 40, 40, 0, None, None])


def test_each_hour_gives_its_share_of_the_usual_and_nulls_are_no_outage() -> None:
    parsed = parse(FALL, context(NOW))
    assert [(o.occurred_at.hour, o.value) for o in parsed.observations] == [(0, 1), (1, 1), (2, 1), (3, 0.4)]
    assert {o.place for o in parsed.observations} == {"Mali"}


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (b"<!doctype html><html>", "blocked"),
        (b"{", "error"),
        (b'{"error": "backend failed", "data": null}', "error"),
        (b'{"error": null, "data": []}', "no_data"),
        (b'{"result": []}', "schema_changed"),
        (b'{"error": null, "data": [{"who": 1}]}', "schema_changed"),
        (signals([1], step=0), "schema_changed"),
        (signals([None, None, None, None, None]), "no_data"),
    ],
)
def test_what_says_nothing_ends_in_its_outcome(content: bytes, outcome: str) -> None:
    assert parse(content, context(NOW)).outcome == outcome


async def test_a_week_is_asked_for_and_another_countrys_answer_is_refused() -> None:
    async with serving() as web:
        web.on("/ML", body(FALL, "application/json"), body(FALL.replace(b"ML", b"MT"), "application/json"))
        fetcher = Fetcher(Manners(pace_s=0, allow_private=True))
        options = {"ioda_url": f"{web.address}/{{code}}", "area": context(NOW).area}
        assert (await collect_one(SOURCE, fetcher, context(NOW), options)).poll.outcome == "ok"
        assert (await collect_one(SOURCE, fetcher, context(NOW), options)).poll.outcome == "schema_changed"
        await fetcher.close()
        assert f"until={int(NOW.timestamp())}" in web.asked[0].target


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("signals_raw.json", "ok"),
        ("outages_alerts.json", "ok"),
        ("outages_events.json", "no_data"),
        ("error_400.json", "error"),
    ],
)
def test_recorded_bodies_end_in_their_outcome(name: str, outcome: str) -> None:
    parsed = parse(shared(f"payloads/ioda/{name}").read_bytes(), context(datetime(2026, 10, 1, tzinfo=UTC)))
    assert parsed.outcome == outcome
    assert all(0.9 < o.value <= 1 for o in parsed.observations)


@pytest.mark.parametrize("seed", range(5))
def test_damaged_bodies_never_raise(seed: int) -> None:
    for content in mutated(FALL, 100, seed):
        assert parse(content, context(NOW)).outcome in {"ok", "no_data", "error", "schema_changed", "blocked"}
