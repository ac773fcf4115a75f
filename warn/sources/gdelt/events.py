"""The event table: 61 columns without a header, one row for each event that the machine reads in an article.

What it codes is often a figure of speech, an anniversary or the seat of a government taken for the place of its acts.
So only root events of our country are told, each article once per kind; nothing older than a week when it was found; no
place closer than the cercle; and under a grade that confirms nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from warn.fetching import Record, code_of, gathered, stop
from warn.model import Observation, Precision, Refused
from warn.rows import CellError
from warn.rows.foreign import link, midnight, position, required, stamp, text
from warn.source import Context, Parsed

WIDTH: Final = 61
COLUMNS: Final[Mapping[int, str]] = {
    0: "id", 1: "day", 5: "actor1", 25: "root", 26: "code", 28: "kind", 51: "place_type", 52: "place",
    53: "country", 56: "lat", 57: "lon", 59: "added", 60: "url",
}  # fmt: skip
CAMEO: Final[Mapping[str, str]] = {
    "036": "negotiation", "046": "negotiation", "087": "negotiation", "14": "demonstration", "181": "abduction",
    "183": "mine_ied", "18": "attack_civilian", "195": "military_operation", "191": "road_block",
    "19": "attack_military", "20": "attack_civilian",
}  # fmt: skip
"""Longest beginning of an event code -> indicator."""
CODED: Final = frozenset(CAMEO.values())
FORCES: Final = ("MIL", "GOV", "COP", "SPY")
PRECISIONS: Final[Mapping[str, Precision]] = {"3": "cercle", "4": "cercle", "2": "region", "5": "region"}
FRESH: Final = timedelta(days=7)


def events(said: str, context: Context) -> Parsed:
    home = code_of(context, "fips")
    rows: list[tuple[int, dict[str, str]]] = []
    torn: list[Refused] = []
    total = 0
    for line, written in enumerate(said.splitlines(), 1):
        cells = written.split("\t")
        if not written.strip():
            continue
        total += 1
        if len(cells) != WIDTH:
            torn.append(Refused(f"{len(cells)} columns instead of {WIDTH}", text(written, 60), line))
        elif not home or cells[53].strip() == home:
            rows.append((line, {name: cells[at].strip() for at, name in COLUMNS.items()}))
    if len(torn) == total:
        stop("schema_changed", torn[0].reason if torn else "no rows")
    return gathered(
        rows, partial(_told, context=context), torn=torn, of=total - len(torn), what="events of the country"
    )


def _told(row: Record, context: Context) -> Iterator[Observation]:
    indicator = _indicator(row)
    if not indicator or row["root"] != "1":
        return
    added, day = stamp(required(row, "added")), midnight(required(row, "day"))
    if day < added - FRESH:
        raise CellError(f"tells of {day:%Y-%m-%d}, long before it was found")
    lat, lon = position(row["lat"], row["lon"])
    precision = PRECISIONS.get(row["place_type"], "country")
    where = link(row["url"])
    host = (urlsplit(where).hostname or "").removeprefix("www.") if where else ""
    yield Observation(
        indicator=indicator,
        occurred_at=min(day, context.now),
        known_at=context.now,
        source="gdelt",
        origins=(host or "GDELT",),
        place=_place(row) if precision != "country" else "",
        lat=lat,
        lon=lon,
        precision=precision,
        grade="F6",
        attributes={"code": text(row["code"], 10)},
        url=where,
        key=f"event:{indicator}:{hashlib.sha256((where or row['id']).encode()).hexdigest()[:20]}",
    )


def _place(row: Record) -> str:
    """A name that lost a letter on the way is none; its coordinates are still there."""
    name = text(row["place"]).split(",")[0]
    return "" if "\ufffd" in name else name


def _indicator(row: Record) -> str:
    """What the code stands for; what forces of a state do in a fight is an operation of theirs."""
    code = str(row["code"])
    found = next((CAMEO[code[:length]] for length in (3, 2) if code[:length] in CAMEO), "")
    if found == "attack_military" and any(str(row["actor1"])[3:].startswith(force) for force in FORCES):
        return "military_operation"
    return found
