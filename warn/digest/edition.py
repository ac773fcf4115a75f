"""A whole edition as plain sentences, in the order of readers.md; templates only give them form."""

from __future__ import annotations

from dataclasses import dataclass

from warn.digest.endings import corrections
from warn.digest.entries import Group, absent, asked_for, groups
from warn.digest.facts import Facts, Situation
from warn.digest.headline import (
    advice_lines,
    banner_lines,
    bottom_line,
    heading,
    messenger_block,
    subject_line,
)
from warn.digest.languages import Words
from warn.digest.outlook import (
    authorities,
    awaiting,
    coming_lines,
    correction_line,
    deadline_line,
    not_known,
    record_line,
    relief,
    silent_sources,
    unread_line,
)
from warn.digest.phrases import (
    SHAPES,
    chat,
    city,
    clock,
    full_day,
    here,
    level_meaning,
    level_tag,
    listed,
    page,
    stamp,
)
from warn.digest.readings import Reading, readings
from warn.digest.references import Reference, References
from warn.digest.roads import UNTOLD, Road, by_town, road_line, road_words, roads, short, status_words
from warn.digest.situation import situation
from warn.digest.variants import Variant
from warn.model import Level, Placeholder


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
    relief: str
    readings: tuple[Reading, ...]
    unread: str
    roads: tuple[RoadLine, ...]
    roads_brief: str
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
    chat: str
    unsubscribe: str
    deadline: str
    level: Level | None
    exercise: bool


def edition(facts: Facts, variant: Variant, w: Words) -> Edition:
    now = here(facts, facts.now)
    references = References(facts, w, numbered=variant.channel != "telegram")
    told = situation(facts)
    grouped = groups(facts, variant, w, references)
    official = authorities(facts, w, references)
    eased = relief(facts, w, references)
    lines, quiet = _roads(facts, w, references)
    sentence = bottom_line(facts, told, variant, w)
    known = readings(facts, w)
    corrected = (*facts.corrections, *corrections(facts, asked_for(facts, variant), w))
    return Edition(
        subject=subject_line(facts, told, variant, w),
        banner=banner_lines(facts, variant, w),
        title=heading(facts, variant, w),
        day=full_day(facts, facts.now, w.lang),
        clock=clock(facts, w),
        stamp=stamp(facts, w.lang),
        situation=told,
        tag=level_tag(w, told.level),
        shape=SHAPES[told.level],
        meaning=level_meaning(w, told.level),
        sentence=sentence,
        todo=advice_lines(facts, told, variant, w),
        block=messenger_block(facts, told, variant, w, sentence),
        groups=grouped,
        none=absent(grouped, facts, variant, w),
        official=official,
        relief=eased,
        readings=tuple(r for r in known if not r.blank),
        unread=unread_line([r.title for r in known if r.blank], w),
        roads=lines,
        roads_brief=_brief(facts, w),
        quiet_roads=quiet,
        coming=coming_lines(facts, variant, w),
        unknown=not_known(facts, w),
        silent=silent_sources(facts, w),
        pending=awaiting(facts, w),
        corrections=tuple(correction_line(c, facts, w) for c in corrected),
        record=record_line(facts.record, facts, w),
        references=references.listed(),
        page=page(facts, w.lang, f"/bulletins/{now.date().isoformat()}"),
        method=page(facts, w.lang, "/methode"),
        preferences=f"{facts.base}/r/{Placeholder}",
        chat=chat(facts, variant),
        unsubscribe=f"{facts.base}/u/{Placeholder}",
        deadline=deadline_line(facts, variant, w),
        level=told.level,
        exercise=facts.exercise,
    )


def _roads(facts: Facts, w: Words, references: References) -> tuple[tuple[RoadLine, ...], str]:
    known = roads(facts)
    lines = tuple(
        RoadLine(
            r,
            ", ".join(short(r.corridor, facts)),
            road_words(w, r),
            road_line(r, facts, w, references),
        )
        for r in known
        if r.status not in UNTOLD
    )
    untold = [r for r in known if r.status in UNTOLD]
    if not untold:
        return lines, ""
    quiet = [", ".join(short(r.corridor, facts)) for r in untold]
    colon = w._(": ")
    names = w._("; ").join(quiet)
    seen = status_words(w, untold[0].status)
    if not lines:
        names = w.ngettext(
            "The road to %(city)s", "The %(n)s roads to %(city)s", len(quiet), city=city(facts, w.lang)
        )
    return lines, f"{names}{colon}{seen}."


def _brief(facts: Facts, w: Words) -> str:
    """All roads in one sentence for a chat, each by its largest town, grouped by what holds of them."""
    names = by_town(facts)
    grouped: dict[str, list[str]] = {}
    for road in roads(facts):
        if road.status not in UNTOLD:
            grouped.setdefault(road_words(w, road, ", "), []).append(names[road.corridor.id])
    said = [f"{listed(towns, w, most=9)}, {status}" for status, towns in grouped.items()]
    untold = next((road.status for road in roads(facts) if road.status in UNTOLD), None)
    if untold is not None:
        seen = status_words(w, untold)
        rest = w._("elsewhere %(seen)s", seen=seen) if said else seen
        said.append(w._("%(rest)s, which does not mean safe", rest=rest))
    return w._("; ").join(said) + "."
