"""Item 5: what each indicator says, against its limit, with its age; unknown is printed as unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from warn import speech
from warn.digest.facts import Facts
from warn.digest.languages import Words, pick
from warn.digest.phrases import age, attribute_word, here
from warn.digest.telling import counted, worked_out
from warn.digest.text import clean
from warn.digest.typography import day_month, number
from warn.incidents import columns, incidents
from warn.indicators import Indicator
from warn.model import Evidence, Observation, RuleText

WEEKS: Final = 8
SHOWN: Final = timedelta(weeks=WEEKS)
FORTNIGHT: Final = 14.0
HOLE: Final = timedelta(hours=12)  # between two readings of one source; more, and a count is "at least"
MOSTLY: Final = 0.7  # of a stretch must have been watched for its count to be known


@dataclass(frozen=True, slots=True)
class Point:
    """One stretch of the sparkline; `value` is None where nothing is known: there the drawing has a gap."""

    day: date
    value: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of item 5."""

    id: str
    title: str
    value: str
    limit: str
    age: str
    note: str = ""
    known: bool = True
    points: tuple[Point, ...] = ()
    limit_value: float | None = None
    last: float | None = None
    name: str = ""  # without its stretch of days

    @property
    def blank(self) -> bool:
        """Nothing to say but that nothing is known: no value, no limit."""
        return not self.known and self.limit_value is None and not self.points and not self.last


def readings(facts: Facts, w: Words) -> tuple[Reading, ...]:
    """A row per shown indicator, and per value of its attribute where it has one (petrol, diesel)."""
    return facts.once(("readings", w.lang), lambda: _readings(facts, w))


def _readings(facts: Facts, w: Words) -> tuple[Reading, ...]:
    rows: list[Reading] = []
    for name in facts.indicators_shown:
        indicator = facts.indicators.get(name)
        if indicator is None:
            continue
        own = _own(name, facts)
        if indicator.kind == "event":
            rows.append(_events(indicator, own, facts, w))
        elif indicator.kind == "level":
            rows.extend(_levels(indicator, own, facts, w))
    return tuple(rows)


def weekly(indicator: str, facts: Facts) -> tuple[Point, ...]:
    """Distinct events per week from Monday, oldest first; None for a week nobody watched."""
    return facts.once(("weekly", indicator), lambda: _weekly(indicator, facts))


def _weekly(indicator: str, facts: Facts) -> tuple[Point, ...]:
    monday = here(facts, facts.now).date()
    monday -= timedelta(days=monday.weekday())
    events = _distinct(indicator, facts)
    points = []
    for back in reversed(range(WEEKS)):
        start = monday - timedelta(weeks=back)
        inside = [
            o for o in events if start <= here(facts, o.occurred_at).date() < start + timedelta(weeks=1)
        ]
        seen = bool(inside) or _watched(indicator, start, facts)
        points.append(Point(start, float(len(inside)) if seen else None))
    return tuple(points)


def running(days: float, indicator: str, facts: Facts) -> tuple[Point, ...]:
    """Distinct events of the last `days` as of each day, so that the drawing can be held against the limit."""
    return facts.once(("running", indicator, days), lambda: _running(days, indicator, facts))


def _running(days: float, indicator: str, facts: Facts) -> tuple[Point, ...]:
    events = _distinct(indicator, facts)
    points = []
    for back in reversed(range(SHOWN.days)):
        end = facts.now - timedelta(days=back)
        start = end - timedelta(days=days)
        count = sum(start < o.occurred_at <= end and o.known_at <= end for o in events)
        seen = _share_watched(indicator, start, end, facts) >= MOSTLY
        points.append(Point(here(facts, end).date(), float(count) if seen else None))
    return tuple(points)


