"""What is known of each road to the city, in words that never say "safe"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np

from warn.digest.facts import Facts
from warn.digest.languages import Words
from warn.digest.references import References
from warn.digest.telling import brief, counted
from warn.digest.typography import number
from warn.geo import Corridor, spots
from warn.incidents import grade_of
from warn.model import EMPTY, Observation

Status = Literal["attack", "incident", "disrupted", "announced", "older", "nothing", "unknown"]
ORDER: Final[tuple[Status, ...]] = (
    "attack", "incident", "disrupted", "announced", "older", "nothing", "unknown",
)  # fmt: skip
UNTOLD: Final = frozenset({"nothing", "unknown"})
"""What holds of a road without reports: that there are none, or that none would have reached us."""
ATTACKS: Final = frozenset(
    {"convoy_attack", "attack_civilian", "attack_military", "base_captured", "mine_ied"}
)
INCIDENTS: Final = frozenset({"abduction", "road_block", "checkpoint"})
DISRUPTED: Final = frozenset({"convoy_disruption", "logistics_suspension"})
ANNOUNCED: Final = frozenset({"blockade_declared"})
ENDED: Final = {"blockade_lifted": ANNOUNCED, "logistics_resumption": DISRUPTED}
NEAR_KM: Final = 35.0
IN_CITY: Final = 0.2  # degrees: what happens there belongs to no road
TOWNS: Final = 4
SUBURB: Final = 0.3  # degrees
FRESH: Final = timedelta(days=14)
STANDS: Final = timedelta(days=30)  # how long a disruption is taken to last when nobody tells of its end
OLDEST: Final = timedelta(days=60)
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Road:
    """One corridor with what holds of it, the gravest first, and the reports behind that, newest first."""

    corridor: Corridor
    statuses: tuple[Status, ...]
    reports: tuple[Observation, ...] = ()
    tolls: Mapping[str, tuple[float, float]] = field(default_factory=lambda: EMPTY)  # ref -> least, most

    @property
    def status(self) -> Status:
        return self.statuses[0]


def roads(facts: Facts) -> tuple[Road, ...]:
    """Every corridor, the worst status first.

    A report belongs to its nearest road within 35 km; what stops or is announced also to the roads whose towns its
    place names. An announcement stands as long as an alert on it is open. Where no rule on attacks can be read, a road
    without reports is unknown.
    """
    return facts.once("roads", lambda: _roads(facts))


def _roads(facts: Facts) -> tuple[Road, ...]:
    reports = [o for o in facts.observations if _tells(o, facts.now)]
    belongs = _corridor_of(facts, reports)
    announced = _announced(facts)
    untold: Status = "unknown" if _blind(facts) else "nothing"
    found = [
        _road(
            corridor,
            [o for o, at in zip(reports, belongs, strict=True) if at == i or _concerns(o, corridor)],
            facts.now,
            announced=any(_named(corridor, place) for place in announced),
            untold=untold,
        )
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
        "unknown": w._("not known, for want of sources"),
    }[status]


def road_words(w: Words, road: Road, between: str = "; ") -> str:
    """All that holds of a road: `perturbée ; attaque il y a plus de 14 jours`."""
    older = {o.indicator for o in road.reports}
    named = {
        "older": w._("attack more than 14 days ago")
        if older & ATTACKS
        else w._("incident more than 14 days ago")
    }
    return w._(between).join(named.get(status, status_words(w, status)) for status in road.statuses)


def road_line(road: Road, facts: Facts, w: Words, references: References) -> str:
    """Towns, what holds, its two newest reports: `Kita, Bamako : attaque il y a moins de 14 jours. 6 octobre...`."""
    said = [f"{road_words(w, road)}."]
    said += [_account(o, road, facts, w, references) for o in road.reports[:2]]
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


def by_town(facts: Facts) -> Mapping[str, str]:
    """Corridor id -> the one town by which a chat names it: its largest, the city apart; no two roads share one."""
    names: dict[str, str] = {}
    for corridor in facts.geography.corridors:
        towns = sorted(corridor.towns[:-1] or corridor.towns, key=lambda town: -_size(town, facts))
        names[corridor.id] = next((town for town in towns if town not in names.values()), towns[0])
    return names


def _size(town: str, facts: Facts) -> float:
    return facts.once(("size", town), lambda: _inhabitants(town, facts))


def _inhabitants(town: str, facts: Facts) -> float:
    """Of a town; a suburb of the city has none of its own, for nobody names a road by it."""
    place = facts.geography.gazetteer.one(town)
    area = facts.geography.area
    if place is None or abs(place.lat - area.lat) + abs(place.lon - area.lon) < SUBURB:
        return 0.0
    return float(place.population)


def _tells(observation: Observation, now: datetime) -> bool:
    known = ATTACKS | INCIDENTS | DISRUPTED | ANNOUNCED | set(ENDED)
    age = now - observation.occurred_at
    oldest = STANDS if observation.indicator in DISRUPTED else OLDEST
    return observation.indicator in known and timedelta(0) <= age <= oldest


def _blind(facts: Facts) -> bool:
    return any(
        rule.core and name in facts.unknown_rules and ATTACKS & set(rule.indicators)
        for name, rule in facts.rules.items()
    )


def _road(
    corridor: Corridor, reports: list[Observation], now: datetime, *, announced: bool, untold: Status
) -> Road:
    running = [o for o in reports if o.indicator not in ENDED and not _ended(o, reports)]
    running.sort(key=lambda o: (o.occurred_at, o.known_at, o.ref), reverse=True)
    holds = {s for s in ORDER if any(_means(o, s, now) for o in running)}
    holds |= {"announced"} if announced else set()
    if holds & {"attack", "incident"}:
        holds -= {"older"} | ({"incident"} if "attack" in holds else set())
    statuses = tuple(s for s in ORDER if s in holds) or (untold,)
    alike: dict[tuple[object, ...], list[Observation]] = defaultdict(list)
    for o in _shown(running, statuses, now):
        alike[o.occurred_at.date(), o.indicator, o.place].append(o)
    best = {
        key: min(group, key=lambda o: grade_of(o.grade)) for key, group in alike.items()
    }  # newest of equals
    tolls = {best[key].ref: spread for key, group in alike.items() if (spread := _spread(group))}
    return Road(corridor, statuses, tuple(best.values()), tolls)


def _spread(reports: Sequence[Observation]) -> tuple[float, float] | None:
    """The least and the most that several accounts of one event give; None where they agree or give nothing."""
    given = [o for o in reports if counted(o) and (o.low is not None or o.high is not None)]
    low = min((o.value if o.low is None else o.low for o in given), default=0.0)
    high = max((o.value if o.high is None else o.high for o in given), default=0.0)
    return (low, high) if low < high else None


def _account(report: Observation, road: Road, facts: Facts, w: Words, references: References) -> str:
    """One report; where accounts of it differ, with the range they span."""
    toll = ""
    if report.ref in road.tolls:
        low, high = (number(end, w.lang, 0) for end in road.tolls[report.ref])
        toll = w._(" (figures from %(low)s to %(high)s, depending on the source)", low=low, high=high)
    return f"{brief(report, facts, w)}{toll} {references.mark(report)}".rstrip() + "."


def _shown(
    running: Sequence[Observation], statuses: Sequence[Status], now: datetime
) -> Sequence[Observation]:
    """What a line tells: the fresh events that gave the status, else all that happened, else what was announced."""
    fresh = [o for o in running if statuses[0] in {"attack", "incident"} and _means(o, statuses[0], now)]
    happened = [o for o in running if o.indicator not in ANNOUNCED]
    return fresh or happened or running


def _means(observation: Observation, status: Status, now: datetime) -> bool:
    kind, fresh = observation.indicator, now - observation.occurred_at < FRESH
    return {
        "attack": kind in ATTACKS and fresh,
        "incident": kind in INCIDENTS and fresh,
        "disrupted": kind in DISRUPTED,
        "announced": kind in ANNOUNCED,
        "older": kind in ATTACKS | INCIDENTS and not fresh,
        "nothing": False,
        "unknown": False,
    }[status]


def _ended(observation: Observation, reports: Sequence[Observation]) -> bool:
    return any(
        observation.indicator in ENDED[end.indicator] and end.occurred_at > observation.occurred_at
        for end in reports
        if end.indicator in ENDED
    )


def _announced(facts: Facts) -> tuple[str, ...]:
    """Places named by the announcements on which an alert stands, however long ago they were made."""
    standing = (a for a in facts.alerts if a.shown and a.state.is_open and a.evidence is not None)
    return tuple(a.evidence.place for a in standing if a.evidence and ANNOUNCED & set(a.text.indicators))


def _concerns(observation: Observation, corridor: Corridor) -> bool:
    whole = ANNOUNCED | DISRUPTED | set(ENDED)
    return observation.indicator in whole and _named(corridor, observation.place)


def _named(corridor: Corridor, place: str) -> bool:
    """Whether a place names a town of this road, the one apart where it ends or joins another."""
    said = f" {_spaced(place)} "
    return any(f" {_spaced(town)} " in said for town in corridor.towns[:-1])


def _spaced(name: str) -> str:
    return " ".join(_WORD.findall(name.casefold()))


def _corridor_of(facts: Facts, reports: Sequence[Observation]) -> list[int]:
    """Index of the nearest corridor for each report, -1 where none is near or the place is not known to the town."""
    if not reports or not facts.geography.corridors:
        return [-1] * len(reports)
    area = facts.geography.area
    where = spots(facts.geography, reports)
    near = np.where(np.isnan(where.corridor_km), np.inf, where.corridor_km)
    near[np.hypot(where.lat - area.lat, where.lon - area.lon) < IN_CITY] = np.inf
    return [int(row.argmin()) if row.min() <= NEAR_KM else -1 for row in near]
