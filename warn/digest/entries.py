"""Item 4: the alerts of an edition, grouped by what has become of them since the last one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from warn.digest.facts import AlertFacts, Facts
from warn.digest.fieldwork import from_field
from warn.digest.languages import Words, pick
from warn.digest.phrases import certainty_line, here, level_tag, on_day, title_of, where_of
from warn.digest.references import References
from warn.digest.spoken import behind, criterion, ending, origins_of, seen, standing, switched, why
from warn.digest.telling import told
from warn.digest.text import opening
from warn.digest.typography import capital, day_month
from warn.digest.variants import Variant
from warn.model import Evidence, Level, Observation
from warn.speech import quantity

BRIEF: Final = 170  # UTF-16 units
Fate = Literal["new", "raised", "news", "eased", "blind", "lapsed", "same", "closed"]
ORDER: Final[tuple[Fate, ...]] = ("new", "raised", "news", "same", "eased", "closed", "blind", "lapsed")


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert in an edition; `lines` are label and text. A brief one has its title and a single line."""

    n: int
    alert: AlertFacts
    title: str
    where: str
    tag: str
    stage: str
    lines: tuple[tuple[str, str], ...]
    short: str
    level: Level
    address: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one fate under its heading."""

    fate: Fate
    heading: str
    entries: tuple[Entry, ...]


def chosen(facts: Facts, variant: Variant) -> tuple[AlertFacts, ...]:
    """Shown alerts that this kind of reader asked for, the gravest first; of equals, what is here already.

    One that was withdrawn has not ended: it should not have been told, and stands among the corrections.
    """
    return tuple(one for one in asked_for(facts, variant) if not _withdrawn(one))


def asked_for(facts: Facts, variant: Variant) -> list[AlertFacts]:
    return sorted((one for one in facts.alerts if one.shown and _wanted(one, variant)), key=gravest)


def _withdrawn(alert: AlertFacts) -> bool:
    return bool(alert.history) and alert.history[-1].kind == "withdrawn"


def gravest(alert: AlertFacts) -> tuple[object, ...]:
    """Order of alerts in every text: level, embassies last, what is observed, core rules, the newest, then by name."""
    state, text = alert.state, alert.text
    since = state.since or state.opened_at
    newest = -since.timestamp() if since else 0.0
    seen_now = text.certainty == "observed"
    return (-state.level, text.family == "posture", not seen_now, not text.core, newest, state.rule, state.by)


def fate(alert: AlertFacts, facts: Facts) -> Fate:
    """What has become of an alert since the last edition (or in the last day, where there was none).

    One that opened is new, even where we see only part of what it watches: nobody has heard of it yet.
    """
    since = facts.since or facts.now - timedelta(days=1)
    kinds = [move.kind for move in alert.history if move.at > since]
    opened = "opened" in kinds or (alert.state.opened_at is not None and alert.state.opened_at > since)
    if opened and alert.state.counts:
        return "new"
    if alert.state.status in {"closed", "blind", "lapsed"}:
        return alert.state.status
    moved = [kind for kind in kinds if kind in {"raised", "eased", "edited", "corrected"}]
    if moved:
        first = next(m for m in alert.history if m.at > since and m.kind == moved[0])
        return (
            "raised"
            if alert.state.level > first.before
            else "eased"
            if alert.state.level < first.before
            else "news"
        )
    return "news" if "updated" in kinds else "same"


def groups(facts: Facts, variant: Variant, w: Words, references: References) -> tuple[Group, ...]:
    """In the order of readers.md; an entry's number runs through all groups."""
    headings: dict[Fate, str] = {
        "new": w._("New"),
        "raised": w._("Raised"),
        "news": w._("Still open, with something new"),
        "same": w._("Unchanged"),
        "eased": w._("Eased"),
        "closed": w._("Ended"),
        "blind": w._("Without news"),
        "lapsed": w._("Lost from sight"),
    }
    done: list[Group] = []
    n = 0
    alerts = chosen(facts, variant)
    for kind in ORDER:
        entries = []
        for alert in alerts:
            if fate(alert, facts) == kind:
                n += 1
                entries.append(_entry(n, alert, kind, facts, w, references))
        if entries:
            done.append(Group(kind, headings[kind], tuple(entries)))
    return tuple(done)


def shorter(found: Sequence[Group]) -> Iterator[tuple[Group, ...]]:
    """The same with one unchanged alert more named by its title alone, the least grave first."""
    unchanged = max((len(group.entries) for group in found if group.fate == "same"), default=0)
    for kept in reversed(range(unchanged)):
        yield tuple(_named_from(group, kept) if group.fate == "same" else group for group in found)


