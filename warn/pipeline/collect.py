"""Asks one source and stores what it said, together with the poll itself: what was not read is as important."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from warn.fetching import Collected, Fetcher, collect_one, read_body
from warn.model import EMPTY, Observation, Poll, Refused
from warn.pipeline.work import Work
from warn.source import Body, Context, Source, Validators
from warn.store import Tx, observations, polls
from warn.store.observations import Ingested
from warn.store.polls import HttpState

log = logging.getLogger("warn.collect")
RECENT = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Gathered:
    """One poll and what it changed."""

    poll: Poll
    ingested: Ingested
    retry_after_s: float | None = None


def context(work: Work, source: Source, now: datetime) -> Context:
    known = work.knowledge
    return Context(
        now=now,
        indicators=known.indicators,
        places=known.geography,
        lexicon=known.reader,
        area=known.geography.area,
        mapping=work.options.get(source.id, EMPTY),
    )


async def collect(
    work: Work, source: Source, fetcher: Fetcher, now: datetime, options: Mapping[str, Any] = EMPTY
) -> Gathered:
    """One poll, stored whole or not at all."""
    with work.store.read() as tx:
        validators = {
            part: Validators(etag=state.etag, last_modified=state.last_modified, noted=state.cursor)
            for part, state in polls.http_state(tx, source.id).items()
        }
        recent = _recent(tx, now) if source.settle is not None else ()
    given = {**work.options.get(source.id, EMPTY), **options}
    collected = await collect_one(source, fetcher, context(work, source, now), given, validators, recent)
    with work.store.write() as tx:
        kept = keep(tx, source.id, collected, now)
    return Gathered(collected.poll, kept, collected.retry_after_s)


def receive(
    work: Work, source: Source, content: bytes, now: datetime
) -> tuple[Gathered, tuple[Refused, ...]]:
    """What was sent to us, stored as a poll is; and the rows that were set aside, for the sender to mend."""
    parsed = read_body(source, Body(content), context(work, source, now))
    poll = Poll(
        source.id,
        now,
        parsed.outcome,
        parsed.message,
        found=len(parsed.observations),
        refused=len(parsed.refused),
    )
    with work.store.write() as tx:
        kept = keep(tx, source.id, Collected(poll, parsed.observations, parsed.refused), now)
    return Gathered(poll, kept), parsed.refused


def _recent(tx: Tx, now: datetime) -> list[Observation]:
    """Texts of the last days, whoever brought them: a story read today may copy one of yesterday's from elsewhere."""
    return [one for one in observations.load(tx, now - RECENT) if one.title and one.superseded_at is None]


def keep(tx: Tx, source_id: str, collected: Collected, now: datetime) -> Ingested:
    """Observations, refused rows, coverage, validators and the poll, in one transaction."""
    ingested = observations.ingest(tx, collected.observations, now)
    gone = [
        observations.withdraw(tx, ref, now, "deleted by its source", final=False)
        for ref in (*collected.withdrawn, *_not_there_any_more(tx, source_id, collected))
    ]
    ingested = replace(ingested, revised=ingested.revised + sum(gone))
    polls.set_aside(tx, source_id, collected.refused, now)
    for coverage in collected.coverage:
        polls.add_coverage(tx, coverage)
    for asked, seen in collected.validators.items():
        state = HttpState(etag=seen.etag, last_modified=seen.last_modified, cursor=seen.noted)
        polls.put_http_state(tx, source_id, asked, state, now)
    polls.record_poll(tx, collected.poll)
    log.info("%s: %s %s", source_id, collected.poll.outcome, collected.poll.message)
    return ingested


def _not_there_any_more(tx: Tx, source_id: str, collected: Collected) -> list[str]:
    """What we hold of a source that just said all it has, and did not say this."""
    if collected.complete_since is None:
        return []
    there = {one.key for one in collected.observations}
    held = observations.current_keys(tx, source_id, collected.complete_since)
    return [f"{source_id}:{key}" for key in held if key not in there]
