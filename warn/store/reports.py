"""Field reports in quarantine: nothing here counts before a person accepted it and others said the same.

A report bears the mark of its author for one month, never who that is. What is refused, expired or erased keeps
neither value nor place: it is only counted.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from warn.links import LOT, REPORTER
from warn.model import EMPTY, Observation
from warn.store import observations
from warn.store.conflicts import added
from warn.store.database import Tx
from warn.store.tables import ReportRow, StateRow, TransitionRow, table
from warn.store.wiping import erases

SOURCE = "bot"
State = Literal["waiting", "accepted", "told", "refused", "expired"]
_EMPTY = {"value": None, "attributes": "", "place": "", "lat": None, "lon": None}


@dataclass(frozen=True, slots=True)
class Report:
    """`said` is the observation it becomes; until it is told its `known_at` is only when it was received."""

    id: int
    state: State
    said: Observation
    received_at: datetime
    decided_at: datetime | None = None
    tell_at: datetime | None = None

    @property
    def mark(self) -> str:
        return self.said.origins[0] if self.said.origins else ""


def receive(tx: Tx, said: Observation, now: datetime) -> bool:
    """Into quarantine; False where this very conversation was sent before. The minute it came is not kept."""
    row = {
        "key": said.key,
        "mark": said.origins[0],
        "state": "waiting",
        "indicator": said.indicator,
        "value": said.value,
        "attributes": json.dumps(dict(said.attributes), ensure_ascii=False) if said.attributes else "",
        "place": said.place,
        "lat": said.lat,
        "lon": said.lon,
        "grade": said.grade,
        "occurred_at": said.occurred_at,
        "received_at": now.replace(minute=0, second=0, microsecond=0),
    }
    return added(tx.connection(), table(ReportRow), row)


def get(tx: Tx, id: int) -> Report | None:  # noqa: A002 - the word everybody uses
    row = tx.get(ReportRow, id)
    return None if row is None else _report(row)


def having(tx: Tx, *states: State, since: datetime | None = None) -> list[Report]:
    """Oldest first; `since`: only what occurred then or later."""
    question = select(ReportRow).where(col(ReportRow.state).in_(states)).order_by(col(ReportRow.id))
    if since is not None:
        question = question.where(col(ReportRow.occurred_at) >= since)
    return [_report(row) for row in tx.exec(question)]


def by_author(tx: Tx, marks: Collection[str], since: datetime) -> list[Report]:
    """What these marks sent since, whatever became of it."""
    question = select(ReportRow).where(col(ReportRow.mark).in_(marks), col(ReportRow.received_at) >= since)
    return [_report(row) for row in tx.exec(question.order_by(col(ReportRow.id)))]


def marks(tx: Tx) -> list[str]:
    """Of all whose reports are still theirs."""
    named = select(ReportRow.mark).where(col(ReportRow.mark) != "").distinct()
    return list(tx.exec(named))


def accept(tx: Tx, id: int, now: datetime, tell_at: datetime) -> bool:  # noqa: A002
    """False where it does not wait any more."""
    return _decide(tx, id, {"state": "accepted", "decided_at": now, "tell_at": tell_at})


def refuse(tx: Tx, id: int, now: datetime) -> bool:  # noqa: A002
    """Counted from now on, and shown no more; False where it does not wait any more."""
    return _decide(tx, id, {"state": "refused", "decided_at": now, **_EMPTY})


def tell(tx: Tx, told: Sequence[tuple[Report, datetime]], now: datetime) -> None:
    """They become observations, each known from its moment on."""
    c = table(ReportRow).c
    for report, known in told:
        tx.connection().execute(
            update(ReportRow).where(c.id == report.id).values(state="told", tell_at=known)
        )
    observations.ingest(tx, [replace(report.said, known_at=known) for report, known in told], now)


def recall(tx: Tx, report: Report, now: datetime) -> None:
    """Back into quarantine, before anybody knew of it."""
    c = table(ReportRow).c
    tx.connection().execute(update(ReportRow).where(c.id == report.id).values(state="accepted"))
    observations.withdraw(tx, report.said.ref, now, "recalled", final=False)


def expire(tx: Tx, received_before: datetime, occurred_before: datetime) -> int:
    """What waited too long for a person, or for others to say the same, is only counted from now on."""
    c = table(ReportRow).c
    late = ((c.state == "waiting") & (c.received_at < received_before)) | (
        (c.state == "accepted") & (c.occurred_at < occurred_before)
    )
    done = tx.connection().execute(update(ReportRow).where(late).values(state="expired", **_EMPTY))
    return int(done.rowcount)


def blank_marks(tx: Tx, before: datetime) -> int:
    """The authors of what occurred before cannot be told apart any more."""
    c = table(ReportRow).c
    old = update(ReportRow).where(c.occurred_at < before, c.mark != "").values(mark="")
    return int(tx.connection().execute(old).rowcount)


def draw_lots(tx: Tx, sources: Collection[str], before: datetime, now: datetime) -> int:
    """Marks at what occurred before pass to lots also where readers were told of it; how many.

    The same people stay apart from each other, so that no count changes.
    """
    marks = observations.origins_before(tx, sources, REPORTER, before)
    lots = {mark: _lot() for mark in marks if not mark.startswith(LOT)}
    observations.rename_origins(tx, sources, lots, now)
    for mark, lot in lots.items():
        _unname(tx, mark, lot)
    return len(lots)


def pass_on(tx: Tx, mark: str, other: str, now: datetime) -> None:
    """What was sent under the one mark stands under the other from now on, also where readers were told of it."""
    c = table(ReportRow).c
    moved = tx.connection().execute(update(ReportRow).where(c.mark == mark).values(mark=other))
    if moved.rowcount:
        observations.rename_origins(tx, (SOURCE,), {mark: other}, now)
        _unname(tx, mark, other)


def counts(tx: Tx, marks: Collection[str] | None = None) -> dict[str, int]:
    """State -> how many, of all or of these marks."""
    c = table(ReportRow).c
    question = select(c.state, func.count()).group_by(c.state)
    if marks is not None:
        question = question.where(c.mark.in_(marks))
    return {str(state): int(count) for state, count in tx.connection().execute(question)}


def refuse_of(tx: Tx, marks: Collection[str], now: datetime) -> int:
    """What these marks sent and nobody was told of yet."""
    c = table(ReportRow).c
    open_ones = update(ReportRow).where(c.mark.in_(marks), c.state.in_(("waiting", "accepted")))
    return int(tx.connection().execute(open_ones.values(state="refused", decided_at=now, **_EMPTY)).rowcount)


def erase(tx: Tx, marks: Collection[str], now: datetime) -> int:
    """Everything these marks reported leaves the quarantine, and what was not known yet never will be.

    What readers were told stands, or its correction would tell all of them that somebody erased something just now;
    it passes to a mark drawn by lot, which nobody can find again, and so still counts as one person's.
    """
    erases(tx, *marks)
    sent = list(tx.exec(select(ReportRow).where(col(ReportRow.mark).in_(marks))))
    tx.connection().execute(delete(ReportRow).where(col(ReportRow.mark).in_(marks)))
    drawn = {mark: _lot() for mark in marks}
    for row in sent:
        if row.state != "told":
            continue
        ref = f"{SOURCE}:{row.key}"
        if row.tell_at is None or row.tell_at > now:
            observations.withdraw(tx, ref, now, "erased by its author")
        observations.rename(tx, ref, drawn[row.mark], now)
    if any(row.state == "told" for row in sent):
        for mark, lot in drawn.items():
            _unname(tx, mark, lot)
    return len(sent)


def _lot() -> str:
    return f"{LOT}{secrets.token_hex(8)}"


def _unname(tx: Tx, mark: str, lot: str) -> None:
    for kept in (table(TransitionRow).c.content, table(StateRow).c.state):
        named = update(kept.table).where(kept.contains(mark, autoescape=True))
        tx.connection().execute(named.values({kept: func.replace(kept, mark, lot)}))


def _decide(tx: Tx, id_: int, values: dict[str, Any]) -> bool:
    c = table(ReportRow).c
    waiting = update(ReportRow).where(c.id == id_, c.state == "waiting").values(**values)
    return int(tx.connection().execute(waiting).rowcount) == 1


def _report(row: ReportRow) -> Report:
    said = Observation(
        indicator=row.indicator, occurred_at=row.occurred_at, known_at=row.tell_at or row.received_at,
        value=row.value or 0.0, source=SOURCE, origins=(row.mark,) if row.mark else (), place=row.place, lat=row.lat,
        lon=row.lon, precision="town", grade=row.grade, key=row.key,
        attributes=json.loads(row.attributes) if row.attributes else EMPTY,
    )  # fmt: skip
    return Report(
        id=row.id or 0,
        state=cast("State", row.state),
        said=said,
        received_at=row.received_at,
        decided_at=row.decided_at,
        tell_at=row.tell_at,
    )
