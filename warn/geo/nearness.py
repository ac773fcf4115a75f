"""Who is near what. Vectorised: a million spots against nine roads in a few seconds, and each place only once.

Only a point or a town can be near something. A region or a cercle lies, as unconfirmed, near a corridor that crosses
it; a country is near nothing: its centroid is never "near" the capital.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from warn.errors import ConfigError
from warn.geo.names import Place, fold
from warn.geo.shapes import Corridor, Geography, Zone
from warn.model import Observation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOT_NEAR: Final = 0
UNCONFIRMED: Final = 1
CONFIRMED: Final = 2


@dataclass(frozen=True, slots=True)
class Spots:
    """Where n observations lie, worked out once. NaN and -1 stand for "not known to that precision".

    `corridor_km` has a row per spot and a column per corridor; `crossed` says which corridors cross the region or
    cercle of a spot that is known no better than that. `region` and `unit` index `Geography.regions`.
    """

    lat: Floats  # NaN unless a point or a town
    lon: Floats
    x_km: Floats
    y_km: Floats
    region: Ints
    unit: Ints
    corridor_km: Floats
    crossed: NDArray[np.bool_]


def spots(geo: Geography, observations: Sequence[Observation]) -> Spots:
    """Reads lat, lon, place and precision of each observation (see `settle` for those that only name a place)."""
    raise NotImplementedError


def near(geo: Geography, where: Spots, zone: Zone) -> NDArray[np.int8]:
    """NOT_NEAR, UNCONFIRMED or CONFIRMED for each spot."""
    raise NotImplementedError


def inside(geo: Geography, where: Spots, regions: Iterable[str]) -> NDArray[np.bool_]:
    """Whether each spot lies in one of the regions or cercles named."""
    raise NotImplementedError


def nearest_corridor(geo: Geography, where: Spots) -> Ints:
    """Index into `geo.corridors`; -1 where the spot is not known to the town, or where there is no corridor."""
    raise NotImplementedError


def distance_to_place_km(geo: Geography, lat: Floats, lon: Floats, place: Place | Zone) -> Floats:
    raise NotImplementedError


def distance_to_corridors_km(geo: Geography, lat: Floats, lon: Floats) -> Floats:
    """One row per point, one column per corridor in the order of `geo.corridors`."""
    raise NotImplementedError


def zone_of(geo: Geography, spec: str | Mapping[str, Any]) -> Zone:
    """What `near:` says: a name from places.yaml, or {place, km}, {corridor, km}, {corridors: all | [...], km}.

    Raises ConfigError, with the names that would have been understood.
    """
    raise NotImplementedError


def settle(geo: Geography, observation: Observation) -> Observation:
    """An observation that names a place without a position gets the position and precision of that place.

    An unknown or ambiguous name stays without a position, hence near nothing; a stated position stays as it is.
    """
    raise NotImplementedError
