"""What every source was asked and how it answered; the ground for knowing what is not known."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import cast

from sqlalchemy import func
from sqlmodel import col, select

from warn.model import Coverage, Outcome, Poll
from warn.source import Refused
from warn.store.conflicts import added
from warn.store.database import Tx
from warn.store.tables import AsideRow, CoverageRow, HttpRow, PollRow, table


@dataclass(frozen=True, slots=True)
class HttpState:
    """What one feed or page (`part`) answered last, for conditional requests; `cursor` is the source's own."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    cursor: str = ""


def record_poll(tx: Tx, poll: Poll) -> None:
    tx.add(
        PollRow(
            source=poll.source,
            at=poll.at,
            outcome=poll.outcome,
            message=poll.message,
            reaches_back_to=poll.reaches_back_to,
            parts=json.dumps(dict(poll.parts), ensure_ascii=False) if poll.parts else "",
            found=poll.found,
            refused=poll.refused,
            took_s=poll.took_s,
        )
    )
    tx.flush()


def polls(tx: Tx, since: datetime | None = None, source: str | None = None) -> list[Poll]:
    """In order of time."""
    question = select(PollRow).order_by(col(PollRow.at), col(PollRow.id))
    if since is not None:
        question = question.where(PollRow.at >= since)
    if source is not None:
        question = question.where(PollRow.source == source)
    return [_poll(row) for row in tx.exec(question)]


def last_asked(tx: Tx, source: str) -> datetime | None:
    return tx.exec(select(func.max(PollRow.at)).where(PollRow.source == source)).one()


def newest_polls(tx: Tx) -> dict[str, tuple[Poll, Poll | None]]:
    """Source -> (newest poll, newest good poll)."""
    newest = select(func.max(PollRow.id)).group_by(col(PollRow.source))
    good = newest.where(col(PollRow.outcome).in_(("ok", "no_data")))
    last_good = {row.source: _poll(row) for row in tx.exec(select(PollRow).where(col(PollRow.id).in_(good)))}
    rows = tx.exec(select(PollRow).where(col(PollRow.id).in_(newest)))
    return {row.source: (_poll(row), last_good.get(row.source)) for row in rows}


def yields(tx: Tx, since: datetime) -> list[tuple[str, datetime, int]]:
    """(source, moment, observations found) of every good poll since then."""
    rows = tx.exec(
        select(PollRow.source, PollRow.at, PollRow.found).where(
            PollRow.at >= since, col(PollRow.outcome).in_(("ok", "no_data"))
        )
    )
    return [(source, at, found) for source, at, found in rows]


def add_coverage(tx: Tx, coverage: Coverage) -> None:
    """The same statement twice is kept once."""
    row = {
        "source": coverage.source,
        "indicators": json.dumps(sorted(coverage.indicators)),
        "start_at": coverage.start,
        "end_at": coverage.end,
    }
    added(tx.connection(), table(CoverageRow), row)


def coverage(tx: Tx) -> list[Coverage]:
    rows = tx.exec(select(CoverageRow).order_by(col(CoverageRow.start_at), col(CoverageRow.id)))
    return [Coverage(row.source, tuple(json.loads(row.indicators)), row.start_at, row.end_at) for row in rows]


def set_aside(tx: Tx, source: str, refused: Iterable[Refused], now: datetime) -> None:
    """Keeps refused rows; the same row refused again counts up instead of filling the table."""
    for one in refused:
        digest = blake2b(f"{one.reason}\0{one.excerpt}".encode(), digest_size=16).hexdigest()
        row = tx.exec(select(AsideRow).where(AsideRow.source == source, AsideRow.digest == digest)).first()
        if row is None:
            row = AsideRow(
                source=source, digest=digest, reason=one.reason, excerpt=one.excerpt, times=0,
                first_at=now, last_at=now,
            )  # fmt: skip
        row.times, row.last_at, row.line, row.position = row.times + 1, now, one.line, one.column
        tx.add(row)
        tx.flush()


def aside(tx: Tx, source: str | None = None, limit: int = 50) -> list[tuple[str, Refused, int]]:
    """(source, row, times), newest first."""
    question = select(AsideRow).order_by(col(AsideRow.last_at).desc(), col(AsideRow.id).desc()).limit(limit)
    if source is not None:
        question = question.where(AsideRow.source == source)
    return [
        (row.source, Refused(row.reason, row.excerpt, row.line, row.position), row.times)
        for row in tx.exec(question)
    ]


def aside_counts(tx: Tx) -> dict[str, int]:
    """Source -> different rows refused."""
    rows = tx.exec(select(AsideRow.source, func.count()).group_by(col(AsideRow.source)))
    return {source: count for source, count in rows}  # noqa: C416 - dict() of rows loses the types


def http_state(tx: Tx, source: str) -> dict[str, HttpState]:
    """Part -> state."""
    rows = tx.exec(select(HttpRow).where(HttpRow.source == source))
    return {row.part: HttpState(row.etag, row.last_modified, row.body_hash, row.cursor) for row in rows}


def put_http_state(tx: Tx, source: str, part: str, state: HttpState, now: datetime) -> None:
    tx.merge(
        HttpRow(
            source=source, part=part, etag=state.etag, last_modified=state.last_modified,
            body_hash=state.body_hash, cursor=state.cursor, changed_at=now,
        )
    )  # fmt: skip
    tx.flush()


def _poll(row: PollRow) -> Poll:
    return Poll(
        source=row.source,
        at=row.at,
        outcome=cast("Outcome", row.outcome),
        message=row.message,
        reaches_back_to=row.reaches_back_to,
        parts=json.loads(row.parts) if row.parts else {},
        found=row.found,
        refused=row.refused,
        took_s=row.took_s,
    )
