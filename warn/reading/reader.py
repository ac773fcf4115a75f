"""One text in, one reading out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from warn.reading.values import Reading


@dataclass(frozen=True, slots=True)
class Reader:
    """A lexicon and the names of places, compiled once; safe to share between threads."""


def load_reader(lexicon: str, gazetteer: str, *, name: str = "lexicon.yaml") -> Reader:
    """From the text of `lexicon.yaml` and of `gazetteer.csv`; raises ConfigError naming every fault."""
    raise NotImplementedError


def read(
    title: str,
    lead: str = "",
    *,
    reader: Reader,
    published: date | None = None,
    lang: str = "",
    outlet: str = "",
    url: str = "",
) -> Reading:
    """What the text says that concerns us. Never raises, whatever the text; linear in its length."""
    raise NotImplementedError
