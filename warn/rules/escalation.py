"""Who else is told when an alert stays without an answer: which steps of `escalate` are due.

Nothing is timed by a process. Whoever looks, after a restart too, finds the same steps due from what is stored of the
alert; what was called is remembered by `named`, so that editing one step does not repeat the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from warn.model import Transition
from warn.rules.durations import short
from warn.rules.rule import Escalation


def rose_at(history: Sequence[Transition]) -> datetime | None:
    """When the episode opened or last rose, by itself or by an edit of its rule; None where there is none."""
    return next((moved.at for moved in reversed(history) if moved.level > moved.before), None)


def named(step: Escalation) -> str:
    """`24h admins`."""
    return f"{short(step.after)} {step.to}"


def due(
    steps: Iterable[Escalation],
    rose: datetime,
    answered: datetime | None,
    called: Collection[str],
    now: datetime,
) -> list[Escalation]:
    """Steps whose time is over and that were not called since the alert rose; none once it was acknowledged since."""
    if answered is not None and answered >= rose:
        return []
    return [step for step in steps if rose + step.after <= now and named(step) not in called]
