"""Everything administrators are asked or told of alerts, each recorded in the transaction that queues it."""

from __future__ import annotations

from datetime import datetime

from warn.pipeline.approvals import ask
from warn.pipeline.escalating import escalate
from warn.pipeline.retiring import ask_orphans
from warn.pipeline.work import Work
from warn.store import Tx


def ask_all(tx: Tx, work: Work, now: datetime) -> list[str]:
    """The texts queued, for the log; a second call at the same moment queues nothing."""
    return [*ask(tx, work, now), *ask_orphans(tx, work, now), *escalate(tx, work, now)]
