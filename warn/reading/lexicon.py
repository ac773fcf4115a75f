"""`lexicon.yaml` -> Lexicon: names for words, ways of saying an event, and all else that is a matter of words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from warn.documents import Document, Fault
from warn.documents import read as read_document
from warn.errors import ConfigError
from warn.reading.phrases import Phrases, phrases
from warn.reading.values import Direction

GAPS: Final[Mapping[str, int]] = {"+": 4, ">": 10, "&": 25}
"""How many words may stand between two parts of a way of saying something."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Names = list[Text]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EventEntry(_Strict):
    """One line of `events`."""

    indicator: Text
    direction: Literal["worse", "better", "none"]
    weight: Annotated[int, Field(ge=-100, le=100)]
    when: Annotated[Names, Field(min_length=1)]


class TurnEntry(_Strict):
    """Words that turn the direction of an event they stand before, or anywhere in its sentence (`reach: 0`).

    `only` and `but` name indicators. `asked`: a question ("?") turns what its sentence tells, unless one of the words
    stands in it ("pourquoi"): it asks for the cause of what is so.
    """

    becomes: Direction
    words: Names
    reach: Annotated[int, Field(ge=0, le=25)] = 0
    only: Names = []
    but: Names = []
    asked: bool = False


class ContextEntry(_Strict):
    """Words that open a side clause; `costs` is what an event told in it loses in weight."""

    words: Names
    costs: Annotated[int, Field(ge=0, le=100)]


class OriginEntry(_Strict):
    """Who said it first. `hosts` are its own addresses; `names` how outlets and texts call it."""

    origin: Text
    names: Names = []
    hosts: Names = []
    grade: Annotated[str, StringConstraints(pattern="^[A-F][1-6]$")]


class CountEntry(_Strict):
    """What is counted for an indicator: the thing, and words near it that make a number the wanted one."""

    indicators: Names
    things: Names
    best_near: Names = []
    not_through: Names = []
    range: tuple[float, float]


class PriceEntry(_Strict):
    """A figure in money, hours or per cent and the indicator it makes; see `warn.reading.figures`."""

    indicator: Text
    of: Names
    units: Names
    any: Names = []
    range: tuple[float, float]
    attributes: dict[str, Text] = {}
    products: dict[str, Names] = {}


class LexiconFile(_Strict):
    """The whole file."""

    words: dict[str, Names]
    events: list[EventEntry]
    turns: list[TurnEntry]
    context: list[ContextEntry]
    apposition: Names = []
    ignore: Names = []
    relevance: dict[Literal["home", "weak", "elsewhere", "never"], Names]
    home: Text
    told_abroad: Names = []
    stand_for: dict[Text, Text] = {}
    not_places: Names = []
    place_before: dict[Literal["at", "toward", "between", "region", "cercle", "road"], Names]
    numbers: dict[str, float | tuple[float, float, float]]
    bounds: dict[Literal["at_least", "at_most", "between", "to"], Names]
    counts: list[CountEntry]
    figures: list[PriceEntry]
    days: dict[str, int]
    weekdays: list[Names]
    weekends: Names = []
    months: list[Names]
    last: Names
    coming: Names
    ahead: Names = []
    future: Names = []
    since: Names = []
    until: Names = []
    contrast: Names = []
    borders: Names = []
    origins: list[OriginEntry]
    default_grade: Annotated[str, StringConstraints(pattern="^[A-F][1-6]$")]
    copied: Names
    claims: dict[Text, Names]
    claim_verbs: Names
    claim_grade: Annotated[str, StringConstraints(pattern="^[A-F][1-6]$")]
    local_outlets: Names = []


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a way of saying: any of these names, and how it stands to the part before."""

    names: frozenset[str]
    link: str


@dataclass(frozen=True, slots=True)
class Way:
    """One way of saying an event. `entry` is the number of its line in `events`."""

    entry: int
    parts: tuple[Part, ...]
    without: frozenset[str]
    needs: frozenset[str]  # single names that must be there at all: the quick way out
    text: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Compiled words; immutable."""

    file: LexiconFile
    words: Phrases
    ways: tuple[Way, ...]
    marks: Phrases  # turns ("turn:0"), context ("context:0"), ignored, relevance-free helpers
    origins: Mapping[str, OriginEntry] = field(default_factory=dict)  # folded name or host -> entry


def load_lexicon(text: str, name: str = "lexicon.yaml") -> tuple[Lexicon | None, tuple[Fault, ...]]:
    """The lexicon and every fault of it; no lexicon where a fault is an error."""
    document = read_document(text, name)
    faults = list(document.faults)
    if document.root is None or any(f.severity == "error" for f in faults):
        return None, tuple(faults) or (_fault(document, (), "the file is empty", ""),)
    try:
        file = LexiconFile.model_validate(document.data)
    except ValidationError as error:
        faults += [_schema_fault(document, e) for e in error.errors(include_url=False)]
        return None, tuple(faults)
    ways = tuple(_ways(document, file, faults))
    faults += _unknown_names(document, file)
    if any(f.severity == "error" for f in faults):
        return None, tuple(faults)
    return _compiled(file, ways), tuple(faults)


