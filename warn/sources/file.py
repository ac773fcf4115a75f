"""Observation files of a folder: what an operator or a partner writes by hand or exports from elsewhere.

Terms are the operator's own. This source alone may say when something was known; each file's coverage
records say when its subject was really being watched, and without one a file vouches for nothing
(interfaces.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching import form, ground_for
from warn.rows import read
from warn.source import Body, Context, Http, Parsed, Source

ENDINGS: Final = frozenset({".csv", ".jsonl", ".ndjson"})
LARGEST: Final = 64_000_000


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    """`files` is the folder; a file that cannot be read is told as a part that did not come."""
    del http
    folder = options.get("files")
    if not folder:
        raise SourceError(
            "error", "no folder is set", "Set WARN_SOURCE__FILES to the folder of observation files."
        )
    return await asyncio.to_thread(_bodies, Path(folder))


def _bodies(folder: Path) -> tuple[Body, ...]:
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and path.is_file())
    except OSError as error:
        raise SourceError("error", f"{folder}: {error.strerror}", "Check WARN_SOURCE__FILES.") from None
    return tuple(_body(path) for path in found)


def _body(path: Path) -> Body:
    try:
        if path.stat().st_size > LARGEST:
            return _missing(path, f"larger than {LARGEST // 1_000_000} MB; split it, or use `warn import`")
        return Body(path.read_bytes(), str(path), part=path.name)
    except OSError as error:
        return _missing(path, str(error.strerror))


def _missing(path: Path, why: str) -> Body:
    return Body(b"", str(path), part=path.name, outcome="error", message=why)


def parse(content: bytes, context: Context) -> Parsed:
    """Good rows are taken, bad ones set aside with their line; nothing but bad rows is another format."""
    if form(content) == "html":
        return Parsed("blocked", message="a web page was saved instead of the file")
    rows = read(content, ground_for(context))
    first = rows.refused[0] if rows.refused else None
    told = f"; line {first.line}: {first.reason}" if first else ""
    message = f"{len(rows.observations)} observations, {len(rows.refused)} faults{told}"[:300]
    if not content.strip():
        return Parsed("no_data", message="the file is empty")
    if not rows.observations and rows.refused:
        return Parsed("schema_changed", message=message, refused=rows.refused)
    taken = tuple(replace(o, source=o.source or "file") for o in rows.observations)
    return Parsed("ok" if taken else "no_data", taken, message, rows.refused, coverage=rows.coverage)


SOURCE: Final = Source(
    id="file",
    title="Observation files",
    indicators=(),
    every=timedelta(minutes=5),
    lag=timedelta(0),
    terms="Whatever the files' owners say.",
    homepage="",
    fetch=fetch,
    parse=parse,
    vouches=False,
    needs=("files",),
)
