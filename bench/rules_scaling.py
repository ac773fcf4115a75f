"""How long judging takes as there is more of one thing; each size in a process of its own.

`python -m bench.rules_scaling OBSERVATIONS RULES` prints seconds and memory of two years, hour by hour.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta

from warn.rules.evaluate import Engine

from bench.rules_world import EVERYTHING, START, YEARS, ground, mixed, most_memory_mb, observations, shipped


def alone(count: int, rules: int) -> tuple[float, float]:
    """Seconds and MB; no rules: the shipped ones."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.rules_scaling", str(count), str(rules)],
        capture_output=True,
        text=True,
        check=True,
    )
    took, memory = done.stdout.split()
    return float(took), float(memory)


def growth(sizes: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """(exponent of n as fitted, the exponent that n log n has between the same sizes)."""
    x = [math.log(n) for n in sizes]
    return _slope(x, [math.log(s) for s in seconds]), _slope(x, [math.log(n * math.log(n)) for n in sizes])


def _slope(x: Sequence[float], y: Sequence[float]) -> float:
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - mean_x) ** 2 for a in x)


def main(count: int, rules: int) -> None:
    geo, registry = ground()
    rows, judged = observations(count), mixed(rules, count) if rules else shipped()
    ticks = [START + timedelta(hours=h) for h in range(YEARS // timedelta(hours=1))]
    began = time.perf_counter()
    engine = Engine(judged, registry, geo)
    engine.load(rows, (), EVERYTHING)
    engine.advance((), ticks, light=True)
    took = time.perf_counter() - began
    print(took, most_memory_mb())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
