"""Bulletins that were given up, as where a bot may no longer write: told once for each edition and reason."""

from __future__ import annotations

from datetime import datetime, timedelta

from warn.pipeline import admin_words, admins
from warn.pipeline.work import Work
from warn.store import Tx, acts, editions
from warn.store.acts import Act
from warn.store.editions import Undelivered

KIND = "undelivered"
SETTLED = timedelta(minutes=15)  # from the first that was given up: by then most of the others are as well
LATELY = timedelta(hours=12)
LONGEST = 200


def tell_undelivered(tx: Tx, work: Work, now: datetime) -> list[str]:
    """Queues a line for each edition and reason, recorded in the same transaction; for the log."""
    given_up = [one for one in editions.undelivered(tx, now - LATELY) if now - one.first_at >= SETTLED]
    if not given_up:
        return []
    said = {(act.target, act.reason) for act in acts.acts(tx, kind=KIND, since=now - 3 * LATELY)}
    lines = []
    for one in given_up:
        target = f"{one.edition} {one.local_date.isoformat()}"
        reason = f"{one.channel} {one.reason}"[:LONGEST]
        if (target, reason) not in said:
            act = acts.record(tx, Act(KIND, target, "warn", now, reason=reason))
            lines.append(admins.notify(tx, work, f"{KIND} {act}", _text(work, one), now))
    return lines


def _text(work: Work, one: Undelivered) -> str:
    key = "undelivered" if one.count == 1 else "undelivered, many"
    return admin_words.phrase(
        work.lang,
        key,
        what=admin_words.phrase(work.lang, one.edition),
        day=one.local_date.isoformat(),
        count=str(one.count),
        reader=one.recipient,
        channel=one.channel,
        why=one.error[:LONGEST].rstrip("."),
    )
