"""The past lived through again at high speed, by the same stages as the present; every one takes the replay's clock.

Its place is the newest stored tick. Everything it does at a moment is idempotent, so that after a kill it goes on
from there and ends in the same alerts and the same files.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from warn.model import Coverage, Observation, Poll, Preferences, Recipient
from warn.pipeline.dispatch import Dispatcher
from warn.pipeline.editions import make_editions, next_due
from warn.pipeline.judge import refresh, step
from warn.pipeline.tell import next_hold, spread_due
from warn.pipeline.work import Work
from warn.store import Tx, acts, alerts, observations, polls, subscribers
from warn.store.acts import Act

KIND = "replay"


@dataclass(slots=True)
class Clock:
    """The replay's time; the dispatcher reads it too."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class History:
    """What is lived through: rows in order of `known_at`, when they were watched, and from when to when."""

    observations: tuple[Observation, ...]
    coverage: tuple[Coverage, ...]
    start: datetime
    end: datetime

    @classmethod
    def of(cls, rows: Sequence[Observation], coverage: Sequence[Coverage]) -> History:
        """From the first hour known or watched to the midnight after the last."""
        ordered = tuple(sorted(rows, key=lambda one: (one.known_at, one.ref)))
        first = min([ordered[0].known_at, *(c.start for c in coverage)])
        last = max(one.known_at for one in ordered)
        return cls(ordered, tuple(coverage), _hour(first), _hour(last) + timedelta(days=1))


READERS: tuple[tuple[str, Preferences], ...] = (
    ("telegram-resident-fr", Preferences()),
    ("telegram-resident-en", Preferences(lang="en")),
    ("email-ngo-fr", Preferences(kind="ngo")),
    ("email-press-en", Preferences(kind="press", lang="en")),
)
"""Who reads in a replay: all receive files, the first word of the id says in which form."""


def prepare(tx: Tx, work: Work, history: History, fingerprint: str) -> datetime:
    """Readers, coverage and the mark that makes this database a replay's; where to go on from."""
    if not acts.acts(tx, kind=KIND):
        acts.record(tx, Act(KIND, fingerprint, "replay", history.start))
        for name, preferences in READERS:
            reader = subscribers.add_pending(
                tx, work.vault, "file", name, preferences, history.start, id=name
            )
            subscribers.confirm(tx, reader.id, history.start)
        for coverage in history.coverage:
            polls.add_coverage(tx, coverage)
    return alerts.last_tick(tx) or history.start


def finish(tx: Tx, at: datetime) -> None:
    acts.record(tx, Act(f"{KIND}-finished", "", "replay", at))


async def live_through(
    work: Work,
    history: History,
    dispatcher: Dispatcher,
    clock: Clock,
    place: datetime,
    progress: Callable[[datetime], None],
    every: timedelta = timedelta(hours=1),
) -> None:
    """From `place` to the end: collect, judge, tell, print and send at each moment at which something may happen."""
    clock.now = place
    with work.store.read() as tx:
        readers = subscribers.recipients(tx)
    await _attend(work, history, dispatcher, clock)
    while clock.now < history.end:
        target = min(_next(work, history, readers, clock.now), history.end)
        ticks = list(_ticks(clock.now, target, every))
        clock.now = await asyncio.to_thread(_advance, work, ticks)
        await _attend(work, history, dispatcher, clock)
        progress(clock.now)


async def _attend(work: Work, history: History, dispatcher: Dispatcher, clock: Clock) -> None:
    """Everything that is due at this moment; done twice it changes nothing."""
    await asyncio.to_thread(_due, work, history, clock.now)
    await dispatcher.once()


def _due(work: Work, history: History, now: datetime) -> None:
    with work.store.write() as tx:
        if _collect(tx, history, now):
            refresh(tx, work)
            step(tx, work, [now])
        while spread_due(tx, work, now):
            pass
        make_editions(tx, work, now)


def _advance(work: Work, ticks: Sequence[datetime]) -> datetime:
    with work.store.write() as tx:
        return step(tx, work, ticks)[0]


def _collect(tx: Tx, history: History, now: datetime) -> bool:
    """The rows that became known since the newest poll."""
    newest = polls.last_asked(tx, "file")
    known = [one.known_at for one in history.observations]
    begin = bisect_right(known, newest) if newest else 0
    rows = history.observations[begin : bisect_right(known, now)]
    if newest is not None and not rows:
        return False
    observations.ingest(tx, rows, now)
    polls.record_poll(tx, Poll("file", now, "ok", found=len(rows)))
    return True


def _next(work: Work, history: History, readers: Sequence[Recipient], after: datetime) -> datetime:
    """The first moment after `after` at which something can happen that no timer of the ladder brings about."""
    known = next((one.known_at for one in history.observations if one.known_at > after), None)
    with work.store.read() as tx:
        hold = next_hold(tx, after)
    moments = (known, hold, next_due(readers, after), history.end)
    return min(moment for moment in moments if moment is not None)


def _ticks(after: datetime, upto: datetime, every: timedelta) -> Sequence[datetime]:
    """Whole hours after `after`, and `upto` itself."""
    first = after + (every - (after - datetime(1970, 1, 1, tzinfo=UTC)) % every)
    count = int((upto - first) / every) + 1 if first <= upto else 0
    whole = [first + n * every for n in range(count)]
    return whole if whole and whole[-1] == upto else [*whole, upto]


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
