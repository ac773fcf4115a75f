"""Alert states, ticks, transitions and episodes with their public numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warn.model import AlertState, By, Level, Transition
from warn.store.database import Tx


@dataclass(frozen=True, slots=True)
class StoredTransition:
    """`number` is the episode's public number, `revision` counts the transitions of the episode from 1."""

    id: int
    number: int
    revision: int
    transition: Transition


@dataclass(frozen=True, slots=True)
class Episode:
    number: int
    rule: str
    by: By
    opened_at: datetime
    closed_at: datetime | None
    level: Level
    peak: Level
    revision: int


@dataclass(frozen=True, slots=True)
class Tick:
    at: datetime
    rules_hash: str
    transitions: int


def states(tx: Tx) -> list[AlertState]:
    """Ordered by rule and by."""
    raise NotImplementedError


def apply(
    tx: Tx,
    tick: datetime,
    states: Iterable[AlertState],
    transitions: Iterable[Transition],
    rules_hash: str = "",
) -> list[StoredTransition]:
    """Stores the tick, the states that changed and the transitions, in their order; numbers episodes in order of opening.

    A transition that is stored already (same episode, moment, kind and level) is left out of the answer.
    """
    raise NotImplementedError


def transitions(
    tx: Tx,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    rule: str | None = None,
    number: int | None = None,
) -> list[StoredTransition]:
    """With since <= at <= until, in the order they were stored."""
    raise NotImplementedError


def transition(tx: Tx, transition_id: int) -> StoredTransition | None:
    raise NotImplementedError


def episodes(tx: Tx, *, rule: str | None = None, open_only: bool = False) -> list[Episode]:
    raise NotImplementedError


def episode(tx: Tx, number: int) -> Episode | None:
    raise NotImplementedError


def last_tick(tx: Tx) -> datetime | None:
    raise NotImplementedError


def ticks(tx: Tx, since: datetime | None = None) -> list[Tick]:
    raise NotImplementedError
