"""Words that appear in many texts: levels, families, certainty, ages, the address of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from babel.lists import format_list

from warn.digest.facts import AlertFacts, Facts
from warn.digest.languages import Words, pick
from warn.digest.text import clean
from warn.digest.typography import capital, day_full, day_short, days_between, hour, local, weekday_short
from warn.digest.variants import Variant
from warn.model import Evidence, Level, RuleText

SHAPES: Final[Mapping[Level | None, str]] = {
    None: "○", Level.CALM: "○", Level.WATCH: "●", Level.TENSION: "▲", Level.ALERT: "◆", Level.CRISIS: "■",
}  # fmt: skip
"""Beside number and word, never instead of them. A font without an octagon shows the square."""


def level_word(w: Words, level: Level | None) -> str:
    if level is None:
        return w._("Unclear")
    return (w._("Calm"), w._("Watch"), w._("Tension"), w._("Alert"), w._("Crisis"))[level]


def level_tag(w: Words, level: Level | None) -> str:
    """`Alerte 3/4`; without a number where the level is unclear."""
    return level_word(w, level) if level is None else f"{level_word(w, level)} {level:d}/4"


def level_meaning(w: Words, level: Level | None) -> str:
    """What a level means, for those who see it for the first time."""
    if level is None:
        return w._("we could not read enough to give a level")
    return (
        w._("nothing our rules watch is out of the ordinary (not: the city is safe)"),
        w._("first signs; nothing to change"),
        w._("an effect is possible; prepare"),
        w._("an effect is likely or has begun; act"),
        w._("it is here and severe"),
    )[level]


def subject_of(w: Words, text: RuleText) -> str:
    """What a first line may name: the field of life, never a group, a place of attack or a number of dead."""
    return family_name(w, text.family)


def family_name(w: Words, family: str) -> str:
    families = {
        "attack": w._("Security"),
        "supply": w._("Fuel and roads"),
        "price": w._("Prices"),
        "power": w._("Energy"),
        "services": w._("Schools and health"),
        "displacement": w._("Displacement and food"),
        "posture": w._("Embassies"),
        "politics": w._("Public life"),
        "media": w._("Press"),
    }
    return families.get(family, w._("Situation"))


def title_of(w: Words, text: RuleText) -> str:
    return clean(pick(text.title, w.lang) or text.id, 120)


def lowered(title: str, facts: Facts) -> str:
    """A title inside a sentence: without its capital, unless its first word is a name or an abbreviation."""
    first = title.partition(" ")[0]
    if first[1:2].isupper() or is_place(first.strip(".,;:"), facts):
        return title
    return title[:1].lower() + title[1:]


def attribute_word(name: str, value: str, facts: Facts, w: Words) -> str:
    """`essence` for product=petrol, as the folder of rules translates it; the value itself where it does not.

    The place of a report is one of them: `Kayes et Nioro` is `Kayes and Nioro`.
    """
    return clean(pick(facts.words.get(name, {}).get(value, {}), w.lang) or value, 60)


def is_place(word: str, facts: Facts) -> bool:
    return facts.once(("place", word), lambda: bool(facts.geography.gazetteer.find(word)))


def discreet(title: str) -> bool:
    """Whether a title may stand on a lock screen: names of groups are written in capitals, and do not belong there."""
    return not any(len(word) > 2 and word.isupper() for word in title.split())


def listed(names: Sequence[str], w: Words, most: int = 4) -> str:
    """`a, b et c`; what exceeds `most` is only counted."""
    more = len(names) - most
    shown = list(names) if more < 2 else [*names[:most], w._("%(n)s others", n=more)]
    return str(format_list(shown, locale="en_GB" if w.lang == "en" else "fr"))


def where_of(alert: AlertFacts, w: Words) -> str:
    """What tells this alert from others of its rule, unless its title says so already."""
    title = pick(alert.text.title, w.lang).casefold()
    names = (_beside(clean(pick(texts, w.lang), 80), title) for texts in alert.keys.values())
    return ", ".join(name for name in names if name)


def _beside(name: str, title: str) -> str:
    """`axe Kayes-Bamako` beside a title that speaks of an axis: `Kayes-Bamako`; nothing where it says all of it."""
    if name.casefold() in title:
        return ""
    words, said = name.split(), set(title.split())
    while words[1:] and words[0] in said:
        words = words[1:]
    while words[1:] and words[-1] in said:
        words = words[:-1]
    return " ".join(words)


def name_of(alert: AlertFacts, w: Words) -> str:
    """`Attaques sur un axe (Kayes-Bamako)`: one alert among those of its rule."""
    title, where = title_of(w, alert.text), where_of(alert, w)
    return f"{title} ({where})" if where else title


def unseen(alert: AlertFacts, name: str, w: Words) -> str:
    """The name, marked where the alert stands on what was last known."""
    return w._("%(what)s (no news)", what=name) if alert.state.status == "blind" else name


def topics(alert: AlertFacts, facts: Facts, w: Words) -> tuple[str, ...]:
    """What a first line may say an alert is about, the fullest first; of a road or a product, always which."""
    place, name = city(facts, w.lang), name_of(alert, w)
    if not alert.state.by or not discreet(name):
        field = subject_of(w, alert.text)
        return f"{field}, {place}", field
    where = where_of(alert, w)
    whole = name if place in where else f"{name}, {place}"
    return tuple(filter(None, (whole, name, capital(where))))


def certainty_word(w: Words, certainty: str) -> str:
    words = {"observed": w._("observed"), "likely": w._("likely"), "possible": w._("possible")}
    return words.get(certainty, w._("possible"))


def certainty_line(w: Words, text: RuleText, evidence: Evidence | None, origins: int) -> str:
    """`probable (B2) ; 2 origines`; `origins` is how many independent ones there are."""
    said = certainty_word(w, text.certainty)
    if evidence is None:
        return said
    if evidence.grade:
        said += f" ({clean(evidence.grade, 4)})"
    if not origins:
        return said
    return said + w._("; ") + w.ngettext("%(n)s origin", "%(n)s origins", origins)


def city(facts: Facts, lang: str) -> str:
    return facts.geography.area.name(lang)


def here(facts: Facts, at: datetime) -> datetime:
    """A moment as the city's clocks show it."""
    return local(at, facts.geography.area.timezone)


