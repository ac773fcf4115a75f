"""Observations -> the observation file, so that what is exported can be imported again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime

from warn.model import Coverage, Observation
from warn.rows.row import COLUMNS

TAGS = {
    "indicator": "#indicator+code", "value": "#indicator+value+num", "low": "#indicator+value+min",
    "high": "#indicator+value+max", "occurred_at": "#date+occurred", "known_at": "#date+reported",
    "superseded_at": "#date+end", "source": "#meta+source", "origin": "#meta+origin", "place": "#loc+name",
    "lat": "#geo+lat", "lon": "#geo+lon", "precision": "#geo+precision", "grade": "#meta+grade",
    "incident": "#event+id", "attributes": "#meta+attributes", "title": "#meta+title", "url": "#meta+url",
    "key": "#meta+id",
}  # fmt: skip


def to_csv(observations: Iterable[Observation], *, tags: bool = False) -> str:
    """With `tags`, a row of HXL tags stands below the header."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    if tags:
        writer.writerow(TAGS[name] for name in COLUMNS)
    for observation in observations:
        cells = _cells(observation)
        writer.writerow(_shown(cells.get(name, "")) for name in COLUMNS)
    return out.getvalue()


def to_jsonl(observations: Iterable[Observation], coverage: Iterable[Coverage] = ()) -> str:
    records = [*map(_statement, coverage), *map(_cells, observations)]
    return "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)


def _cells(o: Observation) -> dict[str, object]:
    """The columns that say something; times in UTC with Z."""
    cells: dict[str, object] = {
        "indicator": o.indicator, "value": _figure(o.value), "low": _figure(o.low), "high": _figure(o.high),
        "occurred_at": _time(o.occurred_at), "known_at": _time(o.known_at),
        "superseded_at": _time(o.superseded_at), "source": o.source, "origin": "|".join(o.origins),
        "place": o.place, "lat": o.lat, "lon": o.lon,
        "precision": o.precision, "grade": o.grade, "incident": o.incident,
        "attributes": ";".join(f"{name}={_escaped(said)}" for name, said in o.attributes.items()),
        "title": o.title, "url": o.url, "key": o.key,
    }  # fmt: skip
    return {name: cell for name, cell in cells.items() if cell is not None and cell != ""}


def _statement(coverage: Coverage) -> dict[str, object]:
    return {
        "coverage": {
            "source": coverage.source,
            "indicators": list(coverage.indicators),
            "from": _time(coverage.start),
            "to": _time(coverage.end),
        }
    }


def _escaped(said: str) -> str:
    return said.replace("%", "%25").replace(";", "%3B")


def _figure(value: float | None) -> float | int | None:
    return int(value) if value is not None and value.is_integer() and abs(value) < 1e15 else value


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None


def _shown(cell: object) -> str:
    return repr(cell) if isinstance(cell, float) else str(cell)
