"""The command line called as a program calls it: words in; exit status, answer and complaints out."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from warn.cli import program
from warn.cli.common import Choices

from tests.app.running import environment


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output holds one JSON document and nothing else."""
        return json.loads(self.out)


class Prompt:
    """In this process, for speed; `tests/app/running.py` runs the real one."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.env = environment(var)

    def __call__(self, *words: str | Path, **more: str) -> Said:
        Choices.lang = "en"
        done = CliRunner().invoke(program(), list(map(str, words)), env=self.env | more)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def warn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Prompt]:
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield Prompt(tmp_path / "var")
    root.handlers[:] = before  # what a command set up writes to a stream that is closed by now
    root.setLevel(level)
