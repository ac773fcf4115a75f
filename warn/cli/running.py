"""What the service does, done once: replay, collect, evaluate, digest, init, doctor."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from warn.app import doctor, once, replaying
from warn.cli.common import Choices, Json, answer, err, logs, moment, now, out, progress, settings, told


def add(app: typer.Typer) -> None:
    """The commands of this file, on the root."""
    for command in (replay, collect, evaluate, digest, init, doctor_):
        app.command(name=command.__name__.rstrip("_"))(command)


def replay(
    history: Annotated[
        list[Path] | None, typer.Option("--observations", help="Observation files; default: rules/history.")
    ] = None,
    pictures: Annotated[bool, typer.Option(help="Draw the pictures of the digests.")] = True,
    serve: Annotated[
        bool, typer.Option("--serve", help="Then serve the page as it stood at the end.")
    ] = False,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port of that page.")] = None,
    as_json: Json = False,
) -> None:
    """Live through the past again: bundled facts of autumn 2025 through every stage, on a database of its own.

    Digests and alerts are left as files in var/outbox/, each marked EXERCICE / EXERCISE. Interrupted it goes on where
    it was; finished it starts anew. No message leaves this machine.
    """
    with told():
        chosen = settings().on_port(port)
        logs("WARNING")
        with progress("replay") as shown:
            done = asyncio.run(replaying.replay(chosen, history or [], pictures=pictures, progress=shown))
        if as_json:
            answer(done.data)
        else:
            out.print(done.text(Choices.lang), markup=False)
        if serve:
            ready = f"The page as it stood on {done.end:%d %B %Y}, until Ctrl-C: "
            asyncio.run(replaying.serve(chosen, done.end, lambda address: err.print(ready + address)))


def collect(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Ids; default: all that are on.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask sources once, now, and store what they say."""
    with told():
        logs("WARNING")
        polls = asyncio.run(once.collect(settings(), sources or [], now()))
        if as_json:
            answer([once.poll_row(poll) for poll in polls])
        else:
            for poll in polls:
                out.print(f"{poll.source}: {poll.outcome}, {poll.message}", markup=False)
    if any(not poll.good for poll in polls):
        raise typer.Exit(1)


def evaluate(
    at: Annotated[
        str | None, typer.Option(help="Show what would be judged at this moment; nothing is stored or sent.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge every rule once. Without --at it stores and queues what follows, like the service does."""
    with told():
        rows = once.evaluate(settings(), moment(at), now())
        if as_json:
            answer(rows)
        else:
            for row in rows:
                out.print(
                    f"{row['at']}  {row['rule']} {row['by'] or ''} {row['reason']} level {row['level']}",
                    markup=False,
                )
            out.print(f"{len(rows)} transitions")


def digest(
    lang: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    channel: Annotated[str, typer.Option(help="email or telegram: which form to show.")] = "email",
    at: Annotated[str | None, typer.Option(help="As of this moment; default: now.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print it; nothing is queued.")] = False,
    database: Annotated[
        Path | None, typer.Option(help="Another database file, such as var/replay.db.")
    ] = None,
) -> None:
    """Print the digest of a moment (--dry-run, or --at), or queue every edition that is due now."""
    with told():
        if dry_run or at is not None:
            out.print(once.preview(settings(), moment(at) or now(), lang, channel, database), markup=False)
        else:
            out.print(f"{once.editions(settings(), now())} deliveries queued")


def init(folder: Annotated[Path, typer.Argument(help="Where to write; made if absent.")]) -> None:
    """An editable copy of rules/, templates/ and a commented .env. Nothing that exists is overwritten."""
    with told():
        for line in once.init(folder):
            out.print(line, markup=False)


def doctor_(as_json: Json = False) -> None:
    """Check settings, database, rules, each source, SMTP and the bot token: one line each, with what to do."""
    with told():
        logs("ERROR")
        rows = asyncio.run(doctor.examine(settings(), now()))
        if as_json:
            answer([row.data for row in rows])
        else:
            for row in rows:
                out.print(row.line(Choices.lang), markup=False)
    if any(row.state == "fault" for row in rows):
        raise typer.Exit(1)
