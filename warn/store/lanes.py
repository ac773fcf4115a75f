"""Order within a lane: of all that waits for one recipient only the first is `ready`, the others are `blocked`.

A crisis overtakes what is less, never another crisis: of those of a lane the first is `ready` too, whatever else is.

Whoever ends a delivery promotes the next one in the same transaction. Asking at every claim for the first of each lane
instead is up to thirty times slower on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    Update,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from warn.store.prepared import Prepared, among
from warn.store.tables import DeliveryRow, TellRow, table

CRISIS, ALERT, DIGEST, ADMIN = 0, 1, 3, 4  # priorities that are treated apart
DELIVERY, TELL = table(DeliveryRow), table(TellRow)
PART = 5000
UNDER_WAY = ("ready", "sending")


def occupied(connection: Connection, lanes: Collection[str]) -> set[str]:
    """Those of these lanes in which something waits or is under way: whatever is added there waits its turn."""
    wanted, found = list(lanes), set[str]()
    for start in range(0, len(wanted), PART):
        found.update(OCCUPIED.run(connection, wanted[start : start + PART], {}).scalars())
    return found


def press_on(connection: Connection, crises: Mapping[int, Collection[str]], now: datetime) -> set[str]:
    """Those of the lanes in which something goes before the crises (their bytes -> their lanes) that join them now.

    That is another crisis, or an earlier message about the same alert: it becomes as urgent, and if it waits for its
    next try that is now, lest it hold up what follows.
    """
    pressed = set[str]()
    c, open_, same = DELIVERY.c, DELIVERY.alias(), TELL.alias()
    due = case(((c.state == "ready") & (c.due > now), now), else_=c.due)
    for rendered_id, lanes in crises.items():
        numbers = select(TELL.c.number).where(TELL.c.rendered_id == rendered_id)
        about = select(same.c.rendered_id).where(same.c.number.in_(numbers))
        before = or_(open_.c.priority == CRISIS, open_.c.rendered_id.in_(about))
        wanted = sorted(lanes)
        for start in range(0, len(wanted), PART):
            here = open_.c.lane.in_(wanted[start : start + PART]), open_.c.state.in_(("blocked", *UNDER_WAY))
            mine = select(open_.c.id).where(*here, before).order_by(open_.c.id).with_for_update()
            pressing = DELIVERY.update().where(c.id.in_(mine)).values(priority=CRISIS, due=due)
            pressed.update(connection.execute(pressing.returning(c.lane)).scalars())
    return pressed


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
    waiting = select(func.min(head.c.id)).where(head.c.state == "blocked").group_by(head.c.lane)
    crises = waiting.where(head.c.priority == CRISIS, ~under_way.where(busy.c.priority == CRISIS))
    heads = union_all(waiting.where(~under_way), crises)
    ids = sorted(set(connection.execute(heads).scalars()))
    return sum(
        PROMOTE.run(connection, ids[start : start + PART], {}).rowcount for start in range(0, len(ids), PART)
    )


def _promote(connection: Connection, statement: Prepared, anchors: Sequence[Any]) -> int:
    promoted = 0
    for start in range(0, len(anchors), PART):
        found = statement.run(connection, anchors[start : start + PART], {})
        heads = sorted({id_ for row in found for id_ in row if id_ is not None})
        if heads:
            promoted += PROMOTE.run(connection, heads, {}).rowcount
    return promoted


def _heads(anchor: str, anchors: list[BindParameter[Any]]) -> Select[Any]:
    """Starts from rows with a unique key: a database without statistics then finds each lane by two looks.

    Two columns: the first that waits where nothing is under way, and the first crisis where none is. The latter only
    where the anchor was one, for no other end makes room for it. The order names the whole index, or PostgreSQL may
    walk the primary key instead.
    """
    known, head, busy = DELIVERY.alias("known"), DELIVERY.alias("head"), DELIVERY.alias("busy")
    waits = head.c.lane == known.c.lane, head.c.state == "blocked"
    first = select(head.c.id).where(*waits).order_by(head.c.lane, head.c.state, head.c.id).limit(1)
    under_way = exists().where(busy.c.lane == known.c.lane, busy.c.state.in_(among(*UNDER_WAY)))
    crisis = literal(CRISIS)
    none_ahead = known.c.priority == crisis, ~under_way.where(busy.c.priority == crisis)
    return select(
        case((~under_way, first.scalar_subquery())),
        case((and_(*none_ahead), first.where(head.c.priority == crisis).scalar_subquery())),
    ).where(known.c[anchor].in_(anchors), exists().where(*waits))


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
