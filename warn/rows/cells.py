"""One cell of the observation file -> one value, or the reason why it is not one."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

NOTHING = frozenset({"", "-", "..", "null", "None", "NA", "N/A"})
LONGEST = 10_000
DAY = timedelta(days=1)
BARE = re.compile(r"\d{4}-\d{2}-\d{2}")
MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]24:00(?::00)?(.*)")
THOUSANDS = re.compile(r"-?\d{1,3}(?:[ \u00a0\u202f,']\d{3})+(?:\.\d+)?")
GRADE = re.compile(r"[A-F][1-6]")


class CellError(ValueError):
    """What is wrong with one cell, as a person reads it; the caller knows the column."""


def plain(value: Any) -> str:
    """Text without control and direction-changing characters, which would garble a terminal or a mail."""
    text = value if isinstance(value, str) else str(value)
    if text.isascii() and text.isprintable() and "  " not in text:
        return text[:LONGEST].strip()  # most cells, at a tenth of the price
    kept = "".join(c if unicodedata.category(c) not in {"Cc", "Cf", "Cs"} else " " for c in text[:LONGEST])
    return unicodedata.normalize("NFC", re.sub(r"[ \t]+", " ", kept)).strip()


def empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip() in NOTHING)


def number(value: Any) -> float:
    """A finite number. Commas are refused, since 0,60 and 2,000 cannot be told apart."""
    if isinstance(value, bool):
        raise CellError("is yes or no, not a number; write 1 or 0")
    text = plain(value)
    try:
        found = float(text)
    except (ValueError, OverflowError):
        found = math.nan
    if "_" in text or not math.isfinite(found):
        raise CellError(f"'{text[:40]}' is not a number{_number_hint(text)}")
    return found


def _number_hint(text: str) -> str:
    if THOUSANDS.fullmatch(text):
        return f"; write {re.sub(r'[^0-9.-]', '', text)}, without separators"
    if re.fullmatch(r"-?\d+,\d+", text):
        return f"; write {text.replace(',', '.')}"
    return ""


def moment(value: Any, bare: Literal["start", "end"] = "start") -> datetime:
    """ISO 8601 as aware UTC. A bare date is 00:00 UTC, or with `bare="end"` the 24:00 that ends it.

    A time without its zone is refused: a report an hour off can open an alert before anyone could know.
    """
    if isinstance(value, datetime):
        return _utc(value, value.isoformat())
    if isinstance(value, date):
        return _whole(value, bare)
    text = plain(value).upper()
    if BARE.fullmatch(text):
        return _whole(_iso_date(text), bare)
    late = MIDNIGHT.fullmatch(text)
    if late:
        return _later(_read(f"{late[1]}T00:00{late[2]}", text))
    return _read(text, text)


def _read(text: str, shown: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CellError(
            f"'{shown[:40]}' is not a time; write 2025-09-14 or 2025-09-14T08:00Z (ISO 8601)"
        ) from None
    return _utc(found, shown)


def _iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CellError(f"'{text}' is not a day of the calendar") from None


def _utc(found: datetime, shown: str) -> datetime:
    if found.tzinfo is None:
        raise CellError(f"'{shown[:40]}' has no time zone; add Z for UTC, or the offset")
    try:
        return found.astimezone(UTC)
    except (OverflowError, ValueError):
        raise CellError(f"'{shown[:40]}' lies outside the calendar") from None


def _whole(day: date, bare: str) -> datetime:
    start = datetime.combine(day, time(), UTC)
    return _later(start) if bare == "end" else start


def _later(start: datetime) -> datetime:
    try:
        return start + DAY
    except OverflowError:
        raise CellError(f"'{start.date()}' lies outside the calendar") from None


def grade(value: Any) -> str:
    text = plain(value).upper()
    if not GRADE.fullmatch(text):
        raise CellError(f"'{text[:20]}' is not a grade; write a letter A to F and a digit 1 to 6, as B2")
    return text


def names(value: Any) -> tuple[str, ...]:
    """`RFI|AFP`, or a list of them; in order, each once."""
    pieces = value if isinstance(value, list | tuple) else str(value).split("|")
    return tuple(dict.fromkeys(name for piece in pieces if (name := plain(piece))))


def pairs(value: Any) -> dict[str, str]:
    """`name=value;name=value` (with %3B for a semicolon and %25 for a percent sign), or a mapping."""
    if isinstance(value, Mapping):
        return {plain(name): plain(said) for name, said in value.items()}
    found: dict[str, str] = {}
    for piece in filter(None, (plain(p) for p in str(value).split(";"))):
        name, equals, said = piece.partition("=")
        if not equals or not name.strip():
            raise CellError(f"'{piece[:40]}' is not name=value")
        if name.strip() in found:
            raise CellError(f"'{name.strip()[:40]}' stands twice")
        found[name.strip()] = said.strip().replace("%3B", ";").replace("%25", "%")
    return found


def address(value: Any) -> str:
    text = plain(value)
    if not re.fullmatch(r"https?://[^\s\"'<>]+", text, re.IGNORECASE):
        raise CellError(f"'{text[:60]}' is not an http or https address")
    return text
