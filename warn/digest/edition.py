"""A whole edition as plain sentences, in the order of readers.md; templates only give them form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from warn.digest.entries import Entry, Group, absent, chosen, fate, groups
from warn.digest.facts import Correction, Facts, Record, Situation, SourceState
from warn.digest.languages import Words, pick
from warn.digest.phrases import (
    SHAPES,
    city,
    clock,
    full_day,
    here,
    level_meaning,
    level_tag,
    on_day,
    page,
    stamp,
    subject_of,
    title_of,
)
from warn.digest.readings import Reading, readings
from warn.digest.references import Reference, References
from warn.digest.roads import Road, road_line, roads, short, status_words
from warn.digest.situation import situation
from warn.digest.spoken import advice
from warn.digest.text import clean, cut, plain
from warn.digest.typography import capital, day_brief, day_month, day_named, hour, local, number, typeset
from warn.digest.variants import Variant
from warn.model import Level, Placeholder

SUBJECT: Final = 70
DOWN_AFTER: Final = timedelta(hours=3)
OFFICIAL: Final = timedelta(days=14)
KINDS: Final = ("resident", "ngo", "press")


@dataclass(frozen=True, slots=True)
class RoadLine:
    """A road with something reported, as names, as status and as a whole line."""

    road: Road
    towns: str
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything a template prints. Texts are plain; only templates mark up and escape."""

    subject: str
    banner: tuple[str, ...]
    title: str
    day: str
    clock: str
    stamp: str
    situation: Situation
    tag: str
    shape: str
    meaning: str
    sentence: str
    todo: tuple[tuple[str, str], ...]
    block: tuple[str, ...]
    groups: tuple[Group, ...]
    none: str
    official: str
    readings: tuple[Reading, ...]
    unread: str
    roads: tuple[RoadLine, ...]
    quiet_roads: str
    coming: tuple[str, ...]
    unknown: tuple[str, ...]
    silent: str
    pending: str
    corrections: tuple[str, ...]
    record: str
    references: tuple[Reference, ...]
    page: str
    method: str
    preferences: str
    unsubscribe: str
    deadline: str
    level: Level | None
    exercise: bool


def edition(facts: Facts, variant: Variant, w: Words) -> Edition:
    now = here(facts, facts.now)
    references = References(facts, w, numbered=variant.channel != "telegram")
    told = situation(facts)
    grouped = groups(facts, variant, w, references)
    official = _official(facts, w, references)
    lines, quiet = _roads(facts, w, references)
    sentence = _sentence(facts, told, variant, w)
    known = readings(facts, w)
    return Edition(
        subject=_subject(facts, told, variant, w),
        banner=_banner(facts, variant, w),
        title=_title(facts, variant, w),
        day=full_day(facts, facts.now, w.lang),
        clock=clock(facts, w),
        stamp=stamp(facts, w.lang),
        situation=told,
        tag=level_tag(w, told.level),
        shape=SHAPES[told.level],
        meaning=level_meaning(w, told.level),
        sentence=sentence,
        todo=_todo(facts, told, variant, w),
        block=_block(facts, told, variant, w, sentence),
        groups=grouped,
        none=absent(grouped, facts, variant, w),
        official=official,
        readings=tuple(r for r in known if not r.blank),
        unread=_unread([r.title for r in known if r.blank], w),
        roads=lines,
        quiet_roads=quiet,
        coming=_coming(facts, variant, w),
        unknown=_unknown(facts, w),
        silent=_silent(facts, w),
        pending=_pending(facts, w),
        corrections=tuple(_correction(c, facts, w) for c in facts.corrections),
        record=_record(facts.record, facts, w),
        references=references.listed(),
        page=page(facts, w.lang, f"/bulletins/{now.date().isoformat()}"),
        method=page(facts, w.lang, "/methode"),
        preferences=f"{facts.base}/r/{Placeholder}",
        unsubscribe=f"{facts.base}/u/{Placeholder}",
        deadline=_deadline(facts, variant, w),
        level=told.level,
        exercise=facts.exercise,
    )


