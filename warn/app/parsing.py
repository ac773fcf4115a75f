"""Shows what parsers and the reader of free text make of something, without storing any of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from warn.app import build, folders
from warn.errors import UsageError
from warn.fetching import read_body
from warn.model import Observation
from warn.reading import Reader, document, read
from warn.settings import Settings
from warn.source import Body, Context

COLUMNS = ("date", "lang", "outlet", "title", "url")


def parse_body(settings: Settings, source_id: str, path: Path, now: datetime) -> dict[str, Any]:
    """As `warn sources parse --json` answers."""
    known = build.read_rules(settings)
    every = build.every_source(known.files)
    if source_id not in every:
        raise UsageError(f"There is no source '{source_id}'.", f"Sources: {', '.join(sorted(every))}.")
    context = Context(
        now=now,
        indicators=known.indicators,
        places=known.geography,
        lexicon=known.reader,
        area=known.geography.area,
    )
    found = read_body(every[source_id], Body(folders.bytes_of(path), str(path)), context)
    return {
        "source": source_id,
        "outcome": found.outcome,
        "message": found.message,
        "observations": [observation_row(one) for one in found.observations],
        "refused": [{"reason": one.reason, "line": one.line} for one in found.refused],
    }


def observation_row(one: Observation) -> dict[str, Any]:
    """The observation file's column names."""
    return {
        "indicator": one.indicator,
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "occurred_at": one.occurred_at,
        "known_at": one.known_at,
        "superseded_at": one.superseded_at,
        "source": one.source,
        "origin": "|".join(one.origins),
        "place": one.place,
        "lat": one.lat,
        "lon": one.lon,
        "precision": one.precision,
        "grade": one.grade,
        "incident": one.incident,
        "attributes": dict(one.attributes),
        "title": one.title,
        "url": one.url,
        "key": one.key,
    }


def parsed_text(found: Mapping[str, Any]) -> str:
    lines = [f"{found['source']}: {found['outcome']}. {found['message']}"]
    for one in found["observations"]:
        where = one["place"] or one["precision"]
        lines.append(
            f"  {one['occurred_at']:%Y-%m-%d} {one['indicator']} = {one['value']:g}  {where}  {one['grade']}"
        )
    lines += [f"  set aside: {one['reason']}" for one in found["refused"]]
    return "\n".join(lines)


def read_text(settings: Settings, text: str, lead: str, day: str | None, outlet: str) -> dict[str, Any]:
    """As `warn read --json` answers."""
    if not text.strip():
        raise UsageError("There is no text.", "warn read 'Un convoi de citernes attaqué près de Kita'")
    return document(read(text, lead, reader=_reader(settings), published=_day(day), outlet=outlet))


def read_file(settings: Settings, path: Path) -> Iterator[str]:
    """JSON Lines, one document per row, in the same order."""
    reader = _reader(settings)
    table = csv.DictReader(io.StringIO(folders.text_of(path), newline=""))
    missing = [name for name in ("title",) if name not in (table.fieldnames or ())]
    if missing:
        raise UsageError(f"{path}: there is no column 'title'.", f"Columns: {', '.join(COLUMNS)}.")
    for row in table:
        found = read(
            row.get("title") or "",
            reader=reader,
            published=_lenient_day(row.get("date")),
            lang=row.get("lang") or "",
            outlet=row.get("outlet") or "",
            url=row.get("url") or "",
        )
        yield json.dumps(document(found), ensure_ascii=False)


def reading_text(found: Mapping[str, Any]) -> str:
    if not found["observations"]:
        return "Relevant, but nothing that is counted." if found["relevant"] else "Nothing that concerns us."
    return "\n".join(_line(one) for one in found["observations"])


def _line(one: Mapping[str, Any]) -> str:
    number = f" {one['low']:g}-{one['high']:g}" if one["low"] is not None and one["high"] is not None else ""
    words = ", ".join(f'"{word}"' for word in one["matched"])
    where = f"{one['place'] or 'no place'} ({one['precision']})"
    said = f"{one['origin'] or 'no origin'} {one['grade']}; from {words}"
    return f"{one['indicator']}{number}: {one['direction']}; {one['date'] or 'no date'}; {where}; {said}"


def _reader(settings: Settings) -> Reader:
    return build.read_rules(settings).reader


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    found = _lenient_day(text)
    if found is None:
        raise UsageError(f"'{text}' is not a day.", "Write it as 2025-09-15.")
    return found


def _lenient_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
