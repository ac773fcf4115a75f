"""Whether a text concerns us at all: it must name our country, or a place of it, and be about it."""

from __future__ import annotations

from typing import Final

from warn.reading.names import Named
from warn.reading.seen import Reader, Seen, look, words_of
from warn.reading.words import words

UNNAMED: Final = "does not name the country or a place of it"
_LARGE: Final = frozenset({"city", "town", "region", "cercle"})
_LONGEST_DATELINE: Final = 3


def why_not(seen: Seen, reader: Reader, outlet: str, url: str, *, local: bool) -> str:
    """Why the text does not concern us; empty where it does.

    A text that names no country is ours where a paper of ours printed it or its address names us.
    """
    relevance = reader.lexicon.file.relevance
    if _any(seen, relevance.get("never", [])):
        return "another subject"
    if _any(seen, relevance["home"]) or any(_anchors(n, reader.names.home) for n in seen.places):
        return ""
    if _inside(seen, relevance.get("elsewhere", [])):
        return "another country"
    if (
        local
        or _any(seen, relevance.get("weak", []))
        or reader.lexicon.marks.find(words(outlet)).get("local")
    ):
        return ""
    if url and _any(look(words_of(url), reader), relevance["home"]):
        return ""
    return UNNAMED


def told_abroad(seen: Seen, reader: Reader) -> bool:
    """Whether another country is where it happens: its dateline ("Burkina : …"), or ours only a border of it."""
    relevance = reader.lexicon.file.relevance
    named = any(n.place.country == reader.names.home for n in seen.places)
    if not named and not _inside(seen, relevance["home"]) and _inside(seen, relevance.get("elsewhere", [])):
        return True
    return _abroad_first(seen, reader)


def _inside(seen: Seen, names: list[str]) -> bool:
    """Whether a country is named otherwise than as one that borders on where something happens."""
    borders = [i for hit in seen.marks.get("border", ()) for i in (hit.start - 1, hit.end, hit.end + 1)]
    return any(hit.start not in borders for name in names for hit in seen.found.get(name, ()))


def _abroad_first(seen: Seen, reader: Reader) -> bool:
    first = next((at for at, word in enumerate(seen.words) if word.clause), 0)
    if not 0 < first <= _LONGEST_DATELINE or seen.words[first].opener != ":":
        return False
    elsewhere = reader.lexicon.file.relevance.get("elsewhere", [])
    return any(hit.end <= first for name in elsewhere for hit in seen.found.get(name, ()))


def _any(seen: Seen, names: list[str]) -> bool:
    return any(name in seen.found for name in names)


def _anchors(named: Named, home: str) -> bool:
    """A small place anchors a text only where a word leads to it: its name may be a person's."""
    large = named.sure and named.place.kind in _LARGE
    return named.place.country == home and (large or not named.bare)
