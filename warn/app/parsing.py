"""Shows what parsers and the reader of free text make of something, without storing any of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from warn.app import folders, knowing
from warn.errors import UsageError
from warn.fetching import read_body
from warn.model import Observation
from warn.reading import RELIEF, Finding, Reader, Reading, counted_as, document, read
from warn.settings import Settings
from warn.source import Body, Context

COLUMNS = ("date", "lang", "outlet", "title", "url")


def parse_body(settings: Settings, source_id: str, path: Path, now: datetime) -> dict[str, Any]:
    """As `warn sources parse --json` answers."""
    known = knowing.read_rules(settings)
    every = knowing.every_source(known.files)
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
    lines = [f"{found['source']}: {found['outcome']}. {found['message'] or 'nothing is said of why'}"]
    lines += [_observation_line(one) for one in found["observations"]]
    lines += [f"  set aside{_line_of(one)}: {one['reason']}" for one in found["refused"]]
    return "\n".join(lines)


def _observation_line(one: Mapping[str, Any]) -> str:
    low, high = one["low"], one["high"]
    range_ = f" ({low:g} to {high:g})" if low is not None and high is not None and low < high else ""
    where = f"{one['place']} ({one['precision']})" if one["place"] else f"no place named ({one['precision']})"
    about = "".join(f", {name} {said}" for name, said in one["attributes"].items())
    said = f"{one['origin'] or 'no origin'}, grade {one['grade']}"
    return f"  {one['occurred_at']:%Y-%m-%d} {one['indicator']} = {one['value']:g}{range_}{about}; {where}; {said}"


def _line_of(refused: Mapping[str, Any]) -> str:
    return f", line {refused['line']}" if refused["line"] else ""


def read_text(settings: Settings, text: str, lead: str, day: str | None, outlet: str) -> Reading:
    """What `warn read` shows, and `document` puts into JSON."""
    if not text.strip():
        raise UsageError("There is no text.", "warn read 'Un convoi de citernes attaqué près de Kita'")
    return read(text, lead, reader=_reader(settings), published=day_of(day), outlet=outlet)


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


def reading_text(found: Reading, published: date) -> str:
    """For each thing told: what, when, where, who says so, by which words, and whether rules will count it."""
    if not found.findings:
        start = "It concerns us, but nothing is counted" if found.relevant else "It does not concern us"
        return f"{start}: {found.why_not}."
    return "\n".join(line for one in found.findings for line in _finding_lines(one, published))


def _finding_lines(one: Finding, published: date) -> Iterator[str]:
    figure = f" {one.value:g}" if (one.low, one.high) != (None, None) or one.value != 1 else ""
    if one.low is not None and one.high is not None and one.low < one.high:
        figure += f" ({one.low:g} to {one.high:g})"
    where = f"{one.place} ({one.precision})" if one.place else "no place named"
    origin = " and ".join(one.origins) or "who says so is not named"
    claim = ", a party's own claim" if one.claim else ""
    said_by = f"{origin}, grade {one.grade}{claim}"
    yield f"{one.indicator}{figure}: {one.direction}; {one.date or 'no day'}; {where}; {said_by}"
    yield f"    read from: {', '.join(repr(word) for word in one.matched)}"
    yield f"    {_counts(one, published)}"


def _counts(one: Finding, published: date) -> str:
    stored = counted_as(one)
    if stored and one.date is not None and one.date > published:
        return "not counted: it is announced for a later day"
    if stored == "official_statement":
        return "not counted: kept as what the authorities say"
    if stored:
        return "counted, though a party's own claim confirms nothing" if one.claim else "counted"
    if one.direction == "none":
        return (
            "not counted: a risk, promise, question, memory, topic or operation, not something that happened"
        )
    wanted = "better" if one.indicator in RELIEF else "worse"
    return f"not counted: of {one.indicator} rules count only what gets {wanted}"


def _reader(settings: Settings) -> Reader:
    return knowing.read_rules(settings).reader


def day_of(text: str | None) -> date:
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
