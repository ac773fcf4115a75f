"""Field reports: who may send them, and which of them count."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from warn.app import moderating
from warn.cli.common import Choices, Json, answer, now, out, settings, told

reporters = typer.Typer(no_args_is_help=True, help="Who may send field reports. No names are kept.")
reports = typer.Typer(no_args_is_help=True, help="Field reports that wait for a person.")

Numbers = Annotated[list[str], typer.Argument(metavar="REPORT...", help="Their numbers, see `reports list`.")]


def add(app: typer.Typer) -> None:
    """The groups of this file, on the root."""
    app.add_typer(reporters, name="reporters")
    app.add_typer(reports, name="reports")


@reporters.command()
def invite(as_json: Json = False) -> None:
    """A link that makes one person a reporter, once, within three days. Hand it over in person."""
    with told():
        made = moderating.invite(settings(), getpass.getuser(), now())
        if as_json:
            answer(made)
            return
        out.print(made["link"] or f"To be sent to the bot: {made['message']}", markup=False)
        out.print(f"Whoever uses it first becomes {made['reporter']}.", markup=False)


@reporters.command(name="list")
def list_reporters(as_json: Json = False) -> None:
    """Reporters by their ids, with what became of their reports of this month and the last; links not used yet."""
    with told():
        rows = moderating.listed(settings(), now())
        if as_json:
            answer(rows)
            return
        for row in rows:
            if row["since"] is None:
                out.print(
                    f"{row['reporter']:10} invited, the link is good until {row['invited_until']:%Y-%m-%d %H:%M} UTC"
                )
            else:
                record = ", ".join(f"{count} {state}" for state, count in sorted(row["reports"].items()))
                out.print(f"{row['reporter']:10} since {row['since']:%Y-%m-%d}  {record or 'no reports'}")
        if not rows:
            out.print("Nobody yet: `warn reporters invite`.")


@reporters.command()
def revoke(reporter: Annotated[str, typer.Argument(help="The id, see `reporters list`.")]) -> None:
    """No more reports of theirs count; those that nobody was told of are refused. Takes back a link, too."""
    with told():
        out.print(moderating.revoke(settings(), reporter, getpass.getuser(), now()), markup=False)


@reports.command(name="list")
def list_reports(as_json: Json = False) -> None:
    """What waits, by number; how many were refused or expired is counted, what they said is gone."""
    with told():
        found = moderating.waiting(settings())
        if as_json:
            answer(found)
            return
        for row in found["waiting"]:
            out.print(row["line"], markup=False)
        counts = ", ".join(f"{count} {state}" for state, count in sorted(found["counts"].items()))
        out.print(counts or "No field report yet.")


@reports.command()
def accept(numbers: Numbers) -> None:
    """True as far as can be seen, and harmful to nobody. It counts when three reporters have said the same."""
    _decide("accept", numbers)


@reports.command()
def refuse(numbers: Numbers) -> None:
    """Wrong, or dangerous to somebody: what it said is erased and only counted."""
    _decide("refuse", numbers)


def _decide(verb: str, numbers: list[str]) -> None:
    with told():
        out.print(
            moderating.decide(settings(), verb, numbers, getpass.getuser(), now(), Choices.lang), markup=False
        )
