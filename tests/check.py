"""Every check that CI runs, in one command, each named with its time; all run even when one fails.

`python -m tests.check` (what `make test` calls). `WARN_NO_SKIPS=postgresql,chromium` turns the skips of tests that need
those programs into failures: CI sets it for what it installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

BIN = Path(sys.executable).parent

QUICK = {
    "ruff": [sys.executable, "-m", "ruff", "check", "warn", "tests", "bench", "docs"],
    "format": [sys.executable, "-m", "ruff", "format", "--check", "warn", "tests", "bench", "docs"],
    "layers": [str(BIN / "lint-imports"), "--cache-dir", ".import_linter_cache"],
    "docs": [sys.executable, "-m", "tests.docs"],
    "rules check": [sys.executable, "-m", "warn", "rules", "check"],
    "rules test": [sys.executable, "-m", "warn", "rules", "test"],
}
SLOW = {
    "mypy": [sys.executable, "-m", "mypy"],
    "pytest": [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        str(max(2, os.cpu_count() or 2)),
        "--durations=15",
    ],
}


def run(name: str, command: list[str]) -> tuple[str, int, float, str]:
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return name, done.returncode, time.monotonic() - began, done.stdout + done.stderr


def main() -> int:
    """Quick checks first, side by side; everything is printed as soon as it is known."""
    failed = []
    with ThreadPoolExecutor(2) as pool:
        quick = pool.map(lambda item: run(*item), QUICK.items())
        slow = (run(*item) for item in SLOW.items())
        for name, code, took, output in chain(quick, slow):
            print(f"{'ok  ' if code == 0 else 'FAIL'} {name} ({took:.1f} s)", flush=True)
            if code or name == "pytest":
                print(output, flush=True)
            if code:
                failed.append(name)
    print("all checks passed" if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
