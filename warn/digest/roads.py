"""What is known of each road to the city, in words that never say "safe"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np

from warn.digest.facts import Facts
from warn.digest.languages import Words
from warn.digest.phrases import here
from warn.digest.references import References
from warn.digest.text import clean
from warn.digest.typography import day_month
from warn.geo import Corridor, spots
from warn.model import Observation

Status = Literal["attack", "incident", "announced", "disrupted", "older", "nothing"]
ORDER: Final[tuple[Status, ...]] = ("attack", "incident", "disrupted", "announced", "older", "nothing")
ATTACKS: Final = frozenset(
    {"convoy_attack", "attack_civilian", "attack_military", "base_captured", "mine_ied"}
)
INCIDENTS: Final = frozenset({"abduction", "road_block", "checkpoint"})
DISRUPTED: Final = frozenset({"convoy_disruption", "logistics_suspension"})
ANNOUNCED: Final = frozenset({"blockade_declared"})
ENDED: Final = {"blockade_lifted": ANNOUNCED, "logistics_resumption": DISRUPTED}
NEAR_KM: Final = 35.0
TOWNS: Final = 4
SUBURB: Final = 0.3  # degrees
FRESH: Final = timedelta(days=14)
OLDEST: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Road:
    """One corridor with its derived status, and the reports it rests on, newest first."""

    corridor: Corridor
    status: Status
    reports: tuple[Observation, ...] = ()


def roads(facts: Facts) -> tuple[Road, ...]:
    """Every corridor, the worst status first; a report belongs to its nearest road within 35 km."""
    reports = [o for o in facts.observations if _tells(o, facts.now)]
    belongs = _corridor_of(facts, reports)
    found = [
        _road(corridor, [o for o, at in zip(reports, belongs, strict=True) if at == i], facts.now)
        for i, corridor in enumerate(facts.geography.corridors)
    ]
    return tuple(sorted(found, key=lambda road: ORDER.index(road.status)))


def status_words(w: Words, status: Status) -> str:
    return {
        "attack": w._("attack less than 14 days ago"),
        "incident": w._("incident less than 14 days ago"),
        "disrupted": w._("disrupted"),
        "announced": w._("announced blockade"),
        "older": w._("older attack or incident"),
        "nothing": w._("nothing reported"),
    }[status]


def road_line(road: Road, facts: Facts, w: Words, references: References) -> str:
    """Towns, status, and its two newest reports: `Kita, Bamako : attaque il y a moins de 14 jours. 6 octobre...`."""
    said = [f"{status_words(w, road.status)}."]
    said += [f"{_report(o, facts, w)} {references.mark(o)}".rstrip() + "." for o in road.reports[:2]]
    colon = w._(": ")
    return f"{', '.join(short(road.corridor, facts))}{colon}{' '.join(said)}"


def short(corridor: Corridor, facts: Facts) -> tuple[str, ...]:
    """At most four towns, in order: its last, and the largest of the others that are not suburbs of the city."""
    towns = corridor.towns
    if len(towns) <= TOWNS:
        return tuple(towns)
    sized = {town: _size(town, facts) for town in towns[:-1]}
    largest = sorted(sized, key=lambda town: -sized[town])[: TOWNS - 1]
    return tuple(town for town in towns if town in largest or town == towns[-1])


def _size(town: str, facts: Facts) -> float:
    place = facts.geography.gazetteer.one(town)
    area = facts.geography.area
    if place is None or abs(place.lat - area.lat) + abs(place.lon - area.lon) < SUBURB:
        return 0.0
    return float(place.population)


def _report(report: Observation, facts: Facts, w: Words) -> str:
    indicator = facts.indicators.get(report.indicator)
    what = clean(indicator.title.get(w.lang, report.indicator), 80).lower() if indicator else report.indicator
    place = clean(report.place, 60)
    coarse = "" if report.precision in {"point", "town"} else w._(", place approximate")
    day = day_month(here(facts, report.occurred_at).date(), w.lang)
    return f"{day}, {what}" + (f", {place}{coarse}" if place else coarse)


def _tells(observation: Observation, now: datetime) -> bool:
    known = ATTACKS | INCIDENTS | DISRUPTED | ANNOUNCED | set(ENDED)
    return observation.indicator in known and timedelta(0) <= now - observation.occurred_at <= OLDEST


def _road(corridor: Corridor, reports: list[Observation], now: datetime) -> Road:
    running = [o for o in reports if o.indicator not in ENDED and not _ended(o, reports)]
    running.sort(key=lambda o: (o.occurred_at, o.known_at, o.ref), reverse=True)
    status: Status = next((s for s in ORDER if any(_means(o, s, now) for o in running)), "nothing")
    first = [o for o in running if _means(o, status, now)]
    distinct = {(o.occurred_at.date(), o.indicator, o.place): o for o in reversed(first)}
    return Road(corridor, status, tuple(reversed(distinct.values())))


def _means(observation: Observation, status: Status, now: datetime) -> bool:
    kind, fresh = observation.indicator, now - observation.occurred_at < FRESH
    return {
        "attack": kind in ATTACKS and fresh,
        "incident": kind in INCIDENTS and fresh,
        "disrupted": kind in DISRUPTED,
        "announced": kind in ANNOUNCED,
        "older": kind in ATTACKS | INCIDENTS and not fresh,
        "nothing": False,
    }[status]


def _ended(observation: Observation, reports: Sequence[Observation]) -> bool:
    return any(
        observation.indicator in ENDED[end.indicator] and end.occurred_at > observation.occurred_at
        for end in reports
        if end.indicator in ENDED
    )


def _corridor_of(facts: Facts, reports: Sequence[Observation]) -> list[int]:
    """Index of the nearest corridor for each report, -1 where none is near or the place is not known to the town."""
    if not reports or not facts.geography.corridors:
        return [-1] * len(reports)
    distance = spots(facts.geography, reports).corridor_km
    nearest = np.where(np.isnan(distance), np.inf, distance)
    return [int(row.argmin()) if row.min() <= NEAR_KM else -1 for row in nearest]
