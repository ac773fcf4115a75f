"""The values geography is made of: the area, its roads, its regions, and the zones that rules name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from warn.geo.names import Gazetteer
from warn.geo.plane import Plane
from warn.model import Texts

Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""


@dataclass(frozen=True, slots=True)
class Area:
    """The city that a folder of rules is about, and the country whose facts concern it.

    `names` are the city's, per language; `country` those of the country; `codes` its ISO 3166 alpha-2 and
    alpha-3, and others by the name of their scheme; `currency` is ISO 4217, `currency_name` its word.
    """

    id: str
    names: Texts
    lat: float
    lon: float
    timezone: str
    country: Texts
    codes: Mapping[str, str]
    box: Box
    neighbours: tuple[str, ...] = ()  # ISO 3166 alpha-2 of the countries its roads come from
    currency: str = ""
    currency_name: str = ""

    def name(self, lang: str) -> str:
        return self.names.get(lang) or next(iter(self.names.values()))


@dataclass(frozen=True, slots=True)
class Corridor:
    """A road to the city as a line (longitude, latitude), named by its towns.

    `names` per language stand in sentences ("axe Kayes-Bamako"); `towns` run from the far end to the city.
    """

    id: str
    ref: str
    names: Texts
    towns: tuple[str, ...]
    line: BaseGeometry
    approximate: bool = True

    def name(self, lang: str) -> str:
        return self.names.get(lang) or next(iter(self.names.values()))


@dataclass(frozen=True, slots=True)
class Region:
    """An administrative unit as a polygon: a cercle of its region, or a region (then `cercle` is empty)."""

    region: str
    cercle: str
    code: str
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Zone:
    """What a rule calls near: within `km` of a point, or of any of the corridors named."""

    km: float
    lat: float | None = None
    lon: float | None = None
    place: str = ""
    corridors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Geography:
    """All that the files of one rules folder say about space.

    `plane` maps degrees to kilometres from the centre, `lines_km` are the corridors on it; `crossings` has a
    row per region or cercle and a column per corridor. Built by `geography`.
    """

    area: Area
    corridors: tuple[Corridor, ...]
    zones: Mapping[str, Zone]
    gazetteer: Gazetteer
    regions: tuple[Region, ...]  # regions first, then cercles
    outline: BaseGeometry
    plane: Plane
    lines_km: NDArray[np.object_]
    crossings: NDArray[np.bool_]

    def corridor(self, name: str) -> Corridor | None:
        """By id or by road number, capitals aside."""
        wanted = name.casefold()
        return next((c for c in self.corridors if wanted in {c.id.casefold(), c.ref.casefold()}), None)
