"""The rest of an edition: what comes, what we do not know, what we had wrong, how well we did."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from warn.digest.facts import Correction, Facts, Record, SourceState
from warn.digest.languages import Words, pick
from warn.digest.phrases import (
    here,
    on_day,
    title_of,
)
from warn.digest.readings import readings
from warn.digest.references import References
from warn.digest.text import clean, plain
from warn.digest.typography import day_month, day_named, hour, local, number, typeset
from warn.digest.variants import Variant

DOWN_AFTER: Final = timedelta(hours=3)
OFFICIAL: Final = timedelta(days=14)


def authorities(facts: Facts, w: Words, references: References) -> str:
    """The authorities' version beside the others, or that we have none."""
    said = [
        o for o in facts.observations
        if o.indicator == "official_statement" and facts.now - o.occurred_at <= OFFICIAL and o.title
    ]  # fmt: skip
    said.sort(key=lambda o: (o.occurred_at, o.known_at, o.ref), reverse=True)
    if not said:
        return w._("no statement noted in the last 14 days.")
    lines = [
        f"{clean(o.title, 200).rstrip('.')} ({day_month(here(facts, o.occurred_at).date(), w.lang)}) "
        f"{references.mark(o)}".rstrip()
        for o in said[:2]
    ]
    return typeset(w._("; ").join(lines) + ".", w.lang)


def coming_lines(facts: Facts, variant: Variant, w: Words) -> tuple[str, ...]:
    today = here(facts, facts.now).date()
    dated: list[tuple[str, str]] = []
    for o in facts.observations:
        indicator = facts.indicators.get(o.indicator)
        day = o.attributes.get("date", "")[:10]
        if indicator is None or indicator.kind != "date" or day < today.isoformat():
            continue
        about = clean(o.title, 120) or clean(pick(indicator.title, w.lang), 80)
        dated.append((day, about))
    said = [
        w._("%(day)s: %(what)s", day=day_month(type(today).fromisoformat(day), w.lang), what=about)
        for day, about in sorted(set(dated))
        if _is_day(day)
    ]
    said = said[:5] or [w._("No dated event known.")]
    if variant.next_at:
        then = here(facts, variant.next_at)
        day, at = day_named(then.date(), w.lang), hour(then, w.lang)
        said.append(w._("Next bulletin: %(day)s at %(hour)s.", day=day, hour=at))
    return tuple(said)


def _is_day(text: str) -> bool:
    return len(text) == 10 and text.replace("-", "").isdigit()


def not_known(facts: Facts, w: Words) -> tuple[str, ...]:
    """What a reader might take for calm although nobody looked."""
    blank = sum(not r.known for r in readings(facts, w))
    said = []
    if blank:
        said.append(
            w.ngettext(
                "%(n)s indicator has no recent reading (see above). That does not mean that all is well.",
                "%(n)s indicators have no recent reading (see above). That does not mean that all is well.",
                blank,
            )
        )
    lost = [title_of(w, a.text) for a in facts.alerts if a.shown and a.state.status in {"blind", "lapsed"}]
    if lost:
        said.append(w._("Alerts we can no longer follow: %(names)s.", names=w._("; ").join(lost)))
    unseen = sorted(facts.unknown_rules & {name for name, rule in facts.rules.items() if rule.core})
    if unseen:
        names = w._("; ").join(title_of(w, facts.rules[name]) for name in unseen)
        said.append(w._("Not known today, for want of sources: %(names)s.", names=names))
    return tuple(said)


def freshness(source: SourceState, facts: Facts) -> str:
    """Fresh | due | overdue | silent, by the cadence: daily 1/2/3 days, weekly 7/14/21, monthly 30/44/60."""
    if source.good_at is None:
        return "silent"
    days = (facts.now - source.good_at) / timedelta(days=1)
    every = source.expected_every_s / 86400
    due, overdue, silent = (1, 2, 3) if every < 4 else (7, 14, 21) if every < 20 else (30, 44, 60)
    if days > silent:
        return "silent"
    return "overdue" if days > overdue else "due" if days > due else "fresh"


def silent_sources(facts: Facts, w: Words) -> str:
    active = [s for s in facts.sources if not s.off]
    gone = [s for s in active if freshness(s, facts) in {"overdue", "silent"}]
    if not active:
        return w._("No source is switched on.")
    if not gone:
        return w._("All sources that we follow were read.")
    names = [
        clean(s.title, 60)
        + (w._(" (since %(day)s)", day=on_day(facts, s.good_at, w.lang)) if s.good_at else "")
        for s in gone
    ]
    return w._("Silent or late sources: %(names)s.", names=w._("; ").join(names))


def awaiting(facts: Facts, w: Words) -> str:
    n = sum(1 for a in facts.alerts if not a.approved and a.text.mode == "approve")
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
    said = [w._("%(start)s to %(end)s:", start=start, end=end)]
    if record.impacts:
        said.append(
            w.ngettext(
                "%(n)s shortage or crisis observed,", "%(n)s shortages or crises observed,", record.impacts
            )
        )
        said.append(w._("%(hits)s warned of, %(misses)s missed.", hits=record.hits, misses=record.misses))
    else:
        said.append(w._("no crisis observed, none missed."))
    said.append(
        w.ngettext("%(n)s false alarm.", "%(n)s false alarms.", record.false_alarms)
        if record.false_alarms
        else w._("No false alarm.")
    )
    if record.lead_days:
        leads = ", ".join(number(d, w.lang, 0) for d in sorted(record.lead_days))
        said.append(w._("Days between warning and effect: %(days)s.", days=leads))
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
