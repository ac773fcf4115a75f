"""The texts of a rules folder -> Geography. Pure: the caller reads the files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from warn.documents import Document, Fault, read
from warn.errors import ConfigError
from warn.geo.names import Gazetteer, gazetteer
from warn.geo.nearness import zone_of
from warn.geo.plane import Plane
from warn.geo.shapes import Area, Box, Corridor, Geography, Region, Zone

FILES: Final = (
    "area.yaml",
    "places.yaml",
    "corridors.geojson",
    "regions.geojson",
    "gazetteer.csv",
    "outline.geojson",
)
"""What `geography` reads. Only area.yaml is required; without another there is none of what it holds."""

T = TypeVar("T")
_BAD = (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError)


def geography(files: Mapping[str, str]) -> Geography:
    """Builds everything from (file name -> text). Raises ConfigError naming the file and its first fault."""
    geo, faults = inspect(files)
    if geo is None or faults:
        first = faults[0]
        raise ConfigError(f"{first.file}:{first.line}:{first.column}: {first.message}.", first.suggestion)
    return geo


def inspect(files: Mapping[str, str]) -> tuple[Geography | None, tuple[Fault, ...]]:
    """The same with every fault of every file; no geography where its frame cannot be built."""
    faults: list[Fault] = []

    def part(file: str, build: Callable[[str, list[Fault]], T]) -> T | None:
        try:
            return build(files[file], faults) if file in files else None
        except _BAD as bad:
            faults.append(_fault(file, 1, f"{bad} is missing" if isinstance(bad, KeyError) else str(bad)))
            return None

    area = part("area.yaml", _area)
    if area is None:
        missing = _fault("area.yaml", 1, "the file that says which city this folder is about is missing")
        return None, tuple(faults) or (missing,)
    plane = Plane(area.lon, area.lat)
    corridors = part("corridors.geojson", _corridors) or ()
    regions = part("regions.geojson", _regions) or ()
    geo = Geography(
        area=area,
        corridors=corridors,
        zones=MappingProxyType({}),
        gazetteer=part("gazetteer.csv", _gazetteer) or Gazetteer((), {}),
        regions=regions,
        outline=part("outline.geojson", _outline) or shapely.Polygon(),
        plane=plane,
        lines_km=_lines_km(plane, corridors),
        crossings=_crossings(regions, corridors),
    )
    zones = part("places.yaml", lambda text, found: _zones(geo, text, found)) or {}
    return replace(geo, zones=MappingProxyType(zones)), tuple(faults)


def _fault(file: str, line: int, message: str, suggestion: str = "", column: int = 1) -> Fault:
    remedy = suggestion or "The shipped file shows the form."
    return Fault(file, line, column, "geography", message, remedy)


def _tree(file: str, text: str, faults: list[Fault]) -> Document:
    document = read(text, file)
    faults.extend(document.faults)
    if not isinstance(document.data, dict):
        raise TypeError("names with a colon and a value are expected")
    return document


def _area(text: str, faults: list[Fault]) -> Area:
    tree = _tree("area.yaml", text, faults).data
    money = tree.get("currency", {})
    west, south, east, north = (float(tree["box"][side]) for side in ("west", "south", "east", "north"))
    if not (west < east and south < north):
        raise ValueError("box: west lies east of east, or south north of north")
    return Area(
        id=str(tree["id"]),
        names=_texts(tree["name"]),
        lat=float(tree["centre"]["lat"]),
        lon=float(tree["centre"]["lon"]),
        timezone=str(tree["timezone"]),
        country=_texts(tree["country"]["name"]),
        codes=MappingProxyType({str(k): str(v) for k, v in tree["country"]["codes"].items()}),
        box=_box(west, south, east, north),
        neighbours=tuple(map(str, tree.get("neighbours", ()))),
        currency=str(money.get("code", "")),
        currency_name=str(money.get("name", "")),
    )


def _box(west: float, south: float, east: float, north: float) -> Box:
    return west, south, east, north


def _texts(tree: Any) -> Mapping[str, str]:
    return MappingProxyType({str(lang): str(text) for lang, text in tree.items()})


def _features(text: str) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(text)["features"] if text else []
    return features


def _corridors(text: str, _: list[Fault]) -> tuple[Corridor, ...]:
    return tuple(
        Corridor(
            id=props["id"],
            ref=props["ref"],
            names=_texts(props["name"]),
            towns=tuple(props["towns"]),
            line=shape(feature["geometry"]),
            approximate=props.get("approximate", True),
        )
        for feature in _features(text)
        for props in [feature["properties"]]
    )


def _regions(text: str, _: list[Fault]) -> tuple[Region, ...]:
    """The file holds cercles; a region is what its cercles cover together."""
    cercles = [
        Region(props["region"], props["cercle"], props["code"], shape(feature["geometry"]))
        for feature in _features(text)
        for props in [feature["properties"]]
    ]
    regions = [
        Region(name, "", "", shapely.union_all([c.shape for c in cercles if c.region == name]))
        for name in dict.fromkeys(c.region for c in cercles)
    ]
    return (*regions, *cercles)


def _outline(text: str, _: list[Fault]) -> BaseGeometry:
    return shapely.union_all([shape(feature["geometry"]) for feature in _features(text)])


def _lines_km(plane: Plane, corridors: Sequence[Corridor]) -> NDArray[np.object_]:
    def flat(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(plane(degrees[:, 0], degrees[:, 1]))

    return np.array([shapely.transform(c.line, flat) for c in corridors], dtype=object)


def _crossings(regions: Sequence[Region], corridors: Sequence[Corridor]) -> NDArray[np.bool_]:
    shapes = np.array([r.shape for r in regions], dtype=object)
    lines = np.array([c.line for c in corridors], dtype=object)
    return np.asarray(shapely.intersects(shapes[:, None], lines[None, :]), dtype=bool)


def _gazetteer(text: str, faults: list[Fault]) -> Gazetteer:
    places, refused = gazetteer(text)
    faults.extend(_fault("gazetteer.csv", line, reason) for line, reason in refused)
    return places


def _zones(geo: Geography, text: str, faults: list[Fault]) -> dict[str, Zone]:
    document = _tree("places.yaml", text, faults)
    zones: dict[str, Zone] = {}
    for name, spec in document.data.items():
        try:
            zones[name] = zone_of(geo, spec)
        except ConfigError as bad:
            spot = document.spot([name])
            faults.append(_fault("places.yaml", spot.line, bad.message.rstrip("."), bad.remedy, spot.column))
    return zones
