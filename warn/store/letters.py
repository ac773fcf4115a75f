"""The outbox as administrators see it: what did not arrive, what waits, what may go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, exists, func, or_, select

from warn.store.database import Tx
from warn.store.lanes import ALERT, promote
from warn.store.tables import (
    DeliveryRow,
    EpisodeRow,
    ExpansionRow,
    PictureRow,
    RenderedRow,
    TellRow,
    table,
)  # fmt: skip

DELIVERY, EXPANSION, PICTURE = table(DeliveryRow), table(ExpansionRow), table(PictureRow)
RENDERED, TELL = table(RenderedRow), table(TellRow)
D = DELIVERY.c


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery as an administrator sees it: no address."""

    id: int
    channel: str
    recipient: str
    kind: str
    subject: str
    state: str
    attempt: int
    code: str
    error: str
    created_at: datetime


def letters(
    tx: Tx, states: Sequence[str] = ("dead", "uncertain", "expired"), limit: int = 50
) -> list[Letter]:
    """Newest first. Of what expired alerts alone: a bulletin whose day is over is missed by nobody."""
    question = (
        select(
            D.id, D.channel, D.recipient, RENDERED.c.kind, RENDERED.c.subject, D.state, D.attempt,
            D.last_code.label("code"),
            D.last_error.label("error"), D.created_at,
        )
        .join(RENDERED, RENDERED.c.id == D.rendered_id)
        .where(D.state.in_(states), or_(D.state != "expired", D.priority <= ALERT))
    )  # fmt: skip
    rows = tx.connection().execute(question.order_by(D.id.desc()).limit(limit))
    return [Letter(**dict(row)) for row in rows.mappings()]


def worth_sending(tx: Tx, now: datetime) -> list[int]:
    """Of what is dead or uncertain all that still tells what stands: its time is not over, nor its alert elsewhere."""
    episode = table(EpisodeRow).c
    level = case((episode.closed_at.is_(None), episode.level), else_=0)
    moved_on = exists().where(
        TELL.c.rendered_id == D.rendered_id, TELL.c.number == episode.number, TELL.c.level != level
    )
    in_time = D.expires_at.is_(None) | (D.expires_at > now)
    wanted = select(D.id).where(D.state.in_(("dead", "uncertain")), in_time, ~moved_on)
    return list(tx.connection().execute(wanted.order_by(D.id)).scalars())


def requeue(tx: Tx, ids: Iterable[int], now: datetime, expires_at: datetime | None = None) -> int:
    """Dead, uncertain or expired deliveries start again with a full count of attempts.

    Without `expires_at` those whose time is over no longer expire: a person decided.
    """
    connection = tx.connection()
    wanted = and_(D.id.in_(list(ids)), D.state.in_(("dead", "uncertain", "expired")))
    found = list(connection.execute(select(D.id).where(wanted)).scalars())
    still = case((D.expires_at > now, D.expires_at), else_=expires_at)
    again = {"state": "blocked", "attempt": 0, "due": now, "done_at": None}
    again["expires_at"] = still if expires_at is None else expires_at
    count = connection.execute(DELIVERY.update().where(wanted).values(again)).rowcount
    promote(connection, found)
    return count


def counts(tx: Tx) -> dict[tuple[str, str], int]:
    """(channel, state) -> how many."""
    rows = tx.connection().execute(select(D.channel, D.state, func.count()).group_by(D.channel, D.state))
    return {(channel, state): count for channel, state, count in rows}


def oldest_due(tx: Tx, now: datetime) -> float:
    """Seconds that the longest waiting delivery is overdue; 0 when nothing waits."""
    due = (
        tx.connection().execute(select(func.min(D.due)).where(D.state == "ready", D.due <= now)).scalar_one()
    )
    return 0.0 if due is None else float((now - due).total_seconds())


def purge(tx: Tx, before: datetime) -> int:
    """Deletes finished deliveries (and bytes nobody needs) older than that, except of episodes still open."""
    connection = tx.connection()
    episode = table(EpisodeRow).c
    still_open = (
        exists()
        .where(TELL.c.rendered_id == D.rendered_id, TELL.c.number == episode.number)
        .where(episode.closed_at.is_(None))
    )
    over = and_(D.state.not_in(("blocked", "ready", "sending")), D.created_at < before)
    count = connection.execute(DELIVERY.delete().where(over, ~still_open)).rowcount
    if connection.execute(select(EXPANSION.c.id).where(EXPANSION.c.finished_at.is_(None))).first() is None:
        _forget_bytes(connection, before)
    return count


def _forget_bytes(connection: Connection, before: datetime) -> None:
    """An unfinished expansion may still name any of them; then this waits for the next time."""
    used = exists().where(D.rendered_id == RENDERED.c.id)
    unused = RENDERED.delete().where(RENDERED.c.created_at < before, ~used)
    connection.execute(
        TELL.delete().where(
            TELL.c.rendered_id.in_(select(RENDERED.c.id).where(RENDERED.c.created_at < before, ~used))
        )
    )
    connection.execute(unused)
    connection.execute(PICTURE.delete().where(~exists().where(RENDERED.c.picture_id == PICTURE.c.id)))
    connection.execute(EXPANSION.delete().where(EXPANSION.c.finished_at < before))
