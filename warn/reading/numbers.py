"""Counts as texts state them: figures, number words, ranges; French and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from warn.reading.lexicon import CountEntry, Lexicon
from warn.reading.phrases import Hit
from warn.reading.words import Word

Hits = Mapping[str, Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Number:
    """A stated quantity: words `start` to `end`, and what the text says it lies between (None: it does not say)."""

    start: int
    end: int
    low: float | None
    value: float
    high: float | None


def numeral(text: str) -> float | None:
    """Of "4 000", "200.000", "1,150" or "1,01"; None where it is none or too long to be meant."""
    digits = text.replace("\u00a0", " ").replace("\u202f", " ").replace(" ", "")
    head, dot, tail = digits.partition(",") if "," in digits else digits.partition(".")
    if dot and not (len(tail.split(",")[0].split(".")[0]) == 3 and len(head) <= 3 and head != "0"):
        digits = f"{head}.{tail}"
    else:
        digits = digits.replace(",", "").replace(".", "")
    try:
        return float(digits) if len(digits) <= 15 else None
    except ValueError:
        return None


def numbers_in(text: Sequence[Word], marks: Hits, lexicon: Lexicon) -> list[Number]:
    """All quantities of a text, with "more than", "up to" and "between … and …" taken into them."""
    plain = _plain(text, lexicon.file.numbers)
    bounds: dict[str, set[int]] = {
        kind: {h.end for h in marks.get(f"bound:{kind}", ())} for kind in lexicon.file.bounds
    }
    joins = {h.start for h in marks.get("bound:to", ())}
    found: list[Number] = []
    skip = False
    for this, after in zip_longest(plain, plain[1:]):
        if skip:
            skip = False
            continue
        is_range = (
            after and this.start in bounds["between"] and after.start == this.end + 1 and this.end in joins
        )
        if is_range and after and this.value < after.value:
            found.append(
                Number(this.start, after.end, this.value, (this.value + after.value) / 2, after.value)
            )
            skip = True
        else:
            found.append(_bounded(this, text, bounds))
    return found


def _bounded(number: Number, text: Sequence[Word], bounds: Mapping[str, set[int]]) -> Number:
    """In "plus de 40" or "plus d'une vingtaine" nothing is said of the other side."""
    starts = (
        {number.start, number.start - 1}
        if text[number.start - 1].folded in {"d", "a", "une"}
        else {number.start}
    )
    if starts & bounds["at_least"]:
        return Number(number.start, number.end, number.low, number.value, None)
    if starts & bounds["at_most"]:
        return Number(number.start, number.end, None, number.value, number.high)
    return number


def _plain(text: Sequence[Word], known: Mapping[str, float | tuple[float, float, float]]) -> list[Number]:
    found: list[Number] = []
    at = 0
    while at < len(text):
        end, values = _run(text, at, known)
        if end > at and values:
            found.append(Number(at, end, *values))
        at = max(end, at + 1)
    return found


def _run(
    text: Sequence[Word], at: int, known: Mapping[str, float | tuple[float, float, float]]
) -> tuple[int, tuple[float, float, float] | None]:
    """One quantity from here: "vingt-cinq", "deux cents", "3 millions", "several dozens"."""
    total = group = 0.0
    end = at
    while end < len(text) and text[end].sentence == text[at].sentence:
        word = text[end]
        value = numeral(word.text) if word.is_number else known.get(word.folded)
        if value is None or (word.is_number and end > at):
            break
        if isinstance(value, tuple):
            times = max(group, 1.0)
            return end + 1, (value[0] * times, value[1] * times, value[2] * times)
        if value >= 1000 and group:
            total, group = total + group * value, 0.0
        elif value == 100 and 0 < group < 10:
            group *= value
        elif end > at and not (value < group and group % 10 == 0) and value < 1000:
            break
        else:
            group += value
        end += 1
    if end == at:
        return at, None
    said = total + group
    return end, (said, said, said)


def count(
    entry: CountEntry, numbers: Sequence[Number], found: Hits, text: Sequence[Word], sentence: int
) -> Number | None:
    """The number that counts these things: before the thing (at most three words between), else near its verb."""
    low, high = entry.range
    things = [h for name in entry.things for h in found.get(name, ()) if text[h.start].sentence == sentence]
    verbs = [h for name in entry.best_near for h in found.get(name, ()) if text[h.start].sentence == sentence]
    fits = [n for n in numbers if low <= n.value <= high and text[n.start].sentence == sentence]
    others = [h.start for name in entry.not_through for h in found.get(name, ())]
    counted = [n for n in fits if n.value != 1 and any(_counts(n, t, others) for t in things)]
    by_verb = [n for n in counted if any(_near(n, v) for v in verbs)]
    alone = [n for n in fits if n.value != 1 and any(_counts(n, v, others) for v in verbs)]
    return next(iter([*_closest(by_verb, verbs), *_closest(counted, things), *alone]), None)


def _counts(number: Number, thing: Hit, others: Sequence[int]) -> bool:
    """Whether the thing follows the number, with nothing else that is counted between ("two convoys of tankers")."""
    return 0 <= thing.start - number.end <= 3 and not any(number.end <= o < thing.start for o in others)


def _near(number: Number, hit: Hit) -> bool:
    return max(number.start - hit.end, hit.start - number.end) <= 8


def _closest(numbers: Sequence[Number], hits: Sequence[Hit]) -> list[Number]:
    return (
        sorted(numbers, key=lambda n: min(max(n.start - h.end, h.start - n.end) for h in hits))
        if hits
        else []
    )
