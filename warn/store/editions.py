"""Which edition of the digest was made for whom: one per edition, local date, recipient and channel, ever."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from warn.store.conflicts import insert_new
from warn.store.database import Tx
from warn.store.tables import EditionRow, table

EDITION = table(EditionRow)


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
