"""What every immediate message is made of, and how it is kept to the size of a phone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from warn.digest.facts import AlertFacts, Facts
from warn.digest.languages import Words
from warn.digest.phrases import (
    city,
    discreet,
    here,
    level_tag,
    lowered,
    name_of,
    page,
    stamp,
    subject_of,
    topics,
    unseen,
)  # fmt: skip
from warn.digest.text import bare, cut, first_sentence, fitting, units
from warn.digest.typography import capital, day_brief
from warn.model import Level, Transition

HEAD: Final = 60
SUBJECT: Final = 70
WHOLE: Final = 589
"""600 on a phone, less the eleven of "EXERCICE - ": an exercise reads like the real thing."""

_HANGING: Final = re.compile(r"(?:\s+\w{1,3})+$")


@dataclass(frozen=True, slots=True)
class Notice:
    """First line, date line, labelled lines, last line.

    `giving` is what gives way where the whole grows beyond what a phone shows, the least needed first: labels, and the
    text each then has, or none. `unknown` ends a line and stays whole: what is not known is always said.
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
    giving: tuple[Mapping[str, str], ...] = ()
    unknown: str = ""
    where: str = ""  # the road or the product alone, for a subject with no room for more

    @property
    def units(self) -> int:
        return units("\n".join(self.texts()))

    @property
    def last(self) -> str:
        return " ".join(filter(None, (self.foot, bare(self.address))))

    def texts(self) -> tuple[str, ...]:
        body = (f"{label}{text}" for label, text in self.lines)
        return tuple(filter(None, (self.head, self.stamp, *body, self.last)))


def fit(notice: Notice) -> Notice:
    """At most what a phone shows; what is left of a line without its beginning stands alone."""
    small = _small(notice)
    return replace(
        small, lines=tuple(("" if text == small.unknown else at, text) for at, text in small.lines)
    )


def _small(notice: Notice) -> Notice:
    """What is least needed gives way, and in the end the longest line is cut."""
    for shorter in notice.giving:
        if notice.units <= WHOLE:
            return notice
        notice = replace(notice, lines=filled([(at, shorter.get(at, text)) for at, text in notice.lines]))
    may_be_cut = [line for line in notice.lines if not (notice.unknown and line[1].endswith(notice.unknown))]
    if notice.units <= WHOLE or not may_be_cut:
        return notice
    longest = max(may_be_cut, key=lambda line: units(line[1]))
    room = max(40, units(longest[1]) - (notice.units - WHOLE))
    cut_down = ((at, cut(text, room) if (at, text) == longest else text) for at, text in notice.lines)
    return replace(notice, lines=tuple(cut_down))


def giving(*lines: tuple[str, str], stays: int = 1) -> tuple[Mapping[str, str], ...]:
    """Lines, the least needed first, shortened to a sentence each, then left out but for the last `stays` of them."""
    sentences = [{label: first_sentence(text)} for label, text in lines]
    return (*sentences, *({label: ""} for label, _ in lines[: len(lines) - stays]))


def mail_subject(notice: Notice, facts: Facts, w: Words) -> str:
    """`[Alerte 3/4] Bamako 15 sept. - carburant et routes`, at most 70 characters."""
    exercise = w._("EXERCISE")
    mark = f"[{exercise}] " if facts.exercise else ""
    day = day_brief(here(facts, facts.now).date(), w.lang)
    head = f"{mark}[{level_tag(w, notice.level)}] {city(facts, w.lang)} {day}"
    named, _, what = notice.subject.rpartition(", ")
    said = [notice.subject]
    if notice.where:
        said += [f"{notice.where}, {what}", notice.where] if named else [notice.where]
    if notice.kind == "all_clear":  # what ended is always named, if need be in part
        brief = _short(named, max(1, SUBJECT - units(f"{head} - , {what}")))
        return fitting(head, (*said, f"{brief}, {what}"), SUBJECT)
    return fitting(head, (*said, what, named), SUBJECT)


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


def head_of(first: str, about: AlertFacts, facts: Facts, w: Words) -> str:
    return fitting(first, topics(about, facts, w), HEAD)


def ended_head(first: str, about: AlertFacts, facts: Facts, w: Words) -> str:
    """What ended by its own name: its family may have another alert that goes on."""
    if about.state.by:
        return head_of(first, about, facts, w)
    named = _ended(about, w)
    room = HEAD - units(f"{first} - ")
    return fitting(first, (f"{named}, {city(facts, w.lang)}", named, _short(named, room)), HEAD)


def ended_subject(about: AlertFacts, facts: Facts, w: Words, what: str) -> str:
    """`pénurie de carburant, fin d'alerte`."""
    return ", ".join((lowered(_ended(about, w), facts), what))


def _ended(about: AlertFacts, w: Words) -> str:
    """The name of the alert, or its field of life where the name tells of a group."""
    name = name_of(about, w)
    return name if discreet(name) else subject_of(w, about.text)


def _short(title: str, room: int) -> str:
    """As many words of a title as fit; it does not end on `de`, `sur les`."""
    said = cut(title, room)
    return said if said == title else _HANGING.sub("", said.removesuffix("…")) + "…"


def stamped(facts: Facts, w: Words) -> str:
    official = w._("Independent service, not official.")
    return f"{capital(stamp(facts, w.lang))}. {official}"


def subject_line(about: AlertFacts, facts: Facts, w: Words, what: str = "") -> str:
    """`énergie, sans nouvelles`; of a road or a product by its name."""
    named = subject_of(w, about.text).lower()
    if about.state.by and discreet(name_of(about, w)):
        named = lowered(name_of(about, w), facts)
    return f"{named}, {what}" if what else named


def beside(about: AlertFacts, facts: Facts) -> tuple[AlertFacts, ...]:
    """The other alerts that stand now."""
    own = (about.state.rule, about.state.by)
    return tuple(a for a in facts.alerts if a.shown and a.state.counts and (a.state.rule, a.state.by) != own)


def filled(lines: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((label, text) for label, text in lines if text)


def in_force(rest: Sequence[AlertFacts], facts: Facts, w: Words) -> str:
    if not rest:
        return w._("no other alert is open, which does not mean that the roads are safe.")
    ordered = sorted(rest, key=lambda one: (-one.state.level, one.state.rule))
    tags = [
        f"{level_tag(w, one.state.level).lower()}, {lowered(unseen(one, name_of(one, w), w), facts)}"
        for one in ordered[:3]
    ]
    more = w._("%(n)s alerts, among them: ", n=len(rest)) if len(rest) > len(tags) else ""
    return more + w._("; ").join(tags) + "."


def by_edit(about: AlertFacts) -> bool:
    """Whether the newest transition is of an edit's making: the rule was changed, not the facts."""
    return bool(about.history) and "edit" in about.history[-1].evidence.tree


def last_moves(about: AlertFacts) -> tuple[Transition | None, Transition | None]:
    """The newest transition, and the one by which the level told before it was reached."""
    moves = [move for move in about.history if move.kind not in {"updated", "reminded", "blind", "sighted"}]
    last = about.history[-1] if about.history else None
    earlier = [move for move in moves if move is not last]
    return last, earlier[-1] if earlier else None
