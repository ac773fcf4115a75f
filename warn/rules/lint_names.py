"""Lint of names: indicators, places and rules that a rule speaks of, and whether it may ask of them what it asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from warn.documents import Fault, did_you_mean
from warn.errors import ConfigError
from warn.geo import Geography, Zone, fold, inside, near, spots, zone_of
from warn.model import Level, Observation, Precision
from warn.rules.checked import Checked, Folder, Path
from warn.rules.durations import short
from warn.rules.filters import Filtered, Near
from warn.rules.sentences import tell

_WANTED: Mapping[str, frozenset[str]] = {
    "count": frozenset({"event"}),
    "spike": frozenset({"event"}),
    "state": frozenset({"event"}),
    "change": frozenset({"level"}),
    "anomaly": frozenset({"level"}),
    "mean": frozenset({"level"}),
    "median": frozenset({"level"}),
    "days_until": frozenset({"date"}),
}
"""What each measure can be asked of; those not named take any kind."""
_KINDS = {
    "event": ("event", "event (événement)"),
    "level": ("level", "level (grandeur)"),
    "date": ("date", "date"),
}


def indicators(one: Checked, folder: Folder) -> Iterator[Fault]:
    """Names that the registry does not know, and what a measure cannot be asked of."""
    for name, path in one.named():
        spot = one.spot(*path)
        known = folder.indicators.get(name)
        if known is None:
            meant = folder.indicators.nearest(name)
            yield tell(one.document, spot, "unknown-indicator", name=name, meant=meant)
            continue
        if not known.counts:
            yield tell(one.document, spot, "context-only", name=name)
        kind = next((step for step in reversed(path) if step in _WANTED), None)
        wanted = _WANTED.get(str(kind), frozenset())
        if wanted and known.kind not in wanted:
            words = {"measure": kind, "name": name, "kind": _KINDS[known.kind], "wanted": _KINDS[min(wanted)]}
            yield tell(one.document, spot, "indicator-kind", **words)


def cadence(one: Checked, folder: Folder) -> Iterator[Fault]:
    """Windows and patience shorter than what the indicator's readings need."""
    for leaf, path in one.leaves():
        if not isinstance(leaf, Filtered):
            continue
        slowest = max(
            (
                known
                for name in leaf.indicators
                if (known := folder.indicators.get(name)) and known.expected_every
            ),
            key=lambda known: known.expected_every or timedelta(0),
            default=None,
        )
        if slowest is None or slowest.expected_every is None:
            continue
        every = slowest.expected_every
        if leaf.over is not None and leaf.over < every:
            words: dict[str, Any] = {"over": short(leaf.over), "every": short(every), "name": slowest.id}
            yield tell(one.document, one.spot(*path, "over"), "window-shorter-than-cadence", **words)
        lag = timedelta(seconds=min(_lags(folder, slowest.id), default=0.0))
        stale = one.rule.stale_after
        if stale is not None and leaf.shape == "level" and stale < every + lag:
            late = (f" and {short(lag)} late", f", avec {short(lag)} de retard") if lag else ("", "")
            words = {"stale": short(stale), "name": slowest.id, "every": short(every), "lag": late}
            spot = one.spot("stale_after")
            yield tell(one.document, spot, "stale-shorter-than-cadence", **words, least=short(every + lag))


BUILT_IN = frozenset({"corridor", "place"})
"""What `by` may name without any source saying it."""


def twice(one: Checked, _: Folder) -> Iterator[Fault]:
    """A name that stands twice in a list would count double, or do nothing."""
    lists = [one.named(), [(name, ("by", nth)) for nth, name in enumerate(one.rule.by)]]
    lists.append([(name, ("measure", "rules", nth)) for nth, name in enumerate(one.rule.measure.rules)])
    for names in lists:
        seen: set[tuple[str, Path]] = set()
        for name, path in names:
            if (name, path[:-2]) in seen:
                yield tell(one.document, one.spot(*path), "named-twice", name=name)
            seen.add((name, path[:-2]))


