"""What may stand in rules/sources.yaml: a service that gives JSON or CSV over HTTP, described without a program."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from warn.documents.durations import Duration
from warn.model import Precision

Scalar = bool | int | float | str
Columns = Annotated[
    str | tuple[str, ...],
    Field(
        description="A column, or several of which the first that says something counts; dots lead inwards."
    ),
]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(max_length=500)]


def _grade(text: str) -> str:
    if not GRADE.fullmatch(text):
        raise PydanticCustomError(
            "grade", "'{text}' is not a grade; write a letter A to F and a digit 1 to 6", {"text": text}
        )
    return text


def _web(text: str) -> str:
    if not ADDRESS.match(text):
        raise PydanticCustomError(
            "address", "'{text}' is not an address; write https://host/path, without a key", {"text": text}
        )
    return text


def _holds_key(text: str) -> str:
    if "{key}" not in text:
        raise PydanticCustomError(
            "key", "'{text}' does not say where the key goes; write {{key}} there", {"text": text}
        )
    return text


def _some(found: tuple[Any, ...]) -> tuple[Any, ...]:
    """Judged after its items, so that a slip inside one is not told as a list too short."""
    if not found:
        raise PydanticCustomError("empty", "an empty list; at least one entry is needed")
    return found


GRADE = re.compile("[A-F][1-6]")
ADDRESS = re.compile(r"https?://[^\s@]+$")
Grade = Annotated[str, AfterValidator(_grade)]
Address = Annotated[str, Field(max_length=500), AfterValidator(_web)]
Some = AfterValidator(_some)
Failure = Literal["no_data", "blocked", "embargoed", "not_released", "schema_changed", "error"]


class Part(BaseModel):
    """No key is guessed: what is not known here is told with its line."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Condition(Part):
    """All that is said of a column must be true of it; words are compared without capitals."""

    column: Columns
    is_: Annotated[Scalar | None, Field(alias="is")] = None
    among: tuple[Scalar, ...] = ()
    not_among: Annotated[tuple[Scalar, ...], Field(alias="not")] = ()
    contains: Annotated[tuple[str, ...], Field(description="One of these stands in it.")] = ()
    least: float | None = None
    most: float | None = None
    empty: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"column"}:
            raise PydanticCustomError(
                "condition", "says nothing of the column; add is, among, not, contains ..."
            )
        return self


class Rule(Part):
    """A body that says how it went: the outcome of the poll, and what to tell of it."""

    when: Annotated[tuple[Condition, ...], Field(description="All must hold, of the body as a whole.")] = ()
    text: Annotated[tuple[str, ...], Field(description="One of these stands at the body's beginning.")] = ()
    outcome: Failure
    says: Annotated[Text, Field(description="A sentence; {column} is filled in.")] = ""


class Reference(Part):
    """A body of the same service that is no data (a token, a list of markets): known by its columns."""

    has: Annotated[tuple[str, ...], Field(min_length=1)]
    says: Text


class Units(Part):
    """The column that names the unit, and what to multiply by; a row in another unit is left out."""

    column: Columns
    factors: Annotated[dict[str, float], Field(min_length=1)]


class Number(Part):
    """A number of a row. `map` turns words into numbers; `missing` are numbers that mean none."""

    column: Columns
    times: float = 1.0
    units: Units | None = None
    map: dict[str, float] = {}
    missing: tuple[float, ...] = ()


class Choice(Part):
    """One of several words, chosen by what a column says; rows that say something else are left out."""

    column: Columns
    map: Annotated[dict[str, str], Field(min_length=1)]


class PrecisionChoice(Part):
    """How exact a place is, by what a column says."""

    column: Columns
    map: Annotated[dict[str, Precision], Field(min_length=1)]


class Moment(Part):
    """`iso`, `unix`, `unix_ms`, or a pattern such as `%d/%m/%Y`; without a zone of its own it is taken as UTC."""

    column: Columns
    format: Annotated[str, Field(max_length=40)] = "iso"


