"""rules/forms/*.yaml: which question of which form says what; every fault told where it stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from warn.documents import Fault, asks, did_you_mean, read, shape_faults
from warn.errors import ConfigError
from warn.rows.ground import amount_slips
from warn.sources.generic.schema import Columns, Condition, Grade, Id, Part, Some, Text

FOLDER = "forms/"
Label = Annotated[str, Field(min_length=1, max_length=40)]
Pair = tuple[str, str]


class Towns(Part):
    """The question that names the town, and what each of its answers means. Nothing finer is ever stored."""

    question: Columns
    map: Annotated[dict[str, str], Field(min_length=1)]


class Answer(Part):
    """One question. With `map` only the answers named in it count; without, the answer is a number.

    With `ask` the bot asks it too, by taps: the values of `map`, or the numbers in `taps`.
    """

    question: Columns
    indicator: str
    map: Annotated[dict[str, float], Field(default_factory=dict)]
    times: float = 1.0
    only: tuple[Condition, ...] = ()
    attributes: Annotated[
        dict[str, Text], Field(default_factory=dict, description="Fixed words, never an answer.")
    ]
    ask: Annotated[
        dict[str, Label],
        Field(default_factory=dict, description="How the bot asks it: fr and en, 40 letters."),
    ]
    taps: Annotated[
        tuple[float, ...], Field(max_length=12, description="Numbers to tap, where map is empty.")
    ] = ()

    @property
    def amounts(self) -> tuple[float, ...]:
        """What can be tapped, as the indicator counts it."""
        offered = dict.fromkeys(self.map.values()) if self.map else self.taps
        return tuple(amount * self.times for amount in offered)

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.ask and not {"fr", "en"} <= set(self.ask):
            raise PydanticCustomError("ask", "ask lacks a language; write fr and en")
        if (self.ask and not self.amounts) or (self.taps and (self.map or not self.ask)):
            raise PydanticCustomError("taps", "ask goes with taps, or with map; taps with ask alone")
        return self


class OdkForm(Part):
    """Where ODK Central keeps the form."""

    project: Annotated[int, Field(ge=1)]
    form: Annotated[str, Field(min_length=1, max_length=200)]


class Form(Part):
    """A form. `kobo` is the uid of its asset; `odk` its project and id; a form without either is not asked for."""

    id: Id
    title: Annotated[str, Field(min_length=1, max_length=100)]
    kobo: Annotated[str, Field(pattern=r"^[A-Za-z0-9]*$", max_length=60)] = ""
    odk: OdkForm | None = None
    grade: Grade = "C3"
    reporter: Annotated[
        Columns, Field(description="What tells reporters apart; stored only as a monthly mark.")
    ]
    place: str | Towns
    answers: Annotated[tuple[Answer, ...], Some]

    @property
    def towns(self) -> tuple[str, ...]:
        """Every town that an answer may be about."""
        return (
            tuple(dict.fromkeys(self.place.map.values())) if isinstance(self.place, Towns) else (self.place,)
        )


def check(
    files: Mapping[str, str], shown: str = "rules", indicators: Collection[str] | None = None
) -> tuple[tuple[Form, ...], tuple[Fault, ...]]:
    """Every form that stands, by name of file, and every fault."""
    forms: dict[str, Form] = {}
    faults: list[Fault] = []
    for name in sorted(files):
        if not name.startswith(FOLDER) or not name.endswith((".yaml", ".yml")):
            continue
        document = read(files[name], f"{shown}/{name}")
        faults += document.faults
        if document.root is None:
            continue
        try:
            form = Form.model_validate(document.data)
        except ValidationError as error:
            faults += shape_faults(error, Form, document, ())
            continue
        if form.id in forms:
            faults.append(document.fault("duplicate-id", document.spot(("id",)), *_twice(form.id)))
        for nth, answer in enumerate(form.answers):
            if indicators is not None and answer.indicator not in indicators:
                spot = document.spot(("answers", nth, "indicator"))
                guess = did_you_mean(answer.indicator, sorted(indicators))
                faults.append(document.fault("unknown-indicator", spot, *_unknown(answer.indicator, guess)))
            for amount in _impossible(answer, indicators):
                spot = document.spot(("answers", nth, "taps"))
                faults.append(document.fault("value", spot, *_beyond(answer.indicator, amount)))
        forms[form.id] = form
    return tuple(forms.values()), tuple(faults)


def load(files: Mapping[str, str]) -> tuple[Form, ...]:
    """The same for callers that cannot go on without: ConfigError tells the first fault."""
    forms, faults = check(files)
    first = next((fault for fault in faults if fault.severity == "error"), None)
    if first is not None:
        raise ConfigError(f"{first.file}:{first.line}:{first.column}: {first.message}.", first.suggestion)
    return forms


def _impossible(answer: Answer, indicators: Collection[str] | None) -> list[float]:
    """Numbers offered that the indicator cannot be; nothing where only the names of indicators are known."""
    kind = indicators.get(answer.indicator) if isinstance(indicators, Mapping) else None
    return [one for one in answer.amounts if any(amount_slips(kind, {"value": one}))]


def _beyond(name: str, amount: float) -> tuple[Pair, Pair]:
    return (
        (f"'{name}' cannot be {amount:g}", "Ranges stand in indicators.yaml; check the unit."),
        (
            f"« {name} » ne peut valoir {amount:g}",
            "Les bornes figurent dans indicators.yaml ; voyez l'unité.",
        ),
    )


def _twice(name: str) -> tuple[Pair, Pair]:
    return (
        (f"another form has the id '{name}'", "Give this one another id."),
        (f"un autre formulaire porte l'id « {name} »", "Donnez-en un autre à celui-ci."),
    )


def _unknown(name: str, guess: str) -> tuple[Pair, Pair]:
    english, french = asks(guess)
    return (
        (f"unknown indicator '{name}'{english}", "Indicators stand in indicators.yaml."),
        (f"indicateur inconnu « {name} »{french}", "Les indicateurs figurent dans indicators.yaml."),
    )
