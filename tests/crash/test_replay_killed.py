"""kill -9 anywhere in a replay, then the same command again: the same alerts, the same files, byte for byte."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from tests.app.running import ask, files_of, short_history, start, warn

TOLD = "SELECT number, revision, rule, kind, level, at, content FROM transition ORDER BY id"
STANDS = 'SELECT rule, "by", status, state FROM alert_state ORDER BY 1, 2'
SENT = "SELECT idem_key, state, provider_id, attempt > 0 AS tried FROM delivery ORDER BY idem_key"
TICKS = "SELECT DISTINCT at FROM tick ORDER BY at"


def replay(var: Path, words: list[str]) -> None:
    done = warn("replay", "--no-pictures", *words, var=var)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def kill_at(var: Path, words: list[str], files: int, pause_s: float) -> bool:
    """Starts the replay and kills it `pause_s` after it has left so many files; False where it was over before."""
    child = start("replay", "--no-pictures", *words, var=var)
    outbox, deadline = var / "outbox", time.monotonic() + 60
    while child.poll() is None and time.monotonic() < deadline:
        if files == 0 or len(list(outbox.glob("*.[et][mx][lt]"))) >= files:
            break
        time.sleep(0.002)
    time.sleep(pause_s)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    return child.returncode == -signal.SIGKILL


def same(disturbed: Path, quiet: Path) -> None:
    for question in (TOLD, STANDS, SENT, TICKS):
        assert ask(disturbed / "replay.db", question) == ask(quiet / "replay.db", question)
    got, wanted = files_of(disturbed / "outbox"), files_of(quiet / "outbox")
    assert sorted(got) == sorted(wanted)
    assert [name for name in wanted if got[name] != wanted[name]] == []


@pytest.mark.slow
def test_killed_again_and_again_a_replay_ends_in_the_same_alerts_and_the_same_files(tmp_path: Path) -> None:
    words = short_history(tmp_path / "facts", "2025-09-09", "2025-09-17")
    replay(tmp_path / "quiet", words)
    wanted = files_of(tmp_path / "quiet" / "outbox")
    assert len(wanted) > 25
    chance = random.Random()  # other moments in every run; the message of a failure names them
    marks = sorted(chance.sample(range(1, len(wanted) * 3 // 4), 5))
    pauses = [chance.uniform(0, 0.03) for _ in marks]
    print("killed after so many files:", list(zip(marks, pauses, strict=True)))  # noqa: T201 - for a failure
    kills = sum(kill_at(tmp_path / "disturbed", words, *when) for when in zip(marks, pauses, strict=True))
    assert kills == len(marks)
    replay(tmp_path / "disturbed", words)
    same(tmp_path / "disturbed", tmp_path / "quiet")


def test_killed_before_its_first_file_or_stopped_by_sigterm_it_is_finished_by_the_same_command(
    tmp_path: Path,
) -> None:
    words = short_history(tmp_path / "facts", "2025-09-03", "2025-09-05")
    for pause in (0.3, 1.2, 1.8):
        kill_at(tmp_path / "disturbed", words, 0, pause)
    child = start("replay", "--no-pictures", *words, var=tmp_path / "disturbed")
    outbox = tmp_path / "disturbed" / "outbox"
    while child.poll() is None and not any(outbox.glob("*.eml")):
        time.sleep(0.005)
    child.terminate()
    child.communicate(timeout=20)
    replay(tmp_path / "disturbed", words)
    replay(tmp_path / "quiet", words)
    same(tmp_path / "disturbed", tmp_path / "quiet")


def test_an_interrupted_replay_goes_on_and_a_finished_one_starts_anew(tmp_path: Path) -> None:
    words = short_history(tmp_path / "facts", "2025-09-03", "2025-09-05")
    var = tmp_path / "var"
    assert kill_at(var, words, 4, 0)
    before = {path.name: path.stat().st_mtime_ns for path in (var / "outbox").glob("*.[et][mx][lt]")}
    replay(var, words)
    after = {path.name: path.stat().st_mtime_ns for path in (var / "outbox").iterdir()}
    kept = [name for name in before if after.get(name) == before[name]]
    assert len(kept) >= 4
    replay(var, words)
    anew = {path.name: path.stat().st_mtime_ns for path in (var / "outbox").iterdir()}
    assert sorted(anew) == sorted(after)
    assert all(anew[name] > after[name] for name in after)
