"""What a rule says about what it found: its own sentences with their gaps filled by evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from warn.digest.facts import AlertFacts, Facts
from warn.digest.fieldwork import named
from warn.digest.languages import Words, pick
from warn.digest.phrases import attribute_word, listed, lowered
from warn.digest.text import clean, plain
from warn.digest.typography import capital, typeset
from warn.incidents import is_claim
from warn.model import Evidence, Level, ReaderKind
from warn.speech import quantity, render

_GAP: Final = re.compile(r"\{\{-?\s*(\w+)[^{}]*\}\}")
_ASIDE: Final = re.compile(r"\s*\((?:[^(){}]|\{\{[^{}]*\}\})*\)")
_STOP: Final = re.compile(r"(?<=[.!?])\s+(?![^{]*\}\})")


def why(facts: Facts, alert: AlertFacts, w: Words) -> str:
    """The rule's message: value against threshold; the last that was known, where nothing is known now."""
    if ending(alert):
        return _ending(facts, alert, w)
    return say(pick(alert.text.message, w.lang), facts, seen(alert), w)


def expected(facts: Facts, alert: AlertFacts, w: Words) -> str:
    return say(pick(alert.text.expect, w.lang), facts, seen(alert), w)


def advice(alert: AlertFacts, kind: ReaderKind, w: Words) -> str:
    """The line for this kind of reader, else the residents', in the language or its fallback."""
    for lang in (w.lang, "fr", "en"):
        lines = alert.text.advice.get(lang, {})
        for name in (kind, "resident"):
            if lines.get(name):
                return typeset(plain(lines[name], 400), w.lang)
    return ""


def say(template: str, facts: Facts, alert: AlertFacts, w: Words) -> str:
    """A rule's sentence with its gaps filled; what fills them came from outside and is cleaned first.

    A sentence or bracket whose figure is not known is left out: a "?" tells a reader nothing.
    """
    gaps = variables(facts, alert, w)
    tellable = _tellable(template, {name for name, value in gaps.items() if value is None})
    if not tellable:
        return ""
    zone = ZoneInfo(facts.geography.area.timezone)
    return typeset(plain(render(tellable, gaps, w.lang, timezone=zone), 600), w.lang)


def standing(alert: AlertFacts) -> AlertFacts:
    """The alert with the threshold of the level at which it stands: after easing, evidence names the one it left."""
    limit = alert.text.thresholds.get(alert.state.level.word)
    if alert.evidence is None or limit is None or alert.state.status == "closed":
        return alert
    return replace(alert, evidence=replace(alert.evidence, threshold=limit))


def criterion(facts: Facts, alert: AlertFacts, w: Words) -> str:
    """By which test an alert was closed: `au plus 0 pendant 7 jours ; valeur à la fin : 0`."""
    proof, days = alert.evidence, alert.text.clears_after_s / 86400
    if (
        proof is None
        or proof.threshold is None
        or proof.value is None
        or switched(alert)
        or not alert.text.indicators
    ):
        return w.ngettext(
            "back on the quiet side for %(n)s day.", "back on the quiet side for %(n)s days running.", days
        )
    unit = unit_words(proof, facts, w)
    what = facts.indicators.get(alert.text.indicators[0]) if len(alert.text.indicators) == 1 else None
    name = lowered(clean(pick(what.title, w.lang), 80), facts) + w._(": ") if what else ""
    if proof.value == proof.threshold:
        still = quantity(proof.value, unit, w.lang)
        return name + w.ngettext("%(value)s for %(n)s day.", "%(value)s for %(n)s days.", days, value=still)
    limit = quantity(proof.threshold, unit, w.lang)
    included = proof.threshold not in proof.thresholds.values()
    if proof.value <= proof.threshold:
        bound = w._("at most %(limit)s", limit=limit) if included else w._("below %(limit)s", limit=limit)
    else:
        bound = w._("at least %(limit)s", limit=limit) if included else w._("above %(limit)s", limit=limit)
    return name + w.ngettext(
        "%(bound)s for %(n)s day; value at the end: %(value)s.",
        "%(bound)s for %(n)s days; value at the end: %(value)s.",
        days, bound=bound, value=quantity(proof.value, unit, w.lang),
    )  # fmt: skip


def seen(alert: AlertFacts) -> AlertFacts:
    """The alert with the newest evidence that has a value: what we last knew of it."""
    if alert.evidence is not None and alert.evidence.value is not None:
        return alert
    known = [move.evidence for move in alert.history if move.evidence.value is not None]
    return replace(alert, evidence=known[-1]) if known else alert


