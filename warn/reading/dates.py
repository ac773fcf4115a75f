"""When: the date a text gives, seen from the day it was published.

Bad news is never later than that day: a closure that is announced is news of the day it is announced. Relief that is
announced ("les écoles rouvrent lundi") is dated to the coming day, so that nobody counts it before it is there. A day
that only ends or begins a state ("jusqu'au 9 novembre", "depuis dimanche") is not when its news happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from warn.reading.lexicon import Lexicon
from warn.reading.phrases import Hit
from warn.reading.words import Word, fold_word

_ORDINAL = frozenset({"er", "st", "nd", "rd", "th"})  # "1er décembre" is three words
_LONGEST_AGO = timedelta(days=300)
_LONGEST_AHEAD = timedelta(days=60)
Hits = Mapping[str, Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class _Told:
    """One sentence, and what is known of when it was printed. `ahead`: it speaks of what is to come."""

    text: Sequence[Word]
    sentence: int
    marks: Hits
    lexicon: Lexicon
    published: date
    ahead: bool

    def indices(self) -> list[int]:
        return [at for at, word in enumerate(self.text) if word.sentence == self.sentence]

    def hits(self, name: str) -> list[Hit]:
        return [h for h in self.marks.get(name, ()) if self.text[h.start].sentence == self.sentence]


def happened(
    text: Sequence[Word],
    marks: Hits,
    lexicon: Lexicon,
    published: date | None,
    sentence: int,
    *,
    relief: bool = False,
) -> date | None:
    """The day of an event told in this sentence; the day of publication where none is named."""
    if published is None:
        return None
    ahead = relief and is_announced(text, marks, sentence)
    told = _Told(text, sentence, marks, lexicon, published, ahead)
    bounds = {h.end for name in ("until", "since") for h in told.hits(name)}
    days = (*_calendar(told, bounds), *_spoken(told, bounds), *_weekdays(told, bounds))
    latest = published + (_LONGEST_AHEAD if ahead else timedelta())
    return next((day for day in days if day <= latest), published)


def is_announced(text: Sequence[Word], marks: Hits, sentence: int) -> bool:
    """Whether a sentence speaks of what is to come, in a tense or a word that headlines use for it."""
    return any(text[hit.start].sentence == sentence for hit in marks.get("ahead", ()))


def _calendar(told: _Told, bounds: set[int]) -> list[date]:
    """Such as "14 septembre 2025" or "September 14"; without a year the newest such day, or the coming one."""
    text, published = told.text, told.published
    months = {fold_word(name): n for n, names in enumerate(told.lexicon.file.months, 1) for name in names}
    latest = published + (_LONGEST_AHEAD if told.ahead else timedelta())
    found: list[date] = []
    for at in told.indices():
        month = months.get(text[at].folded)
        day = (_day(text, at - 1) or _day(text, at + 1)) if month else None
        if month is None or day is None or bounds & {at - 2, at - 1, at}:
            continue
        year = next(
            (int(w.folded) for w in text[at + 1 : at + 3] if w.folded.isdigit() and len(w.folded) == 4), None
        )
        years = (year,) if year else (published.year + 1, published.year, published.year - 1)
        earliest = date.min if year else published - _LONGEST_AGO  # without its year an old day is none
        valid = (d for y in years if (d := _date(y, month, day)) and earliest <= d <= latest)
        found.extend([first] if (first := next(valid, None)) else [])
    return found


def _day(text: Sequence[Word], at: int) -> int | None:
    if 0 < at < len(text) and text[at].folded in _ORDINAL:
        at -= 1
    if not 0 <= at < len(text):
        return None
    digits = text[at].folded
    return int(digits) if digits.isdecimal() and len(digits) <= 2 and 1 <= int(digits) <= 31 else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _spoken(told: _Told, bounds: set[int]) -> list[date]:
    """Such as "hier" or "yesterday"; the longest phrase decides ("avant-hier" is not "hier")."""
    said = [
        (hit.end - hit.start, int(name.removeprefix("day:")))
        for name in told.marks
        if name.startswith("day:")
        for hit in told.hits(name)
        if hit.start not in bounds
    ]
    return [told.published + timedelta(days=max(said)[1])] if said else []


def _weekdays(told: _Told, bounds: set[int]) -> list[date]:
    """The newest such day up to publication; the coming one where relief is announced for it."""
    nexts = {at for h in told.hits("coming") for at in (h.end, h.start - 1)}
    last = {at for h in told.hits("last") for at in (h.end, h.start - 1)}
    found: list[date] = []
    for at in told.indices():
        word = told.text[at].folded
        number = next((n for n, names in enumerate(told.lexicon.file.weekdays) if word in names), None)
        if number is None or at in bounds:
            continue
        back = (told.published.weekday() - number) % 7
        if told.ahead and at not in last:
            found.append(told.published + timedelta(days=-back % 7 or (7 if at in nexts else 0)))
        elif at not in nexts or at in last:
            found.append(told.published - timedelta(days=back or (7 if at in last else 0)))
    if told.hits("weekend") and not found:
        found.append(told.published - timedelta(days=(told.published.weekday() - 6) % 7))
    return found
