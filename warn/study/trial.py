"""One stretch of history, judged as often as there is something to compare: other rules, later facts, an edit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from warn.errors import UsageError
from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import Coverage, Level, Observation, Poll, SourceFacts, Transition
from warn.rules.evaluate import Engine, Outcome
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule
from warn.study.score import Issue, issues


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run came to, and the engine that judged, for pictures."""

    engine: Engine
    outcome: Outcome

    @property
    def told(self) -> tuple[Transition, ...]:
        return self.outcome.transitions


@dataclass(frozen=True, slots=True)
class Trial:
    """Rules over a stretch of time, from `start` to `end` in steps of `every`.

    Without coverage and polls all indicators count as watched: from one longest window before the earlier of
    `start` and the first known_at, to `end`. To derive gaps or the end from the rows would be looking ahead.
    """

    rules: Sequence[LoadedRule]
    indicators: Indicators
    geography: Geography
    start: datetime
    end: datetime
    every: timedelta = timedelta(hours=1)
    sources: Sequence[SourceFacts] = ()
    polls: Sequence[Poll] = ()
    coverage: Sequence[Coverage] = ()

    def __post_init__(self) -> None:
        if self.end <= self.start or self.every <= timedelta(0):
            raise UsageError(
                "A backtest needs --from before --to and a positive --every.",
                french=("Un essai demande --from avant --to et un --every positif.", ""),
            )

    def run(self, observations: Sequence[Observation], rules: Sequence[LoadedRule] | None = None) -> Ran:
        """Warms up from the first observation on; transitions before `start` are there too."""
        judged = self.rules if rules is None else rules
        first = min((o.known_at for o in observations), default=self.start)
        engine = Engine(judged, self.indicators, self.geography, self.sources)
        watched = self.coverage if self.coverage or self.polls else [self._everything(min(first, self.start))]
        engine.load(observations, self.polls, watched)
        return Ran(engine, engine.advance((), self.ticks(first), light=True))

    def ticks(self, first: datetime) -> list[datetime]:
        steps = max(0, -((first - self.start) // self.every))
        warm = self.start - steps * self.every
        return [warm + n * self.every for n in range((self.end - warm) // self.every + 1)]

    def issues(self, told: Iterable[Transition], level: Level) -> list[Issue]:
        """The warnings readers could have had: rules in shadow give none."""
        live = {loaded.rule.id for loaded in self.rules if loaded.rule.mode != "shadow"}
        fresh = {one.rule.id: stays_fresh(one.rule, self.indicators) for one in self.rules}
        return issues((t for t in told if t.rule in live), level, self.end, fresh)

    def _everything(self, first: datetime) -> Coverage:
        longest = max((_window(loaded.rule) for loaded in self.rules), default=timedelta(0))
        return Coverage("backtest", (), first - longest, self.end)


def stays_fresh(rule: Rule, indicators: Indicators) -> timedelta:
    """How long an alert of this rule still counts as standing after it was lost from sight."""
    if rule.stale_after is not None:
        return rule.stale_after
    found = [i.stale_after for name in rule.measure.indicators if (i := indicators.get(name))]
    return min(found, default=timedelta(days=7))


def known_later(observations: Iterable[Observation], by: timedelta) -> list[Observation]:
    """The same facts, each known so much later: how far a result hangs on news that comes at once."""
    return [
        replace(
            one,
            known_at=one.known_at + by,
            superseded_at=None if one.superseded_at is None else one.superseded_at + by,
        )
        for one in observations
    ]


def _window(rule: Rule) -> timedelta:
    over: timedelta = getattr(rule.measure, "over", None) or timedelta(0)
    before: timedelta = getattr(rule.measure, "before", None) or timedelta(0)
    return over + before
