"""One row -> one observation. All that is wrong with it is said at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from warn.errors import WarnError
from warn.model import EMPTY, PRECISIONS, Observation, Precision
from warn.rows.cells import CellError, address, empty, grade, moment, names, number, pairs, plain
from warn.rows.ground import Ground, Kind, Slip, amount_slips, did_you_mean, place_slips, time_slips

COLUMNS = (
    "indicator", "value", "low", "high", "occurred_at", "known_at", "superseded_at", "source", "origin",
    "place", "lat", "lon", "precision", "grade", "incident", "attributes", "title", "url", "key",
)  # fmt: skip
REQUIRED = ("indicator", "occurred_at")
T = TypeVar("T")


class RowError(WarnError):
    """A row that is not an observation, with everything that is wrong with it."""

    def __init__(self, slips: Iterable[Slip]) -> None:
        self.slips = tuple(slips)
        super().__init__("; ".join(map(str, self.slips)))


def observation_from(row: Mapping[str, Any], ground: Ground) -> Observation:
    """The row's observation; values are text, or numbers, dates, lists and mappings as YAML and JSON give.

    Raises RowError, and nothing else.
    """
    return _Reading(row, ground).observation()


def revised(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    """The same key again: with the same content dropped, with other content superseding the row before it."""
    latest: dict[tuple[str, str], int] = {}
    kept: list[Observation | None] = []
    for new in sorted(observations, key=lambda o: o.known_at):
        name = (new.source, new.key)
        at = latest.get(name)
        old = kept[at] if at is not None else None
        if old is not None and at is not None:
            if replace(old, known_at=new.known_at, superseded_at=new.superseded_at) == new:
                continue
            ends = min(old.superseded_at or new.known_at, new.known_at)
            kept[at] = replace(old, superseded_at=ends) if ends > old.known_at else None
        latest[name] = len(kept)
        kept.append(new)
    return tuple(o for o in kept if o is not None)


@dataclass(slots=True)
class _Reading:
    """Collects the faults of one row while its cells are read."""

    row: Mapping[str, Any]
    ground: Ground
    slips: list[Slip] = field(default_factory=list)

    def observation(self) -> Observation:
        self._names()
        indicator = self._cell("indicator", plain) or ""
        kind = self._kind(indicator)
        occurred = self._cell("occurred_at", moment)
        known = self._known(occurred)
        superseded = self._cell("superseded_at", lambda v: moment(v, "end"))
        value, low, high = self._amount(kind)
        attributes = self._cell("attributes", pairs)
        source = self._cell("source", plain) or self.ground.source
        origins = self._cell("origin", names) or ((source,) if source else ())
        place, lat, lon, precision = self._where()
        said_grade = self._cell("grade", grade) or "F6"
        title, url = self._cell("title", plain) or "", self._cell("url", address) or ""
        incident, key = self._cell("incident", plain) or "", self._cell("key", plain)
        self.slips += time_slips(self.ground.now, occurred, known)
        if superseded is not None and known is not None and superseded < known:
            self._slip("superseded_at", "lies before the row was known")
        self._dated(kind, attributes or {})
        if self.slips or occurred is None or known is None:
            raise RowError(self.slips)
        return Observation(
            indicator=indicator,
            occurred_at=occurred,
            known_at=known,
            value=value,
            low=low,
            high=high,
            superseded_at=superseded,
            source=source,
            origins=origins,
            place=place,
            lat=lat,
            lon=lon,
            precision=precision,
            grade=said_grade,
            incident=incident,
            attributes=attributes or EMPTY,
            title=title,
            url=url,
            key=key or _digest(self.row),
        )

    def _slip(self, column: str, reason: str) -> None:
        self.slips.append(Slip(column, reason))

    def _cell(self, column: str, read: Callable[[Any], T]) -> T | None:
        value = self.row.get(column)
        if empty(value):
            return None
        if isinstance(value, list | tuple | dict) and column not in {"origin", "attributes"}:
            self._slip(column, "is a list or a mapping, not one value")
            return None
        try:
            return read(value)
        except CellError as error:
            self._slip(column, str(error))
            return None

    def _names(self) -> None:
        for name in self.row:
            if name not in COLUMNS:
                self._slip(str(name)[:40], f"unknown column{did_you_mean(str(name), COLUMNS)}")
        for name in REQUIRED:
            if empty(self.row.get(name)):
                self._slip(name, "is missing; every row needs it")

    def _kind(self, indicator: str) -> Kind | None:
        if self.ground.indicators is None or not indicator:
            return None
        kind = self.ground.indicators.get(indicator)
        if kind is None:
            self._slip(
                "indicator", f"unknown '{indicator[:40]}'{did_you_mean(indicator, self.ground.indicators)}"
            )
        return kind

    def _known(self, occurred: datetime | None) -> datetime | None:
        """Defaults to when it occurred; a bare day is known when it is over."""
        if not empty(self.row.get("known_at")):
            return self._cell("known_at", lambda v: moment(v, "end"))
        if occurred is None:
            return None
        return self._cell("occurred_at", lambda v: moment(v, "end"))

    def _amount(self, kind: Kind | None) -> tuple[float, float | None, float | None]:
        """Value, low and high; an event without a figure counts one, a disputed one lies midway."""
        slips = len(self.slips)
        value, low, high = (self._cell(name, number) for name in ("value", "low", "high"))
        if len(self.slips) > slips:
            return 1.0, None, None
        if value is None and low is not None and high is not None:
            value = (low + high) / 2
        if value is None:
            if kind is not None and kind.kind == "level":
                self._slip("value", "is missing; a level has no default")
            value = 1.0 if low is None and high is None else cast("float", low if low is not None else high)
        if not (low is None or low <= value) or not (high is None or value <= high):
            self._slip("value", f"{value:g} does not lie between low and high")
        self.slips += amount_slips(kind, {"value": value, "low": low, "high": high})
        return value, low, high

    def _where(self) -> tuple[str, float | None, float | None, Precision]:
        place = self._cell("place", plain) or ""
        said = self._cell("precision", lambda v: plain(v).lower())
        if said is not None and said not in PRECISIONS:
            self._slip("precision", f"unknown '{said[:20]}'; one of {', '.join(PRECISIONS)}")
        lat, lon = self._cell("lat", number), self._cell("lon", number)
        if (lat is None) != (lon is None) and empty(self.row.get("lat")) != empty(self.row.get("lon")):
            self._slip("lon" if lon is None else "lat", "is missing; coordinates come in pairs")
        spot = self.ground.place(place) if place and self.ground.place else None
        usual = "country"
        if lat is not None and lon is not None:
            self.slips += place_slips(self.ground.box, lat, lon)
            usual = "point" if not place else spot.precision if spot else "town"
        elif place:
            lat, lon = (spot.lat, spot.lon) if spot else (None, None)
            usual = spot.precision if spot else self._nowhere(place, said)
        return place, lat, lon, cast("Precision", said or usual)

    def _nowhere(self, place: str, precision: str | None) -> str:
        """A name without coordinates is near nothing: that has to be meant, not slip in by a letter."""
        why = self.ground.unplaced(place) if self.ground.unplaced and precision is None else ""
        if why:
            self._slip("place", why)
        return "country"

    def _dated(self, kind: Kind | None, attributes: Mapping[str, str]) -> None:
        if kind is None or kind.kind != "date":
            return
        try:
            moment(attributes.get("date", ""))
        except CellError:
            self._slip("attributes", "needs date=YYYY-MM-DD: this indicator announces a day")


def _digest(row: Mapping[str, Any]) -> str:
    """The same for the same cells, whatever the file's form or the order of its columns."""
    cells = {name: _canonical(row[name]) for name in COLUMNS if name != "key" and not empty(row.get(name))}
    text = json.dumps(cells, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return ";".join(f"{name}={said}" for name, said in value.items())
    if isinstance(value, list | tuple):
        return "|".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value).strip()
