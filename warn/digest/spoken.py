"""What a rule says about what it found: its own sentences with their gaps filled by evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from warn.digest.facts import AlertFacts, Facts
from warn.digest.languages import Words, pick
from warn.digest.text import clean, plain
from warn.digest.typography import typeset
from warn.model import Evidence, Level, ReaderKind
from warn.speech import render


def why(facts: Facts, alert: AlertFacts, w: Words) -> str:
    """The rule's message: value against threshold."""
    return say(pick(alert.text.message, w.lang), facts, alert, w)


def expected(facts: Facts, alert: AlertFacts, w: Words) -> str:
    return say(pick(alert.text.expect, w.lang), facts, alert, w)


def advice(alert: AlertFacts, kind: ReaderKind, w: Words) -> str:
    """The line for this kind of reader, else the residents', in the language or its fallback."""
    names = {"resident": "residents"}
    for lang in (w.lang, "fr", "en"):
        lines = alert.text.advice.get(lang, {})
        for name in (names.get(kind, kind), "residents"):
            if lines.get(name):
                return typeset(plain(lines[name], 400), w.lang)
    return ""


def say(template: str, facts: Facts, alert: AlertFacts, w: Words) -> str:
    """A rule's sentence with its gaps filled; what fills them came from outside and is cleaned first."""
    if not template:
        return ""
    zone = ZoneInfo(facts.geography.area.timezone)
    filled = render(template, variables(facts, alert, w), w.lang, timezone=zone)
    return typeset(plain(filled, 600), w.lang)


def variables(facts: Facts, alert: AlertFacts, w: Words) -> Mapping[str, Any]:
    """What the gaps are filled with (rules.md, variables of `message` and `expect`)."""
    evidence = alert.evidence or Evidence(None, None, None, None, {})
    corridor = alert.keys.get("corridor")
    place = pick(alert.keys.get("place", {}), w.lang) or evidence.place or alert.text.place
    unit = "share" if evidence.unit == "share" else facts.indicators.unit_words(evidence.unit, w.lang)
    return {
        "value": evidence.value,
        "low": evidence.lo,
        "high": evidence.hi,
        "unit": unit,
        "threshold": evidence.threshold,
        "level": Level(alert.state.level),
        "place": clean(place, 80) or None,
        "corridor": clean(pick(corridor, w.lang) if corridor else evidence.corridor, 80) or None,
        "since": alert.state.since or alert.state.opened_at,
        "origins": [clean(origin, 60) for origin in evidence.origins] or None,
        "grade": clean(evidence.grade, 4) or None,
        "days": evidence.days,
    }
