"""The command line: parse, call, print. `warn --help` lists the commands; each has a help of its own."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Final, Literal

import typer

from warn.cli.common import Choices, out
from warn.rules.undisturbed import undisturbed

ROOMS: Final = {
    "serving": ("run",),
    "running": ("replay", "collect", "evaluate", "digest", "init", "doctor"),
    "data": ("import", "export", "read", "sources"),
    "admin": ("db", "secrets", "subscribers"),
    "desk": ("approve", "deny", "ack", "silence", "withdraw", "pause", "resume", "say", "drill"),
    "field": ("reporters", "reports"),
    "mending": ("bounces",),
    "outbox": ("outbox",),
    "rules": ("rules",),
}
"""Module of this package -> its commands. A command that is asked for is loaded alone: `warn run` stays for months."""
ALONE: Final = {("rules", "check"): "checking"}
"""What is run at every save has a module to itself."""


def program(words: Sequence[str] = ()) -> typer.Typer:
    """The command that these words ask for, or all where they name none."""
    app = typer.Typer(
        name="warn",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        help="Early warning of supply failures: observations in, rules judged, Telegram alerts and e-mail digests out.",
        epilog="First steps: `warn replay --serve` shows autumn 2025; `warn init DIR` gives you files to edit; "
        "`warn doctor` says what is set up; `warn run` is the live service.",
    )
    app.callback(invoke_without_command=True)(main_options)
    asked, further = _command(words)
    alone = ALONE.get((asked, further))
    for room in (
        [alone] if alone else [room for room, commands in ROOMS.items() if asked in commands] or ROOMS
    ):
        import_module(f"warn.cli.{room}").add(app)
    return app


def _command(words: Sequence[str]) -> tuple[str, str]:
    """The first word that is neither an option of `warn` itself nor the value of one, and the word behind it."""
    left = iter(words)
    for word in left:
        if not word.startswith("-"):
            return word, next(left, "")
        if word == "--lang":
            next(left, None)
    return "", ""


def main_options(
    lang: Annotated[
        Literal["en", "fr"], typer.Option(help="Language of answers: warn --lang fr rules check.")
    ] = "en",
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    Choices.lang = lang
    if show_version:
        out.print(f"warn {version('warn')}")
        raise typer.Exit


def main() -> None:
    """The entry point of the `warn` script."""
    with undisturbed():
        found = program(sys.argv[1:])
    gc.freeze()  # what was loaded stays to the end
    found()
