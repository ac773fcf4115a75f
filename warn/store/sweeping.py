"""What nobody acknowledges any more: messages whose sender died, and those whose time is over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, or_

from warn.store import times
from warn.store.database import Tx
from warn.store.lanes import ALERT, DIGEST, promote_all
from warn.store.tables import DeliveryRow, table

CAP = 8  # attempts; the eighth failure is final
DELIVERY = table(DeliveryRow)
D = DELIVERY.c


@dataclass(frozen=True, slots=True)
class Swept:
    """`states`: how many became of each; `given_up`: (channel, why) of messages that people must hear of."""

    states: dict[str, int]
    given_up: list[tuple[str, str]]


def sweep(tx: Tx, now: datetime, holding: Collection[int] = ()) -> Swept:
    """Every few seconds: expires, frees what a dead sender left, promotes lanes without an open row.

    `holding`: what the caller is sending this moment. Its lease may have run out while the database was locked or the
    machine slept, and is no reason to send it once more.
    """
    connection = tx.connection()
    over = D.lease_until < times.deciding(connection, now)
    late = and_(D.state.in_(("ready", "blocked")), D.expires_at <= now)
    why = case((D.last_error == "", "its time was over"), else_=D.last_error)
    freed, uncertain = _release(connection, and_(D.state == "sending", over, D.id.not_in(holding)), now)
    expired = _end(connection, late, state="expired", done_at=now, last_error=why)
    missed = [row for row in uncertain if row.priority < DIGEST]
    missed += [row for row in expired if row.priority <= ALERT]
    ready = freed + promote_all(connection)
    return _swept({"ready": ready, "uncertain": len(uncertain), "expired": len(expired)}, missed)


def reclaim(tx: Tx, now: datetime) -> Swept:
    """At boot, only after `Store.lock_sender()` said yes: leases of the process that died end at once."""
    connection = tx.connection()
    freed, uncertain = _release(connection, D.state == "sending", now)
    promote_all(connection)
    missed = [row for row in uncertain if row.priority < DIGEST]
    return _swept({"ready": freed, "uncertain": len(uncertain)}, missed)


def _swept(states: dict[str, int], missed: Sequence[Any]) -> Swept:
    given_up = [(row.channel, row.last_error) for row in missed]
    return Swept({state: count for state, count in states.items() if count}, given_up)


def _release(connection: Connection, left: ColumnElement[bool], now: datetime) -> tuple[int, Sequence[Any]]:
    """What a dead sender left: how many go again, and those `uncertain`. It may have arrived, so none ends `dead`.

    That the sender ended says nothing against the message: it has a try left, whatever was refused before. But one that
    ends its sender again and again is not tried for ever.
    """
    free = {"lease_owner": "", "lease_until": None}
    doubts = case((D.doubts < D.attempt, D.doubts + 1), else_=D.attempt)  # as in ack_failed
    over = and_(left, or_(D.resend.is_(False), doubts >= CAP))
    lost = {"state": "uncertain", "done_at": now, "last_error": "the sender ended while sending"}
    ended = _end(connection, over, doubts=doubts, **free, **lost)
    attempt = case((D.attempt < CAP, D.attempt), else_=CAP - 1)
    again = DELIVERY.update().where(left).values(state="ready", doubts=doubts, attempt=attempt, **free)
    return connection.execute(again).rowcount, ended


def _end(connection: Connection, which: ColumnElement[bool], **values: Any) -> Sequence[Any]:
    ending = DELIVERY.update().where(which).values(**values)
    return connection.execute(ending.returning(D.channel, D.priority, D.last_error)).all()
