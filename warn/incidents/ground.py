"""Where reports lie, by site: most come from a few towns, and which of these are near each other is worked out once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from warn.geo import fold
from warn.model import Observation

APART_KM: Final = 25.0
KM_PER_DEGREE: Final = 111.195
SHARP: Final = frozenset({"point", "town"})
ACROSS: Final = tuple((v, h) for v in (-1, 0, 1) for h in (-1, 0, 1))

Spot = tuple[float, float, float]
"""(latitude, longitude, cosine of the latitude)"""
Area = tuple[str, str]


class Ground:
    """`site`: where each report lies. `beside[site]`: from which sites, itself among them, the same event may be told.

    With each goes how many kilometres it lies away, 0 where both only name the same area.
    """

    def __init__(self) -> None:
        self.site: list[int] = []
        self.beside: list[list[tuple[int, float]]] = []
        self._degrees = 0.0
        self._sites: dict[tuple[float | None, float | None, str, str], int] = {}
        self._spots: list[Spot | None] = []
        self._areas: list[Area | None] = []
        self._filed: dict[object, list[int]] = {}

    def add(self, rows: Iterable[Observation]) -> bool:
        """False where some lie so far from the equator that the grid is too narrow for them: begin anew with all."""
        asked = [(row.lat, row.lon, row.precision, row.place) for row in rows]
        new = [key for key in dict.fromkeys(asked) if key not in self._sites]
        spots = [_spot(*key) for key in new]
        degrees = max(
            (APART_KM / (KM_PER_DEGREE * max(0.05, s[2])) for s in spots if s is not None), default=0.0
        )
        if self._sites and degrees > self._degrees:
            return False
        self._degrees = max(degrees, self._degrees)
        for key, spot in zip(new, spots, strict=True):
            self._sites[key] = self._settle(spot, _area(key[2], key[3]))
        self.site += [self._sites[key] for key in asked]
        return True

    def _settle(self, spot: Spot | None, area: Area | None) -> int:
        """Another site, and who is beside it."""
        site = len(self.beside)
        self._spots.append(spot)
        self._areas.append(area)
        for key in self._keys(spot, area):
            self._filed.setdefault(key, []).append(site)
        near = {other for key in self._around(spot, area) for other in self._filed.get(key, ())}
        self.beside.append([])
        for other in sorted(near):
            if (km := self._apart(site, other)) is not None:
                self.beside[site].append((other, km))
                if other != site:
                    self.beside[other].append((site, km))
        return site

    def _apart(self, one: int, other: int) -> float | None:
        """Kilometres between two sites, or None where reports from there cannot be of one event."""
        here, there = self._spots[one], self._spots[other]
        if here is not None and there is not None:
            km = KM_PER_DEGREE * math.hypot(
                here[0] - there[0], (here[1] - there[1]) * (here[2] + there[2]) / 2
            )
            if km <= APART_KM:
                return km
        same = self._areas[one] is not None and self._areas[one] == self._areas[other]
        return 0.0 if same else None

    def _keys(self, spot: Spot | None, area: Area | None) -> Iterator[object]:
        if spot is not None:
            yield self._cell(spot)
        if area is not None:
            yield area

    def _around(self, spot: Spot | None, area: Area | None) -> Iterator[object]:
        if spot is not None:
            y, x = self._cell(spot)
            yield from ((y + v, x + h) for v, h in ACROSS)
        if area is not None:
            yield area

    def _cell(self, spot: Spot) -> tuple[int, int]:
        """Of a grid as wide as two reports of one event may be apart."""
        return math.floor(spot[0] * KM_PER_DEGREE / APART_KM), math.floor(spot[1] / self._degrees)


def _spot(lat: float | None, lon: float | None, precision: str, _: str) -> Spot | None:
    if precision not in SHARP or lat is None or lon is None or not math.isfinite(lat + lon):
        return None
    return lat, lon, math.cos(math.radians(lat))


def _area(precision: str, place: str) -> Area | None:
    """What a report names: two that name the same may be of one event, if both mean a town, or both a region."""
    named = fold(place) or ("*" if precision == "country" else "")
    return ("" if precision in SHARP else precision, named) if named else None
