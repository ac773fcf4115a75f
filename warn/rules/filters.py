"""The words that measures share: levels, grades, windows, places, and what confirms an incident."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from warn.documents import GRADE
from warn.model import FAMILIES, LEVELS, Level
from warn.rules.durations import Duration

ALWAYS: Final = (
    "value",
    "low",
    "high",
    "unit",
    "threshold",
    "level",
    "place",
    "since",
    "origins",
    "grade",
    "days",
)
"""What a message may use; `corridor` comes with `by: [corridor]`."""


def _level(value: Any) -> Any:
    if isinstance(value, Level):
        return value
    level = LEVELS.get(str(value))
    if level is None:
        raise PydanticCustomError("level", "{written} is not a level", {"written": str(value)})
    return level


LevelWord = Annotated[
    Level,
    BeforeValidator(_level),
    PlainSerializer(lambda level: level.word, return_type=str),
    WithJsonSchema({"type": "string", "enum": list(LEVELS)}),
]
Grade = Annotated[str, Field(pattern=GRADE, examples=["B2"])]
"""Admiralty code at least so good; F and 6 are never good enough."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
RuleName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
Family = Literal[
    "attack", "supply", "price", "power", "services", "displacement", "posture", "politics", "media"
]
assert Family.__args__ == FAMILIES  # type: ignore[attr-defined]  # typing keeps the words there


def listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(listed),
    Field(min_length=1),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ]
        }
    ),
]
Values = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda v: tuple(map(str, v)) if isinstance(v, (list, tuple)) else (str(v),)),
    Field(min_length=1),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    ),
]
Days = Annotated[Duration, Field(gt=timedelta(0))]


class Strict(BaseModel):
    """Frozen, and deaf to nothing: a key that is not known is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Near(Strict):
    """A distance to a place, to one road, or to several. Only what is known to the town can be near."""

    place: str | None = Field(None, description="A name of the gazetteer.")
    corridor: str | None = Field(None, description="One road, by its id or number.")
    corridors: Literal["all"] | tuple[str, ...] | None = Field(None, description="Several roads, or `all`.")
    km: float = Field(gt=0, le=1000, description="At most so many kilometres away; 35 is usual for roads.")

    @model_validator(mode="after")
    def _one(self) -> Near:
        if sum(v is not None for v in (self.place, self.corridor, self.corridors)) != 1:
            raise PydanticCustomError("near", "exactly one of place, corridor and corridors must be given")
        return self

    def spec(self) -> Mapping[str, Any]:
        """As `geo.zone_of` reads it."""
        return self.model_dump(exclude_none=True)


class ConfirmedBy(Strict):
    """What makes an incident confirmed: independent origins, or a curator's grade."""

    origins: int | None = Field(None, ge=1, le=10, description="So many independent origins.")
    grade: Grade | None = Field(None, description="Or one report of this grade or better.")

    @model_validator(mode="after")
    def _some(self) -> ConfirmedBy:
        if self.origins is None and self.grade is None:
            raise PydanticCustomError("confirmed_by", "origins or grade must be given")
        return self


class Measured(Strict):
    """What all measures have in common."""

    kind: ClassVar[str]
    example: ClassVar[str]
    shape: ClassVar[Literal["events", "level", "ramp", "alerts"]] = "level"
    """events: incidents are counted, a gap in coverage means "or more"; level: a quantity that goes stale;
    ramp: it grows or falls by itself; alerts: it counts other rules and is always known."""

    @property
    def indicators(self) -> tuple[str, ...]:
        return ()

    @property
    def rules(self) -> tuple[str, ...]:
        return ()

    @property
    def variables(self) -> tuple[str, ...]:
        """What a message of this measure may use: `days` is the length of its window, where it has one."""
        return tuple(name for name in ALWAYS if name != "days" or getattr(self, "over", None) is not None)


class Filtered(Measured):
    """A measure that looks at reports, and which of them it looks at."""

    where: dict[str, Values] = Field(
        {}, description="Attributes a report must have; one value or several that will do."
    )
    near: str | Near | None = Field(
        None, description="A name of places.yaml, or {place|corridor|corridors, km}."
    )
    inside: Annotated[tuple[str, ...], BeforeValidator(listed)] = Field(
        (), alias="in", description="Regions or cercles; a report must lie in one of them."
    )
    over: Days | None = Field(None, description="Length of the window that is looked at.")
    min_reports: int = Field(0, ge=0, description="Fewer reports: unknown (levels) or not counted (events).")
    min_origins: int = Field(0, ge=0, description="Fewer independent origins: likewise.")
    min_grade: Grade | None = Field(None, description="Reports of a lesser grade are left out.")

    @property
    def indicators(self) -> tuple[str, ...]:
        named = getattr(self, self.kind)
        return (named,) if isinstance(named, str) else tuple(named)


class Windowed(Filtered):
    """A measure that cannot do without a window."""

    over: Days = Field(description="Length of the window that is looked at.")
