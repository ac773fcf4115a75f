"""What leaves and what did not."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from warn.app import outbox as post
from warn.cli.common import Choices, Json, answer, now, out, settings, told
from warn.errors import UsageError

outbox = typer.Typer()


def add(app: typer.Typer) -> None:
    """The group of this file, on the root."""
    app.add_typer(outbox, name="outbox")


@outbox.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many given up, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """What was sent, what waits, and what was given up and why; no addresses.

    First how many by channel and state, then each that was given up: number, channel, kind, state, when, and why.

    dead: refused for good, or tried eight times. uncertain: it may have arrived. expired: an alert whose time was over
    before it could leave. What is mended in the settings is sent by `warn outbox requeue`.
    """
    if context.invoked_subcommand is None:
        with told():
            found = post.looked_at(settings(), now(), limit)
        if as_json:
            answer(found.data)
        else:
            out.print("\n".join(found.lines(Choices.lang)), markup=False)


@outbox.command()
def requeue(
    numbers: Annotated[
        list[str] | None,
        typer.Argument(metavar="NUMBER...", help="As `warn outbox` shows them.", show_default=False),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that is dead or uncertain and still tells what stands.")
    ] = False,
) -> None:
    """Send again what was given up, each with a full count of attempts; what is uncertain may arrive twice.

    A number is your word that it may go, also out of date. A service that runs sends it within seconds.
    """
    with told():
        if bool(numbers) == everything:
            raise UsageError(
                "Which deliveries?",
                "`warn outbox requeue NUMBER...`, or --all.",
                french=("Quels envois ?", "`warn outbox requeue NUMÉRO...`, ou --all."),
            )
        words = ["all"] if everything else numbers or []
        out.print(post.requeue(settings(), words, getpass.getuser(), now(), Choices.lang), markup=False)
