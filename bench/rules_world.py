"""A world to measure rules in: shipped places and indicators, made-up reports and as many rules as wanted."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from warn.geo import Geography, geography
from warn.indicators import Indicators
from warn.indicators import load as load_indicators
from warn.model import Coverage, Observation
from warn.rules.load import load
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule

ROOT: Final = Path(__file__).parents[1]
START: Final = datetime(2024, 1, 1, tzinfo=UTC)
YEARS: Final = timedelta(days=730)
EVERYTHING: Final = (Coverage("bench", (), START - timedelta(days=4000), START + timedelta(days=4000)),)
ORIGINS: Final = ("RFI", "AFP", "Reuters", "Studio Tamani", "ORTM", "OCHA")
GRADES: Final = ("B2", "B2", "C3", "F6")
WORDS: Final[Mapping[str, str]] = {"fr": "-", "en": "-"}


@cache
def files() -> Mapping[str, str]:
    """The shipped rules folder, as the core gets it."""
    folder = ROOT / "rules"
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.glob("*"))
        if path.suffix in {".yaml", ".csv", ".geojson"}
    }


def most_memory_mb() -> float:
    """Of this process alone: what `getrusage` says begins with the size of whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@cache
def ground() -> tuple[Geography, Indicators]:
    registry, faults = load_indicators(files()["indicators.yaml"], "indicators.yaml")
    if registry is None:
        raise SystemExit(f"rules/indicators.yaml: {faults[0]}")
    return geography(files()), registry


@cache
def shipped() -> Sequence[LoadedRule]:
    """The rules of the folder."""
    geo, registry = ground()
    texts = {f"rules/{name}": text for name, text in files().items() if name.endswith(".yaml")}
    found, faults = load(texts, indicators=registry, places=geo)
    if found is None:
        raise SystemExit("\n".join(str(fault) for fault in faults))
    return found.rules


def observations(count: int, over: timedelta = YEARS, seed: int = 1) -> list[Observation]:
    """Reports of every indicator, spread over `over`, from the places of the gazetteer; one in fifty is late."""
    rng = random.Random(seed)
    geo, registry = ground()
    kinds = sorted((one.id, one.kind) for one in registry)
    places = [p for p in geo.gazetteer.places if p.precision in {"point", "town"}][:120]
    spread = over.total_seconds()
    return [
        _report(n, START + timedelta(seconds=spread * n / count), rng, kinds, places) for n in range(count)
    ]


def _report(
    n: int, at: datetime, rng: random.Random, kinds: Sequence[tuple[str, str]], places: Any
) -> Observation:
    name, kind = kinds[rng.randrange(len(kinds))]
    place = places[rng.randrange(len(places))]
    delay = timedelta(hours=rng.choice((1, 2, 6)) if n % 50 else 240)
    return Observation(
        name, at, at + delay, value=1.0 if kind == "event" else float(rng.randrange(100)), stored_at=at + delay,
        source="bench", origins=(rng.choice(ORIGINS),), place=place.name, lat=place.lat, lon=place.lon,
        precision=place.precision, grade=rng.choice(GRADES), attributes=ATTRIBUTES[n % 2], key=str(n),
    )  # fmt: skip


ATTRIBUTES: Final = ({"product": "petrol", "commodity": "millet"}, {"product": "diesel", "commodity": "rice"})


def mixed(count: int, rows: int = 100_000) -> list[LoadedRule]:
    """Counts, sums, means, medians, newest values, states and silences over all indicators.

    Thresholds are such that of so many rows over two years a few in a hundred rules are open at a time.
    """
    _, registry = ground()
    events = sorted(one.id for one in registry if one.kind == "event")
    levels = sorted(one.id for one in registry if one.kind == "level")
    per_day = rows / (YEARS / timedelta(days=1)) / (len(events) + len(levels))
    return [_rule(n, _measure(n, events, levels), per_day) for n in range(count)]


def _measure(n: int, events: Sequence[str], levels: Sequence[str]) -> Mapping[str, Any]:
    event, other, level = events[n % len(events)], events[(n + 1) % len(events)], levels[n % len(levels)]
    days = f"{3 + n % 26}d"
    return (
        {"count": event, "near": "roads", "over": days, "confirmed_by": {"origins": 2, "grade": "B2"}},
        {"mean": level, "over": days, "min_reports": 2},
        {"count": [event, other], "over": days},
        {"latest": level},
        {"sum": event, "near": {"corridors": "all", "km": 20 + n % 60}, "over": days},
        {"median": level, "over": days},
        {"count": event, "over": days, "where": {"product": "petrol"}},
        {"min": level, "over": days, "min_reports": 2},
        {"silence": event},
        {"state": {"on": event, "off": other, "expires": days}},
    )[n % 10]  # fmt: skip


def _rule(n: int, measure: Mapping[str, Any], per_day: float = 3.0) -> LoadedRule:
    days, kind = 3 + n % 26, next(iter(measure))
    usual = {
        "count": 2.2 * per_day * days + 6,
        "sum": 2.2 * per_day * days + 6,
        "silence": 200.0,
        "state": 2.0,
    }
    low = usual.get(kind, 98.0 if kind in {"latest", "max"} else 75.0)
    body = {
        "id": f"rule-{n}", "title": WORDS, "family": "supply", "measure": measure,
        "rises_to": {"tension": low, "alert": low * 1.2, "crisis": low * 2},
    }  # fmt: skip
    return LoadedRule(Rule.model_validate(body), "bench.yaml", n + 1, str(n), str(n))
