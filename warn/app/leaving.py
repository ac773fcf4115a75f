"""What is not kept: those who left, those who never confirmed, who asked for what, and deliveries of long ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from warn import links
from warn.store import Tx, acts, editions, letters, subscribers, throttle

KEPT = timedelta(days=30)


def forget(tx: Tx, now: datetime) -> int:
    """Every minute: erases whose time is over, and answers how many that were."""
    throttle.forget(tx, now)
    return _leavers(tx, now) + subscribers.forget_unconfirmed(tx, now - links.CONFIRM)


def purge(tx: Tx, now: datetime) -> int:
    """Every day: deliveries and editions name readers, if only by an opaque id; those of open alerts stay."""
    editions.forget_editions(tx, (now - KEPT).date())
    return letters.purge(tx, now - KEPT)


def _leavers(tx: Tx, now: datetime) -> int:
    """Readers who tapped "stop" more than ten minutes ago, however long ago, and did not come back since."""
    asked = {act.target: act for act in acts.acts(tx, kind="leave")}
    stayed = {act.target: act.id for act in acts.acts(tx, kind="stay")}
    over = [
        reader
        for reader, act in asked.items()
        if act.until and act.until <= now and stayed.get(reader, 0) < act.id and _away(tx, reader)
    ]
    return sum(subscribers.erase(tx, reader) for reader in over)


def _away(tx: Tx, reader: str) -> bool:
    found = subscribers.get(tx, reader)
    return found is not None and found.state == "paused"