def attributes(one: Checked, folder: Folder) -> Iterator[Fault]:
    """Attributes that no report of the indicators is known to have: most often a slip of the pen."""
    for leaf, path in one.leaves():
        if not isinstance(leaf, Filtered):
            continue
        known = [found for name in leaf.indicators if (found := folder.indicators.get(name))]
        if len(known) < len(leaf.indicators):
            continue
        said = tuple(dict.fromkeys(name for found in known for name in found.attributes))
        asked: list[tuple[str, Path]] = [(name, (*path, "where", name)) for name in leaf.where]
        asked += [(name, ("by", nth)) for nth, name in enumerate(one.rule.by) if name not in BUILT_IN]
        for name, at in asked:
            if name not in said:
                listed = ", ".join(said)
                help_ = (f"They say: {listed}. ", f"Ils portent : {listed}. ") if said else ("", "")
                meant = did_you_mean(name, (*said, *(BUILT_IN if at[0] == "by" else ())))
                words = {"name": name, "indicator": leaf.indicators[0], "meant": meant, "known": help_}
                yield tell(one.document, one.spot(*at, key=at[0] != "by"), "unknown-attribute", **words)


def exclusive(one: Checked, folder: Folder) -> Iterator[Fault]:
    """`near` and `in` that no place on earth fulfils together."""
    geo = folder.places
    for leaf, path in one.leaves():
        if geo is None or not isinstance(leaf, Filtered) or leaf.near is None or not leaf.inside:
            continue
        if all(_is_unit(geo, name) for name in leaf.inside) and not _meets(geo, leaf):
            named = ", ".join(leaf.inside)
            yield tell(one.document, one.spot(*path, "in"), "filters-exclude", regions=named)


def _meets(geo: Geography, leaf: Filtered) -> bool:
    """Whether a place of the gazetteer, the regions themselves, or a point around the place named pass both."""
    assert leaf.near is not None
    try:
        zone = zone_of(geo, leaf.near if isinstance(leaf.near, str) else leaf.near.spec())
    except ConfigError:
        return True  # told already, by its name
    rows = [_report(one.lat, one.lon, one.precision, one.name) for one in geo.gazetteer.places]
    rows += [_report(None, None, kind, name) for name in leaf.inside for kind in _UNITS]
    if zone.lat is not None:
        rows += [_report(lat, lon) for lat, lon in _around(zone)]
    where = spots(geo, rows)
    return bool(((near(geo, where, zone) > 0) & inside(geo, where, leaf.inside)).any())


def _report(
    lat: float | None, lon: float | None, precision: Precision = "point", place: str = ""
) -> Observation:
    return Observation("", _EPOCH, _EPOCH, lat=lat, lon=lon, precision=precision, place=place)


_UNITS: tuple[Precision, ...] = ("region", "cercle")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KM_PER_DEGREE = 111.2


def _around(zone: Zone) -> Iterator[tuple[float, float]]:
    """Points in 24 directions, up to just inside the distance."""
    assert zone.lat is not None
    assert zone.lon is not None
    for share in (0.0, 0.3, 0.6, 0.9, 0.99):
        for nth in range(24):
            north, east = (
                turn(nth * math.pi / 12) * share * zone.km / _KM_PER_DEGREE for turn in (math.cos, math.sin)
            )
            yield zone.lat + north, zone.lon + east / math.cos(math.radians(zone.lat))


def _lags(folder: Folder, name: str) -> Iterable[float]:
    return (source.lag_s[name] for source in folder.sources if name in source.lag_s)


def origins(one: Checked, folder: Folder) -> Iterator[Fault]:
    """Several origins asked of what a single organisation publishes."""
    for leaf, path in one.leaves():
        if not isinstance(leaf, Filtered):
            continue
        confirmed = getattr(leaf, "confirmed_by", None)
        by_grade = confirmed is not None and confirmed.grade is not None
        asked = (
            (leaf.min_origins, (*path, "min_origins")),
            (
                (confirmed.origins or 0) if confirmed and not by_grade else 0,
                (*path, "confirmed_by", "origins"),
            ),
        )
        single = [name for name in leaf.indicators if (i := folder.indicators.get(name)) and i.one_origin]
        for number, at in asked:
            if number >= 2 and single and len(single) == len(leaf.indicators):
                words = {"origins": number, "name": single[0]}
                yield tell(one.document, one.spot(*at), "origins-from-one-source", **words)


