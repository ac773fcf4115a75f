"""Keys of described sources: two ways of setting them, and one clear line for each that is missing."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warn.app import build
from warn.app.checking import check
from warn.app.parsing import parse_body
from warn.settings import Settings

from tests.app.running import RULES
from tests.pipeline.city import shipped


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WARN_SOURCE__KEY_HAPI", "s3cret"),
        ("WARN_SOURCE__KEYS__HAPI", "s3cret"),
        ("WARN_SOURCE__KEYS", '{"hapi": "s3cret"}'),
    ],
)
def test_a_key_starts_its_source_however_it_is_set(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None, rules=RULES)
    asked, off = build.sources(settings, shipped().files)
    assert build.options(settings, shipped(), {"hapi": asked["hapi"]})["hapi"]["key_hapi"] == "s3cret"
    assert off["dtm"] == "set WARN_SOURCE__KEY_DTM to start it"
    assert "s3cret" not in repr(settings)


OFFICE = """
  - id: office
    title: Bureau
    homepage: https://example.org
    terms: ours
    origin: Bureau
    grade: B2
    every: 1d
    lag: 1d
    tables:
      - id: queues
        address: https://example.org/q.csv
        has: [ville, heures]
        gives:
          - indicator: fuel_queue_hours
            value: {column: heures}
            occurred_at: {column: jour, format: "%d/%m/%Y"}
            place: ville
            key: "{ville}:{jour}"
"""


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """A rules folder of one's own."""
    shutil.copytree(RULES, tmp_path / "rules")
    return Settings(_env_file=None, rules=tmp_path / "rules")


def change(settings: Settings, name: str, old: str, new: str) -> Path:
    assert settings.rules is not None
    path = settings.rules / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_source_of_ones_own_is_read_without_a_line_of_code(own: Settings, tmp_path: Path) -> None:
    change(own, "sources.yaml", "\nsources:\n", f"\nsources:{OFFICE}")
    (tmp_path / "q.csv").write_text("ville;heures;jour\nBamako;4.5;01/10/2025\n", encoding="utf-8")
    told = parse_body(own, "office", tmp_path / "q.csv", datetime(2025, 10, 20, tzinfo=UTC))
    (one,) = told["observations"]
    assert (told["outcome"], one["indicator"], one["value"], one["place"]) == (
        "ok",
        "fuel_queue_hours",
        4.5,
        "Bamako",
    )
    assert one["occurred_at"] == datetime(2025, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "old", "new", "asks"),
    [
        ("sources.yaml", "indicator: idp_count", "indicator: idp_counts", "did you mean 'idp_count'"),
        ("feeds.yaml", "outlet:", "outlt:", "did you mean 'outlet'"),
        (
            "forms/supply.yaml",
            "indicator: power_hours",
            "indicator: power_hour",
            "did you mean 'power_hours'",
        ),
    ],
)
def test_a_slip_in_what_describes_sources_is_told_by_rules_check(
    own: Settings, name: str, old: str, new: str, asks: str
) -> None:
    path = change(own, name, old, new)
    found = check(own, [path])
    assert found.failed
    assert any(asks in row["message"] and row["file"] == str(path) for row in found.rows)
