"""The command line: parse, call, print. `warn --help` lists the commands; each has a help of its own."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Literal

import typer

from warn.cli import admin, data, desk, field, mending, rules, running
from warn.cli.common import Choices, out

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


@app.callback(invoke_without_command=True)
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


running.add(app)
data.add(app)
admin.add(app)
desk.add(app)
field.add(app)
mending.add(app)
app.add_typer(rules.app, name="rules")


def main() -> None:
    """The entry point of the `warn` script."""
    app()
