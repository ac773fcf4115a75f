"""The database, secrets and subscribers."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from warn.app import keeping, mending, rotating
from warn.app.wording import told as in_language
from warn.cli.common import Choices, Json, answer, now, out, progress, settings, told

db = typer.Typer(no_args_is_help=True, help="Tables, backups, and whether they are sound.")
secret = typer.Typer(no_args_is_help=True, help="Keys.")
Who = Annotated[
    str,
    typer.Argument(metavar="WHO|-", help="An id, a mail address or a chat's number; - reads it from a pipe."),
]
people = typer.Typer(no_args_is_help=True, help="Who hears from us. No names, no addresses are ever listed.")


def add(app: typer.Typer) -> None:
    """The groups of this file, on the root."""
    app.add_typer(db, name="db")
    app.add_typer(secret, name="secrets")
    app.add_typer(people, name="subscribers")


@db.command()
def upgrade() -> None:
    """Make the tables, or bring them to this version. Does nothing where they are current."""
    with told():
        out.print(keeping.upgrade(settings(), Choices.lang), markup=False)


@db.command()
def backup(target: Annotated[Path, typer.Argument(help="File to write; must not exist.")]) -> None:
    """A consistent copy while the service runs, checked after it was written. Keep var/secret.key with it."""
    with told():
        out.print(keeping.backup(settings(), target, Choices.lang), markup=False)


@db.command()
def restore(source: Annotated[Path, typer.Argument(help="A file that `warn db backup` wrote.")]) -> None:
    """Replace the database, also a damaged one, by a checked backup. Stop the service first; then `warn resume`."""
    with told():
        out.print(keeping.restore(settings(), source, now(), Choices.lang), markup=False)


@db.command()
def move(
    target: Annotated[str, typer.Argument(help="postgresql+psycopg://user@host/name, or sqlite:///file")],
) -> None:
    """Copy everything into another, empty database, and compare. Stop the service first."""
    with told():
        out.print(keeping.move(settings(), target, Choices.lang), markup=False)


@db.command()
def check() -> None:
    """Whether the database is sound; one line per fault."""
    with told():
        faults = keeping.check(settings())
        sound = in_language(Choices.lang, "The database is sound.", "La base est saine.")
        out.print("\n".join(faults) or sound, markup=False)
    if faults:
        raise typer.Exit(1)


@secret.command()
def new() -> None:
    """Print a new secret for WARN_SECRET. It seals contacts and signs links: with it lost, all contacts are lost."""
    out.print(secrets.token_urlsafe(48), markup=False)


@secret.command()
def rotate(
    restarted: Annotated[
        bool, typer.Option("--restarted", help="The service that runs was started with both keys.")
    ] = False,
) -> None:
    """Seal every contact anew with the first of several keys.

    1. Put the new key first: WARN_SECRET=NEW,OLD. OLD is what stood there, or the content of var/secret.key.

    2. Restart the service and type `warn secrets rotate --restarted`; or stop it, and leave the option out. Killed, it
    goes on where it ended when it is typed again.

    3. Keep OLD behind NEW for 30 days: links in mails, backups and hashes of addresses that bounced are older.
    """
    with told(), progress("contacts") as seen:
        done = rotating.rotate(settings(), restarted=restarted, progress=seen)
    out.print(done.said(Choices.lang), markup=False)
    if done.lost:
        raise typer.Exit(1)


@people.command()
def count(as_json: Json = False) -> None:
    """How many by channel and state."""
    with told():
        rows = keeping.count(settings())
        if as_json:
            answer(rows)
        else:
            for line in keeping.count_lines(rows, Choices.lang):
                out.print(line, markup=False)


@people.command()
def export(who: Who) -> None:
    """Everything held about one person, as JSON: to be handed to them and to nobody else.

    Address, preferences, what they did, each message with its alerts and what became of it, editions, why an address
    is shut; of a reporter's chat what they reported this month and the last.
    """
    with told():
        answer(keeping.export(settings(), _said(who), now()))


@people.command()
def erase(who: Who) -> None:
    """Erase contact and preferences at once; open deliveries are suppressed."""
    with told():
        out.print(keeping.erase(settings(), _said(who), now(), Choices.lang), markup=False)


@people.command()
def readmit(address: Who) -> None:
    """Let a mail address sign up again that came back or was reported as unwanted."""
    with told():
        out.print(keeping.readmit(settings(), _said(address), now(), Choices.lang), markup=False)


@people.command()
def webhook(
    url: Annotated[str, typer.Argument(help="https://host/path that takes a POST.")],
    lang: Annotated[Literal["fr", "en"], typer.Option(help="Language of the texts inside.")] = "fr",
    level: Annotated[int, typer.Option(help="Alerts from this level on, 1 to 4.")] = 1,
) -> None:
    """Subscribe a program: every alert as signed JSON. Prints its id and, once, the secret to check signatures with."""
    with told():
        out.print(mending.add_webhook(settings(), url, lang, level, now(), Choices.lang), markup=False)


def _said(given: str) -> str:
    """What is piped in stands in no history of a shell."""
    return sys.stdin.readline().strip() if given == "-" else given
