"""What every command shares: settings, one way to fail, one way to answer a program."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from warn.errors import ConfigError, UsageError, WarnError
from warn.settings import Settings

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")]


class Choices:
    """What was said before the command's name (`warn --lang fr ...`)."""

    lang = "en"


def settings() -> Settings:
    """From the environment and `.env`; a wrong value is one line that names the variable."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "WARN_" + "__".join(str(part).upper() for part in first["loc"])
        raise ConfigError(f"{name}: {first['msg']}.", "Correct it in the environment or in .env.") from error


def now() -> datetime:
    return datetime.now(UTC)


def moment(text: str | None) -> datetime | None:
    """An ISO 8601 moment of the command line; a bare day is its start, a time without a zone is UTC."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"'{text}' is not a time.",
            "Write it as 2025-10-08 or 2025-10-08T06:00Z.",
            french=(f"« {text} » n'est pas une date.", "Écrivez 2025-10-08 ou 2025-10-08T06:00Z."),
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def answer(value: Any) -> None:
    """One JSON document for a program."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


@contextmanager
def told(trouble: int = 1) -> Iterator[None]:
    """Expected failures end as one clear line and the right exit status; `trouble`: that of all but wrong words."""
    try:
        yield
    except UsageError as error:
        err.print(f"[bold]warn:[/bold] {escape(error.said(Choices.lang))}")
        raise typer.Exit(2) from None
    except WarnError as error:
        err.print(f"[bold]warn:[/bold] {escape(error.said(Choices.lang))}")
        raise typer.Exit(trouble) from None
    except BrokenPipeError:
        raise typer.Exit(0) from None


@contextmanager
def progress(title: str) -> Iterator[Any]:
    """A bar on a terminal, nothing in a pipe; call it with (done, of, word)."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[word]}"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with bar:
        task = bar.add_task(title, total=1.0, word="")
        yield lambda done, of, word="": bar.update(task, completed=done, total=of, word=word)


def logs(level: str) -> None:
    """Plain lines on standard error."""
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)-7s %(name)s %(message)s", force=True
    )
    for noisy in ("httpx", "httpcore", "apscheduler", "alembic", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)  # `service` says what failed
