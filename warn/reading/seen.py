"""A text with everything the lexicon and the gazetteer find in it: looked at once, used by all that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import re2

from warn.reading.lexicon import Lexicon
from warn.reading.names import Named, Names, places_in
from warn.reading.phrases import Hit
from warn.reading.words import Word, questions, words

Hits = Mapping[str, Sequence[Hit]]
A_PLACE: Final = "a_place"
"""The name in `words` that the gazetteer fills."""
_LETTERS: Final = re2.compile(r"[\pL]{2,}")
_LONGEST_ADDRESS: Final = 400
_LEAST_TITLE_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Reader:
    """A lexicon and the names of places, compiled once; safe to share between threads."""

    lexicon: Lexicon
    names: Names


@dataclass(frozen=True, slots=True)
class Seen:
    """`found` are the names of `words` in the lexicon, `marks` its other words (turns, side clauses, origins …)."""

    words: tuple[Word, ...]
    found: Hits
    marks: Hits
    places: tuple[Named, ...]


def look(text: str, reader: Reader) -> Seen:
    found = words(text)
    marks = reader.lexicon.marks.find(found)
    asked = [Hit(at, at + 1) for at in questions(text, found)]
    if asked:
        marks["asked"] = asked
    places = places_in(found, marks, reader.names)
    hits = reader.lexicon.words.find(found)
    ours = [Hit(n.start, n.end) for n in places if n.place.country == reader.names.home]
    return Seen(found, hits | {A_PLACE: ours} if ours else hits, marks, places)


def title_in(url: str) -> str:
    """The words of the longest part of an address, mostly the title of the text; empty where they are few."""
    path = url.partition("://")[2].partition("/")[2].partition("?")[0][:_LONGEST_ADDRESS]
    parts: list[str] = max((_LETTERS.findall(part) for part in path.split("/")), key=len)
    return " ".join(parts) if len(parts) >= _LEAST_TITLE_WORDS else ""


def words_of(url: str) -> str:
    """All words of an address, the site's own name included."""
    return " ".join(_LETTERS.findall(url[:_LONGEST_ADDRESS]))
