"""What an analyst may write in a rule. Field descriptions are what editors show and what the docs print."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from warn.model import Certainty, Level, Mode
from warn.rules.durations import Duration
from warn.rules.filters import Days, Family, LevelWord, RuleName, Strict
from warn.rules.measures import Measure

LANGUAGES = ("fr", "en")
"""Every text of a rule stands in these; more are welcome."""


Ladder = Annotated[
    dict[LevelWord, Annotated[float, Field(allow_inf_nan=False)]], Field(min_length=1, max_length=4)
]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Words = Annotated[str, Field(min_length=1, max_length=2_000)]
Translated = dict[Language, Words]


class AdviceLines(Strict):
    """What each kind of reader can do, one or two lines; what helps whether or not the warning comes true."""

    residents: Words = Field(description="One line for people who live there; never a call to stock up.")
    ngo: Words = Field(description="One line for aid organisations.")
    press: Words = Field(description="One line for journalists: what is established and what is not.")


class Advice(Strict):
    """Advice per language, and who last read it over."""

    fr: AdviceLines
    en: AdviceLines
    bm: AdviceLines | None = None
    reviewed_by: str = Field("", description="Who checked this advice (a function, not a name).")
    reviewed_on: date | None = Field(None, description="When; advice ages.")

    def lines(self) -> Mapping[str, AdviceLines]:
        """Language -> lines, for the languages that stand."""
        return {lang: lines for lang in ("fr", "en", "bm") if (lines := getattr(self, lang)) is not None}


class Escalation(Strict):
    """Somebody else is told when an alert stays without an answer."""

    after: Duration = Field(description="How long after the opening or the last raise.")
    unless: Literal["acknowledged"] = Field("acknowledged", description="What makes it unnecessary.")
    to: str = Field("admins", pattern=r"^[a-z][a-z0-9-]*$", description="Whom: a group of administrators.")


class Repeat(Strict):
    """Reminders while an alert stays open, ever rarer; a raise is never held by them."""

    every: Days = Field(description="The first interval.")
    backoff: float = Field(2.0, ge=1, le=10, description="Each further interval is so many times longer.")
    at_most: Days = Field(timedelta(days=7), description="No interval grows beyond this.")


def _repeat(value: Any) -> Any:
    return value if isinstance(value, Mapping | Repeat) else {"every": value}


class Timing(Strict):
    """What `defaults:` may state for every rule of its file."""

    eases_after: Duration = Field(
        timedelta(hours=48),
        description="An alert eases to a lower level when it has not reached its own for this long. "
        "Never longer than `clears_after`; where it is not written in the rule it is shortened to it.",
    )
    clears_after: Duration = Field(
        timedelta(hours=48), description="An alert closes when its reading has been quiet for this long."
    )
    lapses_after: Duration = Field(
        timedelta(days=14),
        description="An alert that cannot be seen is no longer counted after this long without news.",
    )
    holds_for: Duration | dict[LevelWord, Duration] = Field(
        timedelta(0),
        description="A level must hold this long before the alert opens or rises to it; "
        "one duration, or one per level.",
    )
    stale_after: Duration | None = Field(
        None, description="A level older than this is unknown; default: the indicator's own."
    )
    valid_for: Days = Field(timedelta(days=7), description="Until when a message says it is valid.")
    certainty: Certainty = Field("likely", description="Is the effect observed, likely or possible?")
    mode: Mode = Field(
        "live", description="live: told at once; approve: a person must agree first; shadow: only logged."
    )


class Rule(Timing):
    """One thing the service watches, when it is worth a warning, and what is then said."""

    id: RuleName = Field(
        description="Permanent name; alerts are known by it. Lower case, digits and hyphens."
    )
    title: Translated = Field(description="What it is called, per language.")
    family: Family | None = Field(
        None, description="Which part of life it concerns; readers choose by it. Only composites have none."
    )
    why: str = Field("", max_length=2_000, description="The reason for the numbers; for the next analyst.")
    core: bool = Field(False, description="Without this rule's data nobody may be told that all is quiet.")
    sudden: bool = Field(
        False, description="The event is now, not coming: told at once, place by quarter only."
    )
    measure: Measure = Field(description="What is measured: exactly one kind.")
    by: tuple[str, ...] = Field(
        (),
        max_length=3,
        description="One alert per value of these: corridor, place, or an attribute (product).",
    )
    rises_to: Ladder | None = Field(None, description="A level is reached at or above its number.")
    falls_to: Ladder | None = Field(None, description="A level is reached at or below its number.")
    clears_at: float | None = Field(
        None,
        allow_inf_nan=False,
        description="Quiet means: at this number or beyond it on the quiet side; default: no level is met.",
    )
    keep_open_while: tuple[RuleName, ...] = Field(
        (), description="Rules whose open alert keeps this one from closing (never from easing)."
    )
    inhibits: tuple[RuleName, ...] = Field(
        (), description="Rules whose messages are held back from readers who are told of this one."
    )
    escalate: tuple[Escalation, ...] = Field(
        (), description="Who else is told, once, when nobody acknowledges the alert."
    )
    repeat_every: Annotated[Repeat, BeforeValidator(_repeat)] | None = Field(
        None,
        description="Reminders while open: a first interval, doubled each time up to a week; "
        "an acknowledgement stops them.",
    )
    expect: Translated = Field({}, description="What may follow and by which mechanism; never a countdown.")
    message: Translated = Field(
        {}, description="Why it fired, in a sentence; may use {{ value }} and the like."
    )
    advice: Advice | None = Field(None, description="What readers can do, per language and kind of reader.")

    @property
    def rising(self) -> bool:
        """Whether more is worse."""
        return self.rises_to is not None

    @property
    def ladder(self) -> Mapping[Level, float]:
        """Level -> its number, from the lowest level up; whichever of `rises_to` and `falls_to` stands."""
        numbers = self.rises_to if self.rises_to is not None else self.falls_to or {}
        return dict(sorted(numbers.items()))

    def holds(self, level: Level) -> timedelta:
        """How long a level must hold before it is reached; per level, or one for all."""
        if isinstance(self.holds_for, timedelta):
            return self.holds_for
        return self.holds_for.get(level, timedelta(0))
