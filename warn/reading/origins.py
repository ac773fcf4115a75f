"""Who said it first, how far they are to be trusted, and whether a party's word stands alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from warn.reading.lexicon import Lexicon, OriginEntry
from warn.reading.phrases import Hit
from warn.reading.words import Word, words

Hits = Mapping[str, Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Said:
    """Origins, their grade, and the party whose claim it is (empty: nobody's alone)."""

    origins: tuple[str, ...]
    grade: str
    claim: str = ""


def said_by(text: Sequence[Word], marks: Hits, lexicon: Lexicon, outlet: str, url: str, grade: str) -> Said:
    """An agency named by the outlet ("RFI via allAfrica"), then by the address, then by the text; else the outlet."""
    known = _by_outlet(outlet, lexicon) or _by_host(host(url), lexicon) or _by_text(marks, lexicon)
    party = claimed_by(text, marks, lexicon)
    if party:
        return Said((party,), lexicon.file.claim_grade, party)
    if known:
        return Said((known.origin,), known.grade)
    name = _first_of(outlet, lexicon) or host(url)
    return Said((name,) if name else (), grade or lexicon.file.default_grade)


def host(url: str) -> str:
    """Without www; empty where the address has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def claimed_by(text: Sequence[Word], marks: Hits, lexicon: Lexicon) -> str:
    """The party that says so of itself: its name at most six words before (or inside) a verb of claiming."""
    for verb in marks.get("claim", ()):
        for party in lexicon.file.claims:
            for hit in marks.get(f"party:{party}", ()):
                close = verb.start - 6 <= hit.start < verb.end
                if close and text[hit.start].sentence == text[verb.start].sentence:
                    return party
    return ""


def _by_outlet(outlet: str, lexicon: Lexicon) -> OriginEntry | None:
    named = lexicon.marks.find(words(outlet))
    hits = (
        (hits[0].start, entry)
        for entry in lexicon.file.origins
        if (hits := named.get(f"origin:{entry.origin}"))
    )
    return min(hits, key=lambda pair: pair[0], default=(0, None))[1]


def _by_host(name: str, lexicon: Lexicon) -> OriginEntry | None:
    parts = name.split(".")
    tails = (".".join(parts[at:]) for at in range(len(parts) - 1))
    return next((entry for tail in tails if (entry := lexicon.origins.get(tail))), None)


def _by_text(marks: Hits, lexicon: Lexicon) -> OriginEntry | None:
    """Only names that are written as a name of an agency; a text about RFI being cut is not RFI's."""
    return next((entry for entry in lexicon.file.origins if marks.get(f"origin:{entry.origin}")), None)


def _first_of(outlet: str, lexicon: Lexicon) -> str:
    """Of "Mint via Oolanews" it is Mint, of "AP (copy)" AP."""
    name = outlet
    for word in lexicon.file.copied:
        for mark in (f" {word} ", f" ({word})", f" {word}"):
            name = name.split(mark, 1)[0]
    return name.strip()[:80]
