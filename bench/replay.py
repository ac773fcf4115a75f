"""How long the replay of autumn 2025 takes, and when it first warns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from statistics import median

TARGETS = {"without pictures": 15.0, "with pictures": 45.0}
FIRST, LAST, QUIET = "2025-09-04", "2025-10-05", "2025-08-15"


def replay(pictures: bool) -> tuple[float, dict[str, object]]:
    """Seconds of one replay in an empty folder, and what it answered."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "warn", "replay", "--json", *([] if pictures else ["--no-pictures"])],
            env={**os.environ, "WARN_VAR": folder},
            capture_output=True,
            text=True,
            check=True,
        )
        return time.monotonic() - began, json.loads(done.stdout)


def main() -> int:
    short = 0
    print(f"{'replay':32} {'target':>12} {'result':>12}")
    answer: dict[str, object] = {}
    for name, target in TARGETS.items():
        runs = [replay(pictures=name == "with pictures") for _ in range(3)]
        took, answer = median(seconds for seconds, _ in runs), runs[-1][1]
        short += took > target
        print(f"{name:32} {f'<= {target:g} s':>12} {f'{took:.1f} s':>12}")
    first = str(answer["first_level_3"])[:10]
    short += not FIRST <= first <= LAST
    print(f"{'first level-3 warning':32} {'4 Sep-5 Oct':>12} {first:>12}")
    rows = answer["timeline"]
    assert isinstance(rows, list)
    early = sum(row["level"] >= 3 and row["at"][:10] < QUIET for row in rows)
    short += early > 0
    print(f"{'level 3 before 15 August':32} {'none':>12} {early or 'none':>12}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
