"""Turns what a database driver says into one clear line and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from warn.errors import StoreError

UPGRADE = "Run `warn db upgrade`."

# What the driver says (lower case), what it means, what to do. The first that matches counts.
MEANINGS: tuple[tuple[str, str, str], ...] = (
    ("disk is full", "The disk of the database {where} is full.", "Free some space; nothing stored is lost."),
    (
        "no space left",
        "The disk of the database {where} is full.",
        "Free some space; nothing stored is lost.",
    ),
    (
        "could not extend",
        "The disk of the database {where} is full.",
        "Free some space; nothing stored is lost.",
    ),
    (
        "is locked",
        "The database {where} was kept locked by another program for longer than 10 s.",
        "See which other `warn` or SQLite program holds it, and try again.",
    ),
    ("lock timeout", "The database {where} was kept locked by another program.", "Try again."),
    ("no such table", "The database {where} lacks tables.", UPGRADE),
    ("no such column", "The database {where} is of an older version.", UPGRADE),
    ("has no column", "The database {where} is of an older version.", UPGRADE),
    ("undefinedtable", "The database {where} lacks tables.", UPGRADE),
    ("undefinedcolumn", "The database {where} is of an older version.", UPGRADE),
    (
        "readonly database",
        "The database {where} cannot be written.",
        "Give this user the right to write the file and its folder.",
    ),
    (
        "unable to open",
        "The database {where} cannot be opened.",
        "Check that the folder exists and this user may write there.",
    ),
    (
        "malformed",
        "The database {where} is damaged.",
        "Restore the newest backup: `warn db restore FILE`.",
    ),
    (
        "not a database",
        "The file {where} is not a database, or is damaged.",
        "Restore the newest backup: `warn db restore FILE`.",
    ),
    (
        "disk i/o error",
        "The disk of the database {where} fails.",
        "Look at the disk and the system's log; restore a backup if it stays so.",
    ),
    ("password authentication", "The database {where} refused name or password.", "Check WARN_DATABASE."),
    ("does not exist", "The database {where} does not exist.", "Create it, or check WARN_DATABASE."),
)
UNREACHABLE = ("connection", "server closed", "terminating", "ssl syscall", "starting up", "shutting down")


@contextmanager
def explained(where: str) -> Iterator[None]:
    """StoreError for what a person can act on or what passes (a deadlock); anything else is a defect and goes on."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        found = meaning(error, where)
        if found is None:
            raise
        raise found from error


def meaning(error: DBAPIError, where: str) -> StoreError | None:
    said = f"{type(error.orig).__name__} {error.orig}".lower()
    for sign, message, remedy in MEANINGS:
        if sign in said:
            return StoreError(message.format(where=where), remedy)
    if any(sign in said for sign in UNREACHABLE):
        return StoreError(
            f"The database {where} does not answer.", "See that the server runs and is reachable."
        )
    if isinstance(error, OperationalError) or "read-only" in said:
        first = str(error.orig).partition("\n")[0]
        return StoreError(f"The database {where} did not do what was asked: {first}.", "It is tried again.")
    return None
