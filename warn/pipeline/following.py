"""What follows from administrators' acts: the desk records them, this does it, once each."""

from __future__ import annotations

from datetime import datetime, timedelta

from warn.model import Level
from warn.pipeline import person
from warn.pipeline.tell import approved, spread
from warn.pipeline.work import Work
from warn.store import Tx, acts, alerts, outbox
from warn.store.acts import Act

LATELY = timedelta(days=1)


def follow(tx: Tx, work: Work, now: datetime) -> None:
    """Approved alerts go out as they stand; words and drills go to readers. A later call repeats nothing."""
    for act in acts.acts(tx, since=now - LATELY):
        if act.kind == "approve":
            _tell_approved(tx, work, act, now)
        elif act.kind in {"say", "drill"}:
            _speak(tx, work, act, now)


def _tell_approved(tx: Tx, work: Work, act: Act, now: datetime) -> None:
    stored = alerts.transitions(tx, number=int(act.target), until=now)
    if stored:
        payload = approved(now, stored[-1])
        spread(tx, work, outbox.enqueue_expansion(tx, f"approved {act.id}", payload, now), now, payload)


def _speak(tx: Tx, work: Work, act: Act, now: datetime) -> None:
    level = Level(int(act.details.get("level", Level.WATCH)))
    lang = str(act.details.get("lang", ""))
    payload = person.payload_of(act.id, act.reason, lang, level, drill=act.kind == "drill", now=now)
    spread(tx, work, outbox.enqueue_expansion(tx, f"{act.kind} {act.id}", payload, now), now, payload)
