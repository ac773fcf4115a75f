"""Retail prices of food on markets: World Food Programme, the country's CSV on HDX.

Terms: CC BY-IGO, credit to WFP. No key. Monthly, two to six weeks behind, dated the 15th; the whole history is
rewritten at each release, so that a price keeps its key and may be revised. Only what can be told in francs a kilo is
told: litres, heads and pieces are other units, a price of 0 is a missing one, a national average is no market, and
fuel on these lists is neither the ceiling price nor that outside stations.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching import Record, demand, gathered, is_home, judged, records
from warn.fetching.hdx import resource
from warn.geo import fold
from warn.model import Observation
from warn.rows import CellError
from warn.rows.foreign import amount, midnight, position, required, text
from warn.source import Body, Context, Http, Parsed, Source

PACKAGE: Final = "wfp-food-prices-for-{country}"
NEEDED: Final = (
    "market", "latitude", "longitude", "date", "commodity", "unit", "currency", "price", "priceflag", "pricetype",
    "category",
)  # fmt: skip
LISTED: Final = frozenset({"market_id", "commodity_id", "currency_id"})
UNIT: Final = re.compile(r"(?:(\d+(?:\.\d+)?) ?)?(KG|G|MT)")
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
KILOS: Final[Mapping[str, float]] = {"KG": 1.0, "G": 0.001, "MT": 1000.0}
KEPT: Final = timedelta(days=1100)  # what a season is judged against


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    area = options.get("area")
    if area is None:
        raise SourceError("error", "no area is set", "rules/area.yaml names its country.")
    country, iso3 = fold(area.country.get("en", "")).replace(" ", "-"), area.codes.get("iso3", "").lower()
    package = PACKAGE.format(country=country)
    address = await resource(http, options, package, (f"food_prices_{iso3}.csv",), "csv")
    return (await http.get(address, expect="csv"),)


def parse(content: bytes, context: Context) -> Parsed:
    """Both layouts: with a row of tags or without, with ids of markets and commodities or without."""
    return judged(_parsed, content, context)


def _parsed(content: bytes, context: Context) -> Parsed:
    sheet = records(content, ())
    if sheet.columns and "price" not in sheet.columns and LISTED & set(sheet.columns):
        return Parsed("no_data", message=f"a list of {len(sheet.records)} names, no prices")
    demand([(1, dict.fromkeys(sheet.columns)), *sheet.records], NEEDED)
    oldest = _oldest(sheet.records)
    recent = [(line, row) for line, row in sheet.records if str(row.get("date"))[:10] >= oldest]
    if _elsewhere(recent, context):
        return Parsed("no_data", message=f"{len(sheet.records)} prices of another country")
    passed: Counter[str] = Counter()
    wanted = [(line, row) for line, row in recent if not _passed_over(row, context, passed)]
    read = gathered(
        wanted, partial(_told, context=context), torn=sheet.torn, of=len(sheet.records), what="prices"
    )
    why = ", ".join(f"{count} {reason}" for reason, count in passed.most_common())
    return replace(read, message=f"{read.message}; passed over: {why}" if why else read.message)


def _elsewhere(rows: Sequence[tuple[int, Record]], context: Context) -> bool:
    """Whether most of the markets lie outside our country's box: some layouts do not name the country."""
    if context.area is None:
        return False
    west, south, east, north = context.area.box
    located = [where for _, row in rows if (where := _where(row)) is not None]
    outside = [1 for lat, lon in located if not (south <= lat <= north and west <= lon <= east)]
    return len(outside) * 2 > len(located)


def _where(row: Record) -> tuple[float, float] | None:
    try:
        lat, lon = position(row.get("latitude"), row.get("longitude"))
    except CellError:
        return None
    return (lat, lon) if lat is not None and lon is not None else None


def _passed_over(row: Record, context: Context, passed: Counter[str]) -> str:
    """Why a row is no price of ours, counted; empty where it is one."""
    why = _reason(row, context)
    if why:
        passed[why] += 1
    return why


def _reason(row: Record, context: Context) -> str:
    flags = text(row.get("priceflag")).lower()
    currency = context.area.currency if context.area is not None else ""
    if "countryiso3" in row and not is_home(row["countryiso3"], context, "iso3"):
        return "of another country"
    if currency and text(row.get("currency")).upper() != currency:
        return f"not in {currency}"
    if "forecast" in flags:
        return "forecast"
    if not text(row.get("latitude")) or "average" in text(row.get("market")).lower():
        return "national averages"
    if text(row.get("pricetype")).lower() != "retail":
        return "not retail"
    if text(row.get("category")).lower() == "non-food":
        return "not food"
    if not UNIT.fullmatch(text(row.get("unit")).upper()):
        return "not sold by weight"
    return "" if text(row.get("price")).strip("0.") else "without a price"


def _oldest(rows: Sequence[tuple[int, Record]]) -> str:
    """The first day that is still of use, as files write days; one that is torn is judged with its row."""
    newest = max((said for _, row in rows if DAY.fullmatch(said := str(row.get("date"))[:10])), default="")
    try:
        return f"{midnight(newest) - KEPT:%Y-%m-%d}"
    except CellError:
        return ""


def _told(row: Record, context: Context) -> Iterator[Observation]:
    price, at = amount(required(row, "price")), midnight(required(row, "date"))
    unit = UNIT.fullmatch(text(row["unit"]).upper())
    kilos = float(unit[1] or 1) * KILOS[unit[2]] if unit else 0.0
    if price is None or kilos <= 0:
        raise CellError(f"'{text(row['unit'])}' is no weight")
    lat, lon = position(row.get("latitude"), row.get("longitude"))
    market, commodity = text(required(row, "market")), text(required(row, "commodity"))
    yield Observation(
        indicator="food_price",
        occurred_at=at,
        known_at=context.now,
        value=round(price / kilos, 2),
        source="wfp_prices",
        origins=("WFP",),
        place=market,
        lat=lat,
        lon=lon,
        precision="town",
        grade="B2",
        attributes={"commodity": commodity},
        url="https://data.humdata.org/organization/wfp",
        key=f"{fold(market)}:{fold(commodity)}:{unit[2] if unit else ''}{kilos:g}:{at:%Y-%m-%d}",
    )


SOURCE: Final = Source(
    id="wfp_prices",
    title="WFP food prices",
    indicators=("food_price",),
    every=timedelta(days=1),
    publishes_every=timedelta(days=30),
    lag=timedelta(days=45),
    terms="World Food Programme, CC BY-IGO.",
    homepage="https://data.humdata.org/organization/wfp",
    fetch=fetch,
    parse=parse,
)