def field_only(one: Checked, folder: Folder) -> Iterator[Fault]:
    """Reports from the ground alone may not raise an alert without a person."""
    known = [folder.indicators.get(name) for name in one.rule.measure.indicators]
    rests = bool(known) and all(indicator is not None and indicator.field_only for indicator in known)
    if rests and one.rule.mode == "live" and max(one.rule.ladder, default=Level.CALM) > Level.TENSION:
        spot = one.spot("mode") if one.stands("mode") else one.spot("id")
        yield tell(one.document, spot, "field-needs-approval")


def places(one: Checked, folder: Folder) -> Iterator[Fault]:
    """Names that places.yaml, the gazetteer, the roads or the regions do not know."""
    geo = folder.places
    if geo is None:
        return
    for leaf, path in one.leaves():
        if not isinstance(leaf, Filtered):
            continue
        for name, at, known, where in _asked(leaf, path, geo, one):
            if not known(name):
                list_, said = where
                options = list_()
                meant = did_you_mean(name, options)
                listed = ", ".join(sorted(options)[:12])
                help_ = (said[0].replace("{known}", listed), said[1].replace("{known}", listed))
                spot = one.spot(*at)
                yield tell(one.document, spot, "unknown-place", name=name, meant=meant, where=help_)


_Known = Callable[[str], bool]
_Where = tuple[Callable[[], list[str]], tuple[str, str]]
_ZONES = ("Areas of places.yaml: {known}.", "Zones de places.yaml : {known}.")
_TOWNS = (
    "Places are listed in rules/gazetteer.csv; add the region where two share a name: 'Faladié (Kati)'.",
    "Les lieux sont dans rules/gazetteer.csv ; ajoutez la région si deux portent ce nom : « Faladié (Kati) ».",
)
_ROADS = ("Corridors: {known}.", "Corridors : {known}.")
_REGIONS = ("Regions and cercles: {known} ...", "Régions et cercles : {known} ...")


def _asked(
    leaf: Filtered, path: Path, geo: Geography, one: Checked
) -> Iterator[tuple[str, Path, _Known, _Where]]:
    """(name, where it stands, whether a name is known there, the names that are)."""
    near = leaf.near
    if isinstance(near, str):
        yield near, (*path, "near"), geo.zones.__contains__, (lambda: list(geo.zones), _ZONES)
    elif isinstance(near, Near):
        at = (*path, "near")
        if near.place is not None:
            towns = (lambda: [place.name for place in geo.gazetteer.places], _TOWNS)
            yield near.place, (*at, "place"), lambda name: geo.gazetteer.one(name) is not None, towns
        named = near.corridors if isinstance(near.corridors, tuple) else ()
        roads = (lambda: [road.id for road in geo.corridors], _ROADS)
        for nth, name in enumerate(named):
            yield name, (*at, "corridors", nth), lambda name: geo.corridor(name) is not None, roads
        if near.corridor is not None:
            yield near.corridor, (*at, "corridor"), lambda name: geo.corridor(name) is not None, roads
    regions = (lambda: sorted({region.region for region in geo.regions}), _REGIONS)
    single = one.document.find((*one.at, *path, "in"))
    for nth, name in enumerate(leaf.inside):
        at = (*path, "in") if single is not None and single.kind == "scalar" else (*path, "in", nth)
        yield name, at, lambda name: _is_unit(geo, name), regions


def _is_unit(geo: Geography, name: str) -> bool:
    """Whether a region or cercle bears the name."""
    wanted = fold(name)
    return any(wanted == fold(unit) for region in geo.regions for unit in (region.region, region.cercle))
