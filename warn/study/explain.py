"""Why an alert stands where it stands: the tree of its measure, as text for people and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from warn.model import AlertState, By, Transition
from warn.rules.evaluate import Engine


def explain(
    engine: Engine,
    rule_id: str,
    at: datetime,
    *,
    by: By = (),
    state: AlertState | None = None,
    history: Sequence[Transition] = (),
    number: int | None = None,
) -> dict[str, Any]:
    """Everything `warn rules explain` says, JSON-serialisable: head, why, known, what would change it, history."""
    raise NotImplementedError


def explain_text(explained: dict[str, Any], lang: str = "en", heard: Sequence[str] = ()) -> str:
    """The same as a tree for a terminal; `heard`: lines on who was told, from the caller."""
    raise NotImplementedError
