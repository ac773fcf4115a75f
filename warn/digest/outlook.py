"""The rest of an edition: what comes, what we do not know, what we had wrong, how well we did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from warn.digest.facts import Correction, Facts, Record
from warn.digest.freshness import standing
from warn.digest.languages import Words, pick
from warn.digest.phrases import (
    here,
    listed,
    lowered,
    on_day,
    title_of,
)
from warn.digest.readings import readings
from warn.digest.references import LINKED, References
from warn.digest.situation import situation
from warn.digest.telling import own_words, told
from warn.digest.text import clean, plain
from warn.digest.typography import day_month, day_named, day_of, hour, local, number, typeset
from warn.digest.variants import Variant
from warn.incidents import grade_of
from warn.model import Observation

OFFICIAL_WORDS: Final = frozenset({"official_statement", "government_measure"})
RELIEF: Final = timedelta(days=7)
LEAD_CAP: Final = 30  # days (interfaces.md)
DOWN_AFTER: Final = timedelta(hours=3)
OFFICIAL: Final = timedelta(days=14)


def authorities(facts: Facts, w: Words, references: References) -> str:
    """The authorities' own words and measures beside the others', attributed; or that we have none."""
    said = _newest(facts, [o for o in facts.observations if o.indicator in OFFICIAL_WORDS], OFFICIAL)
    if not said and situation(facts).level is None:
        return w._("not known, for want of sources.")
    if not said:
        return w._("no statement or measure noted in the last 14 days.")
    return " ".join(f"{told(o, facts, w, references.mark(o) or _by(o))}." for o in said[:2])


def _by(observation: Observation) -> str:
    """Who says so, where no numbered list does."""
    return f"({clean(', '.join(observation.origins), 60)})" if observation.origins else ""


def relief(facts: Facts, w: Words, references: References) -> str:
    """What eases things, while something is open: a convoy that came, a school that opened."""
    if not any(a.shown and a.state.is_open for a in facts.alerts):
        return ""
    said = _newest(facts, [o for o in facts.observations if _eases(o, facts)], RELIEF)
    return " ".join(f"{told(o, facts, w, references.mark(o) or _by(o))}." for o in said[:2])


def _eases(observation: Observation, facts: Facts) -> bool:
    """Supply that came, as a source of some standing tells it: no talks, no party's own word."""
    kind = facts.indicators.get(observation.indicator)
    sound = observation.grade[:1] in LINKED and "claim" not in observation.attributes
    return kind is not None and kind.relief and kind.counts and kind.family != "politics" and sound


def _newest(facts: Facts, found: Iterable[Observation], back: timedelta) -> list[Observation]:
    """Of this time, with words of their own, newest first; one per day and kind, the best graded."""
    recent = [o for o in found if timedelta(0) <= facts.now - o.occurred_at <= back and o.title]
    recent.sort(key=lambda o: grade_of(o.grade), reverse=True)
    distinct = {(o.occurred_at.date(), o.indicator): o for o in recent}
    return sorted(distinct.values(), key=lambda o: (o.occurred_at, o.known_at, o.ref), reverse=True)


def coming_lines(facts: Facts, variant: Variant, w: Words) -> tuple[str, ...]:
    today = here(facts, facts.now).date()
    dated: set[tuple[date, str]] = set()
    for o in facts.observations:
        indicator = facts.indicators.get(o.indicator)
        day = day_of(o.attributes.get("date", ""))
        if indicator is None or indicator.kind != "date" or day is None or day < today:
            continue
        about = own_words(o, w.lang) or o.attributes.get(f"title_{w.lang}") or o.title
        dated.add((day, clean(about, 120) or clean(pick(indicator.title, w.lang), 80)))
    said = [
        w._(
            "%(day)s: %(what)s",
            day=day_month(day, w.lang),
            what=lowered(typeset(about, w.lang), facts).rstrip("."),
        )
        + "."
        for day, about in sorted(dated)
    ]
    said = said[:5] or [w._("No dated event known.")]
    if variant.next_at:
        then = here(facts, variant.next_at)
        named, at = day_named(then.date(), w.lang), hour(then, w.lang)
        said.append(w._("Next bulletin: %(day)s at %(hour)s.", day=named, hour=at))
    return tuple(said)


def not_known(facts: Facts, w: Words) -> tuple[str, ...]:
    """What a reader might take for calm although nobody looked."""
    blank = dict.fromkeys(lowered(r.name, facts) for r in readings(facts, w) if not r.known)
    said = []
    if blank:
        names = w._("; ").join(blank)
        said.append(w._("No recent reading of: %(names)s. That does not mean that all is well.", names=names))
    lost = [title_of(w, a.text) for a in facts.alerts if a.shown and a.state.status in {"blind", "lapsed"}]
    if lost:
        said.append(
            w._("Alerts we can no longer follow: %(names)s.", names=w._("; ").join(dict.fromkeys(lost)))
        )
    if unseen := _unseen(facts):
        names = w._("; ").join(title_of(w, facts.rules[name]) for name in unseen)
        said.append(w._("Not known today, for want of reports: %(names)s.", names=names))
    return tuple(said)


