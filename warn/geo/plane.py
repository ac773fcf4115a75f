"""Degrees to kilometres from a centre: the azimuthal equidistant projection on the WGS 84 ellipsoid.

Each point keeps its true distance and direction from the centre. Written out here because pyproj takes 13 MB and
0.05 s of every start (November 2026) for this one projection; the tests hold it against pyproj to a metre.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
EQUATOR_KM = 6378.137
FLATTENING = 1 / 298.257223563
POLE_KM = EQUATOR_KM * (1 - FLATTENING)
ROUNDS = 12  # differences fall about a thousandfold in each; two points at the ends of a diameter never meet


@dataclass(frozen=True, slots=True)
class Plane:
    """Call it with longitudes and latitudes: eastings and northings in kilometres."""

    lon: float
    lat: float

    def __call__(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Vincenty's inverse solution (Survey Review 23/176, 1975) from the centre to each point."""
        east = np.radians(np.asarray(lon, dtype=float) - self.lon)
        sin_u1, cos_u1 = _reduced(np.asarray(self.lat, dtype=float))
        sin_u2, cos_u2 = _reduced(np.asarray(lat, dtype=float))
        on_sphere = east
        for _ in range(ROUNDS):
            across = cos_u2 * np.sin(on_sphere)
            along = cos_u1 * sin_u2 - sin_u1 * cos_u2 * np.cos(on_sphere)
            sin_arc = np.hypot(across, along)
            cos_arc = sin_u1 * sin_u2 + cos_u1 * cos_u2 * np.cos(on_sphere)
            arc = np.arctan2(sin_arc, cos_arc)
            sin_azimuth = _ratio(cos_u1 * cos_u2 * np.sin(on_sphere), sin_arc)
            cos2_azimuth = 1 - sin_azimuth**2
            middle = cos_arc - _ratio(2 * sin_u1 * sin_u2, cos2_azimuth)
            c = FLATTENING / 16 * cos2_azimuth * (4 + FLATTENING * (4 - 3 * cos2_azimuth))
            turned = arc + c * sin_arc * (middle + c * cos_arc * (2 * middle**2 - 1))
            on_sphere = east + (1 - c) * FLATTENING * sin_azimuth * turned
        distance = _distance_km(arc, sin_arc, cos_arc, cos2_azimuth, middle)
        return distance * _ratio(across, sin_arc), distance * _ratio(along, sin_arc)


def _distance_km(
    arc: Floats, sin_arc: Floats, cos_arc: Floats, cos2_azimuth: Floats, middle: Floats
) -> Floats:
    u2 = cos2_azimuth * (EQUATOR_KM**2 - POLE_KM**2) / POLE_KM**2
    a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    third = b / 6 * middle * (4 * sin_arc**2 - 3) * (4 * middle**2 - 3)
    correction: Floats = b * sin_arc * (middle + b / 4 * (cos_arc * (2 * middle**2 - 1) - third))
    return POLE_KM * a * (arc - correction)


def _reduced(lat: Floats) -> tuple[Floats, Floats]:
    """Sine and cosine of the reduced latitude."""
    u = np.arctan((1 - FLATTENING) * np.tan(np.radians(lat)))
    return np.sin(u), np.cos(u)


def _ratio(over: Floats, under: Floats) -> Floats:
    """Nought where both are nought: at the centre, and along the equator."""
    return np.divide(over, under, out=np.zeros_like(under), where=under != 0)
