"""We no longer know, and we know again: never to be read as an end or as a worsening."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from warn.digest.facts import AlertFacts, Facts
from warn.digest.fieldwork import from_field
from warn.digest.languages import Words
from warn.digest.notice import (
    HEAD,
    Notice,
    address,
    filled,
    fit,
    giving,
    head_of,
    in_force,
    stamped,
    subject_line,
)
from warn.digest.phrases import (
    city,
    level_tag,
    lowered,
    name_of,
    on_day,
    stamp,
    where_of,
)  # fmt: skip
from warn.digest.spoken import why
from warn.digest.telling import counted, figure
from warn.digest.text import cut
from warn.digest.typography import capital, days_between, typeset
from warn.model import Observation


def blind(facts: Facts, about: Sequence[AlertFacts], w: Words) -> Notice:
    """One message however many alerts were lost from sight; without any, the whole service is blind."""
    if not about:
        return _all_blind(facts, w)
    top = max(about, key=lambda one: (one.state.level, one.state.rule))
    lapsed = all(one.state.status == "lapsed" for one in about)
    level = int(top.state.level)
    first = w._("NO NEWS (still %(level)s/4)", level=level)
    if lapsed:
        first = w._("LOST FROM SIGHT (was %(level)s/4)", level=level)
    names = w._("; ").join(_last_known(one, facts, w) for one in about)
    since = max(_last_seen(one, facts) for one in about)
    days = max(1, days_between(since, facts.now))
    unknown = w.ngettext(
        "We no longer know where this stands: %(names)s. Not seen for %(n)s day.",
        "We no longer know where this stands: %(names)s. Not seen for %(n)s days.",
        days, names=names,
    )  # fmt: skip
    meaning = w._(
        "This is neither an all-clear nor a worsening: the level does not move while we do not know."
    )
    if lapsed:
        meaning = w._(
            "For want of news it is no longer counted in our level. This is not an all-clear: we do not know."
        )
    known = [one for one in facts.alerts if one.shown and one.state.status == "open"]
    lines = (
        ("", typeset(unknown, w.lang)),
        ("", meaning),
        (w._("What we still know: "), in_force(known, facts, w) if known else ""),
        (w._("What to do: "), w._("keep the same precautions. We will write as soon as we know.")),
    )
    return fit(
        Notice(
            "blind", head_of(first, top, facts, w), stamped(facts, w), filled(lines), "",
            address(facts, top, w), top.state.level, subject_line(top, facts, w, w._("no news")),
            giving=giving(lines[2], lines[3], stays=0), where=where_of(top, w),
        )
    )  # fmt: skip


def sighted(facts: Facts, about: Sequence[AlertFacts], w: Words) -> Notice:
    top = max(about, key=lambda one: (one.state.level, one.state.rule))
    level = int(top.state.level)
    colon = w._(": ")
    again = w._("; ").join(
        f"{lowered(name_of(one, w), facts)}{colon}{why(facts, one, w).rstrip('.')}" for one in about
    )
    start = min((_lost_at(one) or facts.now for one in about), default=facts.now)
    unknown = w._(
        "The level is %(level)s/4. Unknown from %(start)s to %(end)s: we do not reconstruct that time.",
        level=level, start=on_day(facts, start, w.lang), end=on_day(facts, facts.now, w.lang),
    )  # fmt: skip
    lines = ((w._("We know again: "), f"{again}."), ("", unknown))
    return fit(
        Notice(
            "sighted", head_of(w._("NEWS AGAIN (%(level)s/4)", level=level), top, facts, w), stamped(facts, w),
            filled(lines), "", address(facts, top, w), top.state.level,
            subject_line(top, facts, w, w._("news again")), silent=True,
            giving=giving(lines[0]), where=where_of(top, w),
        )
    )  # fmt: skip


def _last_known(about: AlertFacts, facts: Facts, w: Words) -> str:
    """`heures de courant (dernier relevé 6 h par jour le 29/10)`."""
    name, reading = lowered(name_of(about, w), facts), _reading(about, facts)
    if reading is None:
        return name
    shown = "" if from_field(reading) or not counted(reading) else figure(reading, facts, w)
    day = on_day(facts, reading.occurred_at, w.lang)
    last = w._("last reading %(value)s on %(day)s", value=shown, day=day) if shown else ""
    return f"{name} ({last or w._('last reading on %(day)s', day=day)})"


def _last_seen(about: AlertFacts, facts: Facts) -> datetime:
    """When it was last read; of what is counted from reports, when we stopped seeing."""
    reading = _reading(about, facts)
    return reading.occurred_at if reading else about.state.blind_since or facts.now


def _reading(about: AlertFacts, facts: Facts) -> Observation | None:
    """The newest reading behind it, where it rests on a quantity that is read and not on reports that are counted."""
    read = {name for name in about.text.indicators[:1] if name in facts.indicators}
    if not any(facts.indicators[name].kind == "level" for name in read):
        return None
    proofs = [about.evidence, *(move.evidence for move in about.history)]
    refs = {ref for proof in proofs if proof is not None for ref in proof.counted}
    found = (o for o in facts.observations if o.ref in refs and o.indicator in read)
    return max(found, key=lambda o: (o.occurred_at, o.known_at, o.ref), default=None)


def _lost_at(about: AlertFacts) -> datetime | None:
    return next((move.at for move in reversed(about.history) if move.kind == "blind"), None)


def _all_blind(facts: Facts, w: Words) -> Notice:
    good = max((s.good_at for s in facts.sources if s.good_at and not s.off), default=None)
    last = facts.previous.level if facts.previous else None
    hours = int((facts.now - good) / timedelta(hours=1)) if good else 0
    head = w._("NO NEWS - %(city)s, all alerts", city=city(facts, w.lang))
    told = w._("The last known level is %(tag)s.", tag=level_tag(w, last).lower()) if last is not None else ""
    unread = w.ngettext(
        "For %(n)s hour we have been unable to read any of our sources.",
        "For %(n)s hours we have been unable to read any of our sources.",
        hours,
    )
    lines = (
        ("", unread + " " + w._("The fault is ours or the network's; it says nothing of the situation.")),
        ("", w._("Until further notice do not take our silence for calm. Trust what you see, your radio, your "
                 "people.")),
        ("", w._("We will write when we are back.")),
    )  # fmt: skip
    line = " ".join(filter(None, (f"{capital(stamp(facts, w.lang))}.", told)))
    return Notice("blind", cut(head, HEAD), line, lines, "", facts.base, None, w._("no news"))