class Given(Part):
    """One observation of a row."""

    indicator: str | Choice
    only: tuple[Condition, ...] = ()
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    occurred_at: Moment
    place: Columns = ()
    lat: Columns = ()
    lon: Columns = ()
    precision: Precision | PrecisionChoice | None = None
    grade: Grade | None = None
    attributes: Annotated[dict[str, Text], Field(description="name: text with {column}")] = {}
    title: Text = ""
    url: Text = ""
    key: Annotated[
        str, Field(min_length=1, max_length=500, description="Text with {column}; one row for ever.")
    ]


class Country(Part):
    """Rows of other countries are left out, whether or not the service heeds the question."""

    column: Columns
    code: Annotated[str, Field(pattern=r"^[a-z0-9]{1,10}$", description="A name of area.yaml's codes.")] = (
        "iso3"
    )


class Table(Part):
    """One address, and what its rows say."""

    id: Id
    address: Address
    query: dict[str, Text] = {}
    records: Annotated[str, Field(description="Where the rows stand in JSON; dots lead inwards.")] = ""
    has: Annotated[
        tuple[str, ...], Field(min_length=1, description="Columns without which it is another table.")
    ]
    empty: Failure = "no_data"
    looks_back: Duration | None = None
    country: Country | None = None
    only: tuple[Condition, ...] = ()
    gives: Annotated[tuple[Given, ...], Some]


class Key(Part):
    """Where the key goes. `name`: WARN_SOURCE__KEY_<NAME>; without it the source is off, unless `optional`."""

    name: Id
    header: str = ""
    query: str = ""
    write: Annotated[str, AfterValidator(_holds_key)] = "{key}"
    optional: bool = False

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.header and self.query:
            raise PydanticCustomError("key", "goes into a header or into the query, not both")
        return self


class Token(Part):
    """A key that first buys a token: POST with the key as user:password, then `Authorization: Bearer`."""

    address: Address
    form: dict[str, str] = {}
    field: str = "access_token"


class Pages(Part):
    """How more than one page is asked for. `at` carries the offset, page or cursor; `size` is said as `count`."""

    by: Literal["offset", "page", "cursor", "link"]
    at: str = ""
    count: str = ""
    size: Annotated[int, Field(ge=1, le=100_000)] = 1000
    first: Annotated[int, Field(ge=0, le=1)] = 1
    next: Annotated[str, Field(description="Where the body names the next page or cursor.")] = ""
    most: Annotated[int, Field(ge=1, le=200)] = 20

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.by == "link":
            wanting = "" if self.next else "next"
        else:
            wanting = "at" if not self.at else "next" if self.by == "cursor" and not self.next else ""
        if wanting:
            raise PydanticCustomError(
                "pages", "paging by {by} needs '{wanting}'", {"by": self.by, "wanting": wanting}
            )
        return self


class Described(Part):
    """A source. What it is, how to ask, how a body says how it went, and what its rows mean."""

    id: Id
    title: Annotated[str, Field(min_length=1, max_length=80)]
    homepage: Address
    terms: Annotated[str, Field(min_length=1, max_length=500)]
    origin: Annotated[str, Field(min_length=1, max_length=100, description="Who said it first.")]
    grade: Grade
    every: Annotated[Duration, Field(description="How often we ask.")]
    publishes_every: Annotated[Duration | None, Field(description="How often there is something new.")] = None
    lag: Duration
    vouches: bool = False
    republish: bool = True
    off: Annotated[str, Field(max_length=300, description="Why it is off unless asked for.")] = ""
    key: Key | None = None
    token: Token | None = None
    answers: tuple[Annotated[int, Field(ge=200, le=599)], ...] = ()
    pages: Pages | None = None
    outcomes: tuple[Rule, ...] = ()
    references: tuple[Reference, ...] = ()
    tables: Annotated[tuple[Table, ...], Some]

    @property
    def indicators(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(name for table in self.tables for given in table.gives for name in named(given))
        )


def named(given: Given) -> tuple[str, ...]:
    """The indicators an entry may give."""
    return (given.indicator,) if isinstance(given.indicator, str) else tuple(given.indicator.map.values())


def columns(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
