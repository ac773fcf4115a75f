"""Order within a lane: of all that waits for one recipient only the first is `ready`, the others are `blocked`.

Whoever ends a delivery promotes the next one in the same transaction. Asking at every claim for the first of each lane
instead is up to thirty times slower on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, Update, exists, func, select

from warn.store.prepared import Prepared, among
from warn.store.tables import DeliveryRow, table

CRISIS, ALERT, DIGEST, ADMIN = 0, 1, 3, 4  # priorities that are treated apart
DELIVERY = table(DeliveryRow)
PART = 5000
UNDER_WAY = ("ready", "sending")


def occupied(connection: Connection, lanes: Collection[str]) -> set[str]:
    """Those of these lanes in which something waits or is under way: whatever is added there waits its turn."""
    wanted, found = list(lanes), set[str]()
    for start in range(0, len(wanted), PART):
        found.update(OCCUPIED.run(connection, wanted[start : start + PART], {}).scalars())
    return found


def promote(connection: Connection, ids: Sequence[int]) -> int:
    """In each lane of these deliveries the first that waits becomes ready, if none is under way.

    Rows that somebody else has locked are left to him: he promotes, or the next sweep does.
    """
    return _promote(connection, HEADS_BY_ID, ids)


def promote_new(connection: Connection, keys: Sequence[str]) -> int:
    """The same for deliveries just added, by their idempotency keys; one of each lane is enough."""
    return _promote(connection, HEADS_BY_KEY, keys)


def promote_all(connection: Connection) -> int:
    """For the sweep: what an enqueue and an acknowledgement at the same moment may each have left to the other."""
    head, busy = DELIVERY.alias("head"), DELIVERY.alias("busy")
    under_way = exists().where(busy.c.lane == head.c.lane, busy.c.state.in_(UNDER_WAY))
    heads = select(func.min(head.c.id)).where(head.c.state == "blocked", ~under_way).group_by(head.c.lane)
    ids = list(connection.execute(heads).scalars())
    return sum(
        PROMOTE.run(connection, ids[start : start + PART], {}).rowcount for start in range(0, len(ids), PART)
    )


def _promote(connection: Connection, statement: Prepared, anchors: Sequence[Any]) -> int:
    promoted = 0
    for start in range(0, len(anchors), PART):
        heads = sorted(set(statement.run(connection, anchors[start : start + PART], {}).scalars()))
        if heads:
            promoted += PROMOTE.run(connection, heads, {}).rowcount
    return promoted


def _heads(anchor: str, anchors: list[BindParameter[Any]]) -> Select[Any]:
    """Starts from rows with a unique key: a database without statistics then finds each lane by two looks.

    The order names the whole index, or PostgreSQL may walk the primary key instead.
    """
    known, head, busy = DELIVERY.alias("known"), DELIVERY.alias("head"), DELIVERY.alias("busy")
    first = (
        select(head.c.id)
        .where(head.c.lane == known.c.lane, head.c.state == "blocked")
        .order_by(head.c.lane, head.c.state, head.c.id)
        .limit(1)
        .scalar_subquery()
    )
    under_way = exists().where(busy.c.lane == known.c.lane, busy.c.state.in_(among(*UNDER_WAY)))
    waiting = exists().where(head.c.lane == known.c.lane, head.c.state == "blocked")
    return select(first).where(known.c[anchor].in_(anchors), waiting, ~under_way)


def _promotion(ids: list[BindParameter[Any]]) -> Update:
    """In the order of ids, so that two who promote never wait for each other in a circle."""
    c, free = DELIVERY.c, DELIVERY.alias("free")
    mine = select(free.c.id).where(free.c.id.in_(ids)).order_by(free.c.id).with_for_update(skip_locked=True)
    # The state once more, for the row may have changed between the look and the lock; as an expression, because the
    # plain column would lead SQLite to the index of all that is blocked.
    still = func.coalesce(c.state, "") == "blocked"
    return DELIVERY.update().where(c.id.in_(mine), still).values(state="ready")


def _occupied(lanes: list[BindParameter[Any]]) -> Select[Any]:
    c = DELIVERY.c
    return select(c.lane).where(c.lane.in_(lanes), c.state.in_(among("blocked", *UNDER_WAY))).distinct()


OCCUPIED, PROMOTE = Prepared(_occupied), Prepared(_promotion)
HEADS_BY_ID, HEADS_BY_KEY = Prepared(partial(_heads, "id")), Prepared(partial(_heads, "idem_key"))
