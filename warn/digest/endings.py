"""The end of an alert, and what we had wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from warn.digest.entries import gravest, support
from warn.digest.facts import AlertFacts, Correction, Facts
from warn.digest.languages import Words, pick
from warn.digest.notice import (
    HEAD,
    Notice,
    address,
    beside,
    by_edit,
    ended_head,
    ended_subject,
    filled,
    fit,
    giving,
    in_force,
    last_moves,
    stamped,
    subject_line,
)
from warn.digest.phrases import on_day, stamp, topics, where_of
from warn.digest.situation import situation
from warn.digest.spoken import advice, criterion, switched, why
from warn.digest.telling import told
from warn.digest.text import clean, cut, plain, units
from warn.digest.typography import capital, days_between, number, typeset
from warn.model import Level, ReaderKind


def all_clear(facts: Facts, about: AlertFacts, w: Words, kind: ReaderKind = "resident") -> Notice:
    state = about.state
    opened = state.opened_at or facts.now
    days = max(1, days_between(opened, facts.now))
    rest = beside(about, facts)
    over = all(other.state.level < _left(about) for other in rest)
    lines = (
        (w._("Why: "), _ending(facts, about, w)),
        (w._("Still in force: "), in_force(rest, facts, w)),
        (w._("What to do: "), _after(about, rest, kind, w)),
    )
    foot = w.ngettext(
        "Open since %(day)s, %(n)s day. No. %(number)s, end:",
        "Open since %(day)s, %(n)s days. No. %(number)s, end:",
        days, day=on_day(facts, opened, w.lang), number=about.number,
    )  # fmt: skip
    return fit(
        Notice(
            "all_clear", ended_head(w._("ALL CLEAR") if over else w._("ENDED"), about, facts, w),
            stamped(facts, w), filled(lines), foot, address(facts, about, w), situation(facts).level,
            ended_subject(about, facts, w, w._("all clear") if over else w._("alert ended")),
            silent=state.peak < Level.ALERT, giving=giving(lines[1], lines[0]), where=where_of(about, w),
        )
    )  # fmt: skip


def _left(about: AlertFacts) -> Level:
    """The level at which it stood when it ended."""
    last = about.history[-1:]
    return last[0].before if last and last[0].kind == "closed" else about.state.peak


def correction(facts: Facts, about: AlertFacts, w: Words, words: Correction | None) -> Notice:
    last, earlier = last_moves(about)
    fixed = last is not None and last.kind in {"corrected", "withdrawn"}
    was = last.before if last and fixed else about.state.level
    now = Level.CALM if last and last.kind == "withdrawn" else about.state.level
    told_by = earlier if fixed else last
    change = w._("level unchanged") if was == now else ""
    end = f" ({change})" if change else w._(": %(was)s/4 becomes %(now)s/4", was=int(was), now=int(now))
    heads = [w._("CORRECTION - %(what)s", what=what) + end for what in topics(about, facts, w)]
    head = next((one for one in heads if units(one) <= HEAD), heads[-1])
    told = words or _by_numbers(facts, about, w)
    day = on_day(facts, told_by.at if told_by else facts.now, w.lang)
    lines = (
        (w._("We wrote: "), _own(told.said, w)),
        (w._("In fact: "), _own(told.so, w)),
        (w._("Where the error came from: "), _own(told.cause, w)),
        (w._("Unchanged: ") if change else w._("What changes for you: "), _consequence(told, was, now, w)),
    )
    corrects = w._("Corrects no. %(number)s of %(day)s.", number=about.number, day=day)
    return fit(
        Notice(
            "correction", cut(head, HEAD), f"{capital(stamp(facts, w.lang))}. {corrects}", filled(lines), "",
            address(facts, about, w), now, subject_line(about, facts, w, w._("correction")),
            silent=bool(change), giving=giving(lines[3], lines[2]), where=where_of(about, w),
        )
    )  # fmt: skip


def corrections(facts: Facts, alerts: Sequence[AlertFacts], w: Words) -> tuple[Correction, ...]:
    """Item 9 of a bulletin: what of these alerts was withdrawn or corrected since the last edition, by its numbers."""
    since = facts.since or facts.now - timedelta(days=1)
    moves = sorted(
        (
            (move.at, about.number, n, about)
            for about in alerts
            for n, move in enumerate(about.history)
            if move.kind in {"corrected", "withdrawn"} and move.at > since
        ),
        key=lambda one: one[:3],
    )
    found = []
    for at, _, n, about in moves:
        then = replace(about, history=about.history[: n + 1], evidence=about.history[n].evidence)
        found.append(replace(_by_numbers(facts, then, w), at=at))
    return tuple(one for one in found if one.said != one.so)


def _after(about: AlertFacts, rest: Sequence[AlertFacts], kind: ReaderKind, w: Words) -> str:
    """Back to one's habits; but not where only a rule changed, nor where something as grave is still open."""
    if by_edit(about):
        return w._("keep the precautions you took, and follow the bulletin.")
    grave = [one for one in sorted(rest, key=gravest) if one.state.level >= Level.ALERT]
    said = next((line for one in grave if (line := advice(one, kind, w))), "")
    return said or w._("go back to your habits, without rushing. Check before travelling by road.")


def _ending(facts: Facts, about: AlertFacts, w: Words) -> str:
    """The report that ended it, where there is one, and the test it passed."""
    if by_edit(about):
        return w._("our rule was changed: by the new one this alert is over. The facts have not changed.")
    found = support(about, facts)[:1] if switched(about) else ()
    if not found:
        return criterion(facts, about, w)
    said = [f"{told(o, facts, w, f'({clean(o.origins[0], 40)})' if o.origins else '')}." for o in found]
    return " ".join([*said, w._("Test: %(test)s", test=criterion(facts, about, w))])


def _by_numbers(facts: Facts, about: AlertFacts, w: Words) -> Correction:
    last, earlier = last_moves(about)
    before = replace(about, evidence=earlier.evidence) if earlier else about
    so = why(facts, about, w)
    if last and last.kind == "withdrawn" and by_edit(about):
        so = w._("we no longer follow this: the rule was removed or changed by us. It is no all-clear.")
        ends = w._("this alert is not continued. The facts have not changed.")
        return Correction(
            facts.now, about.number, {w.lang: why(facts, before, w)}, {w.lang: so}, unchanged={w.lang: ends}
        )
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
