"""What a row says: columns by their path, conditions, texts with {columns}, numbers with units, moments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from warn.rows import CellError, plain
from warn.rows.cells import empty, number
from warn.rows.foreign import stamp
from warn.sources.generic.schema import Condition, Moment, Number, columns

FILLED: Final = re.compile(r"\{([^{}\s]{1,120})\}")
DEEPEST: Final = 8
LONGEST: Final = 300


class LeftOut(Exception):  # noqa: N818  # not an error: the row is not meant for us
    """The row says nothing that is asked for here, for a reason that is counted."""


def at(record: Any, path: str) -> Any:
    """The value at a path: the name as it stands, else its dots lead inwards (`result.items`, `errors.0.code`)."""
    if not path:
        return record
    if isinstance(record, Mapping) and path in record:
        return record[path]
    for step in path.split(".")[:DEEPEST]:
        if isinstance(record, Mapping):
            record = record.get(step)
        elif isinstance(record, list) and step.isascii() and step.isdecimal() and len(step) < 6:
            record = record[int(step)] if int(step) < len(record) else None
        else:
            return None
    return record


def first(record: Any, wanted: Any) -> Any:
    """Of several columns the first that says something."""
    found = (at(record, path) for path in columns(wanted))
    return next((value for value in found if not empty(value)), None)


def word(value: Any) -> str:
    """As words are compared: `True` and `true`, `3` and `3.0`, `ML` and `ml` are the same."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return plain(value).casefold()


def said(record: Any, wanted: Any) -> str:
    """The words of a column, fit to be shown."""
    value = first(record, wanted)
    return "" if value is None or isinstance(value, Mapping | list) else plain(value)[:LONGEST]


def holds(condition: Condition, record: Any) -> bool:
    value = first(record, condition.column)
    words = {
        word(one) for one in (value if isinstance(value, list) else [value]) if not isinstance(one, Mapping)
    }
    tests: list[bool] = []
    if condition.is_ is not None:
        tests.append(word(condition.is_) in words)
    if condition.among:
        tests.append(not words.isdisjoint(map(word, condition.among)))
    if condition.not_among:
        tests.append(words.isdisjoint(map(word, condition.not_among)))
    if condition.contains:
        whole = " ".join(sorted(words))
        tests.append(any(word(piece) in whole for piece in condition.contains))
    if condition.least is not None or condition.most is not None:
        tests.append(_between(value, condition))
    if condition.empty is not None:
        tests.append((value is None or value in ([], {})) is condition.empty)
    return all(tests)


def _between(value: Any, condition: Condition) -> bool:
    try:
        found = number(value)
    except CellError:
        return False
    least = condition.least is None or found >= condition.least
    return least and (condition.most is None or found <= condition.most)


def fill(text: str, record: Any) -> str:
    """A text with each {column} replaced by what it says, empty where it says nothing."""
    return plain(FILLED.sub(lambda match: said(record, match[1]), text)) if "{" in text else text


def amount(wanted: Number, record: Any) -> float:
    """In the indicator's unit. Raises LeftOut for none and for other units, CellError for what is no number."""
    value = first(record, wanted.column)
    if value is None:
        raise LeftOut("without a value")
    known = {word(name): figure for name, figure in wanted.map.items()}
    found = known[word(value)] if word(value) in known else number(value)
    if found in wanted.missing:
        raise LeftOut("without a value")
    if wanted.units is not None:
        unit = said(record, wanted.units.column)
        factors = {word(name): factor for name, factor in wanted.units.factors.items()}
        if word(unit) not in factors:
            raise LeftOut(f"in another unit ({unit[:20] or 'none'})")
        found *= factors[word(unit)]
    return found * wanted.times


def time_of(wanted: Moment, record: Any) -> datetime:
    """Raises CellError where it is none."""
    value = first(record, wanted.column)
    if value is None:
        raise CellError("no time")
    match wanted.format:
        case "iso":
            return stamp(value)
        case "unix" | "unix_ms":
            return _since_1970(number(value) / (1 if wanted.format == "unix" else 1000))
        case pattern:
            return _by_pattern(plain(value), pattern)


def _since_1970(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise CellError(f"{seconds:g} seconds since 1970 are no time") from None


def _by_pattern(text: str, pattern: str) -> datetime:
    try:
        found = datetime.strptime(text, pattern)  # noqa: DTZ007  # the pattern may or may not have a zone
    except (ValueError, OverflowError, re.error):
        raise CellError(f"'{text[:40]}' is not written as {pattern}") from None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        raise CellError(f"'{text[:40]}' lies outside the calendar") from None


def chosen(options: Mapping[str, str], value: str, what: Callable[[str], str]) -> str:
    """The word for what a column says; LeftOut where none is."""
    known = {word(name): option for name, option in options.items()}
    if word(value) not in known:
        raise LeftOut(what(value[:40] or "nothing"))
    return known[word(value)]


def all_hold(conditions: Iterable[Condition], record: Any) -> bool:
    return all(holds(one, record) for one in conditions)
