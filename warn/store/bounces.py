"""What follows for a reader when mail comes back: a dead address is left alone at once, a full mailbox later."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, update

from warn import mailboxes
from warn.store import subscribers
from warn.store.conflicts import added
from warn.store.database import Tx
from warn.store.tables import DeliveryRow, SubscriberRow, SuppressionRow, table

SOFT_LIMIT, SOFT_DAYS = 3, timedelta(days=30)
FEW, SHARE = (
    3,
    0.05,
)  # may be called gone at once (an hour, or a day of notices): these, or that part of what was sent
COMPLAINT = "complaint"
_CODE = re.compile(r"(?<![\d.])5\d\d(?![\d.])")
DELIVERY, SUBSCRIBER = table(DeliveryRow), table(SubscriberRow)
D = DELIVERY.c
OWN = or_(D.last_code.like("% 4.2.%"), D.last_code.like("% 5.2.2"), D.last_code.like(f"%{mailboxes.OWN}"))


def gone(tx: Tx, recipient: str, now: datetime, reason: str = "bounce") -> bool:
    """The address does not exist or complained: no delivery any more; of a mail address a keyed hash stays, no more."""
    row = tx.get(SubscriberRow, recipient)
    if row is None:
        return False
    if row.channel == "email":
        mark = {"mark": row.mark, "channel": row.channel, "reason": reason, "at": now}
        added(tx.connection(), table(SuppressionRow), mark)
    return subscribers.stop(tx, recipient)


def failed_again(tx: Tx, recipient: str, now: datetime) -> bool:
    """After the third mail in 30 days that their mailbox would not take the reader is paused; True where that happened.

    A mailbox that is full or away, also until the mail was out of date, or an address refused with no word of us. What
    is said of us, as a throttled sender is told (4.7.28), is no fault of the reader's. Who confirmed or came back since
    begins anew.
    """
    row = tx.get(SubscriberRow, recipient)
    if row is None or row.channel != "email" or row.state != "active":
        return False
    since = max(at for at in (now - SOFT_DAYS, row.confirmed_at, row.owed_from) if at is not None)
    soft = select(func.count()).where(
        D.recipient == recipient, D.state.in_(("dead", "expired")), OWN, D.done_at > since
    )
    if tx.connection().execute(soft).scalar_one() < SOFT_LIMIT:
        return False
    return subscribers.pause(tx, recipient)


def returned(tx: Tx, delivery: int, status: str, said: str, now: datetime) -> str:
    """A notice of non-delivery for what was sent: the delivery is `dead` after all. Answers what follows.

    'gone': suppressed for good; 'paused'; 'counted'; '' for a delivery that is not known or was counted already.
    'doubted': so many were called gone within a day that the relay must be wrong; nothing follows.
    """
    known = select(D.recipient).where(D.id == delivery, D.channel == "email", D.last_code.not_like("dsn %"))
    recipient = tx.connection().execute(known).scalar()
    if recipient is None:
        return ""
    fault = mailboxes.fault(_code(said), status, said, alone=True)
    code = f"dsn {status}"
    bounced = update(DELIVERY).where(D.id == delivery, D.state.in_(("sent", "uncertain")))
    tx.connection().execute(
        bounced.values(
            state="dead",
            last_code=mailboxes.marked(code) if fault == "own" else code,
            last_error=said,
            done_at=now,
        )
    )
    if status == COMPLAINT:
        return "gone" if gone(tx, recipient, now, COMPLAINT) else ""
    if fault == "gone" and not _believed(tx, now):
        return "doubted"
    if fault == "gone":
        return "gone" if gone(tx, recipient, now) else ""
    return "paused" if failed_again(tx, recipient, now) else "counted"


def _believed(tx: Tx, now: datetime) -> bool:
    """Whether those called gone within a day, the newest with them, are few: by number, or beside what was sent."""
    lately = and_(D.channel == "email", D.done_at > now - timedelta(days=1))
    called = select(func.count()).where(lately, D.last_code.in_([f"dsn {one}" for one in mailboxes.GONE]))
    sent = select(func.count()).where(lately, D.state == "sent")
    gone = tx.connection().execute(called).scalar_one()
    return gone <= max(FEW, SHARE * (tx.connection().execute(sent).scalar_one() + gone))


def _code(said: str) -> int:
    """The three digits with which the other server refused; 0 where the notice does not say."""
    found = _CODE.search(said)
    return int(found.group()) if found else 0
