"""What reading a text gives: plain values, the same for every language and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from warn.model import EMPTY, Precision

Direction = Literal["worse", "better", "denial", "none"]
RELIEF = frozenset(
    {
        "convoy_arrival",
        "blockade_lifted",
        "logistics_resumption",
        "fuel_recovery_report",
        "school_reopening",
        "flight_resumption",
        "negotiation",
        "truce",
    }
)
"""Indicators that are good news; every other one counts when it gets worse."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a text says. `low` and `high` are what the text states, never our guess of how it rounded.

    `value` is what was counted or measured (tankers, people, francs); 1 where the text gives no figure, and then
    `low` and `high` are None. `claim` names the party whose word alone stands behind it. `matched` are the words of
    the text that led here, in its own spelling. `date` lies after the day of publication only for relief that is
    announced for a later day.
    """

    indicator: str
    direction: Direction
    date: date | None
    value: float = 1.0
    low: float | None = None
    high: float | None = None
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    precision: Precision = "country"
    origins: tuple[str, ...] = ()
    grade: str = "F6"
    claim: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    matched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text was found to say. `why_not` is a short reason where it says nothing of concern."""

    relevant: bool
    findings: tuple[Finding, ...] = ()
    why_not: str = ""


def document(reading: Reading) -> dict[str, Any]:
    """The reading as `warn read --json` prints it."""
    return {"observations": [_document(f) for f in reading.findings], "relevant": reading.relevant}


def _document(finding: Finding) -> dict[str, Any]:
    return {
        "indicator": finding.indicator,
        "date": finding.date.isoformat() if finding.date else None,
        "low": finding.low,
        "value": finding.value,
        "high": finding.high,
        "place": finding.place,
        "lat": finding.lat,
        "lon": finding.lon,
        "precision": finding.precision,
        "direction": finding.direction,
        "origin": "|".join(finding.origins),
        "grade": finding.grade,
        "claim": finding.claim,
        "matched": list(finding.matched),
        "attributes": dict(finding.attributes),
    }
