"""Mail that came back."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from warn.app import mending
from warn.cli.common import Choices, now, out, settings, told
from warn.errors import UsageError

LARGEST = 20_000_000


def add(app: typer.Typer) -> None:
    """The command of this file, on the root."""
    app.command()(bounces)


def bounces(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="The message that came back; - reads a pipe.")
    ],
) -> None:
    """Take a notice of non-delivery. A mail server pipes what reaches the bounce domain into `warn bounces -`.

    While the database cannot take it the exit status is 75, by which a mail server keeps the notice and tries again.
    """
    with told(trouble=os.EX_TEMPFAIL):
        out.print(mending.bounce(settings(), _read(file), now(), Choices.lang), markup=False)


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(LARGEST)
    try:
        return Path(file).read_bytes()[:LARGEST]
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}.",
            french=(f"{file} ne se lit pas : {error.strerror}.", ""),
        ) from error
