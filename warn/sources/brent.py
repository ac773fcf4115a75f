"""Brent crude, dollars a barrel: daily spot price of the US Energy Information Administration (series RBRTE).

Keyless copy in github.com/datasets/oil-prices (ODC-PDDL), two to four days behind; with `eia_key` from EIA
itself (public domain). Asked every six hours. It says whether a rise at the pump is local or the world's:
it *fell* while Bamako ran dry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from warn.fetching import Record, Table, demand, document, form, gathered, judged, listed, table
from warn.model import Observation
from warn.rows.foreign import amount, midnight, required, text
from warn.source import Body, Context, Http, Parsed, Source

KEYLESS: Final = "https://raw.githubusercontent.com/datasets/oil-prices/main/data/brent-daily.csv"
EIA: Final = "https://api.eia.gov/v2/petroleum/pri/spt/data/"
SERIES: Final = "RBRTE"
KEPT: Final = timedelta(days=400)
ASKED: Final[Mapping[str, str]] = {
    "frequency": "daily",
    "data[0]": "value",
    "facets[series][]": SERIES,
    "sort[0][column]": "period",
    "sort[0][direction]": "desc",
    "length": "60",
}


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    key = str(options.get("eia_key") or "")
    if key:
        address = str(options.get("eia_url") or EIA)
        return (await http.get(address, params={**ASKED, "api_key": key}, expect="json"),)
    return (await http.get(str(options.get("brent_url") or KEYLESS), expect="csv"),)


def parse(content: bytes, context: Context) -> Parsed:
    """Either form, told apart by its first byte; days older than a year and a bit are left out."""
    return judged(_parsed, content, context)


def _parsed(content: bytes, context: Context) -> Parsed:
    if form(content) == "json":
        answer = document(content)
        rows = listed(answer["response"], "data")
        demand(rows, ("period", "value"))
        ours = [(line, row) for line, row in rows if text(row.get("series")) in {"", SERIES}]
        sheet, columns = Table((), tuple(ours)), ("period", "value")
    else:
        sheet, columns = table(content, ("date", "price")), ("date", "price")
    told = partial(_told, columns=columns, now=context.now)
    read = gathered(sheet.records, told, torn=sheet.torn, what="days")
    if not read.observations:
        return read
    newest = max(o.occurred_at for o in read.observations)
    kept = tuple(o for o in read.observations if o.occurred_at >= newest - KEPT)
    return replace(read, observations=kept, message=f"{len(kept)} days, the last {newest:%Y-%m-%d}")


def _told(row: Record, columns: tuple[str, str], now: datetime) -> Iterator[Observation]:
    day, price = columns
    value = amount(row.get(price))
    if value is None:
        return
    at = midnight(required(row, day))
    yield Observation(
        indicator="brent_usd",
        occurred_at=at,
        known_at=now,
        value=value,
        source="brent",
        origins=("EIA",),
        grade="A1",
        key=f"{at:%Y-%m-%d}",
    )


SOURCE: Final = Source(
    id="brent",
    title="Brent crude",
    indicators=("brent_usd",),
    every=timedelta(hours=6),
    lag=timedelta(days=4),
    terms="EIA, public domain; copy by DataHub under ODC-PDDL.",
    homepage="https://www.eia.gov/dnav/pet/pet_pri_spt_s1_d.htm",
    fetch=fetch,
    parse=parse,
    uses=("eia_key",),
)
