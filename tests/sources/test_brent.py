import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from warn.sources.brent import SOURCE, parse

from tests.fakes.web import body, serving, unless_known
from tests.shared import shared
from tests.sources.asking import ask
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


async def test_without_a_key_the_copy_is_read_and_not_again_until_it_changes() -> None:
    async with serving() as web:
        where = {"brent_url": web.on("/brent.csv", unless_known(CSV, '"1"', "text/csv"))}
        first = await ask(SOURCE, where, now=NOW)
        again = await ask(SOURCE, where, first.validators, now=NOW)
    assert (first.poll.outcome, again.poll.outcome) == ("ok", "no_data")


async def test_with_a_key_the_agency_itself_is_asked_for_its_newest_days() -> None:
    async with serving() as web:
        where = {
            "eia_url": web.on("/spt", body(eia("92.43", 95.29), "application/json")),
            "eia_key": "secret",
        }
        found = await ask(SOURCE, where, now=NOW)
    query = parse_qs(web.asked[0].target.partition("?")[2])
    assert (found.poll.outcome, query["data[0]"], query["api_key"]) == ("ok", ["value"], ["secret"])
    assert query["facets[series][]"] == ["RBRTE"]


async def test_a_key_that_is_refused_is_said_and_never_shown() -> None:
    async with serving() as web:
        where = {
            "eia_url": web.on("/spt", body(b'{"error": {"code": "API_KEY_INVALID"}}')),
            "eia_key": "secret",
        }
        found = await ask(SOURCE, where, now=NOW)
    assert found.poll.outcome == "blocked"
    assert "secret" not in found.poll.message


def test_other_series_in_the_same_answer_are_not_brent() -> None:
    row = {"period": "2026-08-18", "series": "RWTC", "value": 58}
    content = json.dumps({"response": {"data": [row, {**row, "series": "RBRTE", "value": 95}]}}).encode()
    assert [o.value for o in parse(content, context(NOW)).observations] == [95]
