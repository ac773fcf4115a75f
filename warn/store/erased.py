"""Who was erased, in a folder beside the database: a restore over one that cannot be read asks it.

A file for each day, a line for each name: the keyed hash of an id that was drawn by lot. No contact, and nothing of
whoever comes back, who gets another id. After thirty days, when no backup may be older, the file is deleted.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

log = logging.getLogger("warn.store")
KEPT = timedelta(days=30)
SINCE = "since"


@dataclass(frozen=True, slots=True)
class Erased:
    """`marks`: of all who were erased from `since` on."""

    since: datetime
    marks: frozenset[str]


class Journal:
    """`marks`: the keyed hash under each key, newest first: a line may be older than the newest.

    Several processes may write: lines are appended, and nothing is ever rewritten.
    """

    def __init__(self, database: Path, marks: Callable[[str], Sequence[str]]) -> None:
        self.marks = marks
        self._folder = database.with_suffix(".erased")
        try:
            self._begin()
        except OSError as error:
            log.error("%s cannot be made: %s", self._folder, error.strerror)  # noqa: TRY400  # the line says it

    def note(self, names: Iterable[str]) -> None:
        """On the disk before their rows are gone. Never raises: leaving must not fail for want of this line."""
        lines = "".join(
            f"\n{self.marks(name)[0]}" for name in names
        )  # behind whatever a power cut left half written
        if not lines:
            return
        try:
            self._begin()
            _write(self._folder / datetime.now(UTC).date().isoformat(), lines)
        except OSError as error:
            log.error("%s does not know who left: %s", self._folder, error.strerror)  # noqa: TRY400  # the line says it

    def read(self, now: datetime) -> Erased | None:
        """None where it is missing or not to be read."""
        try:
            began = datetime.fromisoformat((self._folder / SINCE).read_text(encoding="ascii").strip())
            marks = [line for day in self._days() for line in self._path(day).read_text("ascii").split()]
        except (OSError, ValueError):
            return None
        oldest = datetime.combine(now.date() - KEPT, time(), UTC)
        return Erased(max(began, oldest), frozenset(marks))

    def left(self, names: Iterable[str], noted: Erased) -> list[str]:
        """Those of these who stand in it."""
        return [name for name in names if not noted.marks.isdisjoint(self.marks(name))]

    def forget(self, now: datetime) -> None:
        try:
            for day in self._days():
                if day < now.date() - KEPT:
                    self._path(day).unlink(missing_ok=True)
        except OSError as error:
            log.error("%s keeps what is too old: %s", self._folder, error.strerror)  # noqa: TRY400  # the line says it

    def _begin(self) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if not (self._folder / SINCE).exists():
            _write(self._folder / SINCE, datetime.now(UTC).isoformat())

    def _days(self) -> list[date]:
        return [day for path in self._folder.iterdir() if (day := _day(path.name)) is not None]

    def _path(self, day: date) -> Path:
        return self._folder / day.isoformat()


def _day(name: str) -> date | None:
    """None where the file is none of ours."""
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _write(path: Path, lines: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, lines.encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)
