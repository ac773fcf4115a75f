"""The one function that judges: live with one tick, in a scenario or a backtest with thousands.

    engine = Engine(ruleset.rules, indicators, geography, sources)
    engine.load(observations, polls, coverage)          # again whenever rows changed; unchanged indicators stay built
    outcome = engine.advance(states, [now])             # states: those stored, in any order
    outcome.changed -> store; outcome.transitions -> compose

Nothing here knows which clock it runs by: the same ticks over the same rows give the same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import AlertState, By, Coverage, Evidence, Observation, Poll, SourceFacts, Transition
from warn.rules.schema import Rule

AlertKey = tuple[str, By]


class Judged(Protocol):
    """A rule and where it was written: `LoadedRule` of the loader."""

    @property
    def rule(self) -> Rule: ...
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def hash(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of ticks came to. `states`: every alert after the last tick, ordered by rule and by;
    `changed`: those that are not as they were handed in; `evaluations`: rules times ticks judged."""

    states: tuple[AlertState, ...]
    changed: tuple[AlertState, ...]
    transitions: tuple[Transition, ...]
    evaluations: int = 0


class Engine:
    """Holds the step functions of all rules over one history, so that the next tick need not build them again."""

    def __init__(
        self,
        rules: Sequence[Judged],
        indicators: Indicators,
        geography: Geography,
        sources: Sequence[SourceFacts] = (),
    ) -> None:
        """`rules` in dependency order, as the loader gives them."""
        raise NotImplementedError

    def load(
        self,
        observations: Iterable[Observation],
        polls: Iterable[Poll] = (),
        coverage: Iterable[Coverage] = (),
    ) -> None:
        """Replaces the history. Rows in any order; only indicators whose rows or polls changed are built anew."""
        raise NotImplementedError

    def advance(
        self,
        states: Iterable[AlertState],
        ticks: Sequence[datetime],
        *,
        unapproved: Collection[AlertKey] = (),
        light: bool = False,
    ) -> Outcome:
        """Steps every alert at every tick, rules in order, transitions ordered by tick, rule and by.

        `unapproved`: alerts that await a person and hence do not count in `rules` and `families`.
        `light`: transitions carry numbers, but neither refs nor tree (backtests).
        """
        raise NotImplementedError

    def evidence(self, rule_id: str, by: By, at: datetime) -> Evidence:
        """The measure as of a moment with every number and the whole tree, whether or not anything happened."""
        raise NotImplementedError

    def known(self, rule_id: str, at: datetime) -> bool:
        """Whether the rule's reading is determined at that moment (for `core` rules and the digest)."""
        raise NotImplementedError

    def keys(self, rule_id: str) -> tuple[By, ...]:
        """The `by` values of a rule that have or had anything to say; one empty tuple where it has no `by`."""
        raise NotImplementedError
