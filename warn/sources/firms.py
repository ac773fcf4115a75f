"""Fires seen by satellite near the roads: NASA FIRMS, near real time, one to three hours after the pass.

Terms: public domain, credit NASA FIRMS/LANCE. Without a key the last day of the whole region is read, a file per
satellite; with `firms_key` (free, 5,000 requests in ten minutes) only our country's box. From November to May fields
burn everywhere: of fires by day only strong and certain ones are told, and none far from a road. A tanker that burns
is one reading among many; alone it says nothing about its cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import numpy as np

from warn.errors import SourceError
from warn.fetching import Record, gathered, judged, outcome_of, table
from warn.geo import distance_to_corridors_km
from warn.model import Observation
from warn.rows import CellError
from warn.rows.foreign import amount, midnight, required, text
from warn.source import Body, Context, Http, Parsed, Source

KEYLESS: Final = "https://firms.modaps.eosdis.nasa.gov/data/active_fire/{file}_24h.csv"
REGION: Final = "Northern_and_Central_Africa"
SATELLITES: Final[Mapping[str, str]] = {
    "VIIRS_SNPP_NRT": f"suomi-npp-viirs-c2/csv/SUOMI_VIIRS_C2_{REGION}",
    "VIIRS_NOAA20_NRT": f"noaa-20-viirs-c2/csv/J1_VIIRS_C2_{REGION}",
    "VIIRS_NOAA21_NRT": f"noaa-21-viirs-c2/csv/J2_VIIRS_C2_{REGION}",
}
AREA: Final = "https://firms.modaps.eosdis.nasa.gov/api/area/csv/{key}/{satellite}/{box}/2"
NEEDED: Final = ("latitude", "longitude", "acq_date", "acq_time", "frp", "confidence")
NEAR_KM: Final = 15.0  # our roads are straight lines between towns, 10 to 15 km off in places
STRONG_MW: Final = 20.0
CERTAIN: Final = 80.0
DOUBTFUL: Final = 30.0


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    """One satellite that does not answer stops no other."""
    key, area = str(options.get("firms_key") or ""), options.get("area")
    if key and area is None:
        raise SourceError("error", "no area is set", "rules/area.yaml names its box.")
    bodies = []
    for satellite, file in SATELLITES.items():
        try:
            if key:
                where = str(options.get("firms_area_url") or AREA)
                box = ",".join(f"{edge:g}" for edge in area.box)  # type: ignore[union-attr]  # seen above
                address = where.format(key=key, satellite=satellite, box=box)
                body = await http.get(address, part=satellite, expect="csv", answers=(400,))
                bodies.append(replace(body, url="https://firms.modaps.eosdis.nasa.gov/api/area"))
            else:
                address = str(options.get("firms_url") or KEYLESS).format(file=file)
                bodies.append(await http.get(address, part=satellite, expect="csv"))
        except SourceError as error:
            told = str(error).replace(key, "...") if key else str(error)
            bodies.append(Body(b"", part=satellite, outcome=outcome_of(error), message=told))
    return tuple(bodies)


def parse(content: bytes, context: Context) -> Parsed:
    return judged(_parsed, content, context)


def _parsed(content: bytes, context: Context) -> Parsed:
    sheet = table(content, NEEDED)
    ours = [(line, row) for line, row in sheet.records if _may_be_ours(row, context)]
    told = partial(_told, context=context)
    return gathered(ours, told, torn=sheet.torn, of=len(sheet.records), what="fires in the country's box")


def _may_be_ours(row: Record, context: Context) -> bool:
    """Half a continent comes in one file; what lies elsewhere is no fault. An unreadable place is."""
    if context.area is None:
        return True
    west, south, east, north = context.area.box
    try:
        lat, lon = amount(row["latitude"]), amount(row["longitude"])
    except CellError:
        return True
    return lat is None or lon is None or (south <= lat <= north and west <= lon <= east)


def _told(row: Record, context: Context) -> Iterator[Observation]:
    lat, lon = amount(required(row, "latitude")), amount(required(row, "longitude"))
    power, at, sure = amount(required(row, "frp")), _moment(row), _confidence(row["confidence"])
    if lat is None or lon is None or power is None:
        raise CellError("a figure is empty")
    night = text(row.get("daynight")).upper() != "D"
    telling = sure > DOUBTFUL if night else sure >= CERTAIN and power >= STRONG_MW
    if not telling or _nearest_road_km(context, lat, lon) > NEAR_KM:
        return
    satellite = text(row.get("satellite"), 10) or "?"
    yield Observation(
        indicator="fire_detection",
        occurred_at=at,
        known_at=context.now,
        value=power,
        source="firms",
        origins=("NASA FIRMS",),
        lat=lat,
        lon=lon,
        precision="point",
        grade="B2",
        attributes={"seen": "night" if night else "day", "satellite": satellite},
        url="https://firms.modaps.eosdis.nasa.gov/",
        key=f"{satellite}:{at:%Y%m%dT%H%M}:{lat:.4f}:{lon:.4f}",
    )


def _moment(row: Record) -> datetime:
    """149 and "0149" are 01:49 UTC."""
    clock = text(required(row, "acq_time")).replace(":", "").zfill(4)
    if len(clock) != 4 or not clock.isdecimal() or int(clock[:2]) > 23 or int(clock[2:]) > 59:  # a clock
        raise CellError(f"'{clock[:10]}' is no time of day")
    return midnight(required(row, "acq_date")) + timedelta(hours=int(clock[:2]), minutes=int(clock[2:]))


def _confidence(said: Any) -> float:
    """Words and letters of VIIRS, per cent of MODIS."""
    word = text(said).lower()
    known = {"l": 0.0, "low": 0.0, "n": 50.0, "nominal": 50.0, "h": 100.0, "high": 100.0}
    return known[word] if word in known else amount(word) or 0.0


def _nearest_road_km(context: Context, lat: float, lon: float) -> float:
    if context.places is None:
        return 0.0
    found = distance_to_corridors_km(context.places, np.array([lat]), np.array([lon]))
    return float(np.nanmin(found)) if found.size else 0.0


SOURCE: Final = Source(
    id="firms",
    title="NASA FIRMS fires",
    indicators=("fire_detection",),
    every=timedelta(hours=1),
    lag=timedelta(hours=6),
    terms="NASA FIRMS/LANCE, public domain.",
    homepage="https://firms.modaps.eosdis.nasa.gov",
    fetch=fetch,
    parse=parse,
    uses=("firms_key",),
    core_parts=tuple(SATELLITES),
)
