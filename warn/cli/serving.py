"""The live service. Alone in its module, so that it holds nothing of what other commands need."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from warn.app import live
from warn.cli.common import err, logs, settings, told


def add(app: typer.Typer) -> None:
    app.command()(run)


def run(
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Serve the page on this port instead of WARN_WEB__PORT."),
    ] = None,
) -> None:
    """The live service: collect, judge, tell, and the page, until SIGTERM or Ctrl-C.

    Works without any setting; every source or channel that lacks a key says so in one line and stays off.
    """
    with told():
        chosen = settings().on_port(port)
        logs(chosen.log_level)
        asyncio.run(live.run(chosen, ready=lambda address: err.print(f"warn is up: {address}")))
