"""Pictures drawn side by side, each in a process of its own: the rasteriser holds the interpreter's lock.

For the replay, which draws the pictures of five months. The live service draws two a day and does it by itself.
A painter is told an SVG and answers with a PNG, each after its length; it ends with the process that started it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import IO

from warn.digest.raster import rasterise

LENGTH = 4  # bytes, big-endian
MOST = 4


class Painters:
    """As many as there are processors, at most four; several drawings at once, in order."""

    def __init__(self, fonts: Sequence[str]) -> None:
        self._fonts = tuple(fonts)
        command = [sys.executable, "-m", "warn.app.painting", *fonts]
        self.hired = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  # ourselves
            for _ in range(min(MOST, os.cpu_count() or 1))
        ]

    def __call__(self, svgs: Sequence[str]) -> list[bytes]:
        painted: list[bytes] = []
        for start in range(0, len(svgs), len(self.hired)):
            turn = list(zip(self.hired, svgs[start:], strict=False))
            for painter, svg in turn:
                assert painter.stdin is not None
                with contextlib.suppress(BrokenPipeError):
                    _put(painter.stdin, svg.encode())
            for painter, svg in turn:
                assert painter.stdout is not None
                painted.append(_get(painter.stdout) or rasterise(svg, self._fonts))  # a painter may be killed
        return painted

    def close(self) -> None:
        for painter in self.hired:
            with contextlib.suppress(BrokenPipeError):
                painter.communicate()


def _put(pipe: IO[bytes], told: bytes) -> None:
    pipe.write(len(told).to_bytes(LENGTH) + told)
    pipe.flush()


def _get(pipe: IO[bytes]) -> bytes:
    """What was put at the other end; nothing, where that end is gone."""
    length = int.from_bytes(pipe.read(LENGTH))
    told = pipe.read(length)
    return told if len(told) == length else b""


def paint(fonts: Sequence[str]) -> None:
    """What a painter does until nobody can tell it more. Whoever stops the replay by ^C stops it by that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):
        while told := _get(sys.stdin.buffer):
            _put(sys.stdout.buffer, rasterise(told.decode(), fonts))


if __name__ == "__main__":
    paint(sys.argv[1:])