def lexicon(text: str, name: str = "lexicon.yaml") -> Lexicon:
    """The same for those who cannot go on without; raises ConfigError with every fault."""
    found, faults = load_lexicon(text, name)
    if found is None:
        lines = "; ".join(f"{f.file}:{f.line}:{f.column}: {f.message}" for f in faults)
        raise ConfigError(f"The lexicon cannot be read: {lines}.", "The shipped file shows the form.")
    return found


def _compiled(file: LexiconFile, ways: tuple[Way, ...]) -> Lexicon:
    marks: dict[str, list[str]] = {f"turn:{i}": turn.words for i, turn in enumerate(file.turns)}
    marks |= {f"context:{i}": context.words for i, context in enumerate(file.context)}
    marks |= {
        "ignore": file.ignore,
        "apposition": file.apposition,
        "last": file.last,
        "coming": file.coming,
        "ahead": file.ahead,
        "future": file.future,
        "since": file.since,
        "until": file.until,
        "contrast": file.contrast,
        "border": file.borders,
        "claim": file.claim_verbs,
    }
    marks |= {f"party:{party}": names for party, names in file.claims.items()}
    marks |= {f"bound:{kind}": names for kind, names in file.bounds.items()}
    marks |= {f"before:{kind}": names for kind, names in file.place_before.items()}
    marks |= {f"origin:{entry.origin}": entry.names for entry in file.origins}
    for phrase, days in file.days.items():
        marks.setdefault(f"day:{days}", []).append(phrase)
    marks |= {"weekend": file.weekends, "local": file.local_outlets}
    marks |= {f"unit:{i}": entry.units for i, entry in enumerate(file.figures)}
    marks |= {f"figure:{i}": entry.any for i, entry in enumerate(file.figures)}
    hosts = {host: entry for entry in file.origins for host in entry.hosts}
    return Lexicon(file, phrases(file.words), ways, phrases(marks), hosts)


def _ways(document: Document, file: LexiconFile, faults: list[Fault]) -> Iterator[Way]:
    for number, entry in enumerate(file.events):
        for nth, line in enumerate(entry.when):
            at = ("events", number, "when", nth)
            tokens = line.split()
            parts: list[Part] = []
            without: set[str] = set()
            link = ""
            for place, token in enumerate(tokens):
                if place % 2:
                    link = token
                    if token not in {*GAPS, "-"}:
                        faults.append(_fault(document, at, f"{token!r} is not one of + > & -", ""))
                    continue
                names = frozenset(token.split("|"))
                faults += [
                    _unknown(document, at, name, file.words) for name in sorted(names - file.words.keys())
                ]
                if link == "-":
                    without |= names
                else:
                    parts.append(Part(names, link))
            if len(tokens) % 2 == 0:
                faults.append(_fault(document, at, "a way ends with a name", ""))
            needs = frozenset(next(iter(p.names)) for p in parts if len(p.names) == 1)
            yield Way(number, tuple(parts), frozenset(without), needs, line)


def _unknown_names(document: Document, file: LexiconFile) -> Iterator[Fault]:
    """Names of words used outside `events`."""
    for kind, names in file.relevance.items():
        for nth, name in enumerate(names):
            if name not in file.words:
                yield _unknown(document, ("relevance", kind, nth), name, file.words)
    for number, count in enumerate(file.counts):
        for nth, name in enumerate([*count.things, *count.best_near, *count.not_through]):
            if name not in file.words:
                yield _unknown(document, ("counts", number, "things", nth), name, file.words)
    for number, figure in enumerate(file.figures):
        for nth, name in enumerate(figure.of):
            if name not in file.words:
                yield _unknown(document, ("figures", number, "of", nth), name, file.words)


def _unknown(document: Document, path: tuple[str | int, ...], name: str, known: Mapping[str, Any]) -> Fault:
    near = difflib.get_close_matches(name, known, n=1)
    return _fault(document, path, f"unknown name {name!r}", f"did you mean {near[0]!r}?" if near else "")


def _fault(document: Document, path: tuple[str | int, ...], message: str, suggestion: str) -> Fault:
    spot = document.spot(path)
    return Fault(document.file, spot.line, spot.column, "lexicon", message, suggestion, length=spot.length)


def _schema_fault(document: Document, error: Any) -> Fault:
    path = tuple(error["loc"])
    known = LexiconFile.model_fields if len(path) == 1 else {}
    near = difflib.get_close_matches(str(path[-1]), known, n=1) if path else []
    name = ".".join(str(step) for step in path)
    return _fault(document, path, f"{name}: {error['msg']}", f"did you mean {near[0]!r}?" if near else "")
