"""The texts of a rules folder -> Geography. Pure: the caller reads the files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeVar

import numpy as np
import pyproj
import shapely
import yaml
from numpy.typing import NDArray
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from warn.errors import ConfigError
from warn.geo.names import gazetteer
from warn.geo.nearness import zone_of
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
_BAD = (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError, shapely.errors.ShapelyError)


def geography(files: Mapping[str, str]) -> Geography:
    """Builds everything from (file name -> text). Raises ConfigError naming the file and its fault."""
    if "area.yaml" not in files:
        raise ConfigError(
            "area.yaml is missing from the rules folder.", "It says which city the rules are about."
        )

    def read(file: str, build: Callable[[str], T]) -> T:
        try:
            return build(files.get(file, ""))
        except _BAD as bad:
            said = f"{bad} is missing" if isinstance(bad, KeyError) else str(bad)
            raise ConfigError(f"{file} cannot be read: {said}.", "The shipped file shows the form.") from bad

    area = read("area.yaml", _area)
    plane = pyproj.Proj(proj="aeqd", lat_0=area.lat, lon_0=area.lon, units="km")
    corridors, regions = read("corridors.geojson", _corridors), read("regions.geojson", _regions)
    geo = Geography(
        area=area,
        corridors=corridors,
        zones=MappingProxyType({}),
        gazetteer=read("gazetteer.csv", gazetteer),
        regions=regions,
        outline=read("outline.geojson", _outline),
        plane=plane,
        lines_km=_lines_km(plane, corridors),
        crossings=_crossings(regions, corridors),
    )
    return replace(geo, zones=read("places.yaml", lambda text: _zones(geo, text)))


def _area(text: str) -> Area:
    tree = yaml.safe_load(text)
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


def _corridors(text: str) -> tuple[Corridor, ...]:
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


def _regions(text: str) -> tuple[Region, ...]:
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


def _outline(text: str) -> BaseGeometry:
    return shapely.union_all([shape(feature["geometry"]) for feature in _features(text)])


def _lines_km(plane: pyproj.Proj, corridors: Sequence[Corridor]) -> NDArray[np.object_]:
    def flat(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(plane(degrees[:, 0], degrees[:, 1]))

    return np.array([shapely.transform(c.line, flat) for c in corridors], dtype=object)


def _crossings(regions: Sequence[Region], corridors: Sequence[Corridor]) -> NDArray[np.bool_]:
    shapes = np.array([r.shape for r in regions], dtype=object)
    lines = np.array([c.line for c in corridors], dtype=object)
    return np.asarray(shapely.intersects(shapes[:, None], lines[None, :]), dtype=bool)


def _zones(geo: Geography, text: str) -> Mapping[str, Zone]:
    tree = yaml.safe_load(text) or {}
    return MappingProxyType({str(name): zone_of(geo, spec) for name, spec in tree.items()})
