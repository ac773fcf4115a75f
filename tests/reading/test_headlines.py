"""Invented headlines of many turns of phrase: what each first tells, and the traps that must count for nothing."""

from __future__ import annotations

import csv
from pathlib import Path

from warn.reading.observe import counted_as

from tests.reading.shipped import reading

HEADLINES = Path(__file__).with_name("headlines.csv")


def test_each_headline_is_read_as_its_news_and_traps_count_for_nothing():
    with HEADLINES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 300
    misread = [(row["title"], row["read_as"], said) for row in rows if (said := _said(row)) != row["read_as"]]
    assert misread == []


def _said(row) -> str:
    """The first thing told with its direction; "nothing" where a trap gives nothing that counts."""
    findings = reading(row["title"], local=row["outlet"] == "local").findings
    if row["read_as"] == "nothing":
        counted = [name for f in findings if (name := counted_as(f)) not in {"", "official_statement"}]
        return ", ".join(counted) or "nothing"
    return f"{findings[0].indicator}:{findings[0].direction}" if findings else "nothing"
