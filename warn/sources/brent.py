"""Brent crude, dollars a barrel: daily spot price of the US Energy Information Administration (series RBRTE).

Keyless copy in github.com/datasets/oil-prices (ODC-PDDL), two to four days behind; with `eia_key` from EIA
itself (public domain). Asked every six hours. It says whether a rise at the pump is local or the world's:
it *fell* while Bamako ran dry.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from warn.fetching import form
from warn.model import Observation, Refused
from warn.rows import CellError, moment, plain
from warn.rows.cells import empty, number
from warn.source import Body, Context, Http, Parsed, Source

KEYLESS: Final = "https://raw.githubusercontent.com/datasets/oil-prices/main/data/brent-daily.csv"
EIA: Final = "https://api.eia.gov/v2/petroleum/pri/spt/data/"
KEPT: Final = timedelta(days=400)
ASKED: Final[Mapping[str, str]] = {
    "frequency": "daily",
    "data[0]": "value",
    "facets[series][]": "RBRTE",
    "sort[0][column]": "period",
    "sort[0][direction]": "desc",
    "length": "60",
}


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    key = str(options.get("eia_key") or "")
    if key:
        return (await http.get(EIA, params={**ASKED, "api_key": key}, expect="json"),)
    return (await http.get(str(options.get("brent_url") or KEYLESS), expect="csv"),)


def parse(content: bytes, context: Context) -> Parsed:
    """Either form, told apart by its first byte; days older than a year and a bit are left out."""
    kind = form(content)
    if kind == "html":
        return Parsed("blocked", message="a web page came instead of prices")
    try:
        rows = _eia(content) if kind == "json" else _csv(content)
    except (ValueError, KeyError, TypeError, RecursionError, csv.Error) as error:
        return Parsed("schema_changed", message=f"not the columns Date and Price ({str(error)[:80]})")
    if isinstance(rows, Parsed):
        return rows
    found, refused = [], []
    for line, (day, price) in rows:
        try:
            if not empty(price):
                found.append(_price(day, price, context.now))
        except CellError as error:
            refused.append(Refused(str(error), plain(f"{day},{price}")[:80], line))
    if not found:
        return Parsed("schema_changed" if refused else "no_data", message="no prices", refused=tuple(refused))
    newest = max(o.occurred_at for o in found)
    kept = tuple(o for o in found if o.occurred_at >= newest - KEPT)
    return Parsed("ok", kept, f"{len(kept)} days, the last {max(o.key for o in kept)}", tuple(refused))


def _price(day: Any, price: Any, now: datetime) -> Observation:
    at = moment(day)
    return Observation(
        indicator="brent_usd",
        occurred_at=datetime.combine(at.date(), time(), UTC),
        known_at=now,
        value=number(price),
        source="brent",
        origins=("EIA",),
        grade="A1",
        key=f"{at:%Y-%m-%d}",
    )


def _csv(content: bytes) -> Iterable[tuple[int, tuple[Any, Any]]]:
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    if reader.fieldnames is None or not {"Date", "Price"} <= set(reader.fieldnames):
        raise KeyError(f"columns are {plain(reader.fieldnames or 'absent')[:60]}")
    return [(reader.line_num, (row["Date"], row["Price"])) for row in reader]


def _eia(content: bytes) -> Iterable[tuple[int, tuple[Any, Any]]] | Parsed:
    answer = json.loads(content)
    error = answer.get("error")
    if error:
        code = plain(error.get("code", "") if isinstance(error, dict) else error)[:60]
        return Parsed("blocked", message=f"EIA refuses: {code}; check the key")
    return [(n, (row["period"], row["value"])) for n, row in enumerate(answer["response"]["data"], 1)]


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
