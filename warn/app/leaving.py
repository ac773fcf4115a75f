"""Those who asked to leave: erased when the time for second thoughts is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from warn.store import Tx, acts, subscribers


def erase_leavers(tx: Tx, now: datetime) -> int:
    """Readers who tapped "stop" more than ten minutes ago and did not take it back."""
    latest = {
        act.target: act
        for act in acts.acts(tx, since=now - timedelta(days=2))
        if act.kind in {"leave", "stay"}
    }
    over = [one.target for one in latest.values() if one.kind == "leave" and one.until and one.until <= now]
    return sum(subscribers.erase(tx, one) for one in over)
