"""People displaced in the last half year, event by event: IDMC Internal Displacement Updates, by their mirror on HDX.

Terms: CC BY-IGO for the mirror. No key; the file of the country is found by its package, then asked for daily.
Figures are provisional and revised under the same id; the window rolls, so that what is no longer in it was not
withdrawn. Only flight from violence is told: floods displace as well, and say nothing about the roads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching import Record, gathered, is_home, judged, records
from warn.fetching.hdx import resource
from warn.model import Observation
from warn.rows import CellError
from warn.rows.foreign import amount, link, midnight, position, required, text
from warn.source import Body, Context, Http, Parsed, Source

PACKAGE: Final = "{iso3}-idmc-idu-events"
NEEDED: Final = ("id", "iso3", "figure", "displacement_type", "displacement_date")
PREFERRED: Final = "recommended figure"


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    area = options.get("area")
    iso3 = area.codes.get("iso3", "").lower() if area is not None else ""
    if not iso3:
        raise SourceError("error", "no country code is set", "rules/area.yaml: country.codes.iso3.")
    address = await resource(http, options, PACKAGE.format(iso3=iso3), ("idu", "event"), "csv")
    return (await http.get(address, expect="csv"),)


def parse(content: bytes, context: Context) -> Parsed:
    """The mirror's CSV, or the list of IDMC's own API."""
    return judged(_parsed, content, context)


def _parsed(content: bytes, context: Context) -> Parsed:
    sheet = records(content, NEEDED, "results", "data")
    ours = [(line, row) for line, row in sheet.records if is_home(row.get("iso3"), context, "iso3")]
    told = partial(_told, context=context)
    return gathered(ours, told, torn=sheet.torn, of=len(sheet.records), what="events")


def _told(row: Record, context: Context) -> Iterator[Observation]:
    role = text(row.get("role")).lower()
    if role not in {"", PREFERRED} or text(row.get("displacement_type")).lower() != "conflict":
        return
    people = amount(required(row, "figure"))
    if people is None or people < 0:
        raise CellError("figure is no number of people")
    lat, lon = _centre(row)
    yield Observation(
        indicator="displacement_report",
        occurred_at=midnight(required(row, "displacement_date")),
        known_at=context.now,
        value=people,
        source="idmc",
        origins=("IDMC",),
        place=text(row.get("locations_name")).split(";")[0].split(",")[0].strip(),
        lat=lat,
        lon=lon,
        precision="cercle" if lat is not None else "country",
        grade="B2",
        attributes={"qualifier": said} if (said := text(row.get("qualifier"), 40)) else {},
        url=link(row.get("link")),
        key=text(required(row, "id")).removesuffix(".0"),
    )


def _centre(row: Record) -> tuple[float | None, float | None]:
    """Two columns, or the text "[lat, lon]"."""
    lat, lon = position(row.get("latitude"), row.get("longitude"))
    pieces = text(row.get("centroid")).strip("[]() ").split(",")
    return position(*pieces) if lat is None and len(pieces) == 2 else (lat, lon)  # a pair


SOURCE: Final = Source(
    id="idmc",
    title="IDMC displacement updates",
    indicators=("displacement_report",),
    every=timedelta(days=1),
    lag=timedelta(days=14),
    terms="IDMC, CC BY-IGO (copy on HDX).",
    homepage="https://www.internal-displacement.org",
    fetch=fetch,
    parse=parse,
)
