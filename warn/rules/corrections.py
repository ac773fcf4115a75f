"""What was told rested on reports that turned out wrong: the episode is run again without them.

Two readings of history are compared: as each moment knew it, and as it reads now. Whatever else differs from what was
told (rows imported afterwards, a rule that was edited) is in both, and changes nothing. Only moments at which
something was told are looked at, back to the newest correction: what nobody heard needs none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from warn.model import AlertState, Level
from warn.moments import DAY, NEVER, micros, moment
from warn.rules.ladder import Move, Terms, due, step
from warn.rules.lost import Loss, Losses
from warn.rules.series import Rungs, readings
from warn.rules.timers import ZERO, Memory, Watch, checked_until, recall, said_at, stored

AFTERWARDS: Final = 30 * DAY
"""An episode that is over is still corrected for so long."""
MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class View:
    """One reading of history: its ladder, and the number a message would have said at a moment."""

    rungs: Rungs
    number: Callable[[int], float | None]


@dataclass(frozen=True, slots=True)
class Lost:
    """What an alert's rule lost, by when; history as each moment knew it, and as it reads at `as_of`.

    `so` is asked with (as_of, when the episode opened).
    """

    losses: Losses
    was: View
    so: Callable[[int, int], View]
    reach: int  # how far back the measure looks, in microseconds


@dataclass(frozen=True, slots=True)
class _Again:
    """An episode run again."""

    state: AlertState
    view: View


def review(state: AlertState, lost: Lost, now: int, terms: Terms) -> tuple[AlertState, Move | None]:
    """The alert after all reports lost by `now`, and what is to be told of it; itself, where nothing was lost."""
    said, checked = said_at(state), checked_until(state)
    if not said or state.opened_at is None or not _recent(state, now):
        return state, None
    opened = micros(state.opened_at)
    since = opened - lost.reach
    gone = [loss for loss in lost.losses.between(checked, now) if _told(loss, said, since)]
    if not gone:
        return state, None
    end = now if state.is_open or state.since is None else micros(state.since)
    was = _again(state, lost.was, opened, min(gone[0].at - 1, end), terms)
    so = _again(state, lost.so(now, opened), opened, end, terms)
    wrong = [at for at in said if was.view.number(at) != so.view.number(at)]
    kind = _kind(state, was, so, wrong)
    if kind is None:
        return _checked(state, now, terms), None
    note = _note(kind, gone, wrong, was, so)
    return (
        _withdrawn(state, so, now, terms, note)
        if kind == "withdrawn"
        else _corrected(state, so, now, terms, note)
    )


def _told(loss: Loss, said: Sequence[int], since: int) -> bool:
    """Whether anything was told while the report was there to be counted."""
    n = bisect_left(said, loss.at)
    return n > 0 and said[n - 1] >= max(loss.known, loss.occurred) and loss.occurred > since


def _recent(state: AlertState, now: int) -> bool:
    return state.is_open or (state.since is not None and now - micros(state.since) <= AFTERWARDS)


def _again(state: AlertState, view: View, opened: int, end: int, terms: Terms) -> _Again:
    """The episode from its opening on, stepped wherever something turns; it does not close before its time."""
    silent = replace(terms, valid_for=NEVER, repeat_every=NEVER)
    again, now = AlertState(state.rule, state.by), min(opened, end)
    while True:
        again, _ = step(again, readings(again, view.rungs, now), now, silent, kept=True)
        following = max(now + 1, min(view.rungs.after(now), due(again, silent, kept=True)))
        if now >= end:
            return _Again(again, view)
        now = min(following, end)


def _kind(state: AlertState, was: _Again, so: _Again, wrong: Sequence[int]) -> str | None:
    """withdrawn, or corrected: loudly, where another level was or should have been told, else silently."""
    if was.state.is_open and not so.state.is_open:
        return "withdrawn"
    if so.state.peak < min(was.state.peak, state.peak):
        return "corrected"
    if any(_level(was, at) != _level(so, at) for at in wrong):
        return "corrected"
    return "number" if wrong else None


def _level(again: _Again, at: int) -> Level:
    rungs = again.view.rungs
    return rungs.reading(rungs.index(at)).sure


def _note(kind: str, gone: Iterable[Loss], wrong: Sequence[int], was: _Again, so: _Again) -> dict[str, Any]:
    numbers = [
        {"at": moment(at).isoformat(), "told": was.view.number(at), "so": so.view.number(at)}
        for at in wrong[-MOST_NAMED:]
    ]
    refs = list(dict.fromkeys(loss.ref for loss in gone))
    return {"correction": {"loud": kind != "number", "lost": refs[:MOST_NAMED], "numbers": numbers}}


def _checked(state: AlertState, now: int, terms: Terms) -> AlertState:
    memory = recall(state)
    memory.checked = now
    return replace(state, timers=stored(memory, state, terms.levels))


def _withdrawn(
    state: AlertState, so: _Again, now: int, terms: Terms, note: dict[str, Any]
) -> tuple[AlertState, Move]:
    memory = _remembered(state, so, now)
    after = replace(
        state, status="closed", level=Level.CALM, since=moment(now), peak=Level.CALM, blind_since=None,
        changed_at=moment(now),
    )  # fmt: skip
    memory.said, memory.checked = [], None
    why = "without the reports that were lost it would not have opened"
    return replace(after, timers=stored(memory, after, terms.levels)), Move(
        "withdrawn", Level.CALM, state.level, why, note
    )


def _corrected(
    state: AlertState, so: _Again, now: int, terms: Terms, note: dict[str, Any]
) -> tuple[AlertState, Move]:
    """The level of the episode run again, where that is lower; a raise is left to the ladder."""
    loud = note["correction"]["loud"]
    memory = _remembered(state, so, now) if loud else recall(state)
    level = min(state.level, so.state.level) if loud else state.level
    since = moment(memory.held.get(level, now)) if level != state.level else state.since
    peak = max(level, min(state.peak, so.state.peak)) if loud else state.peak
    after = replace(state, level=level, since=since, peak=peak, changed_at=moment(now))
    memory.said, memory.checked = [], now
    memory.say(now)
    why = "reports were lost on which " + ("a level" if loud else "a number") + " rested"
    return replace(after, timers=stored(memory, after, terms.levels)), Move(
        "corrected", level, state.level, why, note
    )


def _remembered(state: AlertState, so: _Again, now: int) -> Memory:
    """The stopwatches as they would stand; what was told, and when, stays. No wait is cut short by a correction."""
    memory, fresh = recall(state), recall(so.state)
    opened = 0 if state.opened_at is None else micros(state.opened_at)
    memory.stood = {rung: span for rung, span in memory.stood.items() if span[1] < opened} | fresh.stood
    if state.is_open:
        memory.at = now
        memory.up = {r: _shorter(watch, fresh.up.get(r, ZERO), now) for r, watch in memory.up.items()}
        memory.below, memory.quiet, memory.held = fresh.below, fresh.quiet, fresh.held
    return memory


def _shorter(one: Watch, other: Watch, now: int) -> Watch:
    return min(one, other, key=lambda watch: watch[0] + (0 if watch[1] is None else now - watch[1]))
