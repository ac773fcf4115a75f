"""The real `warn` command in processes of its own, each with a folder of its own."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"
HISTORY = RULES / "history"
SECRET = "a-secret-of-the-tests-that-is-long-enough-0123456789"
COMMAND = [sys.executable, "-m", "warn"]


def environment(var: Path, **more: str) -> dict[str, str]:
    """Only ours: no setting of the machine's reaches a test."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("WARN_")}
    return bare | {
        "WARN_VAR": str(var),
        "WARN_RULES": str(RULES),
        "WARN_TEMPLATES": str(ROOT / "templates"),
        "WARN_SECRET": SECRET,
        "COLUMNS": "200",
    } | more  # fmt: skip


def warn(*words: str | Path, var: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; the folder `var` is also where it stands, so that no `.env` of ours is read."""
    var.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        env=environment(var, **more),
        cwd=var,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def start(*words: str | Path, var: Path, **more: str) -> subprocess.Popen[str]:
    var.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [*COMMAND, *map(str, words)],
        env=environment(var, **more),
        cwd=var,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def short_history(folder: Path, first: str, last: str) -> list[str]:
    """`--observations` words for the bundled facts of these days, with their coverage."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(csv.reader(io.StringIO((HISTORY / "2025-blockade.csv").read_text(encoding="utf-8"))))
    at = rows[0].index("known_at")
    kept = [rows[0], *(row for row in rows[1:] if first <= row[at][:10] <= last)]
    assert len(kept) > 3, "the bundled history has changed: choose other days"
    with (folder / "facts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(kept)
    watched = f'{{"coverage": {{"indicators": ["convoy_attack", "fuel_shortage_report", "blockade_declared"], "from": "{first}T00:00Z", "to": "{last}T00:00Z"}}}}\n'
    (folder / "watched.jsonl").write_text(watched, encoding="utf-8")
    return ["--observations", str(folder)]


def ask(database: Path, question: str) -> list[dict[str, Any]]:
    """Rows of a database as anybody with a SQL prompt sees them."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(question)]


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
