"""Places, roads and regions: what "near" means, for one city's folder of rules.

Nothing here knows a city: centre, lines and names come from the files of the rules folder (`geography`). The
engine turns observations into `spots` once, then asks `near`, `inside` and `nearest_corridor` at will.
"""

from warn.geo.load import FILES, geography, inspect
from warn.geo.names import Gazetteer, Place, fold
from warn.geo.nearness import (
    CONFIRMED,
    NOT_NEAR,
    UNCONFIRMED,
    Spots,
    distance_to_corridors_km,
    distance_to_place_km,
    inside,
    near,
    nearest_corridor,
    settle,
    spots,
    zone_of,
)
from warn.geo.shapes import Area, Corridor, Geography, Region, Zone

__all__ = [
    "CONFIRMED",
    "FILES",
    "NOT_NEAR",
    "UNCONFIRMED",
    "Area",
    "Corridor",
    "Gazetteer",
    "Geography",
    "Place",
    "Region",
    "Spots",
    "Zone",
    "distance_to_corridors_km",
    "distance_to_place_km",
    "fold",
    "geography",
    "inside",
    "inspect",
    "near",
    "nearest_corridor",
    "settle",
    "spots",
    "zone_of",
]