def _unseen(facts: Facts) -> list[str]:
    """Core rules whose reading is not known now."""
    return sorted(facts.unknown_rules & {name for name, rule in facts.rules.items() if rule.core})


def silent_sources(facts: Facts, w: Words) -> str:
    active = [s for s in facts.sources if not s.off]
    gone = [s for s in active if standing(s.expected_every_s, s.good_at, facts.now) in {"overdue", "silent"}]
    if not active:
        return w._("No source is switched on.")
    if not gone and _unseen(facts):
        return w._("No source that we follow is late, but they do not cover all that our rules need.")
    if not gone:
        return w._("All sources that we follow were read.")
    names = [
        clean(w._(s.title), 60)
        + (w._(" (since %(day)s)", day=on_day(facts, s.good_at, w.lang)) if s.good_at else "")
        for s in gone
    ]
    return w._("Silent or late sources: %(names)s.", names=w._("; ").join(names))


def awaiting(facts: Facts, w: Words) -> str:
    n = sum(1 for a in facts.alerts if a.waiting_since is not None and a.text.mode != "shadow")
    return w.ngettext("%(n)s report awaits validation.", "%(n)s reports await validation.", n) if n else ""


def correction_line(c: Correction, facts: Facts, w: Words) -> str:
    said = typeset(plain(pick(c.said, w.lang), 240), w.lang).rstrip(".")
    so = typeset(plain(pick(c.so, w.lang), 240), w.lang).rstrip(".")
    cause = typeset(plain(pick(c.cause, w.lang), 240), w.lang)
    text = w._(
        "No. %(number)s, corrected on %(day)s. We wrote: %(said)s. In fact: %(so)s.",
        number=c.number,
        day=on_day(facts, c.at, w.lang),
        said=said,
        so=so,
    )
    return f"{text} {cause}".strip()


def record_line(record: Record | None, facts: Facts, w: Words) -> str:
    if record is None:
        return w._("No record yet.")
    start, end = (day_month(here(facts, at).date(), w.lang) for at in (record.start, record.end))
    said = [w._("%(start)s to %(end)s:", start=start, end=end), _outcome(record, w)]
    said.append(
        w.ngettext("%(n)s false alarm.", "%(n)s false alarms.", record.false_alarms)
        if record.false_alarms
        else w._("No false alarm.")
    )
    said.append(w._("Days at level 3 or above: %(days)s.", days=number(record.days_at_alert, w.lang, 0)))
    if 0 < record.impacts < 10:
        said.append(
            w.ngettext(
                "A single case: too few to conclude.", "%(n)s cases: too few to conclude.", record.impacts
            )
        )
    if not record.live:
        said.append(w._("This is the record of a replay: the rules were written after the facts."))
    return " ".join(said)


def _outcome(record: Record, w: Words) -> str:
    """`3 pénuries ou crises constatées ; précédées d'une alerte 3/4 : 3 (16, 18 et 23 jours avant) ; manquées : 0`."""
    if not record.impacts:
        return w._("no crisis observed, none missed.")
    leads = [number(days, w.lang, 0) for days in sorted(record.lead_days)]
    if record.impacts == 1:
        if not record.hits:
            return w._("one shortage or crisis observed, missed.")
        if not leads:
            return w._("one shortage or crisis observed, warned of at level 3 or above.")
        return w._(
            "one shortage or crisis observed, warned of at level 3 or above %(days)s days before.",
            days=leads[0],
        )
    before = w._(" (%(days)s days before)", days=listed(leads, w, most=8)) if leads else ""
    if max(record.lead_days, default=0.0) >= LEAD_CAP:
        before = w._(
            " (%(days)s days before, where %(cap)s is the most we count)",
            days=listed(leads, w, most=8),
            cap=LEAD_CAP,
        )
    return w._(
        "%(n)s shortages or crises observed; warned of at level 3 or above: %(hits)s%(before)s; missed: %(misses)s.",
        n=record.impacts, hits=record.hits, before=before, misses=record.misses,
    )  # fmt: skip


def deadline_line(facts: Facts, variant: Variant, w: Words) -> str:
    if variant.next_at is None:
        return ""
    latest = local(variant.next_at + DOWN_AFTER, facts.geography.area.timezone)
    return w._(
        "If the next one has not come by %(hour)s, take it that the service is down, not that all is well.",
        hour=hour(latest, w.lang),
    )


def unread_line(titles: list[str], w: Words) -> str:
    """Indicators without limit or reading, in one line instead of one each."""
    return w._("Unknown, no reading: %(names)s.", names=w._("; ").join(titles)) if titles else ""
