"""What an edit of the rules does by itself, as opposed to what happens afterwards under the edited rules.

    engine = work.engine.replaced(rules, indicators, geography, sources)   # the history is carried over
    outcome = engine.advance(states, [now])                                # marks what only the edit causes
    engine.settle()                                                        # once that is stored

An opening or raise of kind `edited` (its level lies above `before`) waits for a person, whatever the rule's mode. Open
alerts whose rule is gone, or has another `by`, stay as they are until an administrator confirms (`approve rule:<id>`),
and are then `retired`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from warn.model import AlertState, By, Evidence, Level, Transition
from warn.rules.ladder import EDITED, Climb, Move
from warn.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Retired:
    """Alerts that were withdrawn with their rule, and what is told of it."""

    states: tuple[AlertState, ...]
    transitions: tuple[Transition, ...]


def fits(rule: Rule | None, by: By) -> bool:
    """Whether an alert is one of this rule's, as the rule stands now."""
    return rule is not None and tuple(name for name, _ in by) == tuple(sorted(rule.by))


def orphans(rules: Mapping[str, Rule], states: Iterable[AlertState]) -> tuple[AlertState, ...]:
    """Open alerts that no rule judges any more."""
    return tuple(s for s in states if s.is_open and not fits(rules.get(s.rule), s.by))


def marked(
    climb: Climb, moves: Sequence[Move], plain: Collection[tuple[str, Level]], old: AlertState | None
) -> list[Move]:
    """What is told at the first tick under edited rules: what the old ones would not have told is the edit's.

    `plain`: what they would have told, as (kind, level); `old`: the alert after that. A level that is reached from
    this tick on, and was not before, is the edit's too, though it may have to hold for a while first.
    """
    before = frozenset() if old is None else frozenset(int(rung) for rung in old.timers.get("up", {}))
    if early := climb.reached() - before:
        climb.memory.edited = early
    return [move if (move.kind, move.level) in plain else _by_edit(move) for move in moves]


def _by_edit(move: Move) -> Move:
    if move.kind not in {"opened", "raised", "eased", "closed"}:
        return move
    kind = move.kind if move.kind == "closed" else "edited"
    return replace(move, kind=kind, why=f"{EDITED}: {move.why}", note={"edit": {"instead_of": move.kind}})


def retired(
    rules: Mapping[str, Rule], states: Iterable[AlertState], confirmed: Collection[str], at: datetime
) -> Retired:
    """Orphans of the rules that an administrator confirmed, withdrawn."""
    gone = [state for state in orphans(rules, states) if state.rule in confirmed]
    return Retired(
        tuple(_closed(state, at) for state in gone), tuple(_withdrawn(state, at) for state in gone)
    )


def _closed(state: AlertState, at: datetime) -> AlertState:
    return replace(
        state, status="closed", level=Level.CALM, since=at, changed_at=at, blind_since=None, timers={}
    )


def _withdrawn(state: AlertState, at: datetime) -> Transition:
    nothing = Evidence(
        value=None, lo=None, hi=None, threshold=None, thresholds={}, tree={"edit": {"instead_of": "closed"}}
    )
    why = "its rule was removed, or tells its alerts apart in another way"
    return Transition(
        state.rule, state.by, at, "withdrawn", Level.CALM, state.level, nothing, why, state.opened_at
    )
