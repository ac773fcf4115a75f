"""CSV and JSON Lines -> rows. Hostile bytes end as refusals with their line, never as an exception."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from warn.model import Coverage, Observation, Refused
from warn.rows.cells import CellError, empty, moment, names, plain
from warn.rows.ground import Ground, Slip, did_you_mean
from warn.rows.row import COLUMNS, REQUIRED, RowError, observation_from, revised


@dataclass(frozen=True, slots=True)
class Rows:
    """What a file gave: observations (revisions resolved), what was set aside, when it was really watched."""

    observations: tuple[Observation, ...] = ()
    refused: tuple[Refused, ...] = ()
    coverage: tuple[Coverage, ...] = ()


def read(data: bytes | str, ground: Ground) -> Rows:
    """CSV or JSON Lines, told apart by the first character."""
    start = data[:200].decode("utf-8", "replace") if isinstance(data, bytes) else data[:200]
    jsonl = start.lstrip("\ufeff \t\r\n").startswith("{")
    return read_jsonl(data, ground) if jsonl else read_csv(data, ground)


def read_csv(data: bytes | str, ground: Ground) -> Rows:
    """UTF-8, comma separated, a header row, and perhaps a row of HXL tags below it."""
    text = _text(data)
    if isinstance(text, Refused):
        return Rows(refused=(text,))
    lines = _csv_lines(text)
    header: list[str] = []
    observations: list[Observation] = []
    refused: list[Refused] = []
    for line, cells in lines:
        if isinstance(cells, str):
            refused.append(Refused(f"not CSV: {cells}", line=line))
        elif not header:
            header = [plain(cell).lower() for cell in cells]
            faults = _header_faults(header)
            refused += [Refused(reason, line=line, column=column) for column, reason in faults]
            if any(name not in header for name in REQUIRED) or len(set(header)) < len(header):
                return Rows(refused=tuple(refused))
        elif not _tags(cells):
            refused += _take(line, cells, header, ground, observations)
    if not header and not refused:
        refused.append(Refused("the file is empty; its first row names the columns", line=1))
    return Rows(revised(observations), tuple(refused))


def read_jsonl(data: bytes | str, ground: Ground) -> Rows:
    """One object a line, named like the columns; `{"coverage": {...}}` says when the source was watched."""
    text = _text(data)
    if isinstance(text, Refused):
        return Rows(refused=(text,))
    observations: list[Observation] = []
    refused: list[Refused] = []
    coverage: list[Coverage] = []
    for line, said in enumerate(text.split("\n"), start=1):
        if not said.strip():
            continue
        try:
            record = _object(said)
            if set(record) == {"coverage"}:
                coverage.append(_coverage(record["coverage"], ground))
            else:
                observations.append(observation_from(record, ground))
        except CellError as error:
            refused.append(Refused(str(error), plain(said[:80]), line))
        except RowError as error:
            refused += [Refused(str(slip), plain(said[:80]), line) for slip in error.slips]
    if not (observations or refused or coverage):
        refused.append(Refused("the file is empty", line=1))
    return Rows(revised(observations), tuple(refused), tuple(coverage))


def covers(text: str, ground: Ground) -> Coverage:
    """`FROM/TO` of the command line: watched from the one to the end of the other. Raises CellError."""
    start, slash, end = text.partition("/")
    if not slash:
        raise CellError(f"'{text[:60]}' is not FROM/TO")
    return _coverage({"from": start, "to": end}, ground)


def _text(data: bytes | str) -> str | Refused:
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        return Refused("not UTF-8; save the file as CSV UTF-8", line=line, column=column)


def _csv_lines(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Strict, since a quote left open would swallow every row after it without a word."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, str(error)
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _header_faults(header: list[str]) -> Iterator[tuple[int | None, str]]:
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        yield 1, "columns are separated by semicolons or tabs; save the file with commas"
    for column, name in enumerate(header, start=1):
        if name not in COLUMNS:
            yield column, f"unknown column '{name[:40]}'{did_you_mean(name, COLUMNS)}"
        elif name in header[: column - 1]:
            yield column, f"column '{name}' stands twice"
    for name in REQUIRED:
        if name not in header:
            yield None, f"column '{name}' is missing; every file needs it"


def _tags(cells: list[str]) -> bool:
    said = [cell.strip() for cell in cells if cell.strip()]
    return bool(said) and all(cell.startswith("#") for cell in said)


def _take(
    line: int, cells: list[str], header: list[str], ground: Ground, observations: list[Observation]
) -> list[Refused]:
    shown = plain(",".join(cells)[:80])
    if len(cells) != len(header):
        return [Refused(f"{len(cells)} cells where the header has {len(header)}", shown, line)]
    row = {name: cell for name, cell in zip(header, cells, strict=True) if name in COLUMNS}
    try:
        observations.append(observation_from(row, ground))
    except RowError as error:
        return [Refused(str(slip), shown, line, _column(slip, header)) for slip in error.slips]
    return []


def _column(slip: Slip, header: list[str]) -> int | None:
    return header.index(slip.column) + 1 if slip.column in header else None


def _object(said: str) -> Mapping[str, Any]:
    try:
        record = json.loads(said, object_pairs_hook=_once, parse_constant=_no_constant)
    except CellError:
        raise
    except (ValueError, RecursionError) as error:
        raise CellError(f"not JSON: {str(error)[:80]}") from None
    if not isinstance(record, dict):
        raise CellError("not a JSON object; each line is one, with the names of the columns")
    return record


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise CellError("a name stands twice in one record")
    return found


def _no_constant(name: str) -> NoReturn:
    raise CellError(f"{name} is not a number")


def _coverage(said: Any, ground: Ground) -> Coverage:
    if not isinstance(said, Mapping) or empty(said.get("from")) or empty(said.get("to")):
        raise CellError('coverage: needs "from" and "to"')
    unknown = set(said) - {"indicators", "from", "to", "source"}
    if unknown:
        raise CellError(
            f"coverage: unknown '{plain(min(unknown))[:40]}'; allowed are indicators, from, to, source"
        )
    indicators = names(said.get("indicators") or [])
    for name in indicators:
        if ground.indicators is not None and name not in ground.indicators:
            raise CellError(
                f"coverage: unknown indicator '{name[:40]}'{did_you_mean(name, ground.indicators)}"
            )
    start, end = moment(said["from"]), moment(said["to"], "end")
    if ground.now is not None:
        end = min(end, ground.now)  # nobody has watched what is still to come
    if end <= start:
        raise CellError("coverage: ends before it begins")
    return Coverage(plain(said.get("source") or ground.source), indicators, start, end)
