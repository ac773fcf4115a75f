"""What a rule can measure: one class per measure, its name the one key that sets it apart from the others.

The classes only say what an analyst may write; how each becomes a step function of time stands in `series`.
Docstrings, field descriptions and examples are what editors show and what the docs print.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from warn.model import Level
from warn.rules.durations import Duration
from warn.rules.filters import (
    ConfirmedBy,
    Days,
    Family,
    Filtered,
    LevelWord,
    Measured,
    Names,
    RuleName,
    Strict,
    Windowed,
)


class Events(Windowed):
    """A measure of incidents: a gap in coverage makes it "so many or more"."""

    shape = "events"
    confirmed_by: ConfirmedBy | None = Field(
        None, description="What makes an incident confirmed; without it every incident counts as it is."
    )
    unconfirmed: LevelWord = Field(
        Level.TENSION, description="The highest level that unconfirmed incidents can reach; calm: none."
    )


class Count(Events):
    """How many distinct incidents lie in the window. One incident told by five papers counts once."""

    kind = "count"
    example = "{count: convoy_attack, near: roads, over: 14d, confirmed_by: {origins: 2, grade: B2}}"
    count: Names = Field(description="One event indicator or a list of them.")


class Sum(Events):
    """The values of the incidents in the window added up; each counts the median of its origins."""

    kind = "sum"
    example = "{sum: displacement_report, over: 28d}"
    sum: Names = Field(description="One event indicator or a list of them.")


class Latest(Filtered):
    """The newest report's value; several of the same moment give their median."""

    kind = "latest"
    example = "{latest: fuel_price_informal, where: {product: petrol}}"
    latest: Names = Field(description="One indicator or a list of them.")


class Mean(Windowed):
    """The mean of the reports in the window."""

    kind = "mean"
    example = "{mean: station_has_fuel, near: city, over: 48h, min_reports: 5, min_origins: 3}"
    mean: Names = Field(description="One indicator or a list of them.")


class Median(Windowed):
    """The median of the reports in the window: one wild figure does not move it."""

    kind = "median"
    example = "{median: fuel_queue_hours, near: city, over: 48h, min_reports: 3}"
    median: Names = Field(description="One indicator or a list of them.")


class Min(Windowed):
    """The smallest report in the window."""

    kind = "min"
    example = "{min: power_hours, over: 7d}"
    min: Names = Field(description="One indicator or a list of them.")


class Max(Windowed):
    """The largest report in the window."""

    kind = "max"
    example = "{max: fuel_price_informal, over: 7d}"
    max: Names = Field(description="One indicator or a list of them.")


class Change(Filtered):
    """By how many percent the newest report differs from an earlier norm."""

    kind = "change"
    example = "{change: food_price, against: median, back: 28d}"
    change: Names = Field(description="One level indicator or a list of them.")
    against: Literal["median", "season", "before"] = Field(
        "median",
        description="median: of the `back` before the newest report; season: of the same weeks in earlier "
        "years; before: the newest report at least `back` older.",
    )
    back: Days = Field(timedelta(days=28), description="How far back the norm lies, or reaches.")


class Anomaly(Filtered):
    """How unusual the newest report is, in deviations from what was to be expected."""

    kind = "anomaly"
    example = "{anomaly: food_price, method: seasonal, history: 1096d, min_points: 24}"
    anomaly: Names = Field(description="One level indicator or a list of them.")
    method: Literal["mad", "seasonal"] = Field(
        "mad",
        description="mad: from the median in robust deviations; seasonal: from trend and month in standard "
        "deviations of the residuals (WFP's ALPS; limits 0.25, 1, 2).",
    )
    history: Days = Field(timedelta(days=1096), description="How much of the past makes the norm.")
    min_points: int = Field(24, ge=3, description="Fewer points: unknown.")


class Spike(Events):
    """How many times more incidents a day than before: the rate of `over` to that of `before`."""

    kind = "spike"
    example = "{spike: attack_military, over: 7d, before: 28d}"
    spike: Names = Field(description="One event indicator or a list of them.")
    before: Days = Field(description="Length of the stretch before the window that is compared with.")


class Silence(Filtered):
    """Hours since the newest report; it grows by itself."""

    kind = "silence"
    example = "{silence: tankers_arrived}"
    shape = "ramp"
    silence: Names = Field(description="One indicator or a list of them.")


class DaysUntil(Filtered):
    """Days until the date that the newest report gives in its attribute `date`; it falls by itself."""

    kind = "days_until"
    example = "{days_until: truce_end, past: 3d}"
    shape = "ramp"
    days_until: Names = Field(description="A dated indicator.")
    past: Duration = Field(timedelta(days=3), description="Quiet again so long after the date.")


class Pair(Strict):
    """What switches a state on, what switches it off, and when it is forgotten."""

    on: Names = Field(description="Reports that switch it on.")
    off: Names = Field(description="Reports that switch it off; they never need more confirmation than `on`.")
    expires: Days = Field(
        timedelta(days=28), description="Unknown when the newest report of either is older than this."
    )


