"""What a provider's bytes hold: the records of a table or of JSON, or the outcome that they stand for.

A parser is a function of decoded things that may raise; `judged` makes it one that never does:

    def parse(content: bytes, context: Context) -> Parsed:
        return judged(_parsed, content, context)

    def _parsed(content: bytes, context: Context) -> Parsed:
        sheet = table(content, needed=("date", "price"))
        return gathered(sheet.records, lambda row: _price(row, context), torn=sheet.torn)
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from warn.errors import SourceError
from warn.fetching.collect import outcome_of
from warn.fetching.limits import Limits, unzip
from warn.fetching.sniffing import challenged, form
from warn.model import Observation, Outcome, Refused
from warn.rows import plain
from warn.rows.cells import CellError
from warn.source import Context, Parsed

Record = Mapping[str, Any]
Records = Iterable[tuple[int, Record]]
SEPARATORS = ",;\t|"
BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
REFUSED = re.compile(
    r"not registered|approved app|appname|api[ _]key|map_key|unauthori[sz]ed|forbidden|authenticat"
    r"|(?:permission|access)[ _]?denied"
    r"|(?:token|key|credentials?) (?:is |are |were )?(?:required|missing|invalid|expired|incorrect)"
    r"|(?:invalid|missing|expired|incorrect|wrong|bad)[ _](?:\w+ )?(?:token|key|credentials?|grant|client|login)"
    r"|too many requests|transaction limit|rate limit|limit requests|bot activity",
    re.IGNORECASE,
)
SHORT = 1_000
DENIED = frozenset({401, 403, 429})
ANOTHER_SHAPE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,  # what datetime raises for some numbers
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Table:
    """A header's columns in small letters, the records with their lines, and the rows that have other cells."""

    columns: tuple[str, ...]
    records: tuple[tuple[int, Record], ...]
    torn: tuple[Refused, ...] = ()


def judged(read: Callable[[bytes, Context], Parsed], content: bytes, context: Context) -> Parsed:
    """What `read` makes of the bytes; what it cannot take is an outcome, and so is a defect of the shape."""
    try:
        return read(content, context)
    except SourceError as error:
        outcome: Outcome = "no_data" if error.outcome == "no_data" else outcome_of(error)
        return Parsed(outcome, message=str(error)[:500])
    except ANOTHER_SHAPE as error:
        said = " ".join(str(error).split())[:100]
        return Parsed("schema_changed", message=f"of another shape ({type(error).__name__}: {said})")


def stop(outcome: str, message: str) -> NoReturn:
    """Ends the reading of a body: it stands for this outcome."""
    raise SourceError(outcome, message)


def opened(content: bytes, ending: str = "", limits: Limits | None = None) -> bytes:
    """The bytes themselves, or those of the one file in an archive; a web page or nothing at all ends it."""
    if form(content) == "zip":
        files = unzip(content, limits)
        wanted = [data for name, data in files.items() if name.lower().endswith(ending)]
        if not wanted:
            stop("schema_changed", f"no {ending or 'file'} in the archive")
        content = wanted[0]
    match form(content):
        case "html":
            page = "a challenge page" if challenged(content) else "a web page"
            stop("blocked", f"{page} came instead of data")
        case "empty":
            stop("error", "an empty body")
        case "text" if len(content) <= SHORT and REFUSED.search(said := words_of(content)):
            stop("blocked", f"refused: {plain(said)[:120]}")
    return content


