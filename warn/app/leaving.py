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
    """Readers who tapped "stop" more than ten minutes ago and did not take it back."""
    latest = {
        act.target: act
        for act in acts.acts(tx, since=now - timedelta(days=2))
        if act.kind in {"leave", "stay"}
    }
    over = [one.target for one in latest.values() if one.kind == "leave" and one.until and one.until <= now]
    return sum(subscribers.erase(tx, one) for one in over)
