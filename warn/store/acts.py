"""What people did: approvals, silences, acknowledgements, pauses, words, drills. Append-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from warn.model import EMPTY
from warn.store.database import Tx


@dataclass(frozen=True, slots=True)
class Act:
    """`kind`: approve, reject, silence, ack, pause, resume, withdraw, say, drill... `target`: an alert, rule or ref."""

    kind: str
    target: str
    by: str
    at: datetime
    until: datetime | None = None
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    id: int = 0


def record(tx: Tx, act: Act) -> int:
    """Stores the act and returns its id."""
    raise NotImplementedError


def acts(
    tx: Tx,
    *,
    kind: str | None = None,
    target: str | None = None,
    since: datetime | None = None,
    valid_at: datetime | None = None,
) -> list[Act]:
    """Oldest first. `valid_at`: only those whose `until` is open or later than that moment."""
    raise NotImplementedError


def paused(tx: Tx) -> bool:
    """The newest of pause and resume is a pause."""
    raise NotImplementedError