def on_day(facts: Facts, at: datetime, lang: str) -> str:
    return day_short(here(facts, at).date(), lang)


def stamp(facts: Facts, lang: str) -> str:
    """`lundi 15/9, 6 h`."""
    now = here(facts, facts.now)
    return f"{weekday_short(now.date(), lang)}, {hour(now, lang)}"


def full_day(facts: Facts, at: datetime, lang: str) -> str:
    return day_full(here(facts, at).date(), lang)


def clock(facts: Facts, w: Words) -> str:
    """`6 h, heure de Bamako (TU)`."""
    now = here(facts, facts.now)
    said = w._("%(hour)s, %(city)s time", hour=hour(now, w.lang), city=city(facts, w.lang))
    universal = w._("UTC")
    return f"{said} ({universal})" if now.utcoffset() == timedelta(0) else said


def age(w: Words, earlier: datetime, now: datetime) -> str:
    days = days_between(earlier, now)
    return w.ngettext("%(n)s day", "%(n)s days", days) if days else w._("today")


def chat(facts: Facts, variant: Variant) -> str:
    """The address that opens the bot as made out for this reader; empty where there is none."""
    lang = variant.lang if variant.lang in {"fr", "en"} else "fr"
    return f"https://t.me/{facts.bot}?start=read-{lang}-{variant.kind}" if facts.bot else ""


def page(facts: Facts, lang: str, path: str) -> str:
    """The whole address of a public page in this language; French has no prefix."""
    return facts.base + ("" if lang == "fr" else f"/{lang}") + path
