"""What administrators are asked or told of alerts and bulletins, each recorded in the transaction that queues it."""

from __future__ import annotations

from datetime import datetime

from warn.pipeline.approvals import ask
from warn.pipeline.escalating import escalate
from warn.pipeline.retiring import ask_orphans
from warn.pipeline.undelivered import tell_undelivered
from warn.pipeline.work import Work
from warn.store import Tx


def ask_all(tx: Tx, work: Work, now: datetime) -> list[str]:
    """The texts queued, for the log; a second call at the same moment queues nothing."""
    asked = [*ask(tx, work, now), *ask_orphans(tx, work, now)]
    return [*asked, *escalate(tx, work, now), *tell_undelivered(tx, work, now)]
