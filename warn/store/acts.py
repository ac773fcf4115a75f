"""What people did: approvals, silences, acknowledgements, pauses, words, drills. Append-only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_
from sqlmodel import col, select

from warn.model import EMPTY
from warn.store.database import Tx
from warn.store.tables import ActRow


@dataclass(frozen=True, slots=True)
class Act:
    """`kind`: approve, reject, silence, ack, pause, resume, withdraw, say, drill... `target`: an alert, rule or ref."""

    kind: str
    target: str
    by: str
    at: datetime
    until: datetime | None = None
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    id: int = 0


def record(tx: Tx, act: Act) -> int:
    """Stores the act and returns its id."""
    row = ActRow(
        kind=act.kind, target=act.target, by=act.by, at=act.at, until=act.until, reason=act.reason,
        details=json.dumps(dict(act.details), ensure_ascii=False) if act.details else "",
    )  # fmt: skip
    tx.add(row)
    tx.flush()
    assert row.id is not None
    return row.id


def acts(
    tx: Tx,
    *,
    kind: str | None = None,
    target: str | None = None,
    since: datetime | None = None,
    valid_at: datetime | None = None,
) -> list[Act]:
    """Oldest first. `valid_at`: only those whose `until` is open or later than that moment."""
    question = select(ActRow).order_by(col(ActRow.id))
    if kind is not None:
        question = question.where(ActRow.kind == kind)
    if target is not None:
        question = question.where(ActRow.target == target)
    if since is not None:
        question = question.where(ActRow.at >= since)
    if valid_at is not None:
        question = question.where(ActRow.at <= valid_at)
        question = question.where(or_(col(ActRow.until).is_(None), col(ActRow.until) > valid_at))
    return [_act(row) for row in tx.exec(question)]


def forget_mutes(tx: Tx, now: datetime) -> int:
    """What a reader did not want to hear for a day is nobody's business afterwards."""
    over = delete(ActRow).where(col(ActRow.kind) == "mute", col(ActRow.until) < now)
    return int(tx.connection().execute(over).rowcount)


def paused(tx: Tx) -> bool:
    """The newest of pause and resume is a pause."""
    newest = "SELECT kind FROM act WHERE kind IN ('pause', 'resume') ORDER BY id DESC LIMIT 1"  # asked at every claim
    return tx.connection().exec_driver_sql(newest).scalar() == "pause"


def _act(row: ActRow) -> Act:
    return Act(
        kind=row.kind,
        target=row.target,
        by=row.by,
        at=row.at,
        until=row.until,
        reason=row.reason,
        details=json.loads(row.details) if row.details else EMPTY,
        id=row.id or 0,
    )
