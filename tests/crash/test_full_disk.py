"""A disk that is full: one clear line, nothing half stored, and all of it there once there is room again."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.app.running import COMMAND, HISTORY, ask, environment, short_history, warn
from tests.crash.test_replay_killed import replay, same


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A file system of its own of a size that can be changed; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")

    def sized(size: str) -> Path:
        options = f"remount,size={size}" if os.path.ismount(folder) else f"size={size}"
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip(f"mounting is not allowed here: {done.stderr.decode().strip()}")
        return folder

    yield sized
    if os.path.ismount(folder):
        subprocess.run(["umount", "-l", str(folder)], check=True)


def plain(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a failure that was foreseen."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("warn:")]
    assert len(said) == 1, done.stderr
    return said[0]


def test_a_replay_on_a_full_disk_stops_in_one_line_and_is_finished_when_there_is_room(
    disk: Callable[[str], Path], tmp_path: Path
) -> None:
    words = short_history(tmp_path / "facts", "2025-09-03", "2025-09-08")
    folder = disk("900k")
    assert "full" in plain(warn("replay", "--no-pictures", *words, var=folder / "var")).lower()
    disk("64m")
    replay(folder / "var", words)
    replay(tmp_path / "quiet", words)
    same(folder / "var", tmp_path / "quiet")


def test_an_import_that_finds_no_room_stores_nothing_of_it_and_all_of_it_later(tmp_path: Path) -> None:
    """The kernel's limit on the size of a file stands for the disk: no special right is needed."""
    var = tmp_path / "var"
    assert warn("db", "upgrade", var=var).returncode == 0

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    done = subprocess.run(
        [*COMMAND, "import", str(HISTORY / "2025-blockade.csv")], env=environment(var), cwd=var,
        preexec_fn=limited, capture_output=True, text=True, check=False,
    )  # fmt: skip
    plain(done)
    assert ask(var / "warn.db", "SELECT count(*) AS n FROM observation") == [{"n": 0}]
    assert ask(var / "warn.db", "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert warn("import", HISTORY / "2025-blockade.csv", var=var).returncode == 0
    assert ask(var / "warn.db", "SELECT count(*) AS n FROM observation")[0]["n"] > 50
