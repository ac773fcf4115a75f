"""The replay of autumn 2025 as `make demo` makes it, made once for all who look at it."""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.app.running import files_of, warn


@dataclass
class Replayed:
    """What `warn replay --json` answered and left behind."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "replay.db"

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox"

    @cached_property
    def answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads((self.folder / "answer.json").read_text(encoding="utf-8"))
        return answer

    @cached_property
    def files(self) -> dict[str, bytes]:
        return files_of(self.outbox)


@pytest.fixture(scope="session")
def replayed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Replayed:
    """Workers of xdist share one: the first to come makes it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "replayed"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "answer.json").exists():
            done = warn("replay", "--no-pictures", "--json", var=folder)
            assert done.returncode == 0, done.stderr
            assert done.stderr == ""
            (folder / "answer.json").write_text(done.stdout, encoding="utf-8")
    return Replayed(folder)
