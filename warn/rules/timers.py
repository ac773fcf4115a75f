"""What an alert remembers between two looks: its stopwatches, what was told of it, and since when it stood where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from warn.model import AlertState, Level
from warn.moments import NEVER

Watch = tuple[int, int | None]
"""Time accrued, and since when it runs on (None: it stands)."""
ZERO: Final[Watch] = (0, None)
MOST_SAID: Final = 64
"""So many moments at which something was told are remembered, the newest."""


@dataclass(slots=True)
class Memory:
    """The timers of an alert while they are being moved; `stored` is what an `AlertState` keeps of them.

    `up`, `below`: per level, how long it has been reached, and how long not. `held`: since when the alert stands at
    each level; `stood`: the last stretch during which it did. `said`: when something was told of this episode;
    `checked`: up to when lost reports were looked at. `edited`: levels that only an edit of the rule makes reached.
    """

    at: int = -NEVER
    up: dict[int, Watch] = field(default_factory=dict)
    below: dict[int, Watch] = field(default_factory=dict)
    quiet: Watch = ZERO
    dark: int | None = None
    told: int | None = None
    seen: int | None = None
    repeats: int = 0
    held: dict[int, int] = field(default_factory=dict)
    stood: dict[int, tuple[int, int]] = field(default_factory=dict)
    said: list[int] = field(default_factory=list)
    checked: int | None = None
    edited: frozenset[int] = frozenset()

    def say(self, now: int) -> None:
        """Something is told at `now`."""
        self.seen = now
        if not self.said or self.said[-1] != now:
            self.said = [*self.said[1 - MOST_SAID :], now]


def recall(state: AlertState) -> Memory:
    timers = state.timers
    if not timers:
        return Memory()
    return Memory(
        at=timers.get("at", -NEVER),
        up=_watches(timers.get("up", {})),
        below=_watches(timers.get("below", {})),
        quiet=tuple(timers.get("quiet", ZERO)),
        dark=timers.get("dark"),
        told=timers.get("told"),
        seen=timers.get("seen"),
        repeats=timers.get("repeats", 0),
        held={int(rung): at for rung, at in timers.get("held", {}).items()},
        stood={int(rung): (a, b) for rung, (a, b) in timers.get("stood", {}).items()},
        said=list(timers.get("said", ())),
        checked=timers.get("checked"),
        edited=frozenset(timers.get("edited", ())),
    )


def stored(memory: Memory, state: AlertState, levels: Sequence[Level]) -> dict[str, Any]:
    """Only what can still matter: an alert that was never open has no timers while calm, and hence no row."""
    rungs = [rung for rung in levels if not state.is_open or rung > state.level]
    up = {str(int(r)): list(memory.up[r]) for r in rungs if memory.up.get(r, ZERO) != ZERO}
    timers: dict[str, Any] = {"up": up} if up else {}
    if memory.stood:
        timers["stood"] = {str(rung): list(span) for rung, span in sorted(memory.stood.items())}
    if memory.said:
        timers |= {"said": memory.said, "checked": memory.checked}
    edited = sorted(rung for rung in memory.edited if str(int(rung)) in up)
    if edited:
        timers["edited"] = edited
    if state.is_open:
        below = {
            str(int(r)): list(memory.below[r])
            for r in rungs_of(state, levels)
            if r <= state.level and r in memory.below
        }
        timers |= {
            "below": {rung: watch for rung, watch in below.items() if watch != list(ZERO)},
            "quiet": list(memory.quiet),
            "dark": memory.dark,
            "told": memory.told,
            "seen": memory.seen,
            "repeats": memory.repeats,
            "held": {str(rung): at for rung, at in sorted(memory.held.items()) if rung <= state.level},
        }
    if up or state.is_open:
        timers["at"] = memory.at
    return timers


def rungs_of(state: AlertState, levels: Sequence[Level]) -> Sequence[Level]:
    """The levels that have a number, and the one at which the alert stands though an edit took its number away."""
    return (*levels, state.level) if state.is_open and state.level not in levels else levels


def last_fed(state: AlertState) -> int:
    """From when on `step` wants readings: those that began later, and the one that stood then."""
    at: int = state.timers.get("at", -NEVER)
    return at


def stood_at(state: AlertState, level: Level) -> tuple[int, int] | None:
    """The last stretch that is over during which the alert stood at `level` or above."""
    span = state.timers.get("stood", {}).get(str(int(level)))
    return None if span is None else (span[0], span[1])


def held_since(state: AlertState, level: Level) -> int:
    """Since when the alert stands at `level` or above; -NEVER where that is not remembered."""
    at: int = state.timers.get("held", {}).get(str(int(level)), -NEVER)
    return at


def said_at(state: AlertState) -> tuple[int, ...]:
    """When something was told of the newest episode."""
    return tuple(state.timers.get("said", ()))


def checked_until(state: AlertState) -> int:
    """Up to when lost reports were looked at."""
    at = state.timers.get("checked")
    return NEVER if at is None else int(at)


def _watches(stored_ones: Mapping[str, Iterable[Any]]) -> dict[int, Watch]:
    watches = {}
    for rung, watch in stored_ones.items():
        accrued, since = watch
        watches[int(rung)] = (accrued, since)
    return watches
