"""Fatal events of organised violence, coded by researchers: UCDP Candidate Events Dataset, Uppsala University.

Terms: CC BY 4.0, cite UCDP. The monthly file needs no key and comes out three to four weeks after its month, a
consolidated one of the year so far now and then after a quarter; with `ucdp_token` the same rows of our country alone
come from the API (5,000 requests a day). An event keeps its id when a later release revises it. The file of a whole
year comes out the year after: it is history, which `warn sources parse` reads and nobody asks for. Who attacked is not
told of a fight between forces: it counts by its deaths, while violence against civilians is an event as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching import Record, document, form, gathered, is_home, judged, records, stop
from warn.model import Observation, Precision
from warn.rows import CellError
from warn.rows.foreign import amount, midnight, position, required, text
from warn.source import Body, Context, Http, Parsed, Source
from warn.sources.ucdp.releases import MONTHS_BACK, Had, months_before, quarters_before

FILES: Final = "https://ucdp.uu.se/downloads/candidateged/GEDEvent_v{version}.csv"
API: Final = "https://ucdpapi.pcr.uu.se/api/gedevents/{version}"
PART: Final = "release"
NEEDED: Final = ("id", "country_id", "date_start", "best", "type_of_violence")
PAGES: Final = 20
NOT_OUT: Final = frozenset({400, 404})
AGAINST_CIVILIANS: Final = 3
VIOLENCE: Final = {1: "state-based", 2: "non-state", AGAINST_CIVILIANS: "one-sided"}
PRECISIONS: Final[Mapping[int, Precision]] = {1: "town", 2: "town", 3: "cercle", 4: "region", 5: "region"}
KIND_OF_PLACE: Final = re.compile(r" (?:village|town|city|commune|locality)$")


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    """The months that are new since the last poll, oldest first, then the newest consolidated release: it revises them.

    Where no month is new the newest is asked for again, since it may have been mended.
    """
    today, had = options["now"].date(), Had.noted(http.recall(PART))
    found: dict[date, tuple[Body, ...]] = {}
    for month in months_before(today):
        if had.month is not None and month < had.month:
            break
        release = await _release(http, options, f"{month:%y}.0.{month.month}")
        if release is not None:
            found[month] = release
            if had.month is None or month == had.month:
                break
    if not found:
        raise SourceError("not_released", f"none of the last {MONTHS_BACK} months is out")
    consolidated: tuple[Body, ...] = ()
    quarter = had.quarter
    for end in quarters_before(today):
        if had.quarter is not None and end <= had.quarter:
            break
        release = await _release(http, options, f"{end:%y}.01.{end:%y}.{end:%m}")
        if release is not None:
            consolidated, quarter = release, end
            break
    http.note(PART, Had(max([*found, *([had.month] if had.month else [])]), quarter).note())
    return (*(body for month in sorted(found) for body in found[month]), *consolidated)


async def _release(http: Http, options: Mapping[str, Any], version: str) -> tuple[Body, ...] | None:
    """All bodies of one release; None where it is not out."""
    files, api = str(options.get("ucdp_url") or FILES), str(options.get("ucdp_api_url") or API)
    token, area = str(options.get("ucdp_token") or ""), options.get("area")
    code = area.codes.get("gw", "") if area is not None else ""
    try:
        if token and code:
            return await _pages(http, api.format(version=version), token, code, version)
        address = files.format(version=version.replace(".", "_"))
        return (await http.get(address, part=f"{PART}-{version}", expect="csv"),)
    except SourceError as error:
        if error.status in NOT_OUT:
            return None
        raise


async def _pages(http: Http, address: str, token: str, code: str, version: str) -> tuple[Body, ...]:
    """All pages, counted from 0; an unknown release is answered by 400."""
    bodies: list[Body] = []
    for page in range(PAGES):
        asked = {"pagesize": "1000", "page": str(page), "Country": code}
        bodies.append(
            await http.get(
                address,
                params=asked,
                part=f"{PART}-{version}-{page}" if page else f"{PART}-{version}",
                headers={"x-ucdp-access-token": token},
                expect="json",
                conditional=False,
            )
        )
        if b'"NextPageUrl":""' in bodies[-1].content or b'"NextPageUrl":null' in bodies[-1].content:
            break
        if page + 1 >= int(document(bodies[-1].content).get("TotalPages") or 1):
            break
    return tuple(bodies)


def parse(content: bytes, context: Context) -> Parsed:
    """Either form, told apart by its first byte; rows of other countries are passed over."""
    return judged(_parsed, content, context)


def _parsed(content: bytes, context: Context) -> Parsed:
    if form(content) == "text" and b"Invalid object name" in content[:300]:
        stop("not_released", "this release is not out yet")
    sheet = records(content, NEEDED, "Result")
    ours = [
        (line, row) for line, row in sheet.records if is_home(_whole(row.get("country_id")), context, "gw")
    ]
    told = partial(_told, context=context)
    return gathered(ours, told, torn=sheet.torn, of=len(sheet.records), what="events")


def _whole(value: Any) -> str:
    """432 and "432.0" are one code."""
    return text(value).removesuffix(".0")


def _told(row: Record, context: Context) -> Iterator[Observation]:
    best, violence = amount(required(row, "best")), amount(required(row, "type_of_violence"))
    if violence not in VIOLENCE:
        raise CellError(f"unknown type of violence '{text(row['type_of_violence'])}'")
    number = _whole(required(row, "id"))
    lat, lon = position(row.get("latitude"), row.get("longitude"))
    precision = PRECISIONS.get(int(amount(row.get("where_prec")) or 6), "country")
    deaths = Observation(
        indicator="conflict_deaths",
        occurred_at=midnight(required(row, "date_start")),
        known_at=context.now,
        value=best or 0.0,
        low=_at_most(amount(row.get("low")), best),
        high=_at_least(amount(row.get("high")), best),
        source="ucdp",
        origins=("UCDP",),
        place=_place(row, precision),
        lat=lat,
        lon=lon,
        precision=precision,
        grade="C3" if text(row.get("code_status")).startswith("Check") else "B2",
        attributes={"violence": VIOLENCE[int(violence)]},
        url="https://ucdp.uu.se/",
        key=f"{number}#deaths",
    )
    yield deaths
    if violence == AGAINST_CIVILIANS:
        yield replace(
            deaths, indicator="attack_civilian", value=1.0, low=None, high=None, key=f"{number}#attack"
        )


def _at_most(bound: float | None, value: float | None) -> float | None:
    return None if bound is None or value is None else min(bound, value)


def _at_least(bound: float | None, value: float | None) -> float | None:
    return None if bound is None or value is None else max(bound, value)


def _place(row: Record, precision: Precision) -> str:
    """The name that goes with the precision; a country's centre has none."""
    column = {"town": "where_coordinates", "cercle": "adm_2", "region": "adm_1"}.get(precision)
    return KIND_OF_PLACE.sub("", text(row.get(column))) if column else ""


SOURCE: Final = Source(
    id="ucdp",
    title="UCDP candidate events",
    indicators=("conflict_deaths",),
    also=("attack_civilian",),  # only the fatal ones
    every=timedelta(days=1),
    publishes_every=timedelta(days=30),
    lag=timedelta(days=60),
    terms="UCDP Candidate Events Dataset, Uppsala University, CC BY 4.0.",
    homepage="https://ucdp.uu.se",
    fetch=fetch,
    parse=parse,
    uses=("ucdp_token",),
)
