"""Observations, in as many versions as were told to us; nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warn.model import Observation
from warn.store.database import Tx


@dataclass(frozen=True, slots=True)
class Ingested:
    new: int = 0
    revised: int = 0
    unchanged: int = 0

    @property
    def changed(self) -> bool:
        return bool(self.new or self.revised)


def ingest(tx: Tx, observations: Iterable[Observation], now: datetime) -> Ingested:
    """Stores what is new. The natural key is (source, key): the same content is unchanged, other content closes the
    older version at the newer one's `known_at`. `known_at` is taken as given; `stored_at` becomes `now`."""
    raise NotImplementedError


def withdraw(tx: Tx, ref: str, now: datetime, reason: str, *, final: bool = True) -> bool:
    """Closes the current version of `ref` at `now`; False if there is none.

    `final`: a person's decision, the same content read again stays withdrawn; not final: the source deleted it.
    """
    raise NotImplementedError


def load(tx: Tx, since: datetime | None = None) -> list[Observation]:
    """Every version (superseded ones too) that occurred at `since` or later, ordered by (known_at, id)."""
    raise NotImplementedError


def mark(tx: Tx) -> int:
    """Where the history of changes stands; hand it to `changed_after`."""
    raise NotImplementedError


def changed_after(tx: Tx, after: int) -> tuple[list[Observation], int]:
    """Versions added or closed since that mark, and the new mark. A closed version comes again, with `superseded_at`."""
    raise NotImplementedError


def versions(tx: Tx, ref: str) -> list[Observation]:
    """All versions of one observation, oldest first."""
    raise NotImplementedError