def _title(facts: Facts, variant: Variant, w: Words) -> str:
    name = city(facts, w.lang)
    return {
        "evening": w._("%(city)s evening bulletin", city=name),
        "weekly": w._("%(city)s weekly bulletin", city=name),
    }.get(variant.edition, w._("%(city)s bulletin", city=name))


def _subject(facts: Facts, told: Situation, variant: Variant, w: Words) -> str:
    day = day_brief(here(facts, facts.now).date(), w.lang)
    exercise = w._("EXERCISE")
    mark = f"[{exercise}] " if facts.exercise else ""
    head = f"{mark}[{level_tag(w, told.level)}] {city(facts, w.lang)} {day} - "
    return head + cut(_gist(facts, told, variant, w), SUBJECT - len(head))


def _gist(facts: Facts, told: Situation, variant: Variant, w: Words) -> str:
    if not told.clear:
        return w._("sources silent")
    alerts = chosen(facts, variant)
    fates = [fate(alert, facts) for alert in alerts]
    moved = [a for a, kind in zip(alerts, fates, strict=True) if kind in {"new", "raised", "eased", "closed"}]
    running = [a for a, kind in zip(alerts, fates, strict=True) if kind != "closed"]
    about = moved or running
    if not about:
        return w._("no alert open")
    said = subject_of(w, about[0].text).lower()
    if new := fates.count("new"):
        return said + w.ngettext(", %(n)s new alert", ", %(n)s new alerts", new)
    kind = fates[alerts.index(about[0])]
    ends = {"raised": w._(", raised"), "eased": w._(", eased"), "closed": w._(", ended")}
    return said + ends.get(kind, w._(", unchanged"))


def _banner(facts: Facts, variant: Variant, w: Words) -> tuple[str, ...]:
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
                "The bulletin of %(day)s, %(hour)s, was not sent: our service was down, which says nothing of the "
                "situation.",
                day=day_month(gap.date(), w.lang),
                hour=hour(gap, w.lang),
            )
        )
    return tuple(said)


def _sentence(facts: Facts, told: Situation, variant: Variant, w: Words) -> str:
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
    causes = [a for a in alerts if a.state.level == told.level] or alerts
    names = [title_of(w, a.text) for a in causes]
    said = w._("; ").join(dict.fromkeys(names)) if names else w._("outside the subjects you chose")
    colon = w._(": ")
    return f"{tag}{change}{colon}{said}."


def _change(facts: Facts, told: Situation, w: Words) -> str:
    if facts.previous is None:
        return ""
    before = facts.previous.level
    if timedelta(hours=18) < facts.now - facts.previous.at < timedelta(hours=30):
        return _since_yesterday(before, told.level, w)
    if before == told.level:
        return w._(", as in the last bulletin")
    if before is None:
        return w._(", against unclear in the last bulletin")
    return w._(", against %(level)s/4 in the last bulletin", level=int(before))


def _since_yesterday(before: Level | None, now: Level | None, w: Words) -> str:
    if before == now:
        return w._(", as yesterday")
    if before is None:
        return w._(", against unclear yesterday")
    return w._(", against %(level)s/4 yesterday", level=int(before))


def _unclear(facts: Facts, w: Words) -> str:
    lapsed = [title_of(w, a.text) for a in facts.alerts if a.shown and a.state.status == "lapsed"]
    if lapsed:
        names = w._("; ").join(dict.fromkeys(lapsed))
        return w._("Unclear: we have lost from sight what was open: %(names)s.", names=names)
    good = max((s.good_at for s in facts.sources if s.good_at and not s.off), default=None)
    since = (
        f"{day_month(here(facts, good).date(), w.lang)}, {hour(here(facts, good), w.lang)}" if good else ""
    )
    if good and facts.now - good > timedelta(hours=12):
        return w._(
            "Unclear: no alert open, but we have not been able to read our sources since %(day)s.", day=since
        )
    return w._("Unclear: no alert open, but we could not read enough to say that nothing has happened.")


