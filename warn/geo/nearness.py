"""Who is near what, for thousands of observations at once; each distinct place is measured only once.

Only a point or a town can be near something. A region or a cercle lies, as unconfirmed, near a corridor that
crosses it; a country is near nothing: its centroid is never "near" the capital.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from warn.errors import ConfigError
from warn.geo.names import Place, fold, unit_name
from warn.geo.shapes import Geography, Zone
from warn.model import Observation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOT_NEAR: Final = 0
UNCONFIRMED: Final = 1
CONFIRMED: Final = 2
_BLURRED: Final = frozenset({"cercle", "region"})


@dataclass(frozen=True, slots=True)
class Spots:
    """Where n observations lie, worked out once. NaN and -1 stand for "not known to that precision".

    `corridor_km` has a row per spot and a column per corridor; `crossed` says which corridors cross the
    region or cercle of a spot known no better. `region` and `unit` (the cercle) index the regions.
    """

    lat: Floats
    lon: Floats
    region: Ints
    unit: Ints
    corridor_km: Floats
    crossed: NDArray[np.bool_]


def spots(geo: Geography, observations: Sequence[Observation]) -> Spots:
    """Reads lat, lon, place and precision of each observation (for one that only names a place: `settle`)."""
    keys = [(o.lat, o.lon, o.precision, o.place if o.precision in _BLURRED else "") for o in observations]
    distinct: dict[tuple[float | None, float | None, str, str], int] = {}
    back = np.array([distinct.setdefault(key, len(distinct)) for key in keys], dtype=np.int64)
    found = _spots(geo, list(distinct))
    return Spots(*(getattr(found, name)[back] for name in Spots.__slots__))


def _spots(geo: Geography, keys: Sequence[tuple[float | None, float | None, str, str]]) -> Spots:
    lat = np.array([np.nan if k[0] is None else k[0] for k in keys], dtype=float)
    lon = np.array([np.nan if k[1] is None else k[1] for k in keys], dtype=float)
    precision = np.array([k[2] for k in keys], dtype=object)
    sharp = np.isin(precision, ("point", "town"))
    region, unit = _units_at(geo, lat, lon)
    region[precision == "country"], unit[~sharp] = -1, -1
    crossed = np.zeros((len(keys), len(geo.corridors)), dtype=bool)
    for i in map(int, np.flatnonzero(np.isin(precision, tuple(_BLURRED)))):
        at = _named_unit(geo, keys[i][3], cercle=precision[i] == "cercle")
        at = at if at >= 0 else int(region[i])
        if at >= 0:
            region[i], unit[i] = _region_of(geo, at), at if geo.regions[at].cercle else -1
            crossed[i] = geo.crossings[at]
    lat, lon = np.where(sharp, lat, np.nan), np.where(sharp, lon, np.nan)
    return Spots(lat, lon, region, unit, distance_to_corridors_km(geo, lat, lon), crossed)


def near(geo: Geography, where: Spots, zone: Zone) -> NDArray[np.int8]:
    """NOT_NEAR, UNCONFIRMED or CONFIRMED for each spot."""
    answer = np.full(len(where.lat), NOT_NEAR, dtype=np.int8)
    if zone.lat is not None:
        answer[distance_to_place_km(geo, where.lat, where.lon, zone) <= zone.km] = CONFIRMED
        return answer
    columns = [i for i, corridor in enumerate(geo.corridors) if corridor.id in zone.corridors]
    answer[where.crossed[:, columns].any(axis=1)] = UNCONFIRMED
    answer[(where.corridor_km[:, columns] <= zone.km).any(axis=1)] = CONFIRMED
    return answer


def inside(geo: Geography, where: Spots, regions: Iterable[str]) -> NDArray[np.bool_]:
    """Whether each spot lies in one of the regions or cercles named; an unknown name matches nothing."""
    wanted = {unit_name(name) for name in regions}
    at = [i for i, r in enumerate(geo.regions) if unit_name(r.cercle or r.region) in wanted]
    return np.isin(where.region, at) | np.isin(where.unit, at)


def nearest_corridor(where: Spots) -> Ints:
    """Index into `geo.corridors`; -1 where the spot is not known to the town, or there is no corridor."""
    if not where.corridor_km.shape[1]:
        return np.full(len(where.lat), -1)
    known = ~np.isnan(where.lat)
    return np.where(known, np.where(known[:, None], where.corridor_km, np.inf).argmin(axis=1), -1)


def distance_to_place_km(geo: Geography, lat: Floats, lon: Floats, place: Place | Zone) -> Floats:
    """Straight distance; NaN where the point is NaN."""
    (x, y), (px, py) = _plane(geo, lat, lon), _plane(geo, np.array([place.lat]), np.array([place.lon]))
    return np.hypot(x - px, y - py)


def distance_to_corridors_km(geo: Geography, lat: Floats, lon: Floats) -> Floats:
    """A row per point, a column per corridor in the order of `geo.corridors`; NaN where the point is NaN."""
    answer = np.full((len(lat), len(geo.corridors)), np.nan)
    known = ~(np.isnan(lat) | np.isnan(lon))
    if not geo.corridors or not known.any():
        return answer
    distinct, back = np.unique(lat[known] + 1j * lon[known], return_inverse=True)
    points = shapely.points(*_plane(geo, distinct.real, distinct.imag))
    answer[known] = shapely.distance(points[:, None], geo.lines_km[None, :])[back]
    return answer


def zone_of(geo: Geography, spec: Any) -> Zone:
    """What `near:` says: a name of places.yaml, or {place, km}, {corridor, km}, {corridors: all | [...], km}.

    Raises ConfigError, with the names that would have been understood.
    """
    if isinstance(spec, str):
        if spec in geo.zones:
            return geo.zones[spec]
        raise _unknown("area", spec, geo.zones)
    if not isinstance(spec, Mapping) or "km" not in spec:
        raise ConfigError(f"{spec!r} names no distance.", "For example: {place: Kayes, km: 25}.")
    km = float(spec["km"])
    if "place" in spec:
        return _around_place(geo, str(spec["place"]), km)
    named = spec.get("corridors", spec.get("corridor", "all"))
    if named == "all":
        return Zone(km=km, corridors=tuple(c.id for c in geo.corridors))
    wanted = [named] if isinstance(named, str) else named
    return Zone(km=km, corridors=tuple(_corridor_id(geo, str(name)) for name in wanted))


def settle(geo: Geography, observation: Observation) -> Observation:
    """An observation that names a place without a position gets the position and precision of that place.

    An unknown or ambiguous name stays without a position, hence near nothing; a stated one is kept.
    """
    if observation.lat is not None or not observation.place:
        return observation
    found = geo.gazetteer.one(observation.place)
    if found is None:
        is_unit = _named_unit(geo, observation.place, cercle=False) >= 0
        return replace(observation, precision="region") if is_unit else observation
    return replace(observation, lat=found.lat, lon=found.lon, precision=found.precision)


def _plane(geo: Geography, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    x, y = geo.plane(lon, lat)
    gone = np.isnan(lat) | np.isnan(lon)
    return np.where(gone, np.nan, x), np.where(gone, np.nan, y)


def _units_at(geo: Geography, lat: Floats, lon: Floats) -> tuple[Ints, Ints]:
    """(region, cercle) that holds each point, -1 where none does."""
    region, unit = np.full(len(lat), -1), np.full(len(lat), -1)
    known = np.flatnonzero(~(np.isnan(lat) | np.isnan(lon)))
    points = shapely.points(lon[known], lat[known])
    for i, candidate in enumerate(geo.regions):
        held = known[shapely.intersects(candidate.shape, points)]
        (unit if candidate.cercle else region)[held] = i
    return region, unit


def _region_of(geo: Geography, at: int) -> int:
    return next(i for i, r in enumerate(geo.regions) if r.region == geo.regions[at].region and not r.cercle)


def _named_unit(geo: Geography, place: str, *, cercle: bool) -> int:
    """The region or cercle of that name, -1 where there is none; many a region has a cercle of its name."""
    name = unit_name(place)
    found = [i for i, r in enumerate(geo.regions) if unit_name(r.cercle or r.region) == name]
    return (found[-1] if cercle else found[0]) if found else -1


def _around_place(geo: Geography, name: str, km: float) -> Zone:
    if fold(name) in {fold(text) for text in geo.area.names.values()}:
        return Zone(km=km, lat=geo.area.lat, lon=geo.area.lon, place=name)
    found = geo.gazetteer.one(name)
    if found is None and (several := geo.gazetteer.find(name)):
        where = "; ".join(f"{p.name} ({p.kind}, {p.cercle or p.region})" for p in several)
        raise ConfigError(f"{name!r} may be any of: {where}.", "Write it with its cercle in brackets.")
    if found is None:
        raise _unknown("place", name, {p.name: p for p in geo.gazetteer.places})
    return Zone(km=km, lat=found.lat, lon=found.lon, place=found.name)


def _corridor_id(geo: Geography, name: str) -> str:
    corridor = geo.corridor(name)
    if corridor is None:
        raise _unknown("corridor", name, {c.id: c for c in geo.corridors})
    return corridor.id


def _unknown(what: str, name: str, known: Mapping[str, object]) -> ConfigError:
    close = get_close_matches(name, known, n=1)
    meant = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(sorted(known)[:12])}."
    return ConfigError(f"Unknown {what} {name!r}.", meant)
