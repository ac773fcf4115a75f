"""Which edition of the digest was made for whom: one per edition, local date, recipient and channel, ever."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, case, exists, func, select

from warn.digest.editions import EDITIONS, Edition
from warn.store.bounces import OWN
from warn.store.conflicts import insert_new
from warn.store.database import Tx
from warn.store.lanes import DIGEST
from warn.store.tables import DeliveryRow, EditionRow, SubscriberRow, table

DELIVERY, EDITION, SUBSCRIBER = table(DeliveryRow), table(EditionRow), table(SubscriberRow)


def make_editions(
    tx: Tx,
    edition: str,
    local_date: date,
    recipients: Iterable[tuple[str, str]],
    now: datetime,
    *,
    skipped: bool = False,
) -> set[tuple[str, str]]:
    """Claims (edition, local date, recipient, channel) for (recipient, channel) pairs; answers those that were new."""
    rows = [
        {"edition": edition, "local_date": local_date, "recipient": recipient, "channel": channel}
        | {"skipped": skipped, "at": now}
        for recipient, channel in recipients
    ]
    if not rows:
        return set()
    connection = tx.connection()
    c = EDITION.c
    made = connection.execute(insert_new(connection, EDITION).returning(c.recipient, c.channel), rows)
    return {(recipient, channel) for recipient, channel in made}


def forget_editions(tx: Tx, before: date) -> int:
    """Those of days so long gone that none of them can be due any more."""
    return tx.connection().execute(EDITION.delete().where(EDITION.c.local_date < before)).rowcount


def editions_made(tx: Tx, edition: str, since: date) -> dict[tuple[str, str], date]:
    """(recipient, channel) -> newest local date made or skipped, at `since` or later."""
    c = EDITION.c
    newest = (
        select(c.recipient, c.channel, func.max(c.local_date))
        .where(c.edition == edition, c.local_date >= since)
        .group_by(c.recipient, c.channel)
    )
    return {(recipient, channel): day for recipient, channel, day in tx.connection().execute(newest)}


def editions_of(
    tx: Tx, days: Sequence[date], between: tuple[str, str] = ("", ""), among: Sequence[str] = ()
) -> list[tuple[str, Edition, date, datetime]]:
    """(recipient, edition, local date, when made) of those whose id is between these two, or is one of `among`.

    The table's key begins with edition and day: asked day by day, no row is read that is not wanted.
    """
    c = EDITION.c
    whose = c.recipient.in_(among) if among else c.recipient.between(*between)
    question = select(c.recipient, c.edition, c.local_date, c.at).where(
        c.edition.in_(EDITIONS), c.local_date.in_(days), whose, ~c.skipped
    )
    return [(reader, edition, day, at) for reader, edition, day, at in tx.connection().execute(question)]


def not_arrived(tx: Tx, since: datetime) -> set[tuple[str, datetime]]:
    """(recipient, when made) of bulletins made since then that never arrived, or have not left yet."""
    question = select(DELIVERY.c.recipient, DELIVERY.c.created_at).where(
        DELIVERY.c.state.in_(("expired", "dead", "suppressed", "blocked", "ready", "sending")),
        DELIVERY.c.priority == DIGEST,
        DELIVERY.c.created_at >= since,
    )
    return {(recipient, at) for recipient, at in tx.connection().execute(question)}


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Bulletins of one edition that were given up for the same reason; `recipient` and `error`: one of them."""

    edition: Edition
    local_date: date
    channel: str
    reason: str
    count: int
    recipient: str
    error: str
    first_at: datetime


def undelivered(tx: Tx, since: datetime) -> list[Undelivered]:
    """What was given up since then, of readers who are there still and whose own mailbox was not the reason.

    A relay words each refusal anew, so mail goes by the code alone; Telegram has one code for all its refusals.
    """
    d, e = DELIVERY.c, EDITION.c
    reason = case((d.channel == "telegram", d.last_error), else_=d.last_code)
    same = (e.edition, e.local_date, d.channel, reason)
    made = and_(e.recipient == d.recipient, e.channel == d.channel, e.at == d.created_at)
    days = [since.date() + timedelta(days=n) for n in range(-2, 4)]
    reader = exists().where(SUBSCRIBER.c.id == d.recipient, SUBSCRIBER.c.state != "stopped")
    question = (
        select(*same, func.count(), func.max(d.recipient), func.max(d.last_error), func.min(d.done_at))
        .join(EDITION, and_(e.edition.in_(EDITIONS), e.local_date.in_(days), made))
        .where(d.state == "dead", d.priority == DIGEST, d.due >= since - timedelta(days=1))
        .where(d.done_at >= since, ~OWN, reader)
        .group_by(*same)
        .order_by(*same)
    )
    return [Undelivered(*row) for row in tx.connection().execute(question)]


def skipped_editions(tx: Tx, edition: str, recipients: Sequence[str], since: date) -> dict[str, list[date]]:
    """Recipient -> dates that were skipped after the newest one made: the gap the next edition names."""
    c = EDITION.c
    question = (
        select(c.recipient, c.local_date, c.skipped)
        .where(c.edition == edition, c.local_date >= since, c.recipient.in_(recipients))
        .order_by(c.recipient, c.local_date)
    )
    gaps: dict[str, list[date]] = {}
    for recipient, day, skipped in tx.connection().execute(question):
        if skipped:
            gaps.setdefault(recipient, []).append(day)
        else:
            gaps.pop(recipient, None)
    return gaps
