"""What is not kept: those who left, those who never confirmed, who asked for what, and deliveries of long ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from warn import links
from warn.store import Tx, acts, editions, letters, subscribers, throttle

KEPT = timedelta(days=30)


def forget(tx: Tx, now: datetime) -> int:
    """Every minute: erases whose time is over, and answers how many that were."""
    throttle.forget(tx, now)
    gone = sum(subscribers.erase(tx, reader) for reader in left(tx, now))
    return gone + subscribers.forget_unconfirmed(tx, now - links.CONFIRM)


def purge(tx: Tx, now: datetime) -> int:
    """Every day: deliveries and editions name readers, if only by an opaque id; those of open alerts stay."""
    acts.forget_mutes(tx, now)
    subscribers.forget_stopped(tx)
    editions.forget_editions(tx, (now - KEPT).date())
    return letters.purge(tx, now - KEPT)


def left(tx: Tx, by: datetime | None = None) -> list[str]:
    """Readers who tapped "stop", however long ago, and did not come back; `by`: whose ten minutes were over then."""
    asked = {act.target: act for act in acts.acts(tx, kind="leave")}
    stayed = {act.target: act.id for act in acts.acts(tx, kind="stay")}
    return [
        reader
        for reader, act in asked.items()
        if (by is None or (act.until and act.until <= by))
        and stayed.get(reader, 0) < act.id
        and _away(tx, reader)
    ]


def _away(tx: Tx, reader: str) -> bool:
    found = subscribers.get(tx, reader)
    return found is not None and found.state == "paused"
