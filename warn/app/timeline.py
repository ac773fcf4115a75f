"""What a replay came to: its alerts in order of time, beside what they should have preceded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from warn.model import Level
from warn.pipeline.facts import given_issues
from warn.pipeline.work import Work
from warn.store import Tx, alerts
from warn.store.alerts import StoredTransition
from warn.study.score import score

TOLD = frozenset(
    {"opened", "raised", "eased", "closed", "blind", "sighted", "lapsed", "withdrawn", "corrected"}
)
WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "opened": "s'ouvre", "raised": "monte", "eased": "baisse", "closed": "se ferme", "blind": "sans nouvelles",
        "sighted": "nouvelles revenues", "lapsed": "perdue de vue", "withdrawn": "retirée", "corrected": "corrigée",
        "head": "Rejeu du {0} au {1} : {2} transitions, {3} fichiers dans {4}",
        "impact": "  >>> {0} : {1}", "lead": " - averti {0:g} jours avant", "miss": " - aucune alerte 3/4 à temps",
    },
    "en": {
        "opened": "opens", "raised": "rises", "eased": "eases", "closed": "closes", "blind": "no news",
        "sighted": "news again", "lapsed": "lost from sight", "withdrawn": "withdrawn", "corrected": "corrected",
        "head": "Replay from {0} to {1}: {2} transitions, {3} files in {4}",
        "impact": "  >>> {0}: {1}", "lead": " - warned {0:g} days before", "miss": " - no alert 3/4 in time",
    },
}  # fmt: skip


def outcome(tx: Tx, work: Work, start: datetime, end: datetime, folder: Path) -> dict[str, Any]:
    """As `warn replay --json` answers."""
    scored = score(given_issues(tx, work, end), work.impacts, Level.ALERT, start, end)
    said = {one.id: one.what for one in work.impacts}
    stored = [one for one in alerts.transitions(tx) if one.transition.kind in TOLD]
    return {
        "from": start.isoformat(),
        "to": end.isoformat(),
        "outbox": str(folder),
        "files": sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0,
        "timeline": [_row(one) for one in stored],
        "impacts": [{**one, "impact": said[one["id"]]} for one in scored["impacts"]],
        "first_level_3": next(
            (_row(one)["at"] for one in stored if one.transition.level >= Level.ALERT), None
        ),
    }


def lines(data: Mapping[str, Any], lang: str, folder: Path) -> Iterator[str]:
    """The same for a person: alerts and impacts in one order of time."""
    words = WORDS[lang]
    rows = [(row["at"], 1, _alert_line(row, words)) for row in data["timeline"]]
    rows += [(one["date"], 0, _impact_line(one, words)) for one in data["impacts"]]
    yield from (line for _, _, line in sorted(rows, key=lambda row: row[:2]))  # else as they were told
    yield ""
    days = (data["from"][:10], data["to"][:10])
    yield words["head"].format(*days, len(data["timeline"]), data["files"], folder)


def _row(stored: StoredTransition) -> dict[str, Any]:
    moved = stored.transition
    return {
        "at": moved.at.isoformat(),
        "number": stored.number,
        "rule": moved.rule,
        "by": dict(moved.by),
        "level": int(moved.level),
        "reason": moved.kind,
        "value": moved.evidence.value,
        "threshold": moved.evidence.threshold,
    }


def _alert_line(row: Mapping[str, Any], words: Mapping[str, str]) -> str:
    by = f" [{', '.join(row['by'].values())}]" if row["by"] else ""
    value = f" ({row['value']:g})" if row["value"] is not None else ""
    return f"{row['at'][:16].replace('T', ' ')}  {row['level']}/4  {row['rule']}{by} {words[row['reason']]}{value}"


def _impact_line(impact: Mapping[str, Any], words: Mapping[str, str]) -> str:
    lead = impact["lead_days"]
    said = words["lead"].format(lead) if lead is not None else words["miss"]
    return words["impact"].format(impact["date"], impact["impact"]) + said