def _named_from(group: Group, kept: int) -> Group:
    named = (replace(entry, short="") for entry in group.entries[kept:])
    return replace(group, entries=(*group.entries[:kept], *named))


def absent(found: Sequence[Group], facts: Facts, variant: Variant, w: Words) -> str:
    """Which fates nobody shares today: `Nouvelle, relevée, abaissée, levée : aucune.`."""
    names = [
        (("new",), w._("new")), (("raised",), w._("raised")), (("eased",), w._("eased")), (("closed",), w._("ended"))
    ]  # fmt: skip
    have = {group.fate for group in found}
    missing = [name for fates, name in names if not have & set(fates)]
    said = capital(w._("%(names)s: none.", names=", ".join(missing))) if missing else ""
    some = any(alert.state.is_open for alert in chosen(facts, variant))
    none_open = w._("Open: none.")
    return said if some else f"{said} {none_open}".strip()


def support(alert: AlertFacts, facts: Facts, *, field: bool = False) -> tuple[Observation, ...]:
    """The reports an alert rests on, newest first; `field`: also those of our reporters, which are not told singly."""
    if alert.evidence is None:
        return ()
    counted = set(behind(alert.evidence))
    found = [o for o in facts.observations if o.ref in counted and (field or not from_field(o))]
    return tuple(sorted(found, key=lambda o: (o.occurred_at, o.known_at, o.ref), reverse=True))


def _certainty(alert: AlertFacts, facts: Facts, w: Words) -> str:
    origins = len(origins_of(alert.evidence, facts)) if alert.evidence else 0
    return certainty_line(w, alert.text, alert.evidence, origins)


def _wanted(alert: AlertFacts, variant: Variant) -> bool:
    by = dict(alert.state.by)
    if variant.families and alert.text.family and alert.text.family not in variant.families:
        return False
    if variant.corridors and by.get("corridor") and by["corridor"] not in variant.corridors:
        return False
    if variant.places and by.get("place") and by["place"] not in variant.places:
        return False
    return max(alert.state.level, alert.state.peak) >= variant.least_level


def _entry(n: int, alert: AlertFacts, kind: Fate, facts: Facts, w: Words, references: References) -> Entry:
    state = alert.state
    stage = w._("under way") if alert.text.certainty == "observed" else w._("expected")
    if ending(alert):
        stage = w._("end reported")
    if kind in {"closed", "blind", "lapsed"}:
        stage = ""  # the heading of its group says it
    elif alert.state.status == "blind":
        stage += w._(", not fully known")
    told_before = _told_before(alert, kind, facts)
    lines = _brief(alert, kind, facts, w) if told_before else _lines(alert, kind, facts, w, references)
    return Entry(
        n=n,
        alert=alert,
        title=title_of(w, alert.text),
        where=where_of(alert, w),
        tag=_tag(alert, kind, w),
        stage=stage,
        lines=tuple((label, text) for label, text in lines if text),
        short=_short(alert, kind, facts, w),
        level=state.level,
    )


def _tag(alert: AlertFacts, kind: Fate, w: Words) -> str:
    if kind == "closed":
        return w._("%(level)s/4 at its highest", level=int(alert.state.peak))
    if kind == "lapsed":
        return w._("was %(level)s/4, no longer counted", level=int(alert.state.level))
    return level_tag(w, alert.state.level)


def _short(alert: AlertFacts, kind: Fate, facts: Facts, w: Words) -> str:
    """The alert in one or two sentences, for a chat; it follows a colon."""
    if kind == "same":
        return now_reads(alert, facts, w)
    if kind in {"closed", "blind", "lapsed"}:
        return until(alert, facts, w)
    said = [f"{told(o, facts, w)}." for o in support(alert, facts)[:1]]
    said += [why(facts, standing(alert), w), f"{_certainty(alert, facts, w)}."]
    first, *rest = filter(None, said)
    return " ".join((first, *(capital(one) for one in rest)))


def _lines(
    alert: AlertFacts, kind: Fate, facts: Facts, w: Words, references: References
) -> list[tuple[str, str]]:
    reports = support(alert, facts)[:2]
    known = " ".join(f"{told(o, facts, w, references.mark(o))}." for o in reports)
    begun = (w._("Since: "), f"{since(alert, facts, w)}.")
    if kind == "closed":
        return [
            begun,
            (w._("The facts: "), known),
            (w._("Why it ended: "), f"{criterion(facts, alert, w)}"),
        ]
    if kind in {"blind", "lapsed"}:
        return [
            begun,
            (w._("Last known: "), f"{capital(why(facts, seen(alert), w))} {known}".strip()),
            (w._("Until when: "), until(alert, facts, w)),
        ]
    shown = standing(alert)
    return [
        begun,
        (w._("The facts: "), known),
        (w._("Why this alert: "), f"{why(facts, shown, w)} {against(shown, facts, w)}".strip()),
        (w._("Certainty: "), f"{_certainty(alert, facts, w)}."),
        (w._("Until when: "), until(alert, facts, w)),
    ]


