"""One text in, one reading out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import re2

from warn.geo import Gazetteer
from warn.reading.dates import happened
from warn.reading.events import Told, told
from warn.reading.figures import Figure, figures_in
from warn.reading.lexicon import Lexicon
from warn.reading.lexicon import lexicon as lexicon_of
from warn.reading.names import Named, Names, Spot, place_names, places_in, where
from warn.reading.numbers import Number, count, numbers_in
from warn.reading.origins import Said, said_by
from warn.reading.phrases import Hit
from warn.reading.values import Finding, Reading
from warn.reading.words import Word, plain, words

Hits = Mapping[str, Sequence[Hit]]
_LARGE: Final = frozenset({"city", "town", "region", "cercle"})
_ARRIVALS: Final = frozenset({"convoy_arrival", "displacement_report", "fuel_recovery_report"})
_SLUG: Final = re2.compile(r"[\pL]{2,}")
A_PLACE: Final = "a_place"
"""The name in `words` that the gazetteer fills."""
_LEAST_SLUG_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Reader:
    """A lexicon and the names of places, compiled once; safe to share between threads."""

    lexicon: Lexicon
    names: Names


@dataclass(frozen=True, slots=True)
class _Text:
    """A text with everything that was found in it."""

    words: tuple[Word, ...]
    found: Hits
    marks: Hits
    places: tuple[Named, ...]


def load_reader(lexicon: str, gazetteer: Gazetteer, *, name: str = "lexicon.yaml") -> Reader:
    """From the text of `lexicon.yaml` and the gazetteer; raises ConfigError naming every fault."""
    known = lexicon_of(lexicon, name)
    return Reader(known, place_names(gazetteer, known))


def read(
    title: str,
    lead: str = "",
    *,
    reader: Reader,
    published: date | None = None,
    lang: str = "",  # noqa: ARG001 - both languages are looked for at once; taken so that callers need not care
    outlet: str = "",
    url: str = "",
) -> Reading:
    """What the text says that concerns us. Never raises, whatever the text; linear in its length."""
    text = _look(f"{plain(title)}\n{plain(lead)}", reader)
    address = _look(slug(url), reader)
    path = _look(" ".join(_SLUG.findall(url[:400])), reader)
    why_not = _foreign(text, address, path, outlet, reader)
    if why_not:
        return Reading(relevant=False, why_not=why_not)
    said = said_by(text.words, text.marks, reader.lexicon, outlet, url)
    findings = _findings(text, reader, said, published)
    if not findings:
        findings = _from_address(address, reader, said, published)
    return Reading(True, findings, "" if findings else "nothing in it that we watch")


def slug(url: str) -> str:
    """The words of an address, which mostly is the title it was published under; empty where they are few."""
    path = url.partition("://")[2].partition("/")[2].partition("?")[0][:400]
    parts = max((_SLUG.findall(part) for part in path.split("/")), key=len, default=[])
    return " ".join(parts) if len(parts) >= _LEAST_SLUG_WORDS else ""


def _look(text: str, reader: Reader) -> _Text:
    found = words(text)
    marks = reader.lexicon.marks.find(found)
    places = places_in(found, marks, reader.names)
    hits = reader.lexicon.words.find(found)
    hits[A_PLACE] = [Hit(n.start, n.end) for n in places if n.place.country == reader.names.home]
    return _Text(found, hits if hits[A_PLACE] else {k: v for k, v in hits.items() if v}, marks, places)


def _foreign(text: _Text, address: _Text, path: _Text, outlet: str, reader: Reader) -> str:
    """Why the text does not concern us; empty where it does."""
    file = reader.lexicon.file
    if any(name in text.found for name in file.relevance["never"]):
        return "another subject"
    at_home = any(name in text.found for name in file.relevance["home"])
    at_home = at_home or any(n.place.country == file.home and _anchors(n) for n in text.places)
    abroad = any(name in text.found for name in file.relevance["elsewhere"])
    if at_home:
        return "another country's news" if _dateline(text, reader) else ""
    if abroad:
        return "another country"
    ours = reader.lexicon.marks.find(words(outlet)).get("local") or any(
        name in where.found for name in file.relevance["weak"] for where in (text,)
    )
    if ours or any(name in around.found for name in file.relevance["home"] for around in (address, path)):
        return ""
    return "does not name the country or a place of it"


def _anchors(named: Named) -> bool:
    """A small place anchors a text only where a word leads to it: its name may be a person's."""
    return not named.bare or (named.sure and named.place.kind in _LARGE)


