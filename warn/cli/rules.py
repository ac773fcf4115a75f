"""`warn rules ...`: what analysts run on the files they edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from warn.app import study, trying
from warn.cli import checking
from warn.cli.checking import Files, app
from warn.cli.common import Choices, Json, answer, moment, out, progress, settings, told
from warn.study.diff import diff_text
from warn.study.scenarios import results_text
from warn.study.table import backtest_table, sweep_table

add = checking.add


@app.command()
def test(files: Files = None, as_json: Json = False) -> None:
    """Run the scenarios of rules/tests at virtual time; of a file of rules, those of its rules.

    Each says which facts come in and what must follow; a failure says what was expected and what was found.
    """
    with told():
        results = study.test(settings(), files or [], Choices.lang)
    if as_json:
        answer([study.result_row(result) for result in results])
    else:
        for line in results_text(results, Choices.lang):
            out.print(line, markup=False)
    if any(not result.passed for result in results):
        raise typer.Exit(1)


@app.command()
def explain(
    target: Annotated[str, typer.Argument(metavar="RULE|ALERT", help="A rule's id or an alert's number.")],
    at: Annotated[
        str | None, typer.Option(help="As of this moment, as 2025-09-16T06:00Z; default: now.")
    ] = None,
    reader: Annotated[
        str | None, typer.Option("--for", metavar="SUBSCRIBER", help="Did this reader hear of it?")
    ] = None,
    database: Annotated[
        Path | None, typer.Option(help="Another database file, such as var/replay.db.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Why an alert stands where it stands: numbers, thresholds, what counted, what did not, what would change it."""
    with told():
        found = study.explain_alert(settings(), target, moment(at), reader, database, Choices.lang)
        if as_json:
            answer(found.data)
        else:
            out.print(found.text(Choices.lang), markup=False)


Observed = Annotated[
    list[Path] | None, typer.Option("--observations", help="Observation files; default: rules/history.")
]
Against = Annotated[
    Path | None, typer.Option(help="CSV id,date,impact of what a warning should have preceded.")
]


@app.command()
def backtest(
    rule_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[RULES]", help="Ids; default: all.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="From this day on; default: the first fact.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="To this day; default: the last fact.")] = None,
    every: Annotated[str, typer.Option(help="How often to judge: 1h, 30m, 1d.")] = "1h",
    facts: Observed = None,
    against: Against = None,
    covers: Annotated[
        str | None, typer.Option(metavar="FROM/TO", help="When the files' source was really being watched.")
    ] = None,
    level: Annotated[int, typer.Option(min=1, max=4, help="Score warnings of this level.")] = 3,
    unapproved: Annotated[
        str, typer.Option(help="Rules that wait for a person: approve at once, or never.")
    ] = "approve",
    sweeps: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep",
            metavar="KEY=VALUES",
            help="Try values one after another: rises_to.alert=1..5, over=7d,14d, convoy-attacks.clears_after=2d,7d. "
            "Several multiply, up to 200 runs.",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Draw it: FILE.svg or FILE.png. One backtest only, not with --sweep."
        ),
    ] = None,
    measure: Annotated[
        str, typer.Option(metavar="RULE", help="Whose measure the picture shows; default: the first to warn.")
    ] = "",
    as_json: Json = False,
) -> None:
    """What the rules would have done over history, beside simple baselines, against what really happened."""
    with told():
        asked = trying.Asked(
            rule_ids or (), moment(start), moment(end), every, facts or (), against, covers, level, unapproved
        )
        if plot is not None:
            trying.check_plot(plot, swept=bool(sweeps))
        if sweeps:
            with progress("sweep") as step:
                entries = trying.vary(settings(), asked, sweeps, step)
            _say({"sweep": entries}, sweep_table(entries, Choices.lang), as_json=as_json)
            return
        tried = trying.try_out(settings(), asked)
        if plot is not None:
            trying.plot(settings(), tried, plot, Choices.lang, measure)
        _say(tried.result, backtest_table(tried.result, Choices.lang), as_json=as_json)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="Folder of rules, or one file of it, as it was.")],
    new: Annotated[Path, typer.Argument(help="The same after the edit.")],
    days: Annotated[int, typer.Option(min=1, max=3660, help="Over so many last days.")] = 90,
    facts: Observed = None,
    against: Against = None,
    database: Annotated[
        Path | None, typer.Option(help="Over what this database holds; default: the service's own.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What an edit of rules, places, lexicon or feeds would have changed over the last days.

    [bold]warn rules diff rules/convoys.yaml new/convoys.yaml --days 150[/bold]
    """
    with told():
        found = trying.compare(settings(), old, new, days, facts or (), database, against)
        _say(found, diff_text(found, Choices.lang), as_json=as_json)


def _say(value: Any, text: str, *, as_json: bool) -> None:
    if as_json:
        answer(value)
    else:
        out.print(text, markup=False, end="")


@app.command()
def schema(
    write: Annotated[bool, typer.Option(help="Write rules/schema.json instead of printing.")] = False,
) -> None:
    """JSON Schema of rule files: completion and hover texts in your editor."""
    with told():
        text = study.schema(settings(), write=write)
    if not write:
        out.print(text, markup=False)


@app.command()
def new(
    kind: Annotated[
        str, typer.Argument(help="The measure it starts from: count, mean, latest, rules...")
    ] = "count",
) -> None:
    """A commented skeleton of a rule, to paste into a file of rules/."""
    with told():
        out.print(study.skeleton(kind, Choices.lang), markup=False)
