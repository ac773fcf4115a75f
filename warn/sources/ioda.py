"""Internet connectivity of the country: IODA, Georgia Tech (active probing of address blocks).

Terms: attribution, non-commercial use. No key; asked every quarter of an hour at most. Ten to thirty minutes behind;
the newest bins are not complete and nulls are not yet measured, neither is an outage. A fall stands for power and
fuel of the towers as often as for a cut by order: it corroborates, alone it says little.
"""

from __future__ import annotations

import json
import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching import form
from warn.model import Observation, Refused
from warn.rows import plain
from warn.source import Body, Context, Http, Parsed, Source

ADDRESS: Final = "https://api.ioda.inetintel.cc.gatech.edu/v2/signals/raw/country/{code}"
LOOKS_BACK: Final = timedelta(days=7)
UNFINISHED: Final = 3  # newest bins, still being measured
HOUR: Final = 3_600
TOLD: Final = 24  # hours; older ones would be revised at every poll as the usual level drifts
MOST_BINS: Final = 200_000


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    area, now = options.get("area"), options["now"]
    code = area.codes.get("iso2", "") if area is not None else ""
    if not code:
        raise SourceError(
            "error", "no country code is set", "Name it in rules/area.yaml under country.codes.iso2."
        )
    asked = {
        "from": str(int((now - LOOKS_BACK).timestamp())),
        "until": str(int(now.timestamp())),
        "datasource": "ping-slash24",
    }
    address = str(options.get("ioda_url") or ADDRESS).format(code=code)
    body = await http.get(address, params=asked, expect="json", conditional=False)
    if f'"{code}"'.encode() not in body.content:
        raise SourceError("schema_changed", f"the answer does not speak of {code}")
    return (body,)


def parse(content: bytes, context: Context) -> Parsed:
    """Signals give the share of the usual level, hour by hour; alerts give it at their moment; events give none."""
    if form(content) == "html":
        return Parsed("blocked", message="a web page came instead of JSON")
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        return Parsed("error", message=f"not JSON ({str(error)[:80]})")
    if not isinstance(answer, dict) or "data" not in answer:
        return Parsed("schema_changed", message="no field 'data'")
    if answer.get("error"):
        return Parsed("error", message=f"IODA says: {plain(answer['error'])[:120]}")
    if not answer["data"]:
        return Parsed("no_data", message="no series")
    try:
        found = tuple(_told(answer["data"], context.now))
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, OSError) as error:
        return Parsed(
            "schema_changed", message=f"a series of another shape ({type(error).__name__} {str(error)[:60]})"
        )
    ahead = tuple(Refused("dated in the future", o.key) for o in found if o.occurred_at > context.now)
    kept = tuple(o for o in found if o.occurred_at <= context.now)
    return Parsed("ok" if kept else "no_data", kept, f"{len(kept)} readings", ahead)


def _told(data: Any, now: datetime) -> Iterator[Observation]:
    for entry in data:
        if isinstance(entry, list):
            for series in entry:
                yield from _hours(series, now)
        elif "historyValue" in entry and "entity" in entry:
            usual, value = float(entry["historyValue"]), float(entry["value"])
            if usual > 0 and math.isfinite(value):
                at = datetime.fromtimestamp(int(entry["time"]), UTC)
                yield _reading(entry["entity"], entry["datasource"], at, value / usual, now)
        elif "location" not in entry:
            raise KeyError("historyValue or location")


def _hours(series: Mapping[str, Any], now: datetime) -> Iterator[Observation]:
    start, step, values = int(series["from"]), int(series["step"]), list(series["values"])
    if step <= 0 or len(values) > MOST_BINS:
        raise ValueError("step")
    hours: defaultdict[int, list[float]] = defaultdict(list)
    for nth, value in enumerate(values[:-UNFINISHED]):
        if value is not None and math.isfinite(float(value)):
            hours[(start + nth * step) // HOUR * HOUR].append(float(value))
    usual = statistics.median([value for bins in hours.values() for value in bins] or [0.0])
    entity = {"code": series["entityCode"], "name": series.get("entityName")}
    if usual > 0:
        for at, bins in sorted(hours.items())[-TOLD:]:
            share = statistics.fmean(bins) / usual
            yield _reading(entity, series["datasource"], datetime.fromtimestamp(at, UTC), share, now)


def _reading(entity: Mapping[str, Any], means: Any, at: datetime, share: float, now: datetime) -> Observation:
    code, probe = plain(entity["code"])[:20], plain(means)[:40]
    return Observation(
        indicator="internet_connectivity",
        occurred_at=at,
        known_at=now,
        value=round(min(max(share, 0.0), 1.0), 2),
        source="ioda",
        origins=("IODA",),
        place=plain(entity.get("name") or code)[:100],
        grade="B2",
        attributes={"datasource": probe},
        url="https://ioda.inetintel.cc.gatech.edu/",
        key=f"{code}:{probe}:{at:%Y-%m-%dT%H:%M}",
    )


SOURCE: Final = Source(
    id="ioda",
    title="IODA internet connectivity",
    indicators=("internet_connectivity",),
    every=timedelta(minutes=15),
    lag=timedelta(hours=1),
    terms="IODA, Georgia Institute of Technology; attribution, non-commercial use.",
    homepage="https://ioda.inetintel.cc.gatech.edu",
    fetch=fetch,
    parse=parse,
)
