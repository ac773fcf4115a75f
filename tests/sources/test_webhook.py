import json
from datetime import UTC, datetime

import pytest
from warn.fetching import read_body
from warn.source import Body, Parsed
from warn.sources.webhook import SOURCE, parse

from tests.sources.knowing import context, mutated

NOW = datetime(2026, 9, 2, 12, tzinfo=UTC)
ROW = {
    "indicator": "road_block",
    "occurred_at": "2026-09-01T08:00Z",
    "place": "Kita",
    "origin": "NGO",
    "key": "n1",
}


def read(said: object) -> Parsed:
    content = said if isinstance(said, bytes) else json.dumps(said).encode()
    return read_body(SOURCE, Body(content), context(NOW))


@pytest.mark.parametrize(
    "said", [ROW, [ROW], {"observations": [ROW]}, b"%s\n%s\n" % ((json.dumps(ROW).encode(),) * 2)]
)
def test_rows_come_singly_as_a_list_or_by_line(said: object) -> None:
    told = read(said)
    assert told.outcome == "ok"
    assert {(o.indicator, o.place, o.origins, o.key) for o in told.observations} == {
        ("road_block", "Kita", ("NGO",), "n1")
    }


def test_a_sender_cannot_say_since_when_it_was_known_nor_speak_for_another_source() -> None:
    (one,) = read(
        ROW | {"known_at": "2020-01-01T00:00Z", "source": "acled", "superseded_at": "2020-01-02"}
    ).observations
    assert (one.known_at, one.source, one.superseded_at) == (NOW, "webhook", None)


def test_bad_rows_are_told_with_their_number_and_stop_no_good_one() -> None:
    told = read([ROW, ROW | {"indicator": "road_blok"}, 7, ROW | {"occurred_at": "2031-01-01T00:00Z"}])
    assert (told.outcome, len(told.observations), [one.line for one in told.refused]) == ("ok", 1, [2, 3, 4])
    assert "did you mean 'road_block'" in told.refused[0].reason


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (b"", "error"),
        (b"not json", "error"),
        ([], "no_data"),
        ([ROW] * 10_001, "error"),
        ({"observations": [{"who": 1}]}, "schema_changed"),
        (b"<html></html>", "blocked"),
    ],
)
def test_what_are_no_rows_ends_in_its_outcome(said: object, outcome: str) -> None:
    assert read(said).outcome == outcome


@pytest.mark.parametrize("seed", range(5))
def test_damaged_bodies_never_raise(seed: int) -> None:
    for content in mutated(json.dumps([ROW, ROW]).encode(), 100, seed):
        assert parse(content, context(NOW)).outcome in {"ok", "no_data", "schema_changed", "error", "blocked"}
