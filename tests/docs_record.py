"""What the shipped rules score on the shipped history, as the documents print it: never typed by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from warn.app import build, study
from warn.app.timeline import TOLD, lines
from warn.settings import Settings

NAMES = {
    "two_in_14d": "two convoy attacks within 14 days",
    "two_in_18d": "two convoy attacks within 18 days",
    "blind_clock": "a clock that knows nothing",
    "always_on": "always at alert",
}
UNTIL = "2025-10-10"


@cache
def _result(rules: Path) -> dict[str, Any]:
    chosen = Settings(_env_file=None, rules=rules)
    return study.try_out(chosen, [], None, None, "1h", None, None, None, 3, "approve")


def record(settings: Settings) -> str:
    """Hits, misses and false alarms of level 3, beside simple ways to warn."""
    result = _result(settings.rules or Path("rules"))
    rows = [
        ("**these rules**", result["score"]),
        ("these rules, everything known 3 days later", result["score_3_days_later"]),
    ]
    rows += [(NAMES.get(name, name), score) for name, score in result["baselines"].items()]
    head = "| way to warn | hits | misses | false alarms | days of lead | share of days at level 3 |\n|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| {name} | {one['hits']} | {one['misses']} | {one['false_alarms']} | "
        f"{', '.join(f'{lead:g}' for lead in one['lead_days'])} | {one['share_of_days']:.0%} |\n"
        for name, one in rows
    )


def timeline(settings: Settings) -> str:
    """The first weeks as `warn replay` prints them, to the first shortage and what followed."""
    rules = settings.rules or Path("rules")
    result = _result(rules)
    what = {impact.id: impact.what for impact in build.listed(rules)}
    data = {
        "from": result["from"],
        "to": result["to"],
        "files": 0,
        "timeline": [row for row in result["timeline"] if row["reason"] in TOLD and row["at"] < UNTIL],
        "impacts": [
            {"date": one["date"], "impact": what[one["id"]], "lead_days": one["lead_days"]}
            for one in result["score"]["impacts"]
            if one["date"] < UNTIL
        ],
    }
    shown = list(lines(data, "en", Path("var/outbox")))[:-2]
    return "```text\n" + "\n".join(shown) + "\n```\n"