def _todo(facts: Facts, told: Situation, variant: Variant, w: Words) -> tuple[tuple[str, str], ...]:
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


def _block(facts: Facts, told: Situation, variant: Variant, w: Words, sentence: str) -> tuple[str, ...]:
    """Five lines to paste into a messenger."""
    now = here(facts, facts.now)
    exercise = w._("EXERCISE")
    official = w._("Independent service, not official.")
    mark = f"{exercise} - " if facts.exercise else ""
    head = f"{mark}{level_tag(w, told.level)} - {city(facts, w.lang)}, {day_named(now.date(), w.lang)}"
    alerts = [a for a in chosen(facts, variant) if a.state.is_open]
    names = [f"{a.state.level:d}/4 {title_of(w, a.text)}" for a in alerts[:3]]
    return (
        f"{head}, {hour(now, w.lang)}",
        cut(sentence, 160),
        cut(w._("; ").join(dict.fromkeys(names)) or _nothing_open(told, w), 160),
        cut(w._("NGOs: ") + _advice("ngo", facts, told, variant, w), 160),
        f"{official} {page(facts, w.lang, '')}",
    )


def _nothing_open(told: Situation, w: Words) -> str:
    return w._("No alert open.") if told.clear else w._("This is not a return to calm: we do not know.")


def _official(facts: Facts, w: Words, references: References) -> str:
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


def _unread(titles: list[str], w: Words) -> str:
    """Indicators without limit or reading, in one line instead of one each."""
    return w._("Unknown, no reading: %(names)s.", names=w._("; ").join(titles)) if titles else ""


def _roads(facts: Facts, w: Words, references: References) -> tuple[tuple[RoadLine, ...], str]:
    known = roads(facts)
    lines = tuple(
        RoadLine(
            r,
            ", ".join(short(r.corridor, facts)),
            status_words(w, r.status),
            road_line(r, facts, w, references),
        )
        for r in known
        if r.status != "nothing"
    )
    quiet = [", ".join(short(r.corridor, facts)) for r in known if r.status == "nothing"]
    if not quiet:
        return lines, ""
    colon = w._(": ")
    names = w._("; ").join(quiet)
    blind = any(rule.core and name in facts.unknown_rules for name, rule in facts.rules.items())
    seen = w._("not known, for want of sources") if blind else status_words(w, "nothing")
    if not lines:
        names = w.ngettext(
            "The road to %(city)s", "The %(n)s roads to %(city)s", len(quiet), city=city(facts, w.lang)
        )
    return lines, f"{names}{colon}{seen}."


def _coming(facts: Facts, variant: Variant, w: Words) -> tuple[str, ...]:
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


def _unknown(facts: Facts, w: Words) -> tuple[str, ...]:
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


def _silent(facts: Facts, w: Words) -> str:
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


def _pending(facts: Facts, w: Words) -> str:
    n = sum(1 for a in facts.alerts if not a.approved and a.text.mode == "approve")
    return w.ngettext("%(n)s report awaits validation.", "%(n)s reports await validation.", n) if n else ""


def _correction(c: Correction, facts: Facts, w: Words) -> str:
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


def _record(record: Record | None, facts: Facts, w: Words) -> str:
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


def _deadline(facts: Facts, variant: Variant, w: Words) -> str:
    if variant.next_at is None:
        return ""
    latest = local(variant.next_at + DOWN_AFTER, facts.geography.area.timezone)
    return w._(
        "If the next one has not come by %(hour)s, take it that the service is down, not that all is well.",
        hour=hour(latest, w.lang),
    )


__all__ = ["Edition", "Entry", "RoadLine", "capital", "edition", "freshness"]
