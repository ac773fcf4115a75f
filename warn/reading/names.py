"""Names of places in running text: the longest name wins, side roles (toward, from) are told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

from warn.geo import Gazetteer, Place, fold
from warn.model import Precision
from warn.reading.lexicon import Lexicon
from warn.reading.phrases import Hit
from warn.reading.words import Word

Role = Literal["at", "toward"]
_LONGEST: Final = 5
_AND: Final = frozenset({"et", "and", "&"})
_SMALL: Final = frozenset({"commune", "village", "quarter"})
_ROAD_AS_TOWN_DEG: Final = 0.5
"""A road between towns closer than this (about 55 km) is placed like a town, a longer one like a cercle."""


@dataclass(frozen=True, slots=True)
class Named:
    """A place as the text names it. `sure` is false where another place of that name could be meant."""

    place: Place
    start: int
    end: int
    role: Role
    precision: Precision
    sure: bool = True
    bare: bool = False  # no word before it that says "at", "near", "toward", nor a dateline ("Loulouni : …")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an event is put."""

    name: str = ""
    lat: float | None = None
    lon: float | None = None
    precision: Precision = "country"


@dataclass(frozen=True, slots=True)
class Names:
    """The gazetteer as text needs it: which words begin a name, and names that stand for another."""

    gazetteer: Gazetteer
    longest: Mapping[str, int]  # first folded word -> most words of a name that begins so
    stand_for: Mapping[str, str]
    not_places: frozenset[str]
    home: str


def place_names(gazetteer: Gazetteer, lexicon: Lexicon) -> Names:
    file = lexicon.file
    stand_for = {fold(said): name for said, name in file.stand_for.items()}
    longest: dict[str, int] = {}
    for name in (*gazetteer.folded, *stand_for):
        parts = name.split()
        if parts:
            longest[parts[0]] = min(_LONGEST, max(longest.get(parts[0], 0), len(parts)))
    return Names(gazetteer, longest, stand_for, frozenset(map(fold, file.not_places)), file.home)


def places_in(text: Sequence[Word], marks: Mapping[str, Sequence[Hit]], names: Names) -> tuple[Named, ...]:
    """Places in the order of the text; abroad included, so that they can be told apart."""
    kinds = ("at", "toward", "region", "cercle")
    before = {kind: {h.end: h for h in marks.get(f"before:{kind}", ())} for kind in kinds}
    hint = " ".join(word.folded for word in text)
    found: list[Named] = []
    at = 0
    while at < len(text):
        named = _named_at(text, at, names, before, hint) if text[at].folded in names.longest else None
        if named:
            found.append(named)
            at = named.end
        else:
            at += 1
    return _with_roles_shared(found, text)


def _named_at(
    text: Sequence[Word], at: int, names: Names, before: Mapping[str, Mapping[int, Hit]], hint: str
) -> Named | None:
    for length in range(min(names.longest[text[at].folded], len(text) - at), 0, -1):
        end = at + length
        if text[end - 1].sentence != text[at].sentence:
            continue
        key = " ".join(word.folded for word in text[at:end])
        stands_for = names.stand_for.get(key)
        if not stands_for and (key in names.not_places or not text[at].is_name or len(key) < 3):
            continue
        asked = "region" if at in before["region"] or _is_unit(text, end, "region") else ""
        asked = asked or ("cercle" if at in before["cercle"] else "")
        place, sure = _which(names.gazetteer, stands_for or key, asked, hint)
        if place is None:
            continue
        role: Role = "toward" if at in before["toward"] else "at"
        dateline = at == 0 and end < len(text) and text[end].opener == ":"
        led = dateline or at in before["at"] or role == "toward" or bool(asked) or bool(stands_for)
        if place.kind in _SMALL and not led:
            continue
        precision: Precision = "region" if asked == "region" else place.precision
        return Named(place, at, end, role, precision, sure, bare=not led)
    return None


