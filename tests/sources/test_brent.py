import json
from datetime import UTC, datetime

import pytest
from warn.sources.brent import parse

from tests.shared import shared
from tests.sources.knowing import context, mutated

NOW = datetime(2026, 8, 22, tzinfo=UTC)
CSV = b"Date,Price\n2020-01-02,66.25\n2026-08-17,92.43\n2026-08-18,95.29\n"


def eia(*values: object) -> bytes:
    rows = [
        {"period": f"2026-08-{day}", "value": value, "units": "$/BBL"} for day, value in enumerate(values, 17)
    ]
    return json.dumps({"response": {"total": "2", "data": rows}}).encode()


@pytest.mark.parametrize("content", [CSV, eia("92.43", 95.29), eia("92.43", 95.29, None)])
def test_prices_come_from_either_form(content: bytes) -> None:
    parsed = parse(content, context(NOW))
    assert (parsed.outcome, [o.value for o in parsed.observations]) == ("ok", [92.43, 95.29])
    assert parsed.observations[1].occurred_at == datetime(2026, 8, 18, tzinfo=UTC)
    assert parsed.observations[1].known_at == NOW


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (b"<html><body>rate limit</body></html>", "blocked"),
        (b'{"error": {"code": "API_KEY_MISSING"}}', "blocked"),
        (b'{"response": {}}', "schema_changed"),
        (b"", "error"),
        (b"Day,Close\n2026-08-18,95.29\n", "schema_changed"),
        (b"Date,Price\n", "no_data"),
        (b"Date,Price\n2026-08-18,n.a.\n", "schema_changed"),
    ],
)
def test_what_are_no_prices_ends_in_its_outcome(content: bytes, outcome: str) -> None:
    assert parse(content, context(NOW)).outcome == outcome


@pytest.mark.parametrize("name", ["brent/brent_daily_tail400.csv", "eia/brent_shape.json"])
def test_recorded_bodies_give_the_last_close(name: str) -> None:
    parsed = parse(shared(f"payloads/{name}").read_bytes(), context(NOW))
    assert max(parsed.observations, key=lambda o: o.key).value == pytest.approx(95.29)


@pytest.mark.parametrize("seed", range(5))
def test_damaged_bodies_never_raise(seed: int) -> None:
    for content in mutated((CSV, eia(1, "2"))[seed % 2], 100, seed):
        assert parse(content, context(NOW)).outcome in {"ok", "no_data", "blocked", "error", "schema_changed"}
