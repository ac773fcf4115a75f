"""How one report is told: in our own words where a curator wrote them, else by its headline as a quotation."""

from __future__ import annotations

import re
from typing import Final

from warn.digest.facts import Facts
from warn.digest.languages import Words, pick
from warn.digest.phrases import attribute_word, here, is_place, lowered
from warn.digest.text import clean
from warn.digest.typography import day_month, typeset
from warn.model import Observation
from warn.speech import quantity

UNCOUNTED: Final = frozenset({"unknown", "disputed"})
"""Values of the attribute `count`: the 1 of such a row says that something came, not how much."""
SHARP: Final = frozenset({"point", "town"})
_WORDS: Final = re.compile(r"[^\W\d_]{3,}")


def counted(observation: Observation) -> bool:
    """Whether its value is a figure that may be printed."""
    return observation.attributes.get("count", "") not in UNCOUNTED


def own_words(observation: Observation, lang: str) -> str:
    """What a curator wrote of it in this language; nothing where only a headline is known.

    A row that carries `title_en` was written in both languages by a person: its `title` is French.
    """
    if "title_en" not in observation.attributes:
        return ""
    return observation.attributes.get(f"title_{lang}", "") or observation.title


def told(observation: Observation, facts: Facts, w: Words, mark: str = "") -> str:
    """`7 octobre, Bamako : beaucoup de stations fermées [1]`; a headline stays a quotation."""
    said = own_words(observation, w.lang)
    if not said:
        headline = observation.attributes.get(f"title_{w.lang}") or observation.title
        what = quoted(clean(headline, 160), w) if headline else named(observation, facts, w)
        return _joined([_day(observation, facts, w), place(observation, facts, w)], what, w, mark)
    said = typeset(clean(said, 200), w.lang)
    where = place(observation, facts, w, said)
    head, colon, rest = said.partition(w._(": "))
    if colon and head.casefold() == clean(observation.place, 60).casefold():
        where, said = head, rest
    return _joined([_day(observation, facts, w), where], lowered(said, facts), w, mark)


def brief(observation: Observation, facts: Facts, w: Words, mark: str = "") -> str:
    """The same for a list of roads: an event without words of ours is named by its kind and place, no headline."""
    if own_words(observation, w.lang):
        return told(observation, facts, w, mark)
    parts = [_day(observation, facts, w), named(observation, facts, w), place(observation, facts, w)]
    return f"{', '.join(filter(None, parts))} {mark}".rstrip()


def named(observation: Observation, facts: Facts, w: Words) -> str:
    """`une attaque de convoi`; a figure with its unit where the row has one: `82 citernes`."""
    indicator = facts.indicators.get(observation.indicator)
    if indicator is None:
        return clean(observation.indicator, 60)
    if pick(indicator.one, w.lang):
        return clean(pick(indicator.one, w.lang), 80)
    return lowered(clean(pick(indicator.title, w.lang), 80), facts)


def figure(observation: Observation, facts: Facts, w: Words) -> str:
    """`775 FCFA le litre`, `de 20 à 40`; empty where the row counts nothing or its count is not known."""
    indicator = facts.indicators.get(observation.indicator)
    if indicator is None or not counted(observation):
        return ""
    unit = "share" if indicator.percent else facts.indicators.unit_words(indicator.unit, w.lang)
    low, high = observation.low, observation.high
    if low is not None and high is not None and low < high:
        few, many = quantity(low, "", w.lang), quantity(high, unit, w.lang)
        return w._("%(low)s to %(high)s", low=few, high=many)
    plain_event = indicator.kind == "event" and observation.value == 1 and low is None
    return "" if plain_event else worked_out(quantity(observation.value, unit, w.lang), observation, w)


def worked_out(said: str, observation: Observation, w: Words) -> str:
    """A figure that nobody reported says so, and how it came about: the attribute `derived`."""
    how = clean(observation.attributes.get("derived", ""), 40)
    return w._("%(value)s (worked out: %(how)s)", value=said, how=how) if how else said


def place(observation: Observation, facts: Facts, w: Words, beside: str = "") -> str:
    """Its place, said to be approximate where it is; nothing where the words beside it name it already."""
    name = clean(observation.place, 60)
    if not name or observation.precision == "country":
        return ""
    shown = attribute_word("place", observation.place, facts, w)
    first, _, rest = name.partition(" ")
    common = rest != rest.lower() and not is_place(first, facts)  # Axe, Zone de, Environs de
    if _names(beside, rest if common else name) or _names(beside, shown):
        return ""
    if common and shown == name:
        shown = lowered(name, facts)
    return shown + (w._(" (approximate)") if approximate(observation) else "")


def approximate(observation: Observation) -> bool:
    """Known no better than its cercle."""
    return observation.precision not in SHARP


def quoted(text: str, w: Words) -> str:
    return f"“{text}”" if w.lang == "en" else f"«\u00a0{text}\u00a0»"


def _day(observation: Observation, facts: Facts, w: Words) -> str:
    return day_month(here(facts, observation.occurred_at).date(), w.lang)


def _joined(head: list[str], what: str, w: Words, mark: str) -> str:
    """A colon before the words, or a comma where they bring a colon of their own."""
    colon = w._(": ")
    inner = what.partition(colon)
    link = ", " if inner[1] and len(inner[0]) < 48 and not what.startswith(("«", "“")) else colon
    return f"{', '.join(filter(None, head))}{link}{what} {mark}".rstrip()


def _names(text: str, name: str) -> bool:
    """Whether a text names the place: all its words of more than two letters stand in it."""
    said = {word.casefold() for word in _WORDS.findall(text)}
    return bool(said) and {word.casefold() for word in _WORDS.findall(name)} <= said
