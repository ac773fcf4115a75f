"""What the engine's tests share: the shipped geography and indicators, rules and rows in a few words."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from warn import indicators
from warn.geo import Geography, geography
from warn.model import Coverage, Observation, SourceFacts
from warn.rules.evaluate import Engine
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule

FOLDER = Path(__file__).parents[2] / "rules"
T0 = datetime(2025, 9, 1, tzinfo=UTC)
ALWAYS = Coverage("test", (), T0 - timedelta(days=400), T0 + timedelta(days=400))
FEEDS = SourceFacts("feeds", {"convoy_attack": 0.0})
NEAR: dict[str, Any] = {"lat": 13.57, "lon": -8.03, "precision": "town", "place": "Kolokani"}
FAR: dict[str, Any] = {"lat": 16.77, "lon": -3.0, "precision": "town", "place": "Timbuktu"}


@cache
def ground() -> tuple[Geography, indicators.Indicators]:
    names = (
        "area.yaml",
        "places.yaml",
        "corridors.geojson",
        "regions.geojson",
        "gazetteer.csv",
        "outline.geojson",
    )
    texts = {name: (FOLDER / name).read_text() for name in names}
    registry, faults = indicators.load((FOLDER / "indicators.yaml").read_text(), "indicators.yaml")
    assert registry is not None, faults
    return geography(texts), registry


def rule(name: str = "attacks", **more: Any) -> LoadedRule:
    words = {"fr": "-", "en": "-"}
    body: dict[str, Any] = {
        "id": name, "title": words, "family": "supply",
        "measure": {"count": "convoy_attack", "near": "roads", "over": "14d",
                    "confirmed_by": {"origins": 2, "grade": "B2"}},
        "rises_to": {"tension": 1, "alert": 2, "crisis": 4},
    }  # fmt: skip
    body |= more
    if "falls_to" in more:
        del body["rises_to"]
    made = Rule.model_validate({key: value for key, value in body.items() if value is not None})
    return LoadedRule(made, "rules/test.yaml", 3, "digest", "judges")


def hours(n: float) -> datetime:
    return T0 + timedelta(hours=n)


def row(
    known: float, *, indicator: str = "convoy_attack", occurred: float | None = None, **more: Any
) -> Observation:
    """Known at so many hours after T0; it happened at once, unless said."""
    body: dict[str, Any] = {"source": "test", "origins": ("RFI",), "grade": "B2", **NEAR} | more
    body.setdefault("key", f"{indicator}-{known}-{occurred}-{body['place']}-{body['origins']}")
    return Observation(indicator, hours(known if occurred is None else occurred), hours(known), **body)


def engine(rules, rows=(), polls=(), coverage=(ALWAYS,), sources=(FEEDS,)) -> Engine:
    geo, registry = ground()
    made = Engine(rules, registry, geo, sources)
    made.load(rows, polls, coverage)
    return made


def told(outcome, name=None):
    """(hour, kind, level) of every transition."""
    return [
        ((t.at - T0) / timedelta(hours=1), t.kind, int(t.level))
        for t in outcome.transitions
        if name is None or t.rule == name
    ]


def every_hour(n: int, start: int = 0) -> list[datetime]:
    return [hours(h) for h in range(start, n + 1)]
