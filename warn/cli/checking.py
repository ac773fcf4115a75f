"""`warn rules check`, by itself: what analysts run at every save loads nothing it does not need."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from warn.app import checking
from warn.cli.common import Choices, Json, answer, out, settings, told

app = typer.Typer(no_args_is_help=True, help="Check, test, explain and try out rule files.")


def add(root: typer.Typer) -> None:
    root.add_typer(app, name="rules")


Files = Annotated[
    list[Path] | None, typer.Argument(help="Files or a folder; without any, the whole rules folder.")
]


@app.command()
def check(
    files: Files = None,
    as_json: Json = False,
    say: Annotated[
        str | None, typer.Option("--say", metavar="LANG", help="Also one plain sentence per rule: fr or en.")
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="What a fault, a key or a measure means, with an example."),
    ] = None,
) -> None:
    """All faults at once, each with file, line, column and what to write instead.

    Exit status: 0 nothing wrong, 1 faults. Warnings are shown and stop nothing.

    [bold]warn rules check rules/fuel.yaml[/bold]   [bold]warn --lang fr rules check --say fr[/bold]
    """
    with told():
        if explain is not None:
            out.print(checking.explain_code(explain, Choices.lang), markup=False)
            return
        checked = checking.check(settings(), files or [])
        if as_json:
            answer(checked.rows)
        else:
            out.print(checked.text(Choices.lang), markup=False, end="")
            for sentence in checked.sentences(say) if say else ():
                out.print(sentence, markup=False)
    if checked.failed:
        raise typer.Exit(1)
