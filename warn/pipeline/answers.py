"""What administrators answered to alerts, as of a moment: acknowledgements hold until the next raise."""

from __future__ import annotations

from datetime import datetime

from warn.model import Transition
from warn.rules.escalation import rose_at
from warn.store import Tx, acts, alerts


def answered(tx: Tx, now: datetime) -> dict[int, datetime]:
    """Public number -> when it was last acknowledged."""
    return {int(act.target): act.at for act in acts.acts(tx, kind="ack") if act.at <= now}


def acknowledged(tx: Tx, now: datetime) -> set[int]:
    """Alerts that did not rise since somebody acknowledged them."""
    seen = answered(tx, now)
    if not seen:
        return set()
    told: dict[int, list[Transition]] = {number: [] for number in seen}
    for one in alerts.transitions(tx, numbers=seen, until=now):
        told[one.number].append(one.transition)
    return {
        number for number, at in seen.items() if (rose := rose_at(told[number])) is not None and rose <= at
    }