def _is_unit(text: Sequence[Word], end: int, kind: str) -> bool:
    return end < len(text) and text[end].folded == kind


def _which(gazetteer: Gazetteer, name: str, asked: str, hint: str) -> tuple[Place | None, bool]:
    """The place meant, and whether no other could be."""
    found = gazetteer.find(f"{asked} {name}" if asked else name) or gazetteer.find(name)
    if not found:
        return None, False
    if asked:
        return found[0], True
    if len(found) > 1:
        around = [p for p in found if _within_named(p, hint)]
        if len(around) == 1:
            return around[0], True
    one = gazetteer.one(name)
    return (one, True) if one else (found[0], False)


def _within_named(place: Place, hint: str) -> bool:
    """Whether the text also names the region or cercle around it."""
    around = {fold(place.cercle), fold(place.region)} - {"", fold(place.name)}
    return any(f" {name} " in f" {hint} " for name in around)


def _with_roles_shared(found: Sequence[Named], text: Sequence[Word]) -> tuple[Named, ...]:
    """In "toward Kayes and Nioro" what is said of the first holds for those joined to it."""
    shared: list[Named] = []
    for named in found:
        last = shared[-1] if shared else None
        joined = last and last.role == "toward" and _joined(last, named, text)
        shared.append(replace(named, role="toward") if joined else named)
    return tuple(shared)


def _joined(a: Named, b: Named, text: Sequence[Word]) -> bool:
    same = text[a.start].sentence == text[b.start].sentence
    return same and (a.end == b.start or (b.start - a.end == 1 and text[a.end].folded in _AND))


def where(
    event: tuple[int, int, int],
    found: Sequence[Named],
    text: Sequence[Word],
    marks: Mapping[str, Sequence[Hit]],
    home: str,
    *,
    destination: bool,
) -> Spot:
    """Where an event (first word, last word, sentence) is put: nearest named place of ours, finer before coarser.

    `destination`: for arrivals the place a convoy goes to is where it happens; for attacks it is not.
    """
    ours = [n for n in found if n.place.country == home and (destination or n.role == "at")]
    here = [n for n in ours if text[n.start].sentence == event[2]] or ours
    road = None if destination else _road(here, text, marks)
    if road:
        return road
    if not here:
        return Spot()
    start, end, _ = event
    chosen = min(here, key=lambda n: (max(start - n.end, n.start - end, 0) // 4, _coarse(n), n.start))
    place = chosen.place
    precision: Precision = chosen.precision if chosen.sure else _coarser(chosen.precision)
    return Spot(place.name, place.lat, place.lon, precision)


def _coarse(named: Named) -> int:
    return {"point": 0, "town": 0, "cercle": 1, "region": 2, "country": 3}[named.precision]


def _coarser(precision: Precision) -> Precision:
    return "region" if precision in {"point", "town", "cercle"} else precision


def _road(here: Sequence[Named], text: Sequence[Word], marks: Mapping[str, Sequence[Hit]]) -> Spot | None:
    """Two towns that name a road: "between X and Y", "the X-Y road"."""
    between = {h.end for h in marks.get("before:between", ())}
    roads = marks.get("before:road", ())
    for a, b in pairwise(here):
        gap = b.start - a.end
        entre = a.start in between and gap == 1 and text[a.end].folded in _AND
        near_road = any(abs(h.end - a.start) <= 2 or 0 <= h.start - b.end <= 1 for h in roads)
        dashed = gap == 0 and near_road
        if (entre or dashed) and a.place.id != b.place.id:
            apart = max(abs(a.place.lat - b.place.lat), abs(a.place.lon - b.place.lon))
            return Spot(
                f"{a.place.name}–{b.place.name}",
                round((a.place.lat + b.place.lat) / 2, 4),
                round((a.place.lon + b.place.lon) / 2, 4),
                "town" if apart <= _ROAD_AS_TOWN_DEG else "cercle",
            )
    return None
