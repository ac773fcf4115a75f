"""Words that our own voice never uses. Usable on any text of ours: rules, templates, catalogues, ids.

The list is an analyst's file. Its words are literal but for a `*` at the end: there is no pattern in it that could
take long on any text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, ValidationError

from warn.documents import Fault, read, shape_faults
from warn.documents.slips import Pair
from warn.model import Texts

AROUND = 40
_ADDRESS = re.compile(r"https?://\S+|\b[\w.-]+\.(?:org|net|com|ml|news|xyz|info)/\S*")


@dataclass(frozen=True, slots=True)
class Finding:
    """One such word in a text: its place, the reason, and what to write instead (both per language)."""

    start: int
    word: str
    why: Texts
    say: Texts


@dataclass(frozen=True, slots=True)
class Entry:
    """Words of one kind in one language as a single compiled search over folded text."""

    search: re.Pattern[str]
    unless: tuple[str, ...]
    why: Texts
    say: Texts


@dataclass(frozen=True, slots=True)
class Wording:
    """All entries per language, and one search that finds whether any of them could match. Empty: all may be said."""

    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    anything: Mapping[str, re.Pattern[str]] = field(default_factory=dict)


def faults_in(wording: Wording, text: str, lang: str) -> list[Finding]:
    """What of a text our voice never says, in order; addresses of pages are not our voice.

    A text in a language the list does not know is searched for the words of all.
    """
    folded = fold(_ADDRESS.sub(lambda found: " " * len(found[0]), text))
    entries = wording.entries.get(lang)
    if entries is None:
        entries = tuple(entry for known in wording.entries.values() for entry in known)
    elif (any_ := wording.anything.get(lang)) is not None and not any_.search(folded):
        return []
    found = {(one.start, one.word): one for entry in entries for one in _found(entry, folded, text)}
    return [found[place] for place in sorted(found)]


def load(text: str, file: str = "rules/wording.yaml") -> tuple[Wording | None, tuple[Fault, ...]]:
    """The list, or every fault in its file."""
    document = read(text, file)
    faults = list(document.faults)
    rows = document.data.get("wording") if isinstance(document.data, dict) else None
    if not isinstance(rows, list) and not faults:
        faults.append(document.fault("not-a-map", document.spot(()), *_WHOLE))
    entries: dict[str, list[Entry]] = {"fr": [], "en": []}
    for nth, row in enumerate(rows if isinstance(rows, list) else ()):
        try:
            written = _Row.model_validate(row)
        except ValidationError as error:
            faults += shape_faults(error, _Row, document, ("wording", nth))
            continue
        for lang, words in (("fr", written.fr), ("en", written.en)):
            entries[lang].append(_entry(words, written, lang))
    known = {lang: tuple(found) for lang, found in entries.items()}
    anything = {
        lang: re.compile("|".join(one.search.pattern for one in found)) for lang, found in known.items()
    }
    return (None if faults else Wording(known, anything)), tuple(faults)


def fold(text: str) -> str:
    """Lower case, without accents, hyphens and underscores as spaces, and of the same length: places stay."""
    return text.translate(_FOLD)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    fr: tuple[str, ...]
    en: tuple[str, ...]
    unless: dict[str, tuple[str, ...]] = {}
    why: dict[str, str]
    say: dict[str, str]


_WHOLE: tuple[Pair, Pair] = (
    ("this file must begin with 'wording:'", "Below it, a list of entries: fr, en, why, say."),
    ("ce fichier doit commencer par « wording: »", "Dessous, une liste d'éléments : fr, en, why, say."),
)


def _entry(words: tuple[str, ...], row: _Row, lang: str) -> Entry:
    parts = (
        re.escape(fold(word.removesuffix("*"))) + (r"\w*" if word.endswith("*") else "") for word in words
    )
    search = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(parts, key=len, reverse=True))})(?!\w)")
    return Entry(search, tuple(map(fold, row.unless.get(lang, ()))), row.why, row.say)


def _found(entry: Entry, folded: str, text: str) -> Iterator[Finding]:
    for found in entry.search.finditer(folded):
        near = folded[max(0, found.start() - AROUND) : found.end() + AROUND]
        if not any(fragment in near for fragment in entry.unless):
            yield Finding(found.start(), text[found.start() : found.end()], entry.why, entry.say)


class _Fold(dict[int, str]):
    """Characters to their folded forms, one to one, learnt as they come."""

    def __missing__(self, code: int) -> str:
        base = unicodedata.normalize("NFKD", chr(code).translate(_SAME)).lower()
        folded = base[0] if base and not unicodedata.combining(base[0]) else " "
        return self.setdefault(code, folded)


_SAME = str.maketrans({"-": " ", "_": " ", "’": "'", "\u00a0": " ", "\u202f": " "})
_FOLD = _Fold()
