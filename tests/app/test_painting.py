"""Pictures of a replay are drawn by processes of their own, which may be killed and which end with it."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

from warn.app.painting import Painters
from warn.digest.raster import rasterise

from tests.digest import world

SVGS = [
    f'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"><text x="3" y="20">n{n}</text></svg>'
    for n in range(5)
]


def test_painters_draw_what_one_would_draw_alone_and_in_order() -> None:
    painters = Painters(world.FONTS)
    try:
        assert painters(SVGS) == [rasterise(svg, world.FONTS) for svg in SVGS]
    finally:
        painters.close()


def test_what_a_killed_painter_leaves_undone_is_drawn_all_the_same() -> None:
    painters = Painters(world.FONTS)
    try:
        painters(SVGS[:1])
        painters.hired[0].kill()
        painters.hired[0].wait()
        assert painters(SVGS) == [rasterise(svg, world.FONTS) for svg in SVGS]
    finally:
        painters.close()


def test_painters_end_with_the_process_that_hired_them() -> None:
    code = """
        import time
        from warn.app.painting import Painters
        print(*(one.pid for one in Painters([]).hired), flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        assert pids
        owner.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any(map(_runs, pids)):
        time.sleep(0.02)
    assert not [pid for pid in pids if _runs(pid)]


def _runs(pid: int) -> bool:
    with suppress(OSError):
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
    return False
