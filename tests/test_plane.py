"""The projection, held against the library that everybody trusts for it."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from warn.geo.plane import Plane

CENTRES = [(-8.0, 12.65), (0.0, 0.0), (36.8, -1.3), (179.9, 60.0)]


@pytest.mark.parametrize(("lon", "lat"), CENTRES)
def test_points_within_three_thousand_kilometres_lie_where_pyproj_puts_them(lon: float, lat: float) -> None:
    generator = np.random.default_rng(3)
    lons, lats = lon + generator.uniform(-20, 20, 2000), lat + generator.uniform(-20, 20, 2000)
    wanted = pyproj.Proj(proj="aeqd", lon_0=lon, lat_0=lat, units="km")(lons, lats)
    assert np.abs(np.array(Plane(lon, lat)(lons, lats)) - np.array(wanted)).max() < 0.001


def test_the_centre_is_nought_and_what_lies_due_north_or_east_of_it_has_one_coordinate() -> None:
    def at(plane: Plane, lon: float, lat: float) -> list[float]:
        return [round(float(axis), 3) for axis in plane(lon, lat)]

    assert at(Plane(-8.0, 12.65), -8.0, 12.65) == [0, 0]
    assert at(Plane(-8.0, 12.65), -8.0, 13.65) == [0, 110.632]
    assert at(Plane(0.0, 0.0), 1.0, 0.0) == [111.319, 0]


def test_no_points_give_no_points_and_an_unknown_one_stays_unknown() -> None:
    assert [len(axis) for axis in Plane(-8.0, 12.65)([], [])] == [0, 0]
    assert np.isnan(Plane(-8.0, 12.65)([np.nan, -7.0], [12.0, 12.0])[0]).tolist() == [True, False]
