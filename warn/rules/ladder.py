"""How an alert climbs, eases and closes: `step`, pure and total.

A reading is an interval, so the level is one too: `sure` is reached for certain, `possible` cannot be ruled out.
Every level has two stopwatches, one for how long it has been reached and one for how long it has not been; what is
not known stops a stopwatch where it stands. Stopwatches run on the moments at which the reading turned, not on the
moments at which somebody looked, so that a sparse clock decides what a dense one did, only later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from warn.model import EMPTY, AlertState, Level, TransitionKind
from warn.moments import NEVER, micros, moment, span
from warn.rules.rule import Rule
from warn.rules.timers import ZERO, Memory, Watch, recall, rungs_of, stored

EDITED: Final = "the rule was edited"
NEW_EVIDENCE: Final = "new evidence at the same level"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the measure says from `at` on, as far as the ladder goes."""

    at: int
    sure: Level
    possible: Level
    quiet: bool  # for certain on the quiet side of clears_at
    maybe_quiet: bool

    @property
    def determined(self) -> bool:
        return self.sure == self.possible


@dataclass(frozen=True, slots=True)
class Terms:
    """The lengths of time of one rule, in microseconds. `levels` are those that have a number, lowest first."""

    levels: tuple[Level, ...]
    holds: Mapping[Level, int]
    eases_after: int
    clears_after: int
    lapses_after: int
    valid_for: int
    repeat_every: int = NEVER
    backoff: float = 1.0
    repeat_at_most: int = NEVER


@dataclass(frozen=True, slots=True)
class Move:
    """A transition without its evidence, which only the engine can give. `note` goes into the evidence's tree."""

    kind: TransitionKind
    level: Level
    before: Level
    why: str
    note: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


def terms_of(rule: Rule) -> Terms:
    """The ladder's share of a rule."""
    levels = tuple(rule.ladder)
    repeat = rule.repeat_every
    return Terms(
        levels=levels,
        holds={level: span(rule.holds(level)) for level in levels},
        eases_after=min(span(rule.eases_after), span(rule.clears_after)),
        clears_after=span(rule.clears_after),
        lapses_after=span(rule.lapses_after),
        valid_for=span(rule.valid_for),
        repeat_every=span(repeat.every) if repeat else NEVER,
        backoff=repeat.backoff if repeat else 1.0,
        repeat_at_most=span(repeat.at_most) if repeat else NEVER,
    )


def step(
    state: AlertState,
    readings: Sequence[Reading],
    now: int,
    terms: Terms,
    *,
    kept: bool = False,
    news: bool = False,
) -> tuple[AlertState, list[Move]]:
    """The alert at `now`, and what is to be told of it, in order.

    `readings`: oldest first, all that began after the alert was last stepped, and before them the one that stood
    then (older ones change nothing); the last is the present one. `kept`: a keeper holds it open. `news`:
    there is new evidence. The state comes back as it is, the same object, where nothing turned.
    """
    climb = Climb(state, terms)
    stood = max((n for n, reading in enumerate(readings) if reading.at <= climb.memory.at), default=0)
    moves = climb.step(readings[stood:], now, kept=kept, news=news)
    return climb.result(), moves


def due(state: AlertState, terms: Terms, *, kept: bool = False) -> int:
    """The next moment at which `step` would do something although the reading stays as it is; NEVER if none."""
    idle = not state.is_open and "up" not in state.timers
    return NEVER if idle else Climb(state, terms).due(kept=kept)