def _dateline(text: _Text, reader: Reader) -> bool:
    """ "Burkina : …": the news is about the country named before the first colon."""
    first = next((at for at, word in enumerate(text.words) if word.clause), 0)
    if not 0 < first <= 3 or text.words[first].opener != ":":
        return False
    heads = [h for name in reader.lexicon.file.relevance["elsewhere"] for h in text.found.get(name, ())]
    return any(h.end <= first for h in heads)


def _findings(text: _Text, reader: Reader, said: Said, published: date | None) -> tuple[Finding, ...]:
    """The news of each sentence, and figures; one finding for an indicator."""
    events = told(text.words, text.found, text.marks, reader.lexicon)
    numbers = numbers_in(text.words, text.marks, reader.lexicon)
    figures = figures_in(text.words, text.found, text.marks, numbers, reader.lexicon)
    chosen: dict[str, Finding] = {}
    for event in _news(events):
        figure = next((f for f in figures if f.sentence == event.sentence and _same_matter(f, event)), None)
        made = (
            _measured(figure, event, text, reader, said, published)
            if figure
            else _finding(event, text, numbers, reader, said, published)
        )
        chosen.setdefault(made.indicator, made)
    return tuple(chosen.values())


def _news(events: Sequence[Told]) -> list[Told]:
    """The heaviest event of each sentence; a later sentence's only where it is no background."""
    seen: dict[int, Told] = {}
    for event in events:
        seen.setdefault(event.sentence, event)
    first = min(seen, default=0)
    return [seen[n] for n in sorted(seen) if n == first or not seen[n].aside]


def _same_matter(figure: Figure, event: Told) -> bool:
    return figure.indicator.split("_")[:1] == event.indicator.split("_")[:1]


def _measured(
    figure: Figure, event: Told, text: _Text, reader: Reader, said: Said, published: date | None
) -> Finding:
    basic = _finding(event, text, [], reader, said, published)
    return Finding(
        indicator=figure.indicator,
        direction="worse" if event.direction == "none" else event.direction,
        date=basic.date,
        value=figure.value,
        low=figure.low,
        high=figure.high,
        place=basic.place,
        lat=basic.lat,
        lon=basic.lon,
        precision=basic.precision,
        origins=said.origins,
        grade=said.grade,
        claim=said.claim,
        attributes={**basic.attributes, **({"product": figure.product} if figure.product else {})},
        matched=basic.matched,
    )


def _finding(
    event: Told, text: _Text, numbers: Sequence[Number], reader: Reader, said: Said, published: date | None
) -> Finding:
    start, end = min(s.start for s in event.spans), max(s.end for s in event.spans)
    spot = _spot(event, start, end, text, reader)
    counted = next((c for c in reader.lexicon.file.counts if event.indicator in c.indicators), None)
    number = count(counted, numbers, text.found, text.words, event.sentence) if counted else None
    return Finding(
        indicator=event.indicator,
        direction=event.direction,
        date=happened(text.words, text.marks, reader.lexicon, published, event.sentence),
        value=number.value if number else 1.0,
        low=number.low if number else None,
        high=number.high if number else None,
        place=spot.name,
        lat=spot.lat,
        lon=spot.lon,
        precision=spot.precision,
        origins=said.origins,
        grade=said.grade,
        claim=said.claim,
        attributes={"claim": said.claim} if said.claim else {},
        matched=tuple(_said(text.words, span) for span in sorted(event.spans, key=lambda s: s.start)),
    )


def _spot(event: Told, start: int, end: int, text: _Text, reader: Reader) -> Spot:
    return where(
        (start, end, event.sentence),
        text.places,
        text.words,
        text.marks,
        reader.names.home,
        destination=event.indicator in _ARRIVALS,
    )


def _said(text: Sequence[Word], span: Hit) -> str:
    return " ".join(word.text for word in text[span.start : span.end])


def _from_address(
    address: _Text, reader: Reader, said: Said, published: date | None
) -> tuple[Finding, ...]:
    """What the words of an address say is shown, but never counted: its grammar is lost."""
    events = told(address.words, address.found, address.marks, reader.lexicon)
    if not events:
        return ()
    made = _finding(events[0], address, [], reader, said, published)
    return (
        Finding(
            indicator=made.indicator, direction="none", date=made.date, origins=made.origins, grade=made.grade,
            attributes={"read_from": "address"}, matched=made.matched,
        ),
    )  # fmt: skip
