"""Who said it, numbered in the order of first mention. A link is given only to origins of grade C or better."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from warn.digest.facts import Facts
from warn.digest.fieldwork import named
from warn.digest.languages import Words
from warn.digest.phrases import here, on_day
from warn.digest.text import clean
from warn.digest.typography import day_month, day_of
from warn.model import Observation

LINKED: Final = frozenset("ABC")
_SAFE: Final = re.compile(r"https?://[A-Za-z0-9._~%-]+(?::\d+)?(?:/[A-Za-z0-9._~%!$&'()*+,;=:@/?#-]*)?")


@dataclass(frozen=True, slots=True)
class Reference:
    """One line of the list of sources; `url` is empty where the origin is named without a link."""

    n: int
    name: str
    url: str = ""


@dataclass(slots=True)
class References:
    """Grows while an edition is built; the same page is listed once."""

    facts: Facts
    words: Words
    known: dict[str, Reference] = field(default_factory=dict)
    numbered: bool = True  # a chat has no list of sources, and no marks

    def mark(self, observation: Observation) -> str:
        """`[3]`, or nothing for an observation that names neither origin nor page."""
        if not self.numbered or not (observation.url or observation.origins or observation.source):
            return ""
        origins = named(observation.origins, self.words)
        key = observation.url or "|".join(origins) or observation.source
        if key not in self.known:
            self.known[key] = Reference(len(self.known) + 1, self._name(observation), link(observation))
        return f"[{self.known[key].n}]"

    def listed(self) -> tuple[Reference, ...]:
        return tuple(self.known.values())

    def _name(self, observation: Observation) -> str:
        w = self.words
        said = ", ".join(named(observation.origins, w)) or observation.source
        name = f"{clean(said, 60)}, {on_day(self.facts, observation.known_at, w.lang)}"
        notes = [] if link(observation) else [w._("named without a link")]
        if later := page_day(observation, self.facts):
            notes.append(w._("page published after this date, on %(day)s", day=day_month(later, w.lang)))
        return f"{name} ({w._('; ').join(notes)})" if notes else name


def link(observation: Observation) -> str:
    """An address that is plain enough to print, of an origin graded C or better; else nothing.

    What a party to the conflict published of itself is named and not linked, whoever copied it.
    """
    own_claim = observation.origins == (observation.attributes.get("claim", ""),)
    graded = observation.grade[:1] in LINKED and not own_claim
    whole = _SAFE.fullmatch(observation.url) is not None and len(observation.url) <= 300
    return observation.url if graded and whole else ""


def page_day(observation: Observation, facts: Facts) -> date | None:
    """The day of its page where that lies after this edition: only a replay can quote such a one."""
    day = day_of(observation.attributes.get("page_date", ""))
    return day if facts.exercise and day and day > here(facts, facts.now).date() else None
