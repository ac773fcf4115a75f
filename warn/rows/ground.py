"""What rows and polled observations are judged against, and the judgements that both share."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from warn.geo import Geography, fold
from warn.geo.shapes import Box
from warn.indicators import Indicators
from warn.model import Observation, Refused

CLOCK_SKEW = timedelta(minutes=10)


class Kind(Protocol):
    """What a row needs to know of its indicator."""

    @property
    def kind(self) -> str: ...
    @property
    def range(self) -> tuple[float | None, float | None] | None: ...


class Spot(Protocol):
    """Where the gazetteer puts a name."""

    @property
    def lat(self) -> float | None: ...
    @property
    def lon(self) -> float | None: ...
    @property
    def precision(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Ground:
    """What rows are judged against; each part may be absent, and then nothing is checked by it.

    `now`: later moments are refused (None: virtual time). `source`: said where a row names none.
    `indicators`: id -> definition. `place`: a name -> where it lies, or None if unknown or ambiguous.
    `unplaced`: why a name that `place` does not know says nothing of where it is; empty where it is the country's.
    `box`: west, south, east, north of the country with its borders; what lies outside is a slip.
    """

    now: datetime | None = None
    source: str = "file"
    indicators: Mapping[str, Kind] | None = None
    place: Callable[[str], Spot | None] | None = None
    box: Box | None = None
    unplaced: Callable[[str], str] | None = None


def ground_of(
    geo: Geography, indicators: Indicators | None, *, now: datetime | None, source: str = "file"
) -> Ground:
    """The ground as the rules folder has it."""
    known = indicators.by_id if indicators is not None else None
    return Ground(now, source, known, geo.gazetteer.one, geo.area.box, partial(_unplaced, geo))


def _unplaced(geo: Geography, name: str) -> str:
    if fold(name) in map(fold, geo.area.country.values()):
        return ""
    borne = geo.gazetteer.find(name)
    what = f"'{name[:40]}' is the name of {len(borne)} places" if borne else f"unknown place '{name[:40]}'"
    near = "" if borne else did_you_mean(fold(name), geo.gazetteer.folded)
    return f"{what}{near}; give lat and lon, or precision: region or country"


@dataclass(frozen=True, slots=True)
class Slip:
    """One fault of one row; `column` is the column's name, or empty where the row as a whole is wrong."""

    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.column}: {self.reason}" if self.column else self.reason


def checked(
    observations: Iterable[Observation], ground: Ground
) -> tuple[tuple[Observation, ...], tuple[Refused, ...]]:
    """Those that can be true, and why the others cannot: range, country and clock, as for rows of a file."""
    kept: list[Observation] = []
    refused: list[Refused] = []
    for observation in observations:
        slips = [str(slip) for slip in doubts(observation, ground)]
        if slips:
            refused.append(Refused(f"{observation.indicator}: {'; '.join(slips)}", observation.title[:80]))
        else:
            kept.append(observation)
    return tuple(kept), tuple(refused)


def doubts(o: Observation, ground: Ground) -> Iterator[Slip]:
    """Everything that cannot be true of an observation that a source gave."""
    kind = None
    if ground.indicators is not None:
        kind = ground.indicators.get(o.indicator)
        if kind is None:
            yield Slip("indicator", "unknown")
    yield from amount_slips(kind, {"value": o.value, "low": o.low, "high": o.high})
    if o.lat is not None and o.lon is not None:
        yield from place_slips(ground.box, o.lat, o.lon)
    yield from time_slips(ground.now, o.occurred_at, o.known_at)


def amount_slips(kind: Kind | None, found: Mapping[str, float | None]) -> Iterator[Slip]:
    """A litre at 130 dollars."""
    least, most = (kind.range if kind is not None else None) or (None, None)
    shown = " to ".join("any" if end is None or math.isinf(end) else f"{end:g}" for end in (least, most))
    for name, amount in found.items():
        if amount is None:
            continue
        if not math.isfinite(amount):
            yield Slip(name, "is not a finite number")
        elif (least is not None and amount < least) or (most is not None and amount > most):
            yield Slip(name, f"{amount:g} is outside what this indicator can be ({shown}); check the unit")


def place_slips(box: Box | None, lat: float, lon: float) -> Iterator[Slip]:
    """Coordinates that lie nowhere, or outside the country."""
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        yield Slip("lat", f"{lat:g}, {lon:g} is nowhere on Earth")
    elif box is not None and not _holds(box, lat, lon):
        where = f"{lat:g}, {lon:g} lies outside the country{_likely_slip(box, lat, lon)}"
        yield Slip("lon" if box[1] <= lat <= box[3] else "lat", where)


def time_slips(now: datetime | None, occurred: datetime | None, known: datetime | None) -> Iterator[Slip]:
    """What has not happened yet, or was known before. A bare day of today is known when over, hence the day's grace."""
    if now is not None and occurred is not None and occurred > now + CLOCK_SKEW:
        yield Slip("occurred_at", f"{occurred:%Y-%m-%d %H:%M} UTC is in the future")
    elif occurred is not None and known is not None and known < occurred - CLOCK_SKEW:
        yield Slip("known_at", f"{known:%Y-%m-%d %H:%M} UTC lies before it occurred")
    elif now is not None and known is not None and known > now + timedelta(days=1) + CLOCK_SKEW:
        yield Slip("known_at", f"{known:%Y-%m-%d %H:%M} UTC is in the future")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name.lower()[:60], list(known), n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""


def _holds(box: Box, lat: float, lon: float) -> bool:
    west, south, east, north = box
    return south <= lat <= north and west <= lon <= east


def _likely_slip(box: Box, lat: float, lon: float) -> str:
    if _holds(box, lon, lat):
        return "; lat and lon look swapped"
    if _holds(box, lat, -lon):
        return "; the longitude has the wrong sign (west is negative)"
    if _holds(box, -lat, lon):
        return "; the latitude has the wrong sign"
    return ""
