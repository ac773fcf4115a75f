"""When: the date a text gives, seen from the day it was published.

Never in the future: what is announced is the news of the day it is announced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from warn.reading.lexicon import Lexicon
from warn.reading.phrases import Hit
from warn.reading.words import Word, fold_word

_LONGEST_AGO = timedelta(days=300)


def happened(
    text: Sequence[Word],
    marks: Mapping[str, Sequence[Hit]],
    lexicon: Lexicon,
    published: date | None,
    sentence: int,
) -> date | None:
    """The day of an event told in this sentence; the day of publication where none is named."""
    if published is None:
        return None
    here = [(at, word) for at, word in enumerate(text) if word.sentence == sentence]
    days = (
        *_calendar(here, text, lexicon, published),
        *_spoken(marks, text, published, sentence),
        *_weekdays(here, marks, lexicon, published),
    )
    return next((day for day in days if published - _LONGEST_AGO <= day <= published), published)


def _calendar(
    here: Iterable[tuple[int, Word]], text: Sequence[Word], lexicon: Lexicon, published: date
) -> list[date]:
    """Such as "14 septembre 2025" or "September 14"; without a year the newest such day."""
    months = {fold_word(name): n for n, names in enumerate(lexicon.file.months, 1) for name in names}
    found: list[date] = []
    for at, word in here:
        month = months.get(word.folded)
        if month is None:
            continue
        day = _day(text, at - 1) or _day(text, at + 1)
        if day is None:
            continue
        year = next(
            (int(w.folded) for w in text[at + 1 : at + 3] if w.folded.isdigit() and len(w.folded) == 4), None
        )
        years = (year,) if year else (published.year, published.year - 1)
        valid = (d for y in years if (d := _date(y, month, day)) and d <= published)
        found.extend([first] if (first := next(valid, None)) else [])
    return found


def _day(text: Sequence[Word], at: int) -> int | None:
    if not 0 <= at < len(text):
        return None
    digits = text[at].folded.removesuffix("er").removesuffix("th").removesuffix("st")
    return int(digits) if digits.isdecimal() and len(digits) <= 2 and 1 <= int(digits) <= 31 else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _spoken(
    marks: Mapping[str, Sequence[Hit]], text: Sequence[Word], published: date, sentence: int
) -> list[date]:
    """Such as "hier" or "yesterday"; the longest phrase decides ("avant-hier" is not "hier")."""
    said = [
        (hit.end - hit.start, int(name.removeprefix("day:")))
        for name, hits in marks.items()
        if name.startswith("day:")
        for hit in hits
        if text[hit.start].sentence == sentence
    ]
    return [published + timedelta(days=max(said)[1])] if said else []


def _weekdays(
    here: Iterable[tuple[int, Word]],
    marks: Mapping[str, Sequence[Hit]],
    lexicon: Lexicon,
    published: date,
) -> list[date]:
    """The newest such day up to publication; in "à partir de lundi" it is not when it happened."""
    coming = {h.end for h in marks.get("coming", ())} | {h.start - 1 for h in marks.get("coming", ())}
    last = {h.start - 1 for h in marks.get("last", ())} | {h.end for h in marks.get("last", ())}
    found: list[date] = []
    for at, word in here:
        number = next((n for n, names in enumerate(lexicon.file.weekdays) if word.folded in names), None)
        if number is None or (at in coming and at not in last):
            continue
        back = (published.weekday() - number) % 7
        found.append(published - timedelta(days=back or (7 if at in last else 0)))
    weekend = marks.get("weekend", ())
    if weekend and not found:
        found.append(published - timedelta(days=(published.weekday() - 6) % 7))
    return found
