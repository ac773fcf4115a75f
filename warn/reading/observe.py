"""Findings to observations: only what rules count, and what the authorities say."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time

from warn.model import Observation
from warn.reading.values import RELIEF, Finding, Reading


def to_observations(
    reading: Reading, *, source: str, known_at: datetime, title: str = "", url: str = "", key: str = ""
) -> tuple[Observation, ...]:
    """What of a reading may be stored: worse, or better for relief; a denial becomes the authorities' statement.

    `key` names the text within its source (guid or address; default: hash of address and title); every observation
    adds its indicator to it, so that the same text read twice is the same rows. A finding without a date happened
    when the text was published, and that is taken to be `known_at`; a date after `known_at` is taken back to it, but
    relief for a later day is only announced and gives nothing: what is promised closes no alert.
    """
    stem = key or hashlib.sha256(f"{url}\n{title}".encode(errors="replace")).hexdigest()[:24]
    rows: dict[str, Observation] = {}
    for finding in reading.findings:
        indicator = counted_as(finding)
        if indicator and not _only_announced(finding, known_at):
            name = f"{stem}#{indicator}"
            rows.setdefault(name, _row(finding, indicator, name, source, known_at, title, url))
    return tuple(rows.values())


def counted_as(finding: Finding) -> str:
    """The indicator this finding is stored under; empty where it must not be."""
    if finding.direction == "denial":
        return "official_statement"
    wanted = "better" if finding.indicator in RELIEF else "worse"
    return finding.indicator if finding.direction == wanted else ""


def _only_announced(finding: Finding, known_at: datetime) -> bool:
    return bool(finding.indicator in RELIEF and finding.date and finding.date > known_at.date())


def _row(
    finding: Finding, indicator: str, key: str, source: str, known_at: datetime, title: str, url: str
) -> Observation:
    told = indicator == finding.indicator
    at = datetime.combine(finding.date, time(), UTC) if finding.date else known_at
    return Observation(
        indicator=indicator,
        occurred_at=min(at, known_at),
        known_at=known_at,
        value=finding.value if told else 1.0,
        low=finding.low if told else None,
        high=finding.high if told else None,
        source=source,
        origins=finding.origins,
        place=finding.place,
        lat=finding.lat,
        lon=finding.lon,
        precision=finding.precision,
        grade=finding.grade,
        attributes=finding.attributes if told else {**finding.attributes, "about": finding.indicator},
        title=title,
        url=url,
        key=key,
    )
