"""Alert states as of any moment, from what was stored of them: the same for a digest of today and of last year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Final

from warn.model import AlertState, AlertStatus
from warn.store.alerts import StoredTransition

_STATUS: Final[Mapping[str, AlertStatus]] = MappingProxyType(
    {"blind": "blind", "lapsed": "lapsed", "closed": "closed", "withdrawn": "closed"}
)
_KEEPS_STATUS: Final = frozenset({"updated", "reminded", "edited", "corrected"})


def histories(stored: Iterable[StoredTransition]) -> dict[int, tuple[StoredTransition, ...]]:
    """Public number -> its transitions, oldest first."""
    ordered = sorted(stored, key=lambda one: (one.number, one.id))
    return {number: tuple(group) for number, group in groupby(ordered, key=lambda one: one.number)}


def state_of(history: Sequence[StoredTransition]) -> AlertState:
    """Where the episode stood after the last transition given."""
    first = history[0].transition
    state = AlertState(rule=first.rule, by=first.by, opened_at=first.opened_at or first.at)
    for stored in history:
        moved = stored.transition
        status = state.status if moved.kind in _KEEPS_STATUS else _STATUS.get(moved.kind, "open")
        state = replace(
            state,
            status=status,
            since=moved.at if moved.level != state.level else state.since,
            level=moved.level,
            peak=max(state.peak, moved.level),
            changed_at=moved.at,
            blind_since=_blind_since(state, status, moved.at),
        )
    return state


def _blind_since(state: AlertState, status: AlertStatus, at: datetime) -> datetime | None:
    if status not in {"blind", "lapsed"}:
        return None
    return state.blind_since or at
