"""What the shipped rules score on the shipped history, as the documents print it: never typed by hand."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from typer.testing import CliRunner
from warn.app import build
from warn.app.timeline import TOLD, lines
from warn.cli import program

NAMES = {
    "two_in_14d": "two convoy attacks within 14 days",
    "two_in_18d": "two convoy attacks within 18 days",
    "blind_clock": "a clock that knows nothing",
    "always_on": "always at alert",
}
UNTIL = "2025-10-10"
HEAD = "| way to warn | hits | misses | false alarms | days of lead | share of days at level 3 |\n| --- | --- | --- | --- | --- | --- |\n"


@cache
def _result(rules: Path) -> dict[str, Any]:
    """As `warn rules backtest --json` answers."""
    done = CliRunner().invoke(program(), ["rules", "backtest", "--json"], env={"WARN_RULES": str(rules)})
    if done.exit_code:
        raise SystemExit(f"The record cannot be printed: {done.output or done.exception!r}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def record(rules: Path) -> str:
    """Hits, misses and false alarms of level 3, beside simple ways to warn."""
    result = _result(rules)
    rows = [
        ("**these rules**", result["score"]),
        ("these rules, everything known 3 days later", result["score_3_days_later"]),
    ]
    rows += [(NAMES.get(name, name), score) for name, score in result["baselines"].items()]
    return HEAD + "".join(
        f"| {name} | {one['hits']} | {one['misses']} | {one['false_alarms']} | "
        f"{', '.join(f'{lead:g}' for lead in one['lead_days'])} | {one['share_of_days']:.0%} |\n"
        for name, one in rows
    )


def timeline(rules: Path) -> str:
    """The first weeks as `warn replay` prints them, to the first shortage and what followed."""
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
