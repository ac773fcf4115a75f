"""What an immediate message says, before it becomes markup: one model for every kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from warn.digest.facts import AlertFacts, Correction, Facts
from warn.digest.languages import Words, pick
from warn.digest.phrases import (
    certainty_word,
    city,
    here,
    level_tag,
    level_word,
    on_day,
    page,
    stamp,
    subject_of,
    title_of,
)  # fmt: skip
from warn.digest.situation import situation
from warn.digest.spoken import advice, expected, why
from warn.digest.text import bare, clean, cut, first_sentence, plain, units
from warn.digest.typography import capital, day_brief, days_between, hour, local, number, typeset
from warn.digest.variants import Variant
from warn.model import Level, RuleText, Transition

HEAD: Final = 60
SUBJECT: Final = 70
WHOLE: Final = 600


@dataclass(frozen=True, slots=True)
class Notice:
    """First line, date line, labelled lines, last line.

    `spare` are labels whose text may be shortened or left out where the whole grows beyond what a phone shows: the
    last one named goes first, the first one named is never left out.
    """

    kind: str
    head: str
    stamp: str
    lines: tuple[tuple[str, str], ...]
    foot: str = ""
    address: str = ""
    level: Level | None = None
    subject: str = ""
    silent: bool = False
    spare: tuple[str, ...] = ()

    @property
    def units(self) -> int:
        return units("\n".join(self.texts()))

    @property
    def last(self) -> str:
        return " ".join(filter(None, (self.foot, bare(self.address))))

    def texts(self) -> tuple[str, ...]:
        body = (f"{label}{text}" for label, text in self.lines)
        return tuple(filter(None, (self.head, self.stamp, *body, self.last)))


def alert(facts: Facts, about: AlertFacts, variant: Variant, w: Words, also: Sequence[AlertFacts]) -> Notice:
    state, text = about.state, about.text
    word = level_word(w, state.level).upper()
    kind = about.history[-1].kind if about.history else "opened"
    first = f"{word} {state.level:d}/4"
    if kind == "eased":
        first = w._("DOWN TO %(tag)s", tag=level_tag(w, state.level))
    elif kind == "reminded":
        first = w._("STILL %(tag)s", tag=first)
    label = w._("Now: ") if text.certainty == "observed" else w._("Expect: ")
    lines = (
        (w._("Why: "), why(facts, about, w)),
        (label, _expectation(facts, about, w)),
        (w._("What to do: "), advice(about, variant.kind, w)),
        (w._("Also: "), _others(also, w)),
    )
    return fit(
        Notice(
            kind="alert",
            head=_head(first, about, facts, w),
            stamp=_stamped(facts, w),
            lines=_filled(lines),
            foot=_foot(facts, about, w),
            address=address(facts, about, w),
            level=state.level,
            subject=_subject(facts, about, w),
            silent=state.level < Level.ALERT,
            spare=(lines[0][0], label, lines[2][0], lines[3][0]),
        )
    )


def update(facts: Facts, about: AlertFacts, variant: Variant, w: Words) -> Notice:
    """The alert again with what is known now; its second line says when it was completed."""
    told = alert(facts, about, variant, w, ())
    since = about.state.since or facts.now
    first = local(since, facts.geography.area.timezone)
    now = local(facts.now, facts.geography.area.timezone)
    line = w._(
        "%(day)s, %(hour)s, completed %(today)s, %(now)s. Not official.",
        day=on_day(facts, since, w.lang),
        hour=hour(first, w.lang),
        today=on_day(facts, facts.now, w.lang),
        now=hour(now, w.lang),
    )
    foot = told.foot.replace(f" {_before(facts, about, w)}", "") if _before(facts, about, w) else told.foot
    return fit(replace(told, kind="update", stamp=line, foot=foot, silent=True))


def superseded(facts: Facts, about: AlertFacts, w: Words) -> Notice:
    """What stands in place of an earlier message, so that no phone shows two current levels."""
    last, earlier = _last_moves(about)
    when = on_day(facts, last.at if last else facts.now, w.lang)
    number_ = about.number
    if about.state.status == "closed":
        head = w._("Superseded: no. %(number)s ended on %(day)s.", number=number_, day=when)
    else:
        head = w._(
            "Superseded: no. %(number)s went to %(level)s/4 on %(day)s.",
            number=number_, level=int(about.state.level), day=when,
        )  # fmt: skip
    level = last.before if last else about.state.level
    line = w._(
        "This message of %(day)s (%(tag)s, %(subject)s, %(city)s) is out of date:",
        day=on_day(facts, earlier.at if earlier else facts.now, w.lang),
        tag=level_tag(w, Level(level)),
        subject=subject_of(w, about.text),
        city=city(facts, w.lang),
    )
    return Notice(
        "superseded", head, "", (), line, address(facts, about, w), about.state.level, head, silent=True
    )


def all_clear(facts: Facts, about: AlertFacts, w: Words) -> Notice:
    state = about.state
    opened = state.opened_at or facts.now
    days = max(1, days_between(opened, facts.now))
    rest = [other for other in facts.alerts if other.shown and other.state.is_open and other is not about]
    lines = (
        (w._("Why: "), _ending(facts, about, w)),
        (w._("Still in force: "), _in_force(rest, w)),
        (
            w._("What to do: "),
            w._("go back to your habits, without rushing. Check before travelling by road."),
        ),
    )
    foot = w.ngettext(
        "Open since %(day)s, %(n)s day. No. %(number)s, end:",
        "Open since %(day)s, %(n)s days. No. %(number)s, end:",
        days, day=on_day(facts, opened, w.lang), number=about.number,
    )  # fmt: skip
    return fit(
        Notice(
            "all_clear", _head(w._("ALL CLEAR"), about, facts, w), _stamped(facts, w), _filled(lines), foot,
            address(facts, about, w), situation(facts).level, _subject(facts, about, w, w._("all clear")),
            silent=state.peak < Level.ALERT, spare=(lines[0][0], lines[1][0]),
        )
    )  # fmt: skip


def correction(facts: Facts, about: AlertFacts, w: Words, words: Correction | None) -> Notice:
    last, earlier = _last_moves(about)
    was = earlier.level if earlier else about.state.level
    now = Level.CALM if last and last.kind == "withdrawn" else about.state.level
    place = f"{subject_of(w, about.text)}, {city(facts, w.lang)}"
    change = w._("level unchanged") if was == now else ""
    head = w._("CORRECTION - %(what)s", what=place)
    head += f" ({change})" if change else w._(": %(was)s/4 becomes %(now)s/4", was=int(was), now=int(now))
    told = words or _by_numbers(facts, about, w)
    day = on_day(facts, earlier.at if earlier else facts.now, w.lang)
    lines = (
        (w._("We wrote: "), _own(told.said, w)),
        (w._("In fact: "), _own(told.so, w)),
        (w._("Where the error came from: "), _own(told.cause, w)),
        (w._("Unchanged: ") if change else w._("What changes for you: "), _consequence(told, was, now, w)),
    )
    corrects = w._("Corrects no. %(number)s of %(day)s.", number=about.number, day=day)
    return fit(
        Notice(
            "correction", cut(head, HEAD), f"{capital(stamp(facts, w.lang))}. {corrects}", _filled(lines), "",
            address(facts, about, w), now, _subject(facts, about, w, w._("correction")),
            silent=bool(change), spare=(lines[2][0], lines[3][0]),
        )
    )  # fmt: skip


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
    names = "; ".join(title_of(w, one.text) for one in about)
    since = min((one.state.blind_since or facts.now for one in about), default=facts.now)
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
        (w._("What we still know: "), _in_force(known, w) if known else ""),
        (w._("What to do: "), w._("keep the same precautions. We will write as soon as we know.")),
    )
    return fit(
        Notice(
            "blind", _head(first, top, facts, w), _stamped(facts, w), _filled(lines), "",
            address(facts, top, w), top.state.level, _subject(facts, top, w, w._("no news")),
            spare=(w._("What we still know: "),),
        )
    )  # fmt: skip


def sighted(facts: Facts, about: Sequence[AlertFacts], w: Words) -> Notice:
    top = max(about, key=lambda one: (one.state.level, one.state.rule))
    level = int(top.state.level)
    again = "; ".join(f"{title_of(w, one.text)}: {why(facts, one, w)}" for one in about)
    start = min((_lost_at(one) or facts.now for one in about), default=facts.now)
    unknown = w._(
        "The level is %(level)s/4. Unknown from %(start)s to %(end)s: we do not reconstruct that time.",
        level=level, start=on_day(facts, start, w.lang), end=on_day(facts, facts.now, w.lang),
    )  # fmt: skip
    lines = ((w._("We know again: "), again), ("", unknown))
    return fit(
        Notice(
            "sighted", _head(w._("NEWS AGAIN (%(level)s/4)", level=level), top, facts, w), _stamped(facts, w),
            _filled(lines), "", address(facts, top, w), top.state.level,
            _subject(facts, top, w, w._("news again")), silent=True, spare=(lines[0][0],),
        )
    )  # fmt: skip


def person(facts: Facts, text: str, w: Words, level: Level, *, drill: bool) -> Notice:
    """What somebody wrote, marked as such: the engine had no part in it."""
    first = w._("TEST") if drill else f"{level_word(w, level).upper()} {level:d}/4"
    head = f"{first} - {city(facts, w.lang)}"
    mark = (
        w._("This is a test of our channels. Nothing has happened; there is nothing to do.")
        if drill
        else w._("Written by a person of this service, not by its rules.")
    )
    lines = (("", typeset(plain(text, 450), w.lang)), ("", mark))
    return fit(
        Notice(
            "drill" if drill else "person", cut(head, HEAD), _stamped(facts, w), _filled(lines), "", facts.base,
            level, f"{first} - {city(facts, w.lang)}", silent=level < Level.ALERT,
        )
    )  # fmt: skip


def fit(notice: Notice) -> Notice:
    """At most 600 UTF-16 units: the least needed lines are shortened to a sentence, then left out, then cut."""
    for shorten in (first_sentence, lambda _text: ""):
        for label in reversed(notice.spare):
            if notice.units <= WHOLE:
                return notice
            if shorten(".") == "" and label in notice.spare[:1]:
                continue
            shorter = tuple((at, shorten(text) if at == label else text) for at, text in notice.lines)
            notice = replace(notice, lines=_filled(shorter))
    if notice.units <= WHOLE or not notice.lines:
        return notice
    longest = max(range(len(notice.lines)), key=lambda i: units(notice.lines[i][1]))
    label, text = notice.lines[longest]
    room = max(40, units(text) - (notice.units - WHOLE))
    lines = tuple((label, cut(text, room)) if i == longest else line for i, line in enumerate(notice.lines))
    return replace(notice, lines=lines)


def mail_subject(notice: Notice, facts: Facts, w: Words) -> str:
    """`[Alerte 3/4] Bamako 15 sept. - carburant et routes`, at most 70 characters."""
    exercise = w._("EXERCISE")
    mark = f"[{exercise}] " if facts.exercise else ""
    day = day_brief(here(facts, facts.now).date(), w.lang)
    head = f"{mark}[{level_tag(w, notice.level)}] {city(facts, w.lang)} {day} - "
    return head + cut(notice.subject, SUBJECT - len(head))


def buttons(
    notice: Notice, facts: Facts, w: Words, episode: str, *, group: bool
) -> tuple[tuple[str, str], ...]:
    """Details everywhere; muting and stopping only where one person decides."""
    details = (w._("Details"), notice.address or facts.base)
    if group or notice.kind in {"superseded", "person", "drill"}:
        return (details,)
    mute = ((w._("Mute 24 h (unless it gets worse)"), f"mute:{episode}"),) if episode else ()
    return (details, *mute, (w._("Stop"), "stop"))


def address(facts: Facts, about: AlertFacts, w: Words) -> str:
    return page(facts, w.lang, f"/a/{about.number}")


def _head(first: str, about: AlertFacts, facts: Facts, w: Words) -> str:
    return cut(f"{first} - {subject_of(w, about.text)}, {city(facts, w.lang)}", HEAD)


def _stamped(facts: Facts, w: Words) -> str:
    official = w._("Independent service, not official.")
    return f"{capital(stamp(facts, w.lang))}. {official}"


def _subject(facts: Facts, about: AlertFacts, w: Words, what: str = "") -> str:
    named = subject_of(w, about.text)
    return f"{named.lower()}, {what}" if what else named.lower()


def _filled(lines: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((label, text) for label, text in lines if text)


def _expectation(facts: Facts, about: AlertFacts, w: Words) -> str:
    said = expected(facts, about, w)
    if said and about.text.certainty != "observed":
        said = f"{said.rstrip('. ')} ({certainty_word(w, about.text.certainty)})."
    return " ".join(filter(None, (said, not_reported(facts, about, w))))


def not_reported(facts: Facts, about: AlertFacts, w: Words) -> str:
    """What is warned of and nobody has reported yet, said only where a report would have reached us.

    Speaks of the rules named in `effects`; where none is named, of core rules of the family that observe an effect.
    """
    if about.text.certainty == "observed":
        return ""
    open_now = {one.state.rule for one in facts.alerts if one.state.is_open}
    names = [
        title_of(w, rule)
        for rule in facts.rules.values()
        if (rule.id in facts.effects or (not facts.effects and _observes(rule, about.text)))
        and rule.id not in open_now | facts.unknown_rules
        and (reading := facts.readings.get(rule.id))
        and reading.known
        and reading.value == 0
    ]
    return w._("Not reported so far: %(names)s.", names=", ".join(names)) if names else ""


def _observes(rule: RuleText, warned: RuleText) -> bool:
    return rule.core and rule.mode == "live" and rule.certainty == "observed" and rule.family == warned.family


def _others(also: Sequence[AlertFacts], w: Words) -> str:
    names = [f"{other.state.level:d}/4 {title_of(w, other.text)}" for other in also]
    return w._("; ").join(names) + "." if names else ""


def _in_force(rest: Sequence[AlertFacts], w: Words) -> str:
    if not rest:
        return w._("no other alert is open, which does not mean that the roads are safe.")
    ordered = sorted(rest, key=lambda one: (-one.state.level, one.state.rule))
    tags = [f"{level_tag(w, one.state.level).lower()}, {title_of(w, one.text)}" for one in ordered[:3]]
    return w._("; ").join(tags) + "."


def _foot(facts: Facts, about: AlertFacts, w: Words) -> str:
    valid = facts.now + timedelta(seconds=about.text.valid_for_s)
    until = on_day(facts, valid, w.lang)
    if about.text.valid_for_s < 2 * 86400:
        until += f", {hour(local(valid, facts.geography.area.timezone), w.lang)}"
    said = [w._("Valid until %(day)s.", day=until)]
    if before := _before(facts, about, w):
        said.append(before)
    said.append(w._("No. %(number)s, rev. %(revision)s:", number=about.number, revision=about.revision))
    return " ".join(said)


def _before(facts: Facts, about: AlertFacts, w: Words) -> str:
    """The level of this alert a day ago, or before this change; nothing where it is new or has not moved."""
    last, _ = _last_moves(about)
    if last is None or last.before in {last.level, Level.CALM}:
        return ""
    yesterday = [move for move in about.history if move.at <= facts.now - timedelta(hours=20)]
    if yesterday and yesterday[-1].level == last.before:
        return w._("Yesterday: %(level)s/4.", level=int(last.before))
    return w._("Before: %(level)s/4.", level=int(last.before))


def _last_moves(about: AlertFacts) -> tuple[Transition | None, Transition | None]:
    """The newest transition, and the one by which the level told before it was reached."""
    moves = [move for move in about.history if move.kind not in {"updated", "reminded", "blind", "sighted"}]
    last = about.history[-1] if about.history else None
    earlier = [move for move in moves if move is not last]
    return last, earlier[-1] if earlier else None


def _lost_at(about: AlertFacts) -> datetime | None:
    return next((move.at for move in reversed(about.history) if move.kind == "blind"), None)


def _ending(facts: Facts, about: AlertFacts, w: Words) -> str:
    days = about.text.clears_after_s / 86400
    test = w.ngettext(
        "Test: back on the quiet side for %(n)s day.",
        "Test: back on the quiet side for %(n)s days running.",
        days,
    )
    return f"{why(facts, about, w)} {test}".strip()


def _by_numbers(facts: Facts, about: AlertFacts, w: Words) -> Correction:
    last, earlier = _last_moves(about)
    before = replace(about, evidence=earlier.evidence) if earlier else about
    so = why(facts, about, w)
    if last and last.kind == "withdrawn":
        so = w._("the report on which this alert rested was withdrawn or revised; it would not have opened.")
    return Correction(facts.now, about.number, {w.lang: why(facts, before, w)}, {w.lang: so})


def _own(texts: object, w: Words) -> str:
    return typeset(plain(pick(texts, w.lang), 300), w.lang) if isinstance(texts, dict) else clean("")


def _consequence(told: Correction, was: Level, now: Level, w: Words) -> str:
    if told.unchanged:
        return _own(told.unchanged, w)
    if was == now:
        return w._("the level, the advice.")
    return w._("the level is %(now)s/4, and not %(was)s/4.", now=number(now, w.lang), was=number(was, w.lang))


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
