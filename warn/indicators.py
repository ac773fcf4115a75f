"""The registry of indicators: what may be observed, in which unit and range, how often, how long it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from warn.documents import Document, Fault, did_you_mean, read, shape_faults
from warn.documents.durations import Duration
from warn.errors import ConfigError
from warn.model import EMPTY, Texts

Kind = Literal["event", "level", "date"]
Family = Literal[
    "attack", "supply", "price", "power", "services", "displacement", "posture", "politics", "media"
]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing that can be observed.

    `event`: something happened (value 1 unless said); `level`: a quantity that stands until the next reading;
    `date`: a day to come, in the attribute `date`. `range` is inclusive; a value outside it is refused, never
    clipped. `relief`: here `better` news is what is counted (a convoy arrived). `counts` is False for context
    that no rule may count. `one_origin`: a single organisation publishes it, no second one can ever confirm it.
    `field_only`: brought by reporters on the ground alone. `percent`: a share from 0 to 1, printed as a percentage.
    `display`: the unit per language, as printed. `one`: a single event of it, in a sentence; `many`: several,
    where the title is no plural that a number may stand before.
    """

    id: str
    kind: Kind
    unit: str
    family: str
    expected_every: timedelta | None
    stale_after: timedelta
    range: tuple[float, float]
    title: Texts
    relief: bool = False
    counts: bool = True
    one_origin: bool = False
    field_only: bool = False
    percent: bool = False
    attributes: tuple[str, ...] = ()
    display: Texts = field(default_factory=lambda: EMPTY)
    one: Texts = field(default_factory=lambda: EMPTY)
    many: Texts = field(default_factory=lambda: EMPTY)

    def admits(self, value: float) -> bool:
        """Whether a value lies in the range (NaN and infinities never do)."""
        return self.range[0] <= value <= self.range[1]


@dataclass(frozen=True, slots=True)
class Indicators:
    """All indicators by id; behaves like a read-only mapping."""

    by_id: Mapping[str, Indicator] = field(default_factory=lambda: EMPTY)

    def __getitem__(self, name: str) -> Indicator:
        return self.by_id[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_id

    def __iter__(self) -> Iterator[Indicator]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    def get(self, name: str) -> Indicator | None:
        return self.by_id.get(name)

    def unit_words(self, unit: str, lang: str) -> str:
        """How a unit is printed: "FCFA le litre" for XOF/l, "" for plain counts, the unit itself if unnamed.

        A unit that changes with its number comes as "citerne|citernes"; `speech.quantity` chooses.
        """
        if unit in {"count", "level", ""}:
            return ""
        shown = next(
            (one.display for one in self if one.unit == unit and one.display), DERIVED.get(unit, EMPTY)
        )
        return str(shown.get(lang) or shown.get("fr" if lang == "bm" else "en") or unit)

    def nearest(self, name: str) -> str:
        """The id that was probably meant, or nothing."""
        return did_you_mean(name, tuple(self.by_id))


DERIVED: Mapping[str, Texts] = MappingProxyType(
    {
        "SD": {"fr": "écart-type|écarts-types", "en": "standard deviation|standard deviations"},
        "d": {"fr": "jour|jours", "en": "day|days"},
        "h": {"fr": "h", "en": "h"},
    }
)
"""Units that measures make of others: deviations, days to a date, hours of silence."""


def load(text: str, file: str = "rules/indicators.yaml") -> tuple[Indicators | None, tuple[Fault, ...]]:
    """Every indicator of the file, or every fault in it."""
    document = read(text, file)
    faults = list(document.faults)
    if not _is_list(document) and not faults:
        spot = document.spot(())
        faults.append(document.fault("not-a-map", spot, _WHOLE, _WHOLE_FR))
    rows = document.data.get("indicators", []) if _is_list(document) else []
    found: dict[str, Indicator] = {}
    for nth, row in enumerate(rows):
        at = ("indicators", nth)
        try:
            entry = Entry.model_validate(row)
        except ValidationError as error:
            faults += shape_faults(error, Entry, document, at)
            continue
        if entry.id in found:
            spot = document.spot((*at, "id"))
            faults.append(document.fault("duplicate-id", spot, *_twice(entry.id)))
        found[entry.id] = entry.built()
    return (None if faults else Indicators(MappingProxyType(found))), tuple(faults)


def indicators(text: str, file: str = "rules/indicators.yaml") -> Indicators:
    """The same for callers that cannot go on without: ConfigError tells the first fault."""
    registry, faults = load(text, file)
    if registry is None:
        first = faults[0]
        raise ConfigError(f"{first.file}:{first.line}:{first.column}: {first.message}.", first.suggestion)
    return registry


class Entry(BaseModel):
    """One entry of indicators.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    kind: Kind
    unit: str = Field(
        description="`count` for plain events; else a unit such as XOF/l, h/day, share, people."
    )
    family: Family
    expected_every: Duration | None = Field(None, description="How often a reading is due; none for events.")
    stale_after: Duration = Field(description="A level older than this is unknown; events: the gap allowed.")
    range: Annotated[
        tuple[float, float], Field(description="Least and greatest believable value, inclusive.")
    ]
    title: dict[str, str]
    relief: bool = False
    counts: bool = True
    one_origin: bool = False
    field_only: bool = False
    attributes: tuple[str, ...] = ()
    display: dict[str, str] = {}
    one: dict[str, str] = Field({}, description="A single event, in a sentence: une attaque de convoi.")
    many: dict[str, str] = Field({}, description="Several, where the title cannot follow a number.")

    @model_validator(mode="after")
    def _sound(self) -> Entry:
        if self.range[0] > self.range[1]:
            raise PydanticCustomError("range", "the least value stands above the greatest")
        if missing := {"fr", "en"} - set(self.title):
            raise PydanticCustomError("title", "a title is missing: {langs}", {"langs": ", ".join(missing)})
        return self

    def built(self) -> Indicator:
        values: dict[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        return Indicator(**values, percent=self.unit == "share")


_WHOLE = ("this file must begin with 'indicators:'", "Below it, a list of entries, each with '- id: ...'.")
_WHOLE_FR = (
    "ce fichier doit commencer par « indicators: »",
    "Dessous, une liste d'éléments « - id: ... ».",
)


def _is_list(document: Document) -> bool:
    return isinstance(document.data, dict) and isinstance(document.data.get("indicators"), list)


def _twice(name: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (
        (f"the indicator '{name}' stands in this file twice", "Keep one of them."),
        (f"l'indicateur « {name} » figure deux fois dans ce fichier", "N'en gardez qu'un."),
    )
