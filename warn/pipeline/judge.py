"""One live evaluation: read what changed, judge, and store states, transitions and messages in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from warn.model import Level, Observation, Transition
from warn.pipeline.approvals import waiting
from warn.pipeline.following import follow
from warn.pipeline.retiring import retire
from warn.pipeline.tell import Telling, spread_due, tell
from warn.pipeline.work import Work
from warn.rules.evaluate import AlertKey
from warn.store import Tx, alerts, observations, polls
from warn.store.alerts import StoredTransition


def refresh(tx: Tx, work: Work) -> bool:
    """Hands rows, polls and coverage that changed to the engine; whether anything had."""
    changed, mark = observations.changed_after(tx, work.mark)
    if mark != work.mark:
        work.observations = merged(work.observations, changed)
        work.mark = mark
    work.engine.load(work.observations, polls.polls(tx), polls.coverage(tx))
    return bool(changed)


def merged(known: Sequence[Observation], changed: Sequence[Observation]) -> list[Observation]:
    """A version that comes again replaces itself: it has been superseded since."""
    rows = {(one.ref, one.known_at): one for one in known}
    rows.update(((one.ref, one.known_at), one) for one in changed)
    return list(rows.values())


def judge(work: Work, now: datetime) -> list[StoredTransition]:
    """What happened at `now`, told and stored; the present is judged once, whoever asks again."""
    with work.store.write() as tx:
        alerts.judging(tx)
        refresh(tx, work)
        gone = retire(tx, work, now)
        tell(tx, work, now, gone)
        _, stored = step(tx, work, [now])
        follow(tx, work, now)
    work.engine.settle()
    if work.settled is not None:
        work.settled(work.knowledge)
    return [*gone, *stored]


def step(tx: Tx, work: Work, ticks: Sequence[datetime]) -> tuple[datetime, list[StoredTransition]]:
    """Through `ticks` as far as the first that has news; where that was, and the news."""
    states = alerts.states(tx)
    held = unapproved(tx, work, ticks[0])
    outcome = work.engine.advance(states, ticks, unapproved=held)
    upto = first_news(outcome.transitions) or ticks[-1]
    if upto < ticks[-1]:
        outcome = work.engine.advance(states, [t for t in ticks if t <= upto], unapproved=held)
    stored = alerts.apply(tx, upto, outcome.changed, outcome.transitions, work.knowledge.digest)
    tell(tx, work, upto, stored)
    return upto, stored


def first_news(transitions: Sequence[Transition]) -> datetime | None:
    return min((moved.at for moved in transitions), default=None)


def unapproved(tx: Tx, work: Work, now: datetime) -> set[AlertKey] | None:
    """Alerts of `approve` rules that no person has agreed to at all: they do not count for other rules.

    None, where nobody's agreement is waited for.
    """
    if work.approves:
        return None
    return {(one.episode.rule, one.episode.by) for one in waiting(tx, work, now) if one.agreed == Level.CALM}


def spread_all(work: Work, now: datetime) -> None:
    """Every expansion that is due, chunk by chunk, each in its own transaction."""
    more, begun = True, dict[int, Telling]()
    while more:
        with work.store.write() as tx:
            more = spread_due(tx, work, now, begun)