def _events(indicator: Indicator, own: Sequence[Observation], facts: Facts, w: Words) -> Reading:
    rule, evidence = _rule_of(indicator.id, facts)
    title = clean(pick(indicator.title, w.lang), 80)
    points = weekly(indicator.id, facts)
    if rule is None or evidence is None or evidence.value is None:
        return _unruled(indicator, title, own, points, facts, w)
    at_least = "" if evidence.known else w._("at least ")
    span = w.ngettext(", %(n)s day", ", %(n)s days", evidence.days) if evidence.days else ""
    return Reading(
        id=indicator.id,
        title=title + span,
        value=at_least + number(evidence.value, w.lang),
        limit=_limit(rule.thresholds.get("alert"), facts, w),
        age=age(w, own[-1].occurred_at, facts.now) if own else "",
        note=_by_week(points, w),
        points=running(evidence.days or FORTNIGHT, indicator.id, facts),
        limit_value=rule.thresholds.get("alert"),
        last=evidence.value,
        name=title,
    )


def _unruled(
    indicator: Indicator,
    title: str,
    own: Sequence[Observation],
    points: tuple[Point, ...],
    facts: Facts,
    w: Words,
) -> Reading:
    recent = [o for o in _distinct(indicator.id, facts) if facts.now - o.occurred_at < timedelta(days=14)]
    known = bool(recent) or watched_lately(indicator.id, facts)
    at_least = w._("at least ") if _holes(indicator.id, facts) > HOLE else ""
    value = at_least + number(len(recent), w.lang) if known else w._("unknown")
    return Reading(
        id=indicator.id,
        title=title + w.ngettext(", %(n)s day", ", %(n)s days", 14),
        value=value,
        limit=_limit(None, facts, w),
        age=age(w, own[-1].occurred_at, facts.now) if own else w._("no report"),
        note=_by_week(points, w) if known else "",
        known=known,
        points=running(FORTNIGHT, indicator.id, facts) if known else (),
        last=float(len(recent)) if known else None,
        name=title,
    )


def _levels(indicator: Indicator, own: Sequence[Observation], facts: Facts, w: Words) -> list[Reading]:
    title = clean(pick(indicator.title, w.lang), 80)
    name = indicator.attributes[0] if indicator.attributes else ""
    own = [o for o in own if counted(o)]
    values = sorted({o.attributes.get(name, "") for o in own}) if name else [""]
    if not own:
        return [_silent(indicator, title, facts, w)]
    return [
        _level(
            indicator,
            f"{title}, {attribute_word(name, value, facts, w)}" if value else title,
            [o for o in own if not name or o.attributes.get(name, "") == value],
            facts,
            w,
        )
        for value in values
    ]


def _level(indicator: Indicator, title: str, own: Sequence[Observation], facts: Facts, w: Words) -> Reading:
    newest = own[-1]
    if facts.now - newest.occurred_at > indicator.stale_after:
        return _silent(indicator, title, facts, w, newest)
    rule, evidence = _rule_of(indicator.id, facts)
    limited = rule is not None and evidence is not None and evidence.unit == indicator.unit
    limit = rule.thresholds.get("alert") if rule and limited else None
    before = own[-2] if len(own) > 1 else None
    note = ""
    if before:
        note = w._(
            "Before: %(value)s on %(day)s",
            value=_value(before, indicator, facts, w),
            day=day_month(here(facts, before.occurred_at).date(), w.lang),
        )
    return Reading(
        id=indicator.id,
        title=title,
        value=_value(newest, indicator, facts, w),
        limit=_limit(limit, facts, w, indicator),
        age=age(w, newest.occurred_at, facts.now),
        note=note,
        points=_daily(own, indicator, facts),
        limit_value=limit,
        last=newest.value,
        name=title,
    )


def quantity(value: float, indicator: Indicator, facts: Facts, w: Words) -> str:
    """A value with its unit as people read it."""
    unit = "share" if indicator.percent else facts.indicators.unit_words(indicator.unit, w.lang)
    return speech.quantity(value, unit, w.lang)


def _value(observation: Observation, indicator: Indicator, facts: Facts, w: Words) -> str:
    return worked_out(quantity(observation.value, indicator, facts, w), observation, w)


def _silent(
    indicator: Indicator, title: str, facts: Facts, w: Words, last: Observation | None = None
) -> Reading:
    told = w._("no reading")
    if last:
        told = w._(
            "last reading %(value)s on %(day)s",
            value=_value(last, indicator, facts, w),
            day=day_month(here(facts, last.occurred_at).date(), w.lang),
        )
    rule, evidence = _rule_of(indicator.id, facts)
    limited = rule is not None and (evidence is None or evidence.unit in {"", indicator.unit})
    limit = rule.thresholds.get("alert") if rule and limited else None
    return Reading(
        indicator.id,
        title,
        w._("unknown"),
        _limit(limit, facts, w, indicator),
        told,
        known=False,
        limit_value=limit,
        name=title,
    )


