"""Facts in and out: import, export, sources, read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from warn.app import once, parsing
from warn.cli.common import Json, answer, err, now, out, settings, told
from warn.reading import document

sources_app = typer.Typer(help="Every source: whether it is on, how it answered last, on which terms.")


def add(app: typer.Typer) -> None:
    """The commands of this file, on the root."""
    app.command(name="import")(import_)
    app.command()(export)
    app.command()(read)
    app.add_typer(sources_app, name="sources")


def import_(
    file: Annotated[Path, typer.Argument(help="CSV or JSON Lines; the columns are in the README.")],
    covers: Annotated[
        str | None, typer.Option(metavar="FROM/TO", help="When the file's source was really being watched.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Import the good rows, report the others.")
    ] = False,
    source: Annotated[str, typer.Option(help="Source of rows that name none.")] = "file",
    as_json: Json = False,
) -> None:
    """Bring observations in. Twice the same file changes nothing; one bad row and nothing is imported.

    Each bad row is named with line, column and reason.
    """
    with told():
        done = once.import_file(settings(), file, now(), covers=covers, skip_bad=skip_bad, source=source)
    for refused in done.refused:
        err.print(f"{file}:{refused.line or 1}:{refused.column or 1}: {refused.reason}", markup=False)
    if as_json:
        answer(done.data)
    else:
        out.print(done.text, markup=False)
    if done.refused:
        raise typer.Exit(1)


def export(
    form: Annotated[str, typer.Option("--form", help="csv (with an HXL tag row) or jsonl.")] = "csv",
    database: Annotated[
        Path | None, typer.Option(help="Another database file, such as var/replay.db.")
    ] = None,
) -> None:
    """All observations, in the form that `warn import` takes. Sources whose terms forbid it are left out."""
    with told():
        out.file.write(once.export(settings(), form, database))


def read(
    text: Annotated[str, typer.Argument(help="A headline, French or English.")] = "",
    lead: Annotated[str, typer.Option(help="The sentence below it.")] = "",
    date: Annotated[str | None, typer.Option(help="Day of publication, for words such as 'hier'.")] = None,
    outlet: Annotated[str, typer.Option(help="Who published it.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="CSV date,lang,outlet,title,url; answered by JSON Lines.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What the reader of free text makes of a headline, and which words led there."""
    with told():
        if file is not None:
            for line in parsing.read_file(settings(), file):
                out.file.write(line + "\n")
            return
        found = parsing.read_text(settings(), text, lead, date, outlet)
        if as_json:
            answer(document(found))
        else:
            out.print(parsing.reading_text(found, parsing.day_of(date)), markup=False, highlight=False)


@sources_app.callback(invoke_without_command=True)
def sources(context: typer.Context, as_json: Json = False) -> None:
    if context.invoked_subcommand is None:
        list_(as_json=as_json)


@sources_app.command(name="list")
def list_(as_json: Json = False) -> None:
    """One line per source."""
    with told():
        rows = once.source_rows(settings(), now())
        if as_json:
            answer(rows)
        else:
            for line in once.source_lines(rows):
                out.print(line, markup=False)


@sources_app.command()
def parse(
    source: Annotated[str, typer.Argument(help="A source's id.")],
    file: Annotated[Path, typer.Argument(help="A saved body.")],
    as_json: Json = False,
) -> None:
    """What the source's parser makes of a saved body. Never a trace, whatever the bytes."""
    with told():
        found = parsing.parse_body(settings(), source, file, now())
        if as_json:
            answer(found)
        else:
            out.print(parsing.parsed_text(found), markup=False)
    if found["outcome"] not in {"ok", "no_data"}:
        raise typer.Exit(1)
