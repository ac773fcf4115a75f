"""The same rules over the same series for promtool and for us: mixed windows, thresholds and waiting times.

`python -m bench.rules_promtool RULES` judges our side in a process of its own and prints seconds and memory.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from warn.model import Coverage, Observation
from warn.rules.evaluate import Engine, Outcome
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule
from warn.rules.undisturbed import undisturbed

from bench.rules_world import START, WORDS, ground, most_memory_mb

HOURS: Final = 720
SERIES: Final = 100
CHECKS: Final = (240, 480, 719)
OURS: Final = {
    "avg_over_time": "mean",
    "quantile_over_time": "median",
    "max_over_time": "max",
    "min_over_time": "min",
    "latest": "latest",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule in neither's language: a function of a series over hours, its threshold and how long it must hold."""

    name: str
    function: str
    series: str
    hours: int
    threshold: float
    holds: int


def series() -> Mapping[str, Sequence[int]]:
    """Hourly values that wander; sums of whole numbers are exact on both sides."""
    rng = random.Random(7)
    found = {}
    for n in range(SERIES):
        value, values = 500, []
        for _ in range(HOURS):
            value = min(1000, max(0, value + rng.randrange(-20, 21)))
            values.append(value)
        found[f"m{n}"] = values
    return found


def asked(count: int) -> list[Asked]:
    """Thresholds that a wandering value passes now and then: a few rules in a hundred fire at a time."""
    rng = random.Random(11)
    functions = ("avg_over_time", "max_over_time", "min_over_time", "quantile_over_time", "latest")
    return [
        Asked(
            f"rule-{n}", functions[n % 5], f"m{n // 5 % SERIES}", rng.choice((24, 48, 168, 336)),
            rng.randrange(750, 1000) + 0.5, rng.choice((0, 0, 1, 6)),
        )
        for n in range(count)
    ]  # fmt: skip


def ours(rules: Sequence[Asked]) -> list[LoadedRule]:
    return [LoadedRule(Rule.model_validate(_body(one)), "bench.yaml", 1, one.name, one.name) for one in rules]


def _body(one: Asked) -> Mapping[str, Any]:
    kind = OURS[one.function]
    window = {} if kind == "latest" else {"over": f"{one.hours}h"}
    return {
        "id": one.name, "title": WORDS, "family": "price", "measure": {kind: one.series, **window},
        "rises_to": {"watch": one.threshold}, "holds_for": f"{one.holds}h", "clears_after": "0h", "eases_after": "0h",
        "stale_after": "10d", "valid_for": "90d",
    }  # fmt: skip


def judged(rules: Sequence[LoadedRule], values: Mapping[str, Sequence[int]], upto: int = HOURS) -> Outcome:
    """Every hour of the thirty days through the engine."""
    with undisturbed():
        return _judged(rules, values, upto)


def _judged(rules: Sequence[LoadedRule], values: Mapping[str, Sequence[int]], upto: int) -> Outcome:
    geo, registry = ground()
    ticks = [START + timedelta(hours=h) for h in range(HOURS)]
    rows = [
        Observation(name, ticks[h], ticks[h], float(value), source="bench", key=f"{name}-{h}")
        for name, found in values.items()
        for h, value in enumerate(found)
    ]
    engine = Engine(rules, registry, geo)
    engine.load(rows, (), [Coverage("bench", (), START - timedelta(days=90), START + timedelta(days=90))])
    return engine.advance((), ticks[:upto], light=True)


def written(folder: Path, rules: Sequence[Asked], values: Mapping[str, Sequence[int]]) -> Path:
    """promtool's rule file, and its test file with our firing set as what it is to expect."""
    lines = ["groups:", "- name: bench", "  interval: 1h", "  rules:"]
    for one in rules:
        # Prometheus 2 counts both ends of a window, we count one
        over = f"{one.series}[{one.hours * 60 - 30}m]"
        window = {"latest": one.series, "quantile_over_time": f"quantile_over_time(0.5, {over})"}.get(
            one.function, f"{one.function}({over})"
        )
        lines += [
            f"  - alert: {one.name}",
            f"    expr: {window} >= {one.threshold}",
            f"    for: {one.holds}h",
        ]
    (folder / "rules.yml").write_text("\n".join(lines) + "\n")
    test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1h",
        "tests": [
            {
                "interval": "1h",
                "input_series": [
                    {"series": name, "values": " ".join(map(str, found))} for name, found in values.items()
                ],
                "alert_rule_test": [
                    {
                        "eval_time": f"{hour}h",
                        "alertname": one.name,
                        "exp_alerts": [{}] if one.name in firing else [],
                    }
                    for hour in CHECKS
                    for firing in [_firing(rules, values, hour)]
                    for one in rules
                ],
            }
        ],
    }
    path = folder / "test.yml"
    path.write_text(json.dumps(test))
    return path


def _firing(rules: Sequence[Asked], values: Mapping[str, Sequence[int]], hour: int) -> set[str]:
    return {state.rule for state in judged(ours(rules), values, hour + 1).states if state.is_open}


def promtool(test: Path) -> tuple[float, str]:
    """Seconds, and what it found to differ from our firing set (nothing: they agree)."""
    began = time.perf_counter()
    done = subprocess.run(
        ["promtool", "test", "rules", str(test)], capture_output=True, text=True, check=False
    )
    return time.perf_counter() - began, "" if done.returncode == 0 else (done.stdout + done.stderr)


def alone(count: int) -> tuple[float, float]:
    """Our side in a process of its own: seconds of loading and judging, and its memory in MB."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.rules_promtool", str(count)], capture_output=True, text=True, check=True
    )
    took, memory = done.stdout.split()
    return float(took), float(memory)


def main(count: int) -> None:
    values, rules = series(), ours(asked(count))
    ground()
    began = time.perf_counter()
    judged(rules, values)
    took = time.perf_counter() - began
    print(took, most_memory_mb())


if __name__ == "__main__":
    main(int(sys.argv[1]))
