"""What people did about one alert, and whom its rule calls while they do nothing, for `rules explain`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from warn.model import Transition
from warn.pipeline.answers import answered
from warn.pipeline.escalating import KIND
from warn.rules.escalation import named, rose_at
from warn.rules.rule import Rule
from warn.store import Tx, acts
from warn.store.alerts import StoredTransition

SHOWN: Final = frozenset({"ack", "approve", "deny", "silence", "asked", "dropped", KIND})


def acts_on(
    tx: Tx, number: int, history: Sequence[StoredTransition], rule: Rule | None, until: datetime
) -> dict[str, Any]:
    """`acts`: what was done up to that moment, oldest first; `calls`: whom the rule tells if nobody answers."""
    done = [act for act in acts.acts(tx, target=str(number)) if act.kind in SHOWN and act.at <= until]
    rows = [
        {
            "at": act.at.isoformat(),
            "kind": act.kind,
            "by": act.by,
            "reason": act.reason,
            "until": act.until.isoformat() if act.until else None,
        }
        for act in done
    ]
    moved = [one.transition for one in history]
    called = {act.reason for act in done if act.kind == KIND and act.at >= (rose_at(moved) or act.at)}
    return {"acts": rows, "calls": _calls(moved, rule, answered(tx, until).get(number), called)}


def _calls(
    history: Sequence[Transition], rule: Rule | None, seen: datetime | None, called: set[str]
) -> list[dict[str, Any]]:
    rose = rose_at(history)
    ended = not history or history[-1].kind in {"closed", "withdrawn", "lapsed"}
    if rule is None or rose is None or ended or (seen is not None and seen >= rose):
        return []
    left = [step for step in rule.escalate if named(step) not in called]
    return [{"at": (rose + step.after).isoformat(), "to": step.to} for step in left]
