"""The shipped lexicon and gazetteer, and a short way to read with them."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from warn.geo import geography
from warn.reading import Finding, Reader, Reading, load_reader, read

RULES = Path(__file__).parents[2] / "rules"
THURSDAY = date(2025, 11, 20)


def lexicon_text() -> str:
    return (RULES / "lexicon.yaml").read_text("utf-8")


@cache
def reader() -> Reader:
    texts = {path.name: path.read_text("utf-8") for path in RULES.iterdir() if path.is_file()}
    return load_reader(texts["lexicon.yaml"], geography(texts).gazetteer)


def reading(title: str, lead: str = "", *, published: date | None = THURSDAY, **more) -> Reading:
    return read(title, lead, reader=reader(), published=published, **more)


def only(title: str, lead: str = "", **more) -> Finding:
    """The one finding of a text."""
    (finding,) = reading(title, lead, **more).findings
    return finding
