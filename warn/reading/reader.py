"""One text in, one reading out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from warn.geo import Gazetteer
from warn.reading.dates import happened
from warn.reading.events import Told, told
from warn.reading.figures import Figure, figures_in
from warn.reading.lexicon import lexicon as lexicon_of
from warn.reading.names import place_names, where
from warn.reading.numbers import Number, count, numbers_in
from warn.reading.origins import Said, said_by
from warn.reading.phrases import Hit
from warn.reading.relevance import told_abroad, why_not
from warn.reading.seen import Reader, Seen, look, title_in
from warn.reading.values import RELIEF, Finding, Reading
from warn.reading.words import Word, plain

_AT_THE_GOAL: Final = frozenset({"convoy_arrival", "displacement_report", "fuel_recovery_report"})
"""What happens where somebody was going to; an attack on the way to a town did not happen in it."""

_TENSE: Final = 4
"""Words before what is told in which its tense shows."""


@dataclass(frozen=True, slots=True)
class _Case:
    """All that a finding is made from."""

    seen: Seen
    reader: Reader
    said: Said
    published: date | None
    numbers: Sequence[Number] = ()


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
    local: bool = False,
    grade: str = "",
) -> Reading:
    """What the text says that concerns us. Never raises, whatever the text; linear in its length.

    `local`: the outlet is one of ours, whose texts need not name the country. `grade`: the outlet's own, used where
    neither the lexicon nor the text names somebody better known.
    """
    seen = look(f"{plain(title)}\n{plain(lead)}", reader)
    reason = why_not(seen, reader, outlet, url, local=local)
    if reason:
        return Reading(relevant=False, why_not=reason)
    said = said_by(seen.words, seen.marks, reader.lexicon, outlet, url, grade)
    case = _Case(seen, reader, said, published, numbers_in(seen.words, seen.marks, reader.lexicon))
    findings = _findings(case)
    if told_abroad(seen, reader):
        findings = tuple(f for f in findings if f.indicator in reader.lexicon.file.told_abroad)
        if not findings:
            return Reading(relevant=False, why_not="another country's news")
    findings = findings or _from_address(url, case)
    return Reading(
        relevant=True, findings=findings, why_not="" if findings else "nothing in it that we watch"
    )


def _findings(case: _Case) -> tuple[Finding, ...]:
    """The news of each sentence, measured where it gives a figure; one finding for an indicator."""
    seen, lexicon = case.seen, case.reader.lexicon
    events = told(seen.words, seen.found, seen.marks, lexicon)
    figures = figures_in(seen.words, seen.found, seen.marks, case.numbers, lexicon)
    chosen: dict[str, Finding] = {}
    for event in _news(events):
        made = _finding(event, case)
        figure = next((f for f in figures if f.sentence == event.sentence and _measures(f, event)), None)
        if figure:
            made = _measured(replace(made, direction="worse") if event.faint else made, figure)
        chosen.setdefault(made.indicator, made)
    return tuple(chosen.values())


def _news(events: Sequence[Told]) -> list[Told]:
    """The heaviest event of each sentence; a later sentence's only where it is no background."""
    seen: dict[int, Told] = {}
    clear = [event for event in events if not event.faint]
    for event in clear or events:
        seen.setdefault(event.sentence, event)
    first = min(seen, default=0)
    return [seen[n] for n in sorted(seen) if n == first or not seen[n].aside]


def _measures(figure: Figure, event: Told) -> bool:
    """A figure of fuel prices belongs to news of fuel prices: `fuel_price_…` to `fuel_price_report`."""
    return figure.indicator.split("_")[:1] == event.indicator.split("_")[:1]


def _measured(finding: Finding, figure: Figure) -> Finding:
    product = {"product": figure.product} if figure.product else {}
    return replace(
        finding,
        indicator=figure.indicator,
        value=figure.value,
        low=figure.low,
        high=figure.high,
        attributes={**finding.attributes, **product},
    )


def _finding(event: Told, case: _Case) -> Finding:
    seen, lexicon = case.seen, case.reader.lexicon
    start, end = min(s.start for s in event.spans), max(s.end for s in event.spans)
    at_the_goal = event.indicator in _AT_THE_GOAL
    spot = where(
        (start, end, event.sentence), seen.places, seen.words, seen.marks, case.reader.names.home,
        destination=at_the_goal,
    )  # fmt: skip
    relief = event.indicator in RELIEF and event.direction == "better"
    day = happened(seen.words, seen.marks, lexicon, case.published, event.sentence, relief=relief)
    promised = relief and day == case.published and _promised(event, start, end, seen)
    counted = next((c for c in lexicon.file.counts if event.indicator in c.indicators), None)
    number = count(counted, case.numbers, seen.found, seen.words, event.sentence) if counted else None
    return Finding(
        indicator=event.indicator,
        direction="none" if promised else event.direction,
        date=day,
        value=number.value if number else 1.0,
        low=number.low if number else None,
        high=number.high if number else None,
        place=spot.name,
        lat=spot.lat,
        lon=spot.lon,
        precision=spot.precision,
        origins=case.said.origins,
        grade=case.said.grade,
        claim=case.said.claim,
        attributes={"claim": case.said.claim} if case.said.claim else {},
        matched=tuple(_as_written(seen.words, span) for span in sorted(event.spans, key=lambda s: s.start)),
    )


def _promised(event: Told, start: int, end: int, seen: Seen) -> bool:
    """In the future tense and without its day: nobody can tell when it will have come."""
    hits = (h for h in seen.marks.get("future", ()) if seen.words[h.start].sentence == event.sentence)
    return any(start - _TENSE <= hit.start < end for hit in hits)


def _as_written(text: Sequence[Word], span: Hit) -> str:
    return " ".join(word.text for word in text[span.start : span.end])


def _from_address(url: str, case: _Case) -> tuple[Finding, ...]:
    """What the words of an address say is shown, but never counted: its grammar and its date are lost."""
    title = title_in(url)
    if not title:
        return ()
    seen = look(title, case.reader)
    events = told(seen.words, seen.found, seen.marks, case.reader.lexicon)
    made = [_finding(event, replace(case, seen=seen, numbers=())) for event in events[:1]]
    return tuple(replace(f, direction="none", attributes={"read_from": "address"}) for f in made)
