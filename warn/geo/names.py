"""Names of places: folded to compare, ranked where several bear one name, refused where no one can tell."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from warn.model import Precision

RANKS: Final = ("city", "town", "village", "quarter", "commune", "cercle", "region", "country")
"""Kinds of place, in the order in which a bare name is understood: "Kati" is the town before the cercle."""

_PRECISION: Final[Mapping[str, Precision]] = {"cercle": "cercle", "region": "region", "country": "country"}
_LETTERS: Final = str.maketrans({"ɛ": "e", "ɔ": "o", "ɲ": "ny", "ŋ": "ng", "œ": "oe", "æ": "ae"})
_ADMIN: Final = re.compile(r"^(?P<kind>cercle|region|district|commune|quartier) (?:de |du |d )?(?P<name>.+)$")
_ADMIN_AFTER: Final = re.compile(r"^(?P<name>.+?) (?P<kind>cercle|region|district|area|zone)$")
_VAGUE: Final = re.compile(r"^(?:zone|environs|pres|near) (?:de |du |d )?(?P<name>.+)$")
_KINDS: Final = {"quartier": "quarter", "district": "region", "area": "", "zone": ""}
_UNITS: Final = frozenset({"cercle", "region", "country"})
_MUCH_LARGER: Final = 5.0


@lru_cache(maxsize=8_192)
def fold(text: str) -> str:
    """The form in which names are compared: no accents, no capitals, hyphens and apostrophes as spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))


def unit_name(text: str) -> str:
    """A region's or cercle's folded name without the word for what it is: "Sikasso region" is "sikasso"."""
    return _split(text)[0]


@dataclass(frozen=True, slots=True)
class Place:
    """One place that texts may name. `region` and `cercle` are names; `country` is ISO 3166 alpha-2."""

    id: str
    name: str
    lat: float
    lon: float
    kind: str = "town"
    population: int = 0
    region: str = ""
    cercle: str = ""
    country: str = ""
    names: tuple[str, ...] = ()  # other names in Latin script

    @property
    def precision(self) -> Precision:
        return _PRECISION.get(self.kind, "town")


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Every known place, and who bears which folded name (best candidate first)."""

    places: tuple[Place, ...]
    folded: Mapping[str, tuple[Place, ...]]

    def find(self, name: str, hint: str = "") -> tuple[Place, ...]:
        """All places of that name, best first; `hint` is any text that may name a region or cercle around.

        "cercle de X" and "région de X" ask for that kind; "X (Y)" and "X, Y" take Y as the hint.
        """
        bare, kind, own_hint = _split(name)
        found = self.folded.get(bare, ())
        if kind:
            found = tuple(p for p in found if p.kind == kind)
        return _around(found, f"{fold(own_hint)} {fold(hint)}".strip())

    def one(self, name: str, hint: str = "") -> Place | None:
        """The place meant; None where it is unknown or could as well be another of that name."""
        found = self.find(name, hint)
        return found[0] if found and _sure(found) else None


def gazetteer(text: str) -> tuple[Gazetteer, tuple[tuple[int, str], ...]]:
    """The places of a CSV, and (line, reason) of each row that is none. Lines that begin with # are credits."""
    places: list[Place] = []
    refused: list[tuple[int, str]] = []
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and line[0] != "#"]
    rows = csv.DictReader(io.StringIO("\n".join(line for _, line in lines)))
    for (number, _), row in zip(lines[1:], rows, strict=False):
        try:
            places.append(_place(row))
        except KeyError as missing:
            refused.append((number, f"the column {missing} is missing; columns: {', '.join(_COLUMNS)}"))
        except (ValueError, TypeError, AttributeError) as bad:
            refused.append((number, f"not a place: {bad}"))
    return Gazetteer(tuple(places), _folded(places)), tuple(refused)


_COLUMNS: Final = ("id", "name", "names", "lat", "lon", "kind", "population", "region", "cercle", "country")


def _place(row: Mapping[str, str]) -> Place:
    kind = row["kind"]
    if kind not in RANKS:
        raise ValueError(f"kind {kind!r}, one of {', '.join(RANKS)}")
    lat, lon = float(row["lat"]), float(row["lon"])
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(f"{lat}, {lon} lies outside the world")
    return Place(
        id=row["id"],
        name=row["name"],
        names=tuple(filter(None, row["names"].split("|"))),
        lat=lat,
        lon=lon,
        kind=kind,
        population=int(row["population"] or 0),
        region=row["region"],
        cercle=row["cercle"],
        country=row["country"],
    )


def _folded(places: Sequence[Place]) -> Mapping[str, tuple[Place, ...]]:
    """A place's own name beats another's by-name; then kind, then population."""
    bearers: dict[str, dict[str, tuple[tuple[int, int, int], Place]]] = {}
    for place in places:
        for nth, name in enumerate((place.name, *place.names)):
            rank = (min(nth, 1), RANKS.index(place.kind), -place.population)
            bearers.setdefault(fold(name), {}).setdefault(place.id, (rank, place))
    return {
        name: tuple(place for _, place in sorted(ranked.values(), key=lambda pair: (pair[0], pair[1].id)))
        for name, ranked in bearers.items()
        if name
    }


def _split(name: str) -> tuple[str, str, str]:
    """(folded bare name, kind asked for or "", hint in the text itself)."""
    head, _, tail = re.sub(r"[(),;]", "|", name, count=1).partition("|")
    bare = fold(head)
    if vague := _VAGUE.match(bare):
        bare = vague["name"]
    if (asked := _ADMIN.match(bare)) or (asked := _ADMIN_AFTER.match(bare)):
        return asked["name"], _KINDS.get(asked["kind"], asked["kind"]), tail
    return bare, "", tail


def _around(found: tuple[Place, ...], hint: str) -> tuple[Place, ...]:
    """Candidates whose region, cercle or country the hint names; all of them where it names none."""
    if not hint or len(found) < 2:
        return found
    words = f" {hint} "
    named = tuple(p for p in found if any(f" {fold(n)} " in words for n in (p.cercle, p.region) if n))
    return named or found


def _sure(found: tuple[Place, ...]) -> bool:
    """One candidate; or the rest are the unit around it, next to it, or far smaller."""
    first, *rest = found
    return all(_same_spot(first, other) or _outranks(first, other) for other in rest)


def _same_spot(a: Place, b: Place) -> bool:
    return abs(a.lat - b.lat) < 0.25 and abs(a.lon - b.lon) < 0.25  # some 25 km: a village and its commune


def _outranks(a: Place, b: Place) -> bool:
    """A town beats the unit named after it; among towns, and among units, only a much larger one."""
    if a.kind not in _UNITS and b.kind in _UNITS:
        return a.population > 0 or a.cercle in {b.cercle, b.name}
    if a.kind not in _UNITS and b.kind == "commune":
        return a.population > 0
    return a.population > _MUCH_LARGER * max(b.population, 1000)
