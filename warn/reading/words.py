"""Text to words: folded so that accents, capitals and punctuation do not matter, with sentences kept apart."""

from __future__ import annotations

import html
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import re2

LONGEST: Final = 20_000
"""Characters read of one text; a lead is a few hundred."""

_PIECE: Final = re2.compile(
    r"\d{1,3}(?:[ .,\x{00A0}\x{202F}]\d{3})+(?:\D|$)|\d+[.,]\d+|\d+|[\pL\pM]+|[.!?;:,()«»“”\"–—…|%$€]|\n"
)
_TAG: Final = re2.compile(r"<[a-zA-Z/!][^<>]*>")
_ENDS: Final = frozenset(".!?;…|\n")
_PAUSES: Final = frozenset(',()–—:«»“”"')
_LETTERS: Final = str.maketrans({"ɛ": "e", "ɔ": "o", "ɲ": "ny", "ŋ": "ng", "œ": "oe", "æ": "ae", "ß": "ss"})
_ABBREVIATED: Final = frozenset(
    {"u", "s", "m", "mm", "dr", "st", "mr", "mrs", "gen", "col", "n", "no", "etc"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word or number. `clause` rises at each pause, `sentence` at each end; `end` is exclusive."""

    text: str
    folded: str
    sentence: int
    clause: int
    start: int
    end: int
    opener: str = ""  # the pause just before it

    @property
    def is_number(self) -> bool:
        return self.folded[0].isdigit()

    @property
    def is_name(self) -> bool:
        """Begins with a capital, as names of places do."""
        return self.text[0].isupper()


@lru_cache(maxsize=20_000)
def fold_word(text: str) -> str:
    """Lower case, no accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(c for c in plain if not unicodedata.combining(c))


def plain(text: str) -> str:
    """Without markup and entities; cut to what is read."""
    text = text[:LONGEST].replace("\x00", " ")
    if "&" in text:
        text = html.unescape(text)
    return str(_TAG.sub(" ", text)) if "<" in text else text


def words(text: str) -> tuple[Word, ...]:
    """The words of a text in order. Linear in its length."""
    found: list[Word] = []
    sentence = clause = 0
    opener = ""
    for match in _PIECE.finditer(text.encode(errors="replace").decode()):
        piece, start = match.group(), match.start()
        if piece[0].isdigit() and len(piece) > 1 and not piece[-1].isdigit():
            piece = piece[:-1]
        first = piece[0]
        if first.isalnum() or unicodedata.category(first)[0] in "LM":
            folded = fold_word(piece) or piece
            found.append(Word(piece, folded, sentence, clause, start, start + len(piece), opener))
            opener = ""
        elif first in _ENDS and not (first == "." and found and found[-1].folded in _ABBREVIATED):
            sentence, clause, opener = sentence + 1, clause + 1, first
        elif first in _PAUSES:
            clause, opener = clause + 1, first
    return tuple(found)


def questions(text: str, found: Sequence[Word]) -> list[int]:
    """The last word of each sentence that ends with a question mark."""
    marks = [at for at, letter in enumerate(text) if letter == "?"]
    ends = [word.end for word in found]
    return sorted({bisect_right(ends, at) - 1 for at in marks} - {-1})