def variables(facts: Facts, alert: AlertFacts, w: Words) -> Mapping[str, Any]:
    """What the gaps are filled with (rules.md, variables of `message` and `expect`)."""
    evidence = alert.evidence or Evidence(None, None, None, None, {})
    corridor = alert.keys.get("corridor")
    seen_at = attribute_word("place", evidence.place, facts, w) if evidence.place else ""
    place = pick(alert.keys.get("place", {}), w.lang) or seen_at or alert.text.place
    return {
        "value": evidence.value,
        "low": evidence.lo,
        "high": evidence.hi,
        "unit": unit_words(evidence, facts, w),
        "threshold": evidence.threshold,
        "level": Level(alert.state.level),
        "place": clean(place, 80) or None,
        "corridor": clean(pick(corridor, w.lang) if corridor else evidence.corridor, 80) or None,
        "since": alert.state.since or alert.state.opened_at,
        "origins": [clean(origin, 60) for origin in named(said_by(evidence, facts), w)] or None,
        "grade": clean(evidence.grade, 4) or None,
        "days": evidence.days,
    }


def said_by(evidence: Evidence, facts: Facts) -> tuple[str, ...]:
    """Who said it first; of an alert that rests on unconfirmed reports alone, those who reported.

    A party to the conflict is named only where nobody else said it: its claim stays attributed.
    """
    if evidence.origins or not evidence.value:
        return origins_of(evidence, facts) or evidence.origins
    unconfirmed = (one for one in evidence.tree.get("incidents", ()) if _only_unconfirmed(one))
    return tuple(sorted({origin for one in unconfirmed for origin in one.get("origins", ())}))


def origins_of(evidence: Evidence, facts: Facts) -> tuple[str, ...]:
    """The origins of what counted, without those known only by the claims of a party to the conflict."""
    counted = set(evidence.counted)
    rows = [row for row in facts.observations if row.ref in counted]
    claimed = {origin for row in rows if is_claim(row) for origin in row.origins}
    stated = {origin for row in rows if not is_claim(row) for origin in row.origins}
    return tuple(origin for origin in evidence.origins if origin in stated or origin not in claimed)


def behind(evidence: Evidence) -> tuple[str, ...]:
    """Refs of the reports that gave the value: those counted, else those that only want confirmation."""
    if evidence.counted:
        return evidence.counted
    unconfirmed = (one for one in evidence.tree.get("incidents", ()) if _only_unconfirmed(one))
    return tuple(report["ref"] for one in unconfirmed for report in one.get("reports", ()))


def _only_unconfirmed(incident: Mapping[str, Any]) -> bool:
    """Left out for want of a second origin alone (evidence says it in these words)."""
    return not incident.get("counted") and str(incident.get("why_not", "")).startswith("not confirmed")


def switched(alert: AlertFacts) -> bool:
    """Whether it rests on a state, on or off: its 0 or 1 is no figure that people know."""
    return alert.evidence is not None and alert.evidence.tree.get("measure") == "state"


def ending(alert: AlertFacts) -> bool:
    """Whether the newest report ends the state it rests on: the alert stands only until nobody has denied that."""
    proof = alert.evidence
    return alert.state.counts and switched(alert) and proof is not None and proof.value == 0


def _ending(facts: Facts, alert: AlertFacts, w: Words) -> str:
    origins = variables(facts, alert, w)["origins"]
    return w.ngettext(
        "its end is reported%(by)s; unless that is denied, this alert ends %(n)s day after it.",
        "its end is reported%(by)s; unless that is denied, this alert ends %(n)s days after it.",
        alert.text.clears_after_s / 86400, by=f" ({listed(origins, w)})" if origins else "",
    )  # fmt: skip


def unit_words(evidence: Evidence, facts: Facts, w: Words) -> str:
    """The unit in which a value of this evidence is printed."""
    return "share" if evidence.unit == "share" else facts.indicators.unit_words(evidence.unit, w.lang)


def _tellable(template: str, unknown: set[str]) -> str:
    """The template without brackets and sentences that need what is not known; one with its own `if` is left whole."""
    if "{%" in template or not _needs(template, unknown):
        return template
    brackets = [one for one in _ASIDE.findall(template) if _needs(one, unknown)]
    for one in brackets:
        template = template.replace(one, "")
    kept = [sentence for sentence in _STOP.split(template) if not _needs(sentence, unknown)]
    return capital(" ".join(kept)) if len(kept) < len(_STOP.split(template)) and kept else " ".join(kept)


def _needs(text: str, unknown: set[str]) -> bool:
    return any(name in unknown for name in _GAP.findall(text))
