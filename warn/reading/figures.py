"""Figures with a unit: francs for a litre, hours of power a day. What lies outside its range is not believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from warn.reading.lexicon import Lexicon, PriceEntry
from warn.reading.numbers import Number
from warn.reading.phrases import Hit, phrases
from warn.reading.words import Word

Hits = Mapping[str, Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured level: several figures of one thing become a range; of "from X to Y" the newer counts."""

    indicator: str
    low: float
    value: float
    high: float
    product: str
    sentence: int
    span: Hit


def figures_in(
    text: Sequence[Word], found: Hits, marks: Hits, numbers: Sequence[Number], lexicon: Lexicon
) -> tuple[Figure, ...]:
    """The first kind of figure whose words are there, for each sentence."""
    seen: list[Figure] = []
    for index, entry in enumerate(lexicon.file.figures):
        for of in (h for name in entry.of for h in found.get(name, ())):
            sentence = text[of.start].sentence
            told = any(text[h.start].sentence == sentence for h in marks.get(f"figure:{index}", ()))
            if not told or any(f.sentence == sentence for f in seen):
                continue
            values = _values(entry, marks.get(f"unit:{index}", ()), numbers, text, sentence)
            if values:
                seen.append(_figure(entry, values, text, sentence, of))
    return tuple(seen)


def _values(
    entry: PriceEntry, units: Sequence[Hit], numbers: Sequence[Number], text: Sequence[Word], sentence: int
) -> list[Number]:
    low, high = entry.range
    ends = [u.start for u in units if text[u.start].sentence == sentence]
    near: list[Number] = []
    for number in reversed([n for n in numbers if text[n.start].sentence == sentence]):
        begins = ends + [n.start for n in near]  # "2 000, 3 000 ou 4 000 FCFA"
        if any(0 <= start - number.end <= 1 for start in begins):
            near.append(number)
    return [n for n in reversed(near) if low <= n.value <= high]


def _figure(
    entry: PriceEntry, values: Sequence[Number], text: Sequence[Word], sentence: int, of: Hit
) -> Figure:
    here = [word for word in text if word.sentence == sentence]
    product = next((name for name, said in entry.products.items() if phrases({"it": said}).find(here)), "")
    stated = [n.value for n in values]
    changed = entry.indicator.endswith("_official") and len(values) > 1
    value = stated[1] if changed else sum(stated) / len(stated)
    low, high = (value, value) if changed else (min(stated), max(stated))
    return Figure(entry.indicator, low, value, high, product, sentence, of)
