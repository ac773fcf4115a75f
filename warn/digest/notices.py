"""An alert, its update, what it becomes when it is superseded, and the words of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from warn.digest.entries import support
from warn.digest.facts import AlertFacts, Facts
from warn.digest.languages import Words
from warn.digest.notice import (
    HEAD,
    Notice,
    address,
    beside,
    by_edit,
    filled,
    fit,
    giving,
    head_of,
    in_force,
    last_moves,
    stamped,
    subject_line,
)
from warn.digest.phrases import (
    certainty_word,
    city,
    level_tag,
    level_word,
    listed,
    lowered,
    name_of,
    on_day,
    subject_of,
    title_of,
    where_of,
)  # fmt: skip
from warn.digest.readings import SHOWN, watched_lately
from warn.digest.spoken import advice, ending, expected, standing, why
from warn.digest.telling import brief, own_words, told
from warn.digest.text import clean, cut, first_sentence, plain
from warn.digest.typography import hour, local, typeset
from warn.digest.variants import Variant
from warn.model import Level, Observation, RuleText


def alert(facts: Facts, about: AlertFacts, variant: Variant, w: Words, also: Sequence[AlertFacts]) -> Notice:
    state, text = about.state, about.text
    word = level_word(w, state.level).upper()
    kind = about.history[-1].kind if about.history else "opened"
    first = f"{word} {state.level:d}/4"
    changed = by_edit(about)
    eased = kind == "eased" or (changed and about.history[-1].level < about.history[-1].before)
    rest = [one for one in beside(about, facts) if one not in also] if eased else []
    if eased:
        first = w._("DOWN TO %(tag)s", tag=level_tag(w, state.level))
    elif kind == "reminded":
        first = w._("STILL %(tag)s", tag=first)
    label = w._("Now: ") if text.certainty == "observed" else w._("Expect: ")
    unknown = "" if ending(about) else not_reported(facts, about, w)
    effect = "" if ending(about) else _expectation(facts, about, w)
    reason = (w._("Why: "), why(facts, standing(about), w))
    fact = (w._("Latest fact: "), _fact(facts, about, w))
    todo = (w._("What to do: "), advice(about, variant.kind, w))
    others = (w._("Also: "), _others(also, w))
    force = (w._("Still in force: "), in_force(rest, facts, w) if rest else "")
    edit = (w._("Note: "), w._("our rule was changed, the facts are the same.") if changed else "")
    order = ((label, effect), force, todo) if eased else (todo, (label, effect))
    least = (
        {fact[0]: _fact(facts, about, w, short=True)},
        *giving(others, *order, reason, stays=len(order) + 2),
        *_left_out(reason, fact, others, *order),
    )
    return fit(
        Notice(
            kind="alert",
            head=head_of(first, about, facts, w),
            stamp=stamped(facts, w),
            lines=filled((reason, fact, (label, _with(effect, unknown)), todo, others, force, edit)),
            foot=_foot(facts, about, w),
            address=address(facts, about, w),
            level=state.level,
            subject=subject_line(about, facts, w),
            silent=state.level < Level.ALERT,
            giving=tuple(
                {**step, label: _with(step[label], unknown)} if label in step else step for step in least
            ),
            unknown=unknown,
            where=where_of(about, w),
        )
    )


def _left_out(reason: tuple[str, str], *lines: tuple[str, str]) -> Iterator[Mapping[str, str]]:
    """Line after line; the room it leaves is first for whose the reason is, which was shortened before."""
    for label, _ in lines:
        yield {label: "", reason[0]: reason[1]}
        yield {reason[0]: first_sentence(reason[1])}


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
    last, earlier = last_moves(about)
    when = on_day(facts, last.at if last else facts.now, w.lang)
    number_ = about.number
    if last is not None and last.kind == "withdrawn":
        head = w._("Superseded: no. %(number)s was withdrawn on %(day)s.", number=number_, day=when)
    elif about.state.status == "closed":
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
        subject=", ".join(filter(None, (subject_of(w, about.text), where_of(about, w)))),
        city=city(facts, w.lang),
    )
    return Notice(
        "superseded", head, "", (), line, address(facts, about, w), about.state.level, head, silent=True
    )


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
            "drill" if drill else "person", cut(head, HEAD), stamped(facts, w), filled(lines), "", facts.base,
            level, f"{first} - {city(facts, w.lang)}", silent=level < Level.ALERT,
        )
    )  # fmt: skip


def _fact(facts: Facts, about: AlertFacts, w: Words, *, short: bool = False) -> str:
    """The newest report behind it, and who said so; nothing where only figures are behind it.

    `short`: what happened, where and when, without the figures that follow a second colon, and without a headline.
    """
    for observation in support(about, facts)[:1]:
        if short and not own_words(observation, w.lang):
            return f"{brief(observation, facts, w, _by(observation))}."
        day, colon, what = told(observation, facts, w).partition(w._(": "))
        event, _, figures = what.rpartition(w._(": ")) if short else ("", "", what)
        return f"{day}{colon}{event or figures} {_by(observation)}".rstrip() + "."
    return ""


def _by(observation: Observation) -> str:
    return f"({clean(observation.origins[0], 40)})" if observation.origins else ""


def _expectation(facts: Facts, about: AlertFacts, w: Words) -> str:
    said = expected(facts, about, w)
    if said and about.text.certainty != "observed":
        said = f"{said.rstrip('. ')} ({certainty_word(w, about.text.certainty)})"
    return f"{said.rstrip('. ')}." if said else ""


def _with(said: str, unknown: str) -> str:
    return " ".join(filter(None, (said, unknown)))


def not_reported(facts: Facts, about: AlertFacts, w: Words) -> str:
    """What is warned of and nobody has reported yet, said only where a report would have reached us.

    Speaks of the rules named in `effects`; where none is named, of core rules of the family that observe an effect.
    """
    if about.text.certainty == "observed":
        return ""
    open_now = {one.state.rule for one in facts.alerts if one.state.is_open}
    quiet = [rule for rule in _effects(facts, about.text) if rule.id not in open_now and _quiet(rule, facts)]
    said = listed([lowered(title_of(w, rule), facts) for rule in quiet], w)
    return w._("Not reported so far: %(names)s.", names=said) if quiet else ""


def _effects(facts: Facts, warned: RuleText) -> Sequence[RuleText]:
    """The rules named in `effects`, or the first that reads an indicator named there."""
    if not facts.effects:
        return [rule for rule in facts.rules.values() if _observes(rule, warned)]
    found = (
        facts.rules.get(name)
        or next((rule for rule in facts.rules.values() if rule.indicators[:1] == (name,)), None)
        for name in facts.effects
    )
    return [rule for rule in found if rule is not None]


def _quiet(rule: RuleText, facts: Facts) -> bool:
    """No report of it in these weeks, however it ended since; and we would have heard of one."""
    recent = (o.indicator for o in facts.observations if facts.now - o.occurred_at < SHOWN)
    if not set(rule.indicators).isdisjoint(recent):
        return False
    reading = facts.readings.get(rule.id)
    if reading is not None and reading.known:
        return reading.value == 0
    return watched_lately(rule.indicators[0], facts)


def _observes(rule: RuleText, warned: RuleText) -> bool:
    return rule.core and rule.mode == "live" and rule.certainty == "observed" and rule.family == warned.family


def _others(also: Sequence[AlertFacts], w: Words) -> str:
    names = [f"{other.state.level:d}/4 {name_of(other, w)}" for other in also]
    return w._("; ").join(names) + "." if names else ""


def _foot(facts: Facts, about: AlertFacts, w: Words) -> str:
    valid = _valid_from(facts, about) + timedelta(seconds=about.text.valid_for_s)
    until = on_day(facts, valid, w.lang)
    if about.text.valid_for_s < 2 * 86400:
        until += f", {hour(local(valid, facts.geography.area.timezone), w.lang)}"
    said = [w._("Valid until %(day)s.", day=until)]
    if before := _before(facts, about, w):
        said.append(before)
    said.append(w._("No. %(number)s, rev. %(revision)s:", number=about.number, revision=about.revision))
    return " ".join(said)


def _valid_from(facts: Facts, about: AlertFacts) -> datetime:
    """The last message that set a term; new evidence at the same level does not move it."""
    said = [move.at for move in about.history if move.kind not in {"updated", "blind", "sighted"}]
    lasting = said and said[-1] + timedelta(seconds=about.text.valid_for_s) > facts.now
    return said[-1] if lasting else facts.now


def _before(facts: Facts, about: AlertFacts, w: Words) -> str:
    """The level of this alert a day ago, or before this change; nothing where it is new or has not moved."""
    last, _ = last_moves(about)
    if last is None or last.before in {last.level, Level.CALM}:
        return ""
    yesterday = [move for move in about.history if move.at <= facts.now - timedelta(hours=20)]
    if yesterday and yesterday[-1].level == last.before:
        return w._("This alert yesterday: %(level)s/4.", level=int(last.before))
    return w._("Before: %(level)s/4.", level=int(last.before))
