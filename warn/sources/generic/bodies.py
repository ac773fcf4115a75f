"""Bytes of a service -> JSON, or rows of a table, whatever their encoding; reasons instead of exceptions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from warn.fetching import words_of
from warn.rows import plain

Row = Mapping[str, Any]
SEPARATORS: Final = ",;\t"
LARGEST: Final = 64_000_000
SAMPLE: Final = 4_000  # bytes by which an encoding is told


class Unreadable(ValueError):  # noqa: N818  # a body is, no program has failed
    """The body cannot be taken apart; `broken` where it began well and broke off."""

    def __init__(self, reason: str, *, broken: bool = False) -> None:
        super().__init__(reason)
        self.broken = broken


@dataclass(frozen=True, slots=True)
class Opened:
    """A body taken apart: JSON (`tree`), or a table (`rows`, each with its line)."""

    tree: Any = None
    rows: tuple[tuple[int, Row], ...] | None = None
    header: tuple[str, ...] = ()


def text_of(content: bytes) -> str:
    """As the bytes are, not as they are labelled: a table may come as UTF-16 without a mark."""
    start = b"" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else content[:SAMPLE]
    if start and start[1::2].count(0) > len(start) // 4:
        return content.decode("utf-16-le", "replace")
    if start and start[::2].count(0) > len(start) // 4:
        return content.decode("utf-16-be", "replace")
    return words_of(content)


def opened(content: bytes) -> Opened:
    """JSON where it begins like JSON, else a table. Raises Unreadable."""
    if len(content) > LARGEST:
        raise Unreadable(f"larger than {LARGEST // 1_000_000} MB")
    text = text_of(content).lstrip("\ufeff \t\r\n")
    if not text:
        raise Unreadable("an empty body", broken=True)
    if text[0] in "{[":
        return Opened(tree=_tree(text))
    return _table(text)


def _tree(text: str) -> Any:
    """`strict=False`: some services leave control characters inside strings."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON ({str(error)[:80]})", broken=True) from None


def _table(text: str) -> Opened:
    """A header row, perhaps a row of HXL tags (which then name the columns as well), and rows."""
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    if separator not in first or "\x00" in text:
        raise Unreadable(f"neither JSON nor a table: '{plain(first)[:60]}'")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[tuple[int, Row]] = []
    header: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = tuple(plain(cell) for cell in cells)
            elif not rows and not tags and _tagged(cells):
                tags = tuple(cell.strip() for cell in cells)
            else:
                rows.append((reader.line_num, _row(header, tags, cells)))
    except csv.Error as error:
        raise Unreadable(f"line {reader.line_num}: not CSV ({error})", broken=True) from None
    return Opened(rows=tuple(rows), header=(*header, *tags))


def _row(header: tuple[str, ...], tags: tuple[str, ...], cells: list[str]) -> Row:
    """A row with too many or too few cells is torn: it is kept as such, for the reader to refuse."""
    if len(cells) != len(header):
        return {"": f"{len(cells)} cells where the header has {len(header)}"}
    named = dict(zip(header, cells, strict=True))
    return {**dict(zip(tags, cells, strict=False)), **named} if tags else named


def _tagged(cells: list[str]) -> bool:
    said = [cell.strip() for cell in cells if cell.strip()]
    return bool(said) and all(cell.startswith("#") for cell in said)
