"""Many phrases looked for in one pass over the words of a text.

Each word is looked up by itself and by its beginnings, so the cost grows with the words of the text, not with the
number of phrases; no backtracking beyond the at most two words that a lone `*` may stand for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from warn.reading.words import Word, words

_SHORTEST_STEM: Final = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: words from `start` to `end` (exclusive)."""

    start: int
    end: int


Rest = tuple[tuple[str, bool], ...]  # (word, is a stem); ("", True) is a lone *
Hits = Mapping[str, tuple[Hit, ...]]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases by their first word, whole or stem."""

    whole: Mapping[str, tuple[tuple[Rest, str], ...]]
    stems: Mapping[str, tuple[tuple[Rest, str], ...]]

    def find(self, text: Sequence[Word]) -> dict[str, list[Hit]]:
        """Where each name's phrases stand; at one place the longest of a name counts."""
        found: dict[str, list[Hit]] = {}
        for at, word in enumerate(text):
            longest: dict[str, int] = {}
            for rest, name in self._begun_by(word.folded):
                end = _follow(text, at + 1, rest)
                if end > longest.get(name, 0):
                    longest[name] = end
            for name, end in longest.items():
                found.setdefault(name, []).append(Hit(at, end))
        return found

    def _begun_by(self, word: str) -> list[tuple[Rest, str]]:
        begun = list(self.whole.get(word, ()))
        for length in range(_SHORTEST_STEM, min(len(word), 24) + 1):
            begun += self.stems.get(word[:length], ())
        return begun


def phrases(named: Mapping[str, Sequence[str]]) -> Phrases:
    """Compiles (name -> phrases as they are written)."""
    whole: dict[str, list[tuple[Rest, str]]] = {}
    stems: dict[str, list[tuple[Rest, str]]] = {}
    for name, lines in named.items():
        for line in lines:
            first, *rest = _parts(line)
            (stems if first[1] else whole).setdefault(first[0], []).append((tuple(rest), name))
    return Phrases(
        {word: tuple(entries) for word, entries in whole.items()},
        {word: tuple(entries) for word, entries in stems.items()},
    )


def _parts(line: str) -> list[tuple[str, bool]]:
    parts: list[tuple[str, bool]] = []
    for piece in line.replace("'", " ").replace("’", " ").replace("-", " ").split():
        stem = piece.endswith("*")
        folded = [word.folded for word in words(piece.rstrip("*"))]
        parts += [(word, False) for word in folded[:-1]]
        parts.append((folded[-1] if folded else "", stem))
    return parts or [("", False)]


def _follow(text: Sequence[Word], at: int, rest: Rest) -> int:
    """Where the phrase ends if it goes on from here; 0 if it does not."""
    if not rest:
        return at
    (word, stem), after = rest[0], rest[1:]
    if stem and not word:
        return max((_follow(text, at + skip, after) for skip in (0, 1, 2)), default=0)
    if at >= len(text) or text[at].sentence != text[at - 1].sentence:
        return 0
    here = text[at].folded
    if here == word or (stem and here.startswith(word)):
        return _follow(text, at + 1, after)
    return 0