class Climb:
    """An alert on its ladder, with its stopwatches at hand through many steps; `result` is what is stored of it."""

    __slots__ = ("_given", "_told", "memory", "state", "terms")

    def __init__(self, state: AlertState, terms: Terms) -> None:
        self.terms = terms
        self.become(state)

    def become(self, state: AlertState) -> None:
        """Goes on from another state of the alert, as a correction or an edit leaves it."""
        self.state = state
        self.memory = recall(state)
        self._given = state
        self._told: int | None = None

    @property
    def idle(self) -> bool:
        """Whether it is closed and no stopwatch runs: only a level that is reached can wake it."""
        return not self.state.is_open and all(watch == ZERO for watch in self.memory.up.values())

    def reached(self) -> frozenset[int]:
        """Levels above the present one whose stopwatch runs, or stands with time on it."""
        above = (rung for rung, watch in self.memory.up.items() if watch != ZERO)
        return frozenset(rung for rung in above if not self.state.is_open or rung > self.state.level)

    def step(self, readings: Sequence[Reading], now: int, *, kept: bool, news: bool) -> list[Move]:
        """What is to be told at `now`, in order; `readings` are fed one after the other, the last is the present."""
        memory, terms = self.memory, self.terms
        rungs = rungs_of(self.state, terms.levels)
        for reading in readings:
            _feed(memory, reading, rungs)
        present = readings[-1]
        moves: list[Move] = []
        while (decided := _decide(self.state, memory, present, now, terms, kept)) is not None:
            self.state, move = decided
            moves.append(move)
            memory.say(now)
        if self.state.is_open and not moves:
            level = self.state.level
            if self.state.status == "open" and now >= _renewal(memory, terms):
                moves.append(Move("reminded", level, level, "still so; the last message runs out"))
                memory.say(now)
                memory.told, memory.repeats = now, memory.repeats + 1
            elif news:
                moves.append(Move("updated", level, level, NEW_EVIDENCE))
                memory.say(now)
        if moves:
            self._told = now
        return moves

    def news(self, now: int) -> None:
        """New evidence at the same level was told, and nothing else turned."""
        self.memory.say(now)
        self._told = now

    def due(self, *, kept: bool) -> int:
        """The next moment at which `step` would do something although the reading stays as it is; NEVER if none."""
        state, memory, terms = self.state, self.memory, self.terms
        levels = [level for level in terms.levels if not state.is_open or level > state.level]
        moments = [_rings(memory.up.get(level, ZERO), terms.holds[level]) for level in levels]
        if state.is_open:
            if state.level > terms.levels[0]:
                moments.append(_rings(memory.below.get(state.level, ZERO), terms.eases_after))
            if not kept:
                moments.append(_rings(memory.quiet, terms.clears_after))
            if state.status == "blind" and state.blind_since is not None:
                moments.append(micros(state.blind_since) + terms.lapses_after)
            if state.status == "open":
                moments.append(_renewal(memory, terms))
        return min(moments, default=NEVER)

    def result(self) -> AlertState:
        """The alert as it is to be stored; the very one that was given, where nothing turned."""
        timers = stored(self.memory, self.state, self.terms.levels)
        if self._told is None and self.state is self._given and timers == self._given.timers:
            return self._given
        changed = self.state.changed_at if self._told is None else moment(self._told)
        return replace(self.state, timers=timers, changed_at=changed)


def _feed(memory: Memory, reading: Reading, rungs: Sequence[Level]) -> None:
    at = max(reading.at, memory.at)
    memory.at = at
    for rung in rungs:
        missed = True if reading.possible < rung else False if reading.sure >= rung else None
        memory.up[rung] = _turn(memory.up.get(rung, ZERO), None if missed is None else not missed, at)
        memory.below[rung] = _turn(memory.below.get(rung, ZERO), missed, at)
    memory.edited = frozenset(rung for rung in memory.edited if memory.up.get(rung, ZERO) != ZERO)
    quiet = True if reading.quiet else None if reading.maybe_quiet else False
    memory.quiet = _turn(memory.quiet, quiet, at)
    if reading.determined:
        memory.dark = None
    elif memory.dark is None:
        memory.dark = at


def _turn(watch: Watch, run: bool | None, at: int) -> Watch:
    """Run on, start anew from zero, or (None) stand still."""
    accrued, since = watch
    if run:
        return (accrued, at) if since is None else watch
    if run is None:
        return watch if since is None else (accrued + at - since, None)
    return ZERO


def _rings(watch: Watch, after: int) -> int:
    """When a running stopwatch comes to `after`."""
    accrued, since = watch
    return NEVER if since is None else since + max(0, after - accrued)


def _decide(
    state: AlertState, memory: Memory, present: Reading, now: int, terms: Terms, kept: bool
) -> tuple[AlertState, Move] | None:
    """The next thing to tell, or nothing. Raises come first; then whatever fell due earliest."""
    above = [level for level in terms.levels if not state.is_open or level > state.level]
    ready = [level for level in above if _rings(memory.up.get(level, ZERO), terms.holds[level]) <= now]
    if ready:
        return _rise(state, memory, present, now, ready[-1])
    if not state.is_open:
        return None
    if state.status != "open" and present.determined:
        return _sight(state, memory, now)
    waiting: list[tuple[int, int, Callable[[], tuple[AlertState, Move]]]] = []
    if not kept:
        waiting.append((_rings(memory.quiet, terms.clears_after), 0, lambda: _close(state, memory, now)))
    if state.level > terms.levels[0]:
        rings = _rings(memory.below.get(state.level, ZERO), terms.eases_after)
        waiting.append((rings, 1, lambda: _ease(state, memory, now, terms)))
    if state.status == "open" and memory.dark is not None:
        waiting.append((memory.dark, 2, lambda: _lose(state, memory, now)))
    if state.status == "blind" and state.blind_since is not None:
        lapse = micros(state.blind_since) + terms.lapses_after
        waiting.append((lapse, 3, lambda: _lapse(state, memory, now)))
    first = min(waiting, key=lambda w: w[:2], default=None)
    return first[2]() if first is not None and first[0] <= now else None


