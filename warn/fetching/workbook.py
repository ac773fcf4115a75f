"""The first sheet of an .xlsx as rows of text, read as a stream with the standard library alone.

One provider publishes a workbook and no table; for that a dependency would be much. What an archive states is checked
before, document types (the door for expanding entities) end the reading, and nothing but values is looked at.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any
from xml.parsers import expat

from warn.errors import SourceError
from warn.fetching.limits import Limits

STEP = 262_144
WIDEST = 500
STRINGS = "xl/sharedStrings.xml"
SHEETS = "xl/worksheets/"


def is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.startswith(SHEETS) for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def first_sheet(content: bytes, limits: Limits | None = None) -> Iterator[list[str]]:
    """Its rows, with empty cells where the sheet leaves some out. Raises SourceError."""
    limits = limits or Limits()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sheets = sorted(
                name for name in archive.namelist() if name.startswith(SHEETS) and name.endswith(".xml")
            )
            if not sheets:
                raise SourceError("schema_changed", "a workbook without sheets")
            strings = _strings(archive, limits) if STRINGS in archive.namelist() else []
            rows = _Rows(strings)
            with _member(archive, sheets[0], limits) as file:
                for _ in _fed(file, rows.start, rows.end, rows.text):
                    yield from rows.taken()
    except expat.ExpatError as error:
        raise SourceError("error", f"not a readable workbook ({expat.ErrorString(error.code)})") from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise SourceError("error", f"not a readable workbook ({str(error)[:60]})") from None


def _member(archive: zipfile.ZipFile, name: str, limits: Limits) -> IO[bytes]:
    """Unpacking never goes beyond the size that is stated, and checked here."""
    entry = archive.getinfo(name)
    if entry.file_size > limits.decoded or entry.file_size > max(entry.compress_size, 1) * limits.ratio:
        raise SourceError("error", f"the workbook would unpack to {entry.file_size // 1_000_000} MB")
    return archive.open(entry)


def _fed(
    file: IO[bytes],
    start: Callable[[str, dict[str, str]], Any],
    end: Callable[[str], Any],
    text: Callable[[str], Any],
) -> Iterator[None]:
    """Hands a file to the handlers, a step at a time."""
    parser = expat.ParserCreate(namespace_separator=None)
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = _no_doctype
    while piece := file.read(STEP):
        parser.Parse(piece, False)  # expat's own signature
        yield
    parser.Parse(b"", True)  # the same
    yield


def _no_doctype(*_said: Any) -> None:
    raise SourceError("error", "the workbook declares a document type, which none needs")


def _strings(archive: zipfile.ZipFile, limits: Limits) -> list[str]:
    """Texts that cells refer to by their number; one may come in several runs."""
    found: list[str] = []
    runs: list[str] = []
    inside = False

    def start(name: str, _said: dict[str, str]) -> None:
        nonlocal inside
        inside = name.rpartition(":")[2] == "t"

    def end(name: str) -> None:
        nonlocal inside
        inside = False
        if name.rpartition(":")[2] == "si":
            found.append("".join(runs))
            runs.clear()

    with _member(archive, STRINGS, limits) as file:
        for _ in _fed(file, start, end, lambda said: runs.append(said) if inside else None):
            pass
    return found


class _Rows:
    """Collects cells into rows while the parser runs."""

    def __init__(self, strings: list[str]) -> None:
        self._strings = strings
        self._done: list[list[str]] = []
        self._row: list[str] = []
        self._kind = ""
        self._at = 0
        self._said: list[str] | None = None

    def start(self, name: str, said: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                self._row = []
            case "c":
                self._kind = said.get("t", "")
                self._at = _column(said.get("r", "")) if "r" in said else len(self._row)
            case "v" | "t":
                self._said = []

    def text(self, said: str) -> None:
        if self._said is not None:
            self._said.append(said)

    def end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "v" | "t" if self._said is not None and self._at < WIDEST:
                self._row += [""] * (self._at + 1 - len(self._row))
                self._row[self._at] += self._value("".join(self._said))
                self._said = None
            case "row":
                self._done.append(self._row)

    def taken(self) -> list[list[str]]:
        done, self._done = self._done, []
        return done

    def _value(self, said: str) -> str:
        if self._kind != "s":
            return said
        return self._strings[int(said)] if said.isdecimal() and int(said) < len(self._strings) else ""


def _column(reference: str) -> int:
    """`AB12` is column 27, counted from 0."""
    number = 0
    for letter in reference.upper()[:3]:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return max(number - 1, 0)
