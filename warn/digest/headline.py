"""The first screen of an edition: subject, bottom line, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from warn.digest.entries import chosen, fate, support
from warn.digest.facts import AlertFacts, Facts, Situation
from warn.digest.languages import Words
from warn.digest.phrases import (
    city,
    discreet,
    here,
    level_tag,
    listed,
    lowered,
    name_of,
    page,
    subject_of,
    title_of,
    unseen,
)
from warn.digest.spoken import advice, ending
from warn.digest.text import cut, fitting, opening
from warn.digest.typography import day_brief, day_month, day_named, hour, weekday
from warn.digest.variants import Variant
from warn.model import Level

SUBJECT: Final = 70
SILENT: Final = timedelta(hours=12)
KINDS: Final = ("resident", "ngo", "press")
NOON: Final = 12


def subject_line(facts: Facts, told: Situation, variant: Variant, w: Words) -> str:
    day = day_brief(here(facts, facts.now).date(), w.lang)
    exercise = w._("EXERCISE")
    mark = f"[{exercise}] " if facts.exercise else ""
    head = f"{mark}[{level_tag(w, told.level)}] {city(facts, w.lang)} {day}"
    return fitting(head, _gists(facts, told, variant, w), SUBJECT)


def _gists(facts: Facts, told: Situation, variant: Variant, w: Words) -> list[str]:
    """What the edition is about, the fullest first; a subject takes the first that fits, never half of one."""
    if not told.clear:
        return [w._("sources silent") if _silent(facts) else w._("not enough known")]
    alerts = chosen(facts, variant)
    fates = [fate(alert, facts) for alert in alerts]
    moved = [a for a, kind in zip(alerts, fates, strict=True) if kind in {"new", "raised", "eased", "closed"}]
    about = moved or [a for a, kind in zip(alerts, fates, strict=True) if kind != "closed"]
    if not about:
        return [w._("no alert open")]
    title, field = title_of(w, about[0].text), subject_of(w, about[0].text).lower()
    names = [lowered(title, facts)] if discreet(title) else []
    names.append(field)
    if new := fates.count("new"):
        ends = [
            w.ngettext(", %(n)s new alert", ", %(n)s new alerts", new),
            w.ngettext(", %(n)s new", ", %(n)s new", new),
        ]
    else:
        said = {"raised": w._(", raised"), "eased": w._(", eased"), "closed": w._(", ended")}
        ends = [said.get(fates[alerts.index(about[0])], w._(", unchanged"))]
    return [*(name + end for name in names for end in ends), *names]


def _silent(facts: Facts) -> bool:
    good = max((s.good_at for s in facts.sources if s.good_at and not s.off), default=None)
    return good is None or facts.now - good > SILENT


def banner_lines(facts: Facts, variant: Variant, w: Words) -> tuple[str, ...]:
    said: list[str] = []
    if facts.exercise:
        said.append(
            w._("EXERCISE - A replayed bulletin, as it would have left that day. It does not describe today.")
        )
    if variant.late and variant.edition_at:
        due = hour(here(facts, variant.edition_at), w.lang)
        said.append(w._("Sent late: this bulletin was due at %(hour)s.", hour=due))
    if facts.gap:
        gap = here(facts, facts.gap)
        said.append(
            w._(
                "The bulletin of %(day)s, %(hour)s, did not reach you: the fault is ours or the network's, and says "
                "nothing of the situation.",
                day=day_month(gap.date(), w.lang),
                hour=hour(gap, w.lang),
            )
        )
    return tuple(said)


def heading(facts: Facts, variant: Variant, w: Words) -> str:
    name = city(facts, w.lang)
    return {
        "evening": w._("%(city)s evening bulletin", city=name),
        "weekly": w._("%(city)s weekly bulletin", city=name),
    }.get(variant.edition, w._("%(city)s bulletin", city=name))


def bottom_line(facts: Facts, told: Situation, variant: Variant, w: Words) -> str:
    """Level, change since the last edition, and what holds it there."""
    alerts = [a for a in chosen(facts, variant) if a.state.counts]
    if not told.clear:
        return _unclear(facts, w)
    tag, change = level_tag(w, told.level), _change(facts, told, w)
    if told.level == Level.CALM:
        return w._(
            "%(tag)s%(change)s: no alert open. We read our sources and found nothing in them that changes that. "
            "“Calm” speaks of our alerts, not of the city.",
            tag=tag,
            change=change,
        )
    said = _causes([a for a in alerts if a.state.level == told.level] or alerts, alerts, facts, w)
    colon = w._(": ")
    return f"{tag}{change}{colon}{said}."


def _causes(causes: Sequence[AlertFacts], alerts: Sequence[AlertFacts], facts: Facts, w: Words) -> str:
    """What holds the level, each thing named once: a composite speaks through its parts, one road through all."""
    if not causes:
        return w._("outside the subjects you chose")
    named = [a for a in causes if a.text.indicators]
    parts = [a for a in alerts if a.text.indicators and a.state.level >= Level.ALERT]
    together = len(named) < len(causes) and len(parts) > 1
    told: dict[tuple[str, ...], str] = {}
    for alert in (parts if together else named) or causes:
        told.setdefault(alert.text.indicators, _since(alert, facts, w))
    said = listed(list(told.values()), w, most=6)
    return w._("%(names)s at the same time", names=said) if together else said


def _since(alert: AlertFacts, facts: Facts, w: Words) -> str:
    """The title; with its day where what it tells of was observed and began this week."""
    title, proof = lowered(title_of(w, alert.text), facts), support(alert, facts, field=True)
    if alert.state.status == "blind":
        return unseen(alert, title, w)
    if ending(alert):
        return w._("%(what)s (end reported)", what=title)
    opened = alert.state.opened_at
    recent = opened is not None and facts.now - opened < timedelta(days=6)
    if alert.text.certainty != "observed" or not proof or not recent:
        return title
    day = here(facts, min(o.occurred_at for o in proof)).date()
    today = here(facts, facts.now).date()
    if day == today:
        return w._("%(what)s since today", what=title)
    if today - day > timedelta(days=6):
        return title
    return w._("%(what)s since %(day)s", what=title, day=weekday(day, w.lang))


def _change(facts: Facts, told: Situation, w: Words) -> str:
    if facts.previous is None:
        return ""
    before = facts.previous.level
    then, now = here(facts, facts.previous.at), here(facts, facts.now)
    if then.date() == now.date() and then.hour < NOON <= now.hour:
        return _since_morning(before, told.level, w)
    if timedelta(hours=18) < facts.now - facts.previous.at < timedelta(hours=30):
        return _since_yesterday(before, told.level, w)
    if before == told.level:
        return w._(", as in the last bulletin")
    if before is None:
        return w._(", against unclear in the last bulletin")
    return w._(", against %(level)s/4 in the last bulletin", level=int(before))


def _since_morning(before: Level | None, now: Level | None, w: Words) -> str:
    if before == now:
        return w._(", as this morning")
    if before is None:
        return w._(", against unclear this morning")
    return w._(", against %(level)s/4 this morning", level=int(before))


def _since_yesterday(before: Level | None, now: Level | None, w: Words) -> str:
    if before == now:
        return w._(", as yesterday")
    if before is None:
        return w._(", against unclear yesterday")
    return w._(", against %(level)s/4 yesterday", level=int(before))


def _unclear(facts: Facts, w: Words) -> str:
    lapsed = [
        lowered(title_of(w, a.text), facts) for a in facts.alerts if a.shown and a.state.status == "lapsed"
    ]
    if lapsed:
        names = w._("; ").join(dict.fromkeys(lapsed))
        return w._("Unclear: we have lost from sight what was open: %(names)s.", names=names)
    good = max((s.good_at for s in facts.sources if s.good_at and not s.off), default=None)
    since = (
        f"{day_month(here(facts, good).date(), w.lang)}, {hour(here(facts, good), w.lang)}" if good else ""
    )
    if good and facts.now - good > SILENT:
        return w._(
            "Unclear: no alert open, but we have not been able to read our sources since %(day)s.", day=since
        )
    return w._("Unclear: no alert open, but we could not read enough to say that nothing has happened.")


def advice_lines(facts: Facts, told: Situation, variant: Variant, w: Words) -> tuple[tuple[str, str], ...]:
    labels = {"resident": w._("Residents: "), "ngo": w._("NGOs: "), "press": w._("Press: ")}
    return tuple((labels[kind], _advice(kind, facts, told, variant, w)) for kind in KINDS)


def _advice(kind: str, facts: Facts, told: Situation, variant: Variant, w: Words) -> str:
    if not told.clear:
        return w._("keep your cautious habits.")
    for alert in chosen(facts, variant):
        if alert.state.counts and (line := advice(alert, kind, w)):  # type: ignore[arg-type]  # KINDS are its words
            return line
    return {
        "resident": w._("nothing in particular."),
        "ngo": w._("a good moment to note your daily fuel use and to check your contacts."),
        "press": w._("nothing new to quote. Attribute figures, give them as ranges."),
    }[kind]


def messenger_block(
    facts: Facts, told: Situation, variant: Variant, w: Words, sentence: str
) -> tuple[str, ...]:
    """Five lines to paste into a messenger."""
    now = here(facts, facts.now)
    exercise = w._("EXERCISE")
    official = w._("Independent service, not official.")
    mark = f"{exercise} - " if facts.exercise else ""
    head = f"{mark}{level_tag(w, told.level)} - {city(facts, w.lang)}, {day_named(now.date(), w.lang)}"
    alerts = [a for a in chosen(facts, variant) if a.state.counts]
    names = list(dict.fromkeys(f"{a.state.level:d}/4 {unseen(a, name_of(a, w), w)}" for a in alerts))[:3]
    return (
        f"{head}, {hour(now, w.lang)}",
        opening(sentence, 200),
        cut(w._("; ").join(names) or _nothing_open(told, w), 160),
        cut(w._("NGOs: ") + _advice("ngo", facts, told, variant, w), 160),
        f"{official} {page(facts, w.lang, '')}",
    )


def _nothing_open(told: Situation, w: Words) -> str:
    return w._("No alert open.") if told.clear else w._("This is not a return to calm: we do not know.")