def _rule_of(indicator: str, facts: Facts) -> tuple[RuleText | None, Evidence | None]:
    """The first rule, in the order loaded, that reads this indicator alone and has a number for level 3."""
    for rule in facts.rules.values():
        if rule.indicators == (indicator,) and "alert" in rule.thresholds and rule.mode != "shadow":
            return rule, facts.readings.get(rule.id)
    return None, None


def _limit(limit: float | None, facts: Facts, w: Words, indicator: Indicator | None = None) -> str:
    if limit is None:
        return w._("no limit")
    shown = quantity(limit, indicator, facts, w) if indicator else number(limit, w.lang)
    return w._("limit %(limit)s", limit=shown)


def _by_week(points: Sequence[Point], w: Words) -> str:
    """`Par semaine depuis le 1er septembre : 0, 2, 1, ?, 0`."""
    counts = ", ".join("?" if p.value is None else number(p.value, w.lang, 0) for p in points)
    return w._(
        "Per week since %(day)s: %(counts)s (week in progress)",
        day=day_month(points[0].day, w.lang),
        counts=counts,
    )


def _daily(own: Sequence[Observation], indicator: Indicator, facts: Facts) -> tuple[Point, ...]:
    """One point a day over the last weeks; carried on until the reading is stale, then a gap."""
    today = here(facts, facts.now).date()
    points = []
    for back in reversed(range(SHOWN.days)):
        day = today - timedelta(days=back)
        end = facts.now - timedelta(days=back)
        upto = [o for o in own if here(facts, o.occurred_at).date() <= day]
        fresh = upto and end - upto[-1].occurred_at <= indicator.stale_after
        points.append(Point(day, upto[-1].value if fresh else None))
    return tuple(points)


def watched_lately(indicator: str, facts: Facts) -> bool:
    """Whether most of the last fortnight was watched."""
    return _share_watched(indicator, facts.now - timedelta(days=FORTNIGHT), facts.now, facts) >= MOSTLY


def _holes(indicator: str, facts: Facts) -> timedelta:
    """How much of the last fortnight nobody watched."""
    fortnight = timedelta(days=FORTNIGHT)
    return (1 - _share_watched(indicator, facts.now - fortnight, facts.now, facts)) * fortnight


def _watched(indicator: str, start: date, facts: Facts) -> bool:
    """Whether most of the week from `start` (or what has passed of it) was watched."""
    begin = datetime.combine(start, datetime.min.time(), facts.now.tzinfo)
    end = min(begin + timedelta(weeks=1), facts.now)
    return end > begin and _share_watched(indicator, begin, end, facts) >= MOSTLY


def _share_watched(indicator: str, begin: datetime, end: datetime, facts: Facts) -> float:
    stretches = facts.watched.get(indicator, ())
    seen = sum((max(timedelta(0), min(to, end) - max(frm, begin)) for frm, to in stretches), timedelta(0))
    return seen / (end - begin)


def _own(indicator: str, facts: Facts) -> list[Observation]:
    """All reports of an indicator, oldest first."""
    return facts.once(
        ("own", indicator),
        lambda: sorted(
            (o for o in facts.observations if o.indicator == indicator), key=lambda o: o.occurred_at
        ),
    )


def _distinct(indicator: str, facts: Facts) -> list[Observation]:
    """Reports of one event count once (rules.md, semantics 2): its first report stands for it."""
    return facts.once(("distinct", indicator), lambda: _firsts(_own(indicator, facts)))


def _firsts(events: Sequence[Observation]) -> list[Observation]:
    if not events:
        return []
    told = incidents(columns(events))
    newest = {int(told.incident[version]): version for version in range(len(told))}
    return [min(told.reports(v), key=lambda o: (o.occurred_at, o.known_at, o.ref)) for v in newest.values()]