class State(Filtered):
    """1 from the newest `on`, 0 from the newest `off`: five reports of one shortage are one state."""

    kind = "state"
    example = "{state: {on: school_closure, off: school_reopening, expires: 28d}}"
    state: Pair = Field(description="Paired indicators.")
    confirmed_by: ConfirmedBy | None = Field(
        None, description="What a report needs before it switches the state on."
    )

    @property
    def indicators(self) -> tuple[str, ...]:
        return self.state.on + self.state.off


class Counting(Measured):
    """A measure of alerts: it has no reports of its own, hence no place, origin or grade."""

    shape = "alerts"

    @property
    def variables(self) -> tuple[str, ...]:
        return ("value", "low", "high", "threshold", "level", "since")


class Rules(Counting):
    """How many of the rules named have, or had within `over`, an alert at that level or above."""

    kind = "rules"
    example = "{rules: [convoy-attacks, station-fuel], at: alert, over: 7d}"
    rules_: tuple[RuleName, ...] = Field(alias="rules", min_length=1, description="Ids of rules.")
    at: LevelWord = Field(Level.ALERT, description="From which level on an alert counts.")
    over: Days | None = Field(None, description="Also those that were so within this time.")

    @property
    def rules(self) -> tuple[str, ...]:
        return self.rules_


class AtLevel(Strict):
    """From which level on, how far back, and which families are left out."""

    at: LevelWord = Field(Level.ALERT, description="From which level on an alert counts.")
    over: Days | None = Field(None, description="Also those that were so within this time.")
    except_: tuple[Family, ...] = Field((), alias="except", description="Families that do not count.")


class Families(Counting):
    """How many families have a rule at that level or above; rules of this kind are never counted."""

    kind = "families"
    example = "{families: {at: alert, over: 7d, except: [media]}}"
    families: AtLevel = Field(description="Which alerts count.")


Leaf = Latest | Mean | Median | Min | Max | Sum | Count


def kind_of(value: Any) -> str | None:
    """The one key that names the measure, or nothing where there is none or more than one."""
    if isinstance(value, Measured):
        return value.kind
    if not isinstance(value, Mapping):
        return None
    found = [name for name in KINDS if name in value]
    return found[0] if len(found) == 1 else None


_LEAVES = (
    Annotated[Latest, Tag("latest")]
    | Annotated[Mean, Tag("mean")]
    | Annotated[Median, Tag("median")]
    | Annotated[Min, Tag("min")]
    | Annotated[Max, Tag("max")]
    | Annotated[Sum, Tag("sum")]
    | Annotated[Count, Tag("count")]
)
Part = Annotated[
    _LEAVES,
    Discriminator(
        kind_of,
        custom_error_type="measure",
        custom_error_message="exactly one of latest, mean, median, min, max, sum and count must be given",
    ),
]


class Ends(Strict):
    """What is divided by what."""

    of: Part = Field(description="The measure above the line.")
    to: Part = Field(description="The measure below the line; unknown at 0.")


class Ratio(Measured):
    """One measure divided by another; unknown where either is, joined on `by`."""

    kind = "ratio"
    example = "{ratio: {of: {latest: fuel_price_informal}, to: {latest: fuel_price_official}}}"
    ratio: Ends = Field(description="Two measures.")

    @property
    def indicators(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.ratio.of.indicators + self.ratio.to.indicators))


MEASURES: Mapping[str, type[Measured]] = types.MappingProxyType(
    {
        cls.kind: cls
        for cls in (
            Count, Sum, Latest, Mean, Median, Min, Max, Change, Ratio, Anomaly, Spike, Silence, DaysUntil,
            State, Rules, Families,
        )
    }
)  # fmt: skip
"""Every measure by its key, in the order of the docs."""
KINDS = tuple(MEASURES)

Measure = Annotated[
    Annotated[Count, Tag("count")]
    | Annotated[Sum, Tag("sum")]
    | Annotated[Latest, Tag("latest")]
    | Annotated[Mean, Tag("mean")]
    | Annotated[Median, Tag("median")]
    | Annotated[Min, Tag("min")]
    | Annotated[Max, Tag("max")]
    | Annotated[Change, Tag("change")]
    | Annotated[Ratio, Tag("ratio")]
    | Annotated[Anomaly, Tag("anomaly")]
    | Annotated[Spike, Tag("spike")]
    | Annotated[Silence, Tag("silence")]
    | Annotated[DaysUntil, Tag("days_until")]
    | Annotated[State, Tag("state")]
    | Annotated[Rules, Tag("rules")]
    | Annotated[Families, Tag("families")],
    Discriminator(
        kind_of,
        custom_error_type="measure",
        custom_error_message="exactly one measure must be given, one of: " + ", ".join(KINDS),
    ),
]
"""Exactly one of the measures, told apart by its key."""