def _brief(alert: AlertFacts, kind: Fate, facts: Facts, w: Words) -> list[tuple[str, str]]:
    begun = w._("Since %(day)s.", day=since(alert, facts, w))
    if kind != "same":
        return [("", f"{begun} {capital(until(alert, facts, w))}")]
    return [("", f"{begun} {capital(now_reads(alert, facts, w))}".strip())]


def _told_before(alert: AlertFacts, kind: Fate, facts: Facts) -> bool:
    """Whether there is nothing to say of it that the last edition did not say at length."""
    since = facts.since or facts.now - timedelta(days=1)
    lost = kind in {"blind", "lapsed"} and bool(alert.history)
    return kind == "same" or (lost and alert.history[-1].at <= since)


def now_reads(alert: AlertFacts, facts: Facts, w: Words) -> str:
    """What the rule reads today, in a sentence or two; says so where that alone would not hold the level."""
    current = facts.readings.get(alert.state.rule) if not alert.state.by and alert.evidence else None
    if current is None or current.value is None or alert.evidence is None:
        return opening(why(facts, standing(alert), w), BRIEF)
    now = replace(alert, evidence=current)
    said = opening(why(facts, standing(now), w), BRIEF)
    held = (
        ""
        if not said or ending(now) or _reached(current, alert)
        else w._("The level stays until calm is confirmed.")
    )
    return f"{said} {held}".strip()


def _reached(current: Evidence, alert: AlertFacts) -> bool:
    """Whether today's value by itself meets the number of the level at which the alert stands."""
    limits = alert.text.thresholds
    limit = limits.get(alert.state.level.word)
    if limit is None or current.value is None:
        return True
    ordered = [limits[name] for name in ("watch", "tension", "alert", "crisis") if name in limits]
    falling = ordered[0] > ordered[-1]
    if len(ordered) == 1 and alert.history:
        first = alert.history[0].evidence
        falling = first.value is not None and first.threshold is not None and first.value < first.threshold
    return current.value <= limit if falling else current.value >= limit


def since(alert: AlertFacts, facts: Facts, w: Words) -> str:
    """`14 septembre ; 3/4 le 15/9, 2/4 le 30/9`."""
    opened = alert.state.opened_at
    if opened is None:
        return ""
    said = day_month(here(facts, opened).date(), w.lang)
    steps = [
        w._("%(level)s/4 on %(day)s", level=int(m.level), day=on_day(facts, m.at, w.lang))
        for m in alert.history
        if m.kind in {"raised", "eased", "edited", "corrected"} and m.level != m.before
    ]
    return said + (w._("; ") + ", ".join(steps[-3:]) if steps else "")


def against(alert: AlertFacts, facts: Facts, w: Words) -> str:
    """`Seuil : 1 ; niveau 3 : 2.`: the value stands in the rule's own sentence, often with its threshold."""
    evidence = alert.evidence
    if evidence is None or evidence.threshold is None:
        return ""
    unit = "share" if evidence.unit == "share" else facts.indicators.unit_words(evidence.unit, w.lang)
    said = []
    if "threshold" not in pick(alert.text.message, w.lang) and not switched(alert):
        said.append(w._("threshold: %(number)s", number=quantity(evidence.threshold, unit, w.lang)))
    next_up = alert.state.level + 1
    higher = evidence.thresholds.get(Level(next_up).word) if next_up <= Level.CRISIS else None
    if higher is not None:
        shown = quantity(higher, unit, w.lang)
        said.append(w._("level %(level)s at %(number)s", level=next_up, number=shown))
    return capital(w._("; ").join(said)) + "." if said else ""


def until(alert: AlertFacts, facts: Facts, w: Words) -> str:
    if alert.state.status == "closed":
        day = on_day(facts, alert.state.changed_at or facts.now, w.lang)
        return w._("ended on %(day)s (%(test)s).", day=day, test=criterion(facts, alert, w).rstrip("."))
    if alert.state.status in {"blind", "lapsed"}:
        day = on_day(facts, alert.state.blind_since or facts.now, w.lang)
        return w._("unknown since %(day)s; this is neither an end nor a worsening.", day=day)
    days = alert.text.clears_after_s / 86400
    return w.ngettext(
        "as long as it has not been back on the quiet side for %(n)s day.",
        "as long as it has not been back on the quiet side for %(n)s days running.",
        days,
    )