def _rise(
    state: AlertState, memory: Memory, present: Reading, now: int, level: Level
) -> tuple[AlertState, Move]:
    opens = not state.is_open
    before = Level.CALM if opens else state.level
    if opens:
        memory.held, memory.below, memory.quiet = {}, {}, ZERO
        memory.said, memory.checked = [], now
        memory.dark = None if memory.dark is None else now
    for rung in range(before + 1, level + 1):
        memory.held[rung] = now
    memory.told, memory.repeats = now, 0
    status = state.status
    blind_since = state.blind_since
    if opens:
        status, blind_since = "open", None
    elif status == "lapsed":
        status, blind_since = ("open", None) if present.determined else ("blind", moment(now))
    after = replace(
        state,
        status=status,
        level=level,
        opened_at=moment(now) if opens else state.opened_at,
        since=moment(now),
        peak=level if opens else max(state.peak, level),
        blind_since=blind_since,
    )
    kind: TransitionKind = "opened" if opens else "raised"
    if level not in memory.edited:
        return after, Move(kind, level, before, f"{level.word} reached")
    note = {"edit": {"instead_of": kind}}
    return after, Move("edited", level, before, f"{EDITED}: {level.word} reached", note)


def _ease(state: AlertState, memory: Memory, now: int, terms: Terms) -> tuple[AlertState, Move]:
    """To the highest level that was reached, or could have been, while the present one was not."""
    stretch = _elapsed(memory.below[state.level], now)
    lower = [level for level in terms.levels if level < state.level]
    seen = [level for level in lower if _elapsed(memory.below.get(level, ZERO), now) < stretch]
    level = seen[-1] if seen else lower[0]
    _leave(memory, state, level, now)
    memory.told, memory.repeats = now, 0
    after = replace(state, level=level, since=moment(memory.held.get(level, now)))
    return after, Move("eased", level, state.level, f"{state.level.word} not reached for as long as asked")


def _close(state: AlertState, memory: Memory, now: int) -> tuple[AlertState, Move]:
    _leave(memory, state, Level.CALM, now)
    after = replace(state, status="closed", level=Level.CALM, since=moment(now), blind_since=None)
    return after, Move("closed", Level.CALM, state.level, "quiet for as long as asked")


def _lose(state: AlertState, memory: Memory, now: int) -> tuple[AlertState, Move]:
    opened = micros(state.opened_at) if state.opened_at else now
    since = moment(max(memory.dark if memory.dark is not None else now, opened))
    after = replace(state, status="blind", blind_since=since)
    return after, Move("blind", state.level, state.level, "the level can no longer be told")


def _sight(state: AlertState, memory: Memory, now: int) -> tuple[AlertState, Move]:
    memory.told, memory.repeats = now, 0
    after = replace(state, status="open", blind_since=None)
    return after, Move("sighted", state.level, state.level, "the level can be told again")


def _lapse(state: AlertState, memory: Memory, now: int) -> tuple[AlertState, Move]:
    _leave(memory, state, Level.CALM, now)
    after = replace(state, status="lapsed")
    return after, Move("lapsed", state.level, state.level, "no longer counted, for want of news")


def _leave(memory: Memory, state: AlertState, level: Level, now: int) -> None:
    """Remembers when the alert stood above `level`, for the rules that count it."""
    if state.counts:
        for rung in range(level + 1, state.level + 1):
            memory.stood[rung] = (memory.held.get(rung, now), now)


def _elapsed(watch: Watch, now: int) -> int:
    accrued, since = watch
    return accrued if since is None else accrued + now - since


def _renewal(memory: Memory, terms: Terms) -> int:
    if memory.told is None:
        return NEVER
    again = min(terms.repeat_every * terms.backoff**memory.repeats, terms.repeat_at_most)
    return memory.told + int(min(terms.valid_for, again))
