"""Cells of other people's tables: more lenient than our own file where their documentation says what is meant.

Numbers come as numbers or as text, absent ones in half a dozen spellings; times mostly without a zone, which every
provider read here states to be UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from warn.rows.cells import CellError, empty, number, plain

DIGITS = re.compile(r"\d{14}")
FRACTION = re.compile(r"(\.\d{6})\d+")
YEARS = range(1900, 2201)


def amount(value: Any) -> float | None:
    """The number, or None where there is none. Raises CellError for what is neither."""
    return None if empty(value) else number(value)


def required(row: Mapping[str, Any], column: str) -> Any:
    """The cell, which a row cannot do without."""
    if empty(row.get(column)):
        raise CellError(f"{column} is empty")
    return row[column]


def stamp(value: Any) -> datetime:
    """A moment as aware UTC: ISO 8601 in any of its spellings, or fourteen digits; without a zone it is UTC."""
    text = FRACTION.sub(r"\1", plain(value).upper())
    try:
        if DIGITS.fullmatch(text):
            found = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        else:
            found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CellError(f"'{text[:40]}' is not a time") from None
    if found.year not in YEARS:
        raise CellError(f"'{text[:40]}' is no year of ours")
    return found


def midnight(value: Any) -> datetime:
    """The start of the day that a cell names."""
    return start_of(stamp(value).date())


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def position(lat: Any, lon: Any) -> tuple[float | None, float | None]:
    """Both coordinates or none; 0, 0 is what programs write who have none."""
    found = amount(lat), amount(lon)
    if None in found or found == (0, 0):
        return None, None
    return found


def text(value: Any, most: int = 100) -> str:
    """A short text, empty where there is none."""
    return "" if empty(value) else plain(value)[:most]


def link(value: Any) -> str:
    """An address that may stand behind a title, else nothing."""
    said = text(value, 1000)
    return said if re.fullmatch(r"https?://[^\s\"'<>]+", said, re.IGNORECASE) else ""
