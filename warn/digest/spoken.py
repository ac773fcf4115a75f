"""What a rule says about what it found: its own sentences with their gaps filled by evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from warn.digest.facts import AlertFacts, Facts
from warn.digest.languages import Words, pick
from warn.digest.phrases import level_word, on_day
from warn.digest.text import clean, plain
from warn.digest.typography import number, typeset
from warn.model import Evidence, Level, ReaderKind

_GAP: Final = re.compile(r"{{\s*(\w+)[^}]*}}")


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
    filled = render(template, variables(facts, alert, w), w.lang)
    return typeset(plain(filled, 600), w.lang)


def variables(facts: Facts, alert: AlertFacts, w: Words) -> Mapping[str, Any]:
    evidence = alert.evidence or Evidence(None, None, None, None, {})
    since: datetime | None = alert.state.since or alert.state.opened_at
    corridor = alert.keys.get("corridor")
    return {
        "value": evidence.value,
        "low": evidence.lo,
        "high": evidence.hi,
        "unit": evidence.unit,
        "threshold": evidence.threshold,
        "level": level_word(w, Level(alert.state.level)).lower(),
        "place": clean(evidence.place or alert.text.place, 80),
        "corridor": clean(pick(corridor, w.lang) if corridor else evidence.corridor, 80),
        "since": on_day(facts, since, w.lang) if since else "",
        "origins": clean(", ".join(evidence.origins), 120),
        "grade": clean(evidence.grade, 4),
        "days": evidence.days,
    }


def render(template: str, values: Mapping[str, Any], lang: str) -> str:
    def fill(gap: re.Match[str]) -> str:
        value = values.get(gap[1], "")
        return number(value, lang) if isinstance(value, int | float) else str(value or "")

    return _GAP.sub(fill, template)
