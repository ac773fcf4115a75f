"""Which events a text tells, which of them is its news, and which way each turns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from warn.reading.lexicon import GAPS, Lexicon, Part, Way
from warn.reading.phrases import Hit
from warn.reading.values import Direction
from warn.reading.words import Word

MOST_TRIED: Final = 6
"""Places of a way's first part that are tried in one text; a headline has one or two."""
Hits = Mapping[str, Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Told:
    """One event as the text tells it. `spans` are the words that tell it; `weight` says how much it is the news."""

    indicator: str
    direction: Direction
    weight: float
    spans: tuple[Hit, ...]
    sentence: int
    aside: bool = False  # told in a side clause
    faint: bool = False  # a mere topic (an entry of negative weight): news only where there is no other


def told(text: Sequence[Word], found: Hits, marks: Hits, lexicon: Lexicon) -> tuple[Told, ...]:
    """Every event told, the news first; of one indicator only what is told most directly."""
    costs = side_clauses(text, marks, lexicon)
    best: dict[tuple[str, int], Told] = {}
    for way in lexicon.ways:
        if not way.needs <= found.keys() or not all(any(n in found for n in p.names) for p in way.parts):
            continue
        for spans in _places(way, text, found):
            event = _weighed(way, spans, text, costs, lexicon)
            key = (event.indicator, event.sentence)
            if key not in best or event.weight > best[key].weight:
                best[key] = event
    turned = (turn(event, text, marks, costs, lexicon) for event in best.values())
    return tuple(sorted(turned, key=lambda event: -event.weight))


def _weighed(
    way: Way, spans: tuple[Hit, ...], text: Sequence[Word], costs: Sequence[int], lexicon: Lexicon
) -> Told:
    entry = lexicon.file.events[way.entry]
    cost = max(costs[span.start] for span in spans)
    first = text[spans[0].start]
    return Told(
        indicator=entry.indicator,
        direction=entry.direction,
        weight=entry.weight - cost - _wideness(spans),
        spans=spans,
        sentence=first.sentence,
        aside=cost > 0,
        faint=entry.weight < 0,
    )


def _wideness(spans: tuple[Hit, ...]) -> float:
    """Words far apart belong together less."""
    start, end = min(s.start for s in spans), max(s.end for s in spans)
    return 0.3 * max(0, end - start - sum(s.end - s.start for s in spans))


def _places(way: Way, text: Sequence[Word], found: Hits) -> Iterator[tuple[Hit, ...]]:
    """Where a way is said: the nearest hit of each further part."""
    for first in _hits(way.parts[0], found)[:MOST_TRIED]:
        sentence = text[first.start].sentence
        if any(text[h.start].sentence == sentence for name in way.without for h in found.get(name, ())):
            continue
        spans = [first]
        for part in way.parts[1:]:
            near = [h for h in _hits(part, found) if _stands(h, spans, part.link, text)]
            if not near:
                break
            spans.append(min(near, key=lambda h: _gap(h, spans[-1])))
        else:
            yield tuple(spans)


def _hits(part: Part, found: Hits) -> list[Hit]:
    return [hit for name in part.names for hit in found.get(name, ())]


def _stands(hit: Hit, spans: Sequence[Hit], link: str, text: Sequence[Word]) -> bool:
    last = spans[-1]
    return (
        text[hit.start].sentence == text[last.start].sentence
        and all(hit.end <= s.start or hit.start >= s.end for s in spans)
        and (min(_gap(hit, s) for s in spans) if link == "&" else _gap(hit, last)) <= GAPS[link]
        and (link != ">" or hit.start >= last.end)
    )


def _gap(a: Hit, b: Hit) -> int:
    return max(a.start - b.end, b.start - a.end)


def side_clauses(text: Sequence[Word], marks: Hits, lexicon: Lexicon) -> list[int]:
    """For each word, what an event told there loses."""
    costs = [0] * len(text)
    inserted = {hit.start for hit in marks.get("apposition", ())}
    ignored = {i for hit in marks.get("ignore", ()) for i in range(hit.start, hit.end)}
    for number, context in enumerate(lexicon.file.context):
        for hit in marks.get(f"context:{number}", ()):
            if hit.start in ignored:
                continue
            for at in range(hit.end, _clause_end(text, hit.end, inserted)):
                costs[at] = max(costs[at], context.costs)
    return costs


def _clause_end(text: Sequence[Word], at: int, inserted: set[int]) -> int:
    """Where the clause that goes on at a word ends; what is inserted between commas does not end it."""
    clause, goes_on = text[at - 1].clause, False
    while at < len(text) and text[at].sentence == text[at - 1].sentence:
        if text[at].clause != clause:
            if not goes_on and at not in inserted:
                break
            clause, goes_on = text[at].clause, at in inserted
        at += 1
    return at


def turn(event: Told, text: Sequence[Word], marks: Hits, costs: Sequence[int], lexicon: Lexicon) -> Told:
    """The event with the direction that the words before and around it give it."""
    ignored = {i for hit in marks.get("ignore", ()) for i in range(hit.start, hit.end)}
    for number, entry in enumerate(lexicon.file.turns):
        if (entry.only and event.indicator not in entry.only) or event.indicator in entry.but:
            continue
        hits = [h for h in marks.get(f"turn:{number}", ()) if h.start not in ignored]
        if entry.asked:
            asked = any(text[h.start].sentence == event.sentence for h in marks.get("asked", ()))
            turned = asked and not any(text[h.start].sentence == event.sentence for h in hits)
        else:
            turned = any(_turns(hit, event, entry.reach, text, marks, costs) for hit in hits)
        if turned:
            return replace(event, direction=entry.becomes)
    return event


def _turns(
    hit: Hit, event: Told, reach: int, text: Sequence[Word], marks: Hits, costs: Sequence[int]
) -> bool:
    """Before the event, or anywhere in its sentence; not from a side clause, nor across a "but"."""
    start = min(span.start for span in event.spans)
    end = max(span.end for span in event.spans)
    inside = any(span.start <= hit.start < span.end for span in event.spans)
    if text[hit.start].sentence != event.sentence or inside:
        return False
    if reach:
        return start - reach <= hit.start < end and text[hit.end - 1].clause == text[start].clause
    if costs[hit.start] > max(costs[span.start] for span in event.spans):
        return False
    first, last = min(hit.start, start), max(hit.start, start)
    return not any(first < but.start < last for but in marks.get("contrast", ()))
