from datetime import UTC, datetime
from pathlib import Path

import pytest
from warn.fetching import Collected, Fetcher, Manners, collect_one
from warn.sources.file import SOURCE, parse

from tests.sources.knowing import RULES, context, mutated

NOW = datetime(2025, 12, 20, tzinfo=UTC)
ROWS = b"indicator,occurred_at,known_at,place,grade\nconvoy_attack,2025-09-14,2025-09-15T00:00Z,Kolokani,B2\n"


async def ask(folder: object) -> Collected:
    fetcher = Fetcher(Manners())
    try:
        return await collect_one(SOURCE, fetcher, context(NOW), {"files": folder})
    finally:
        await fetcher.close()


async def test_files_of_a_folder_say_themselves_when_something_was_known(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(ROWS)
    (tmp_path / "b.jsonl").write_text('{"coverage": {"from": "2025-07-01", "to": "2025-12-05"}}\n')
    (tmp_path / "notes.txt").write_text("not ours")
    got = await ask(tmp_path)
    (seen,) = got.observations
    assert seen.known_at == datetime(2025, 9, 15, tzinfo=UTC)
    assert seen.lat == pytest.approx(13.57, abs=0.05)
    assert [c.start for c in got.coverage] == [datetime(2025, 7, 1, tzinfo=UTC)]
    assert (got.poll.outcome, set(got.poll.parts)) == ("ok", {"a.csv", "b.jsonl"})


async def test_a_faulty_row_is_told_and_the_good_ones_are_taken(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(ROWS + b"convoi_attack,2025-09-14,,,\n")
    got = await ask(tmp_path)
    assert (len(got.observations), got.refused[0].line) == (1, 3)
    assert "did you mean 'convoy_attack'" in got.poll.message


async def test_a_file_of_another_kind_is_a_changed_schema(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"date,what\n2025-09-14,x\n")
    assert (await ask(tmp_path)).poll.outcome == "schema_changed"


@pytest.mark.parametrize("folder", ["", "/does/not/exist"])
async def test_a_folder_that_is_not_there_is_said_with_the_setting(folder: str) -> None:
    got = await ask(folder)
    assert (got.poll.outcome, "WARN_SOURCE__FILES" in got.poll.message) == ("error", True)


async def test_a_file_that_cannot_be_taken_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(ROWS)
    with (tmp_path / "b.csv").open("wb") as sparse:
        sparse.truncate(65_000_000)
    got = await ask(tmp_path)
    assert (len(got.observations), got.poll.parts) == (1, {"a.csv": True, "b.csv": False})
    assert "larger than 64 MB" in got.poll.message


def test_the_bundled_history_is_read_without_a_fault() -> None:
    parsed = [parse(path.read_bytes(), context(NOW)) for path in (RULES / "history").glob("*blockade*.csv")]
    assert parsed
    assert all(p.refused == () and p.outcome == "ok" for p in parsed)


@pytest.mark.parametrize("seed", range(5))
def test_damaged_files_never_raise(seed: int) -> None:
    for content in mutated(ROWS * 3, 100, seed):
        assert parse(content, context(NOW)).outcome in {"ok", "schema_changed", "no_data", "blocked"}