def words_of(content: bytes) -> str:
    """Text, whatever its marks; what is not UTF-8 is taken for the old Western code page."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.removeprefix(b"\xef\xbb\xbf").decode("cp1252", "replace")


def table(content: bytes, needed: Collection[str]) -> Table:
    """CSV with a header, plain or in an archive, with or without a byte order mark or a row of HXL tags."""
    data = opened(content, ".csv")
    if form(data) == "json":
        document(data)  # which says so if it is a refusal
        stop("schema_changed", "JSON came instead of a table")
    text = words_of(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=first.count)
    lines = _lines(text, separator)
    header = tuple(plain(cell).strip('"').lower() for cell in next(lines, (1, []))[1])
    missing = [name for name in needed if name not in header]
    if missing:
        said = plain(first)
        if len(data) <= SHORT and separator not in first:
            stop("error", f"a message came instead of a table: {said[:120]}")
        stop("schema_changed", f"no column {', '.join(missing)[:100]}; the first line is '{said[:60]}'")
    records, torn = [], []
    for line, cells in lines:
        if all(not cell or cell.startswith("#") for cell in cells):
            continue
        if len(cells) != len(header):
            torn.append(Refused(f"{len(cells)} cells instead of {len(header)}", plain(cells[0])[:60], line))
        else:
            records.append((line, dict(zip(header, cells, strict=True))))
    return Table(header, tuple(records), tuple(torn))


def _lines(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells = [str(error)]
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def document(content: bytes) -> Any:
    """JSON, forgiving what some servers get wrong: raw control characters and escapes that are none."""
    text = words_of(opened(content, ".json"))
    try:
        found = json.loads(text, strict=False)
    except ValueError:
        found = _mended(text)
    if isinstance(found, dict):
        _heed(found)
    return found


def _mended(text: str) -> Any:
    try:
        return json.loads(BAD_ESCAPE.sub("", text), strict=False)
    except (ValueError, RecursionError) as error:
        stop("error", f"not JSON ({str(error)[:60]}): '{plain(text[:60])}'")


def _heed(found: Mapping[str, Any]) -> None:
    """Ends the reading where an answer is nothing but a refusal or a failure, in the words of its server."""
    if any(isinstance(part, list) and part and isinstance(part[0], dict) for part in found.values()):
        return
    trouble = found.get("error") or found.get("errors")
    said = trouble or found.get("message") or found.get("messages") or found.get("detail") or ""
    said = said.get("message") or said.get("code") or said if isinstance(said, dict) else said
    shown = plain(json.dumps(said, ensure_ascii=False) if isinstance(said, dict | list) else said)[:160]
    codes = [found.get(name) for name in ("status", "statusCode", "code")]
    if any(code in DENIED for code in codes if isinstance(code, int)) or REFUSED.search(shown):
        stop("blocked", f"refused: {shown}")
    if trouble or found.get("success") is False:
        stop("error", f"the server says: {shown or 'no, without a reason'}")


def records(content: bytes, needed: Collection[str], *names: str) -> Table:
    """A table, or the same records as JSON: a list, or a list under one of `names`."""
    if form(content) != "json":
        return table(content, needed)
    rows = listed(document(content), *names)
    lowered = tuple((line, {str(name).lower(): cell for name, cell in row.items()}) for line, row in rows)
    demand(lowered, needed)
    return Table((), lowered)


def demand(rows: Records, needed: Collection[str]) -> None:
    """Ends the reading where a field that every record should have is in none: it was renamed."""
    seen = {name for _, row in rows for name in row}
    missing = [name for name in needed if name not in seen]
    if seen and missing:
        stop("schema_changed", f"no field {', '.join(missing)[:100]}")


def listed(found: Any, *names: str) -> tuple[tuple[int, Record], ...]:
    """The records of an answer: the list itself, or what stands under the first of `names` that is there.

    Answers that are no data and no failure either, a token or a directory's entry, end the reading as such.
    """
    if isinstance(found, dict):
        _is_data(found)
    for name in names:
        if isinstance(found, dict) and name in found:
            found = found[name]
            break
    if not isinstance(found, list):
        stop("schema_changed", f"no list of records{' under ' + ' or '.join(names) if names else ''}")
    if any(not isinstance(row, dict) for row in found):
        stop("schema_changed", "records that are not objects")
    return tuple(enumerate(found, 1))


def _is_data(found: Mapping[str, Any]) -> None:
    if "access_token" in found:
        stop("no_data", "a token, no data")
    package = found.get("result") if isinstance(found.get("result"), dict) else found
    files = (package.get("resources") or package.get("results")) if package and "data" not in found else None
    if isinstance(files, list):
        title = plain(package.get("title") or package.get("name") or "")[:60] if package else ""
        stop("no_data", f"a directory entry of {len(files)} files ({title}), no data itself")


def gathered(
    records: Records,
    read: Callable[[Record], Iterable[Observation]],
    *,
    torn: Sequence[Refused] = (),
    of: int = 0,
    what: str = "records",
) -> Parsed:
    """Each record read on its own; a key told twice is told as it was last.

    `of`: how many records the body holds, those of other countries too. Where most of the records that concern us
    are refused and none is told, the shape has changed; where none concerns us, there is no data.
    """
    found: dict[str, Observation] = {}
    aside: list[Refused] = []
    looked = 0
    for line, row in records:
        looked += 1
        try:
            found |= {one.key: one for one in read(row)}
        except CellError as error:
            aside.append(Refused(str(error), plain(_excerpt(row))[:80], line))
    total = max(of, looked)
    changed = len(aside) * 2 > looked if looked else len(torn) > total
    refused = (*aside, *torn)
    message = f"{looked} {what}, {len(found)} observations"
    message += f"; {total - looked} passed over" if total > looked else ""
    message += f"; {len(refused)} set aside: {refused[0].reason}" if refused else ""
    outcome: Outcome = "ok" if found else "schema_changed" if changed else "no_data"
    return Parsed(outcome, tuple(found.values()), message[:500], refused)


def _excerpt(row: Record) -> str:
    return ",".join(str(cell)[:20] for cell in list(row.values())[:6])


def code_of(context: Context, scheme: str) -> str:
    """The country's code in a scheme of area.yaml (iso2, iso3, fips, gw ...); empty where no area is known."""
    return str(context.area.codes.get(scheme, "")) if context.area is not None else ""


def is_home(said: Any, context: Context, scheme: str) -> bool:
    """Whether a record's country is ours; without an area every country is."""
    home = code_of(context, scheme)
    return not home or plain(said).casefold() == home.casefold()
