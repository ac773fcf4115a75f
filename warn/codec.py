"""States, transitions and evidence as JSON and back, byte for byte: what the store keeps and what tools print."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from warn.model import AlertState, By, Evidence, Level, Transition


def state_to_json(state: AlertState) -> dict[str, Any]:
    return {
        "rule": state.rule,
        "by": dict(state.by),
        "status": state.status,
        "level": int(state.level),
        "opened_at": _text(state.opened_at),
        "since": _text(state.since),
        "peak": int(state.peak),
        "changed_at": _text(state.changed_at),
        "blind_since": _text(state.blind_since),
        "timers": _plain(state.timers),
    }


def state_from_json(data: Mapping[str, Any]) -> AlertState:
    return AlertState(
        rule=data["rule"],
        by=by_from_json(data["by"]),
        status=data["status"],
        level=Level(data["level"]),
        opened_at=_moment(data["opened_at"]),
        since=_moment(data["since"]),
        peak=Level(data["peak"]),
        changed_at=_moment(data["changed_at"]),
        blind_since=_moment(data["blind_since"]),
        timers=data["timers"],
    )


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    return {
        "value": _number(evidence.value),
        "lo": _number(evidence.lo),
        "hi": _number(evidence.hi),
        "threshold": _number(evidence.threshold),
        "thresholds": dict(evidence.thresholds),
        "unit": evidence.unit,
        "counted": list(evidence.counted),
        "not_counted": list(evidence.not_counted),
        "origins": list(evidence.origins),
        "grade": evidence.grade,
        "place": evidence.place,
        "corridor": evidence.corridor,
        "days": evidence.days,
        "tree": _plain(evidence.tree),
        "rule_at": evidence.rule_at,
        "rule_hash": evidence.rule_hash,
    }


def evidence_from_json(data: Mapping[str, Any]) -> Evidence:
    lists = {name: tuple(data[name]) for name in ("counted", "not_counted", "origins")}
    return Evidence(**{**data, **lists})


def transition_to_json(transition: Transition) -> dict[str, Any]:
    return {
        "rule": transition.rule,
        "by": dict(transition.by),
        "at": _text(transition.at),
        "kind": transition.kind,
        "level": int(transition.level),
        "before": int(transition.before),
        "why": transition.why,
        "opened_at": _text(transition.opened_at),
        "evidence": evidence_to_json(transition.evidence),
    }


def transition_from_json(data: Mapping[str, Any]) -> Transition:
    at = _moment(data["at"])
    assert at is not None
    return Transition(
        rule=data["rule"],
        by=by_from_json(data["by"]),
        at=at,
        kind=data["kind"],
        level=Level(data["level"]),
        before=Level(data["before"]),
        evidence=evidence_from_json(data["evidence"]),
        why=data["why"],
        opened_at=_moment(data["opened_at"]),
    )


def by_from_json(data: Mapping[str, str]) -> By:
    return tuple(sorted(data.items()))


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _number(value: float | None) -> float | None:
    """JSON knows no infinity; an unbounded end is None."""
    return None if value is None or not math.isfinite(value) else float(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return _text(value)
    if isinstance(value, float):
        return _number(value)
    return value
