"""Messages to administrators that must neither be lost nor come twice: queued in the transaction of their cause.

They pass a pause, and have a lane of their own. What goes wrong with the outbox itself is told beside it (app/notices).
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from warn.pipeline.work import Work
from warn.store import Tx, outbox
from warn.store.lanes import ADMIN
from warn.store.outbox import NewDelivery, Rendering

VALID = timedelta(days=7)
PREFIX = "admin-"


def notify(tx: Tx, work: Work, key: str, text: str, now: datetime, to: str = "admins") -> str:
    """Queues a text for a group of administrators, once per key; the text, for the log.

    A group that is not set up is not silently nobody: all administrators stand in for it.
    """
    body = json.dumps({"parts": [html.escape(text)], "buttons": [], "silent": False}).encode()
    subject = text.partition("\n")[0]
    rendering = Rendering(form="telegram", body=body, subject=subject, kind="notice")
    people = work.admins.get(to) or work.admins.get("admins", ())
    if people:
        rendered = outbox.enqueue_rendered(tx, rendering, now)
        outbox.enqueue(tx, [_delivery(key, person, rendered, now) for person in people], now)
    return text


def dismiss(tx: Tx, work: Work) -> int:
    """What waits for people whom the settings no longer name is not sent: it is not theirs to read any more."""
    still = {f"{PREFIX}{person}" for group in work.admins.values() for person in group}
    return outbox.take_back(tx, PREFIX, still)


def addresses(recipients: Iterable[str]) -> dict[str, str]:
    """The Telegram ids of those who are administrators: their numbers stand in the settings, not among readers."""
    return {one: one.removeprefix(PREFIX) for one in recipients if one.startswith(PREFIX)}


def _delivery(key: str, person: int, rendered: int, now: datetime) -> NewDelivery:
    return NewDelivery(
        idem_key=outbox.notice_key(key, person),
        channel="telegram",
        recipient=f"{PREFIX}{person}",
        rendered_id=rendered,
        priority=ADMIN,
        due=now,
        expires_at=now + VALID,
    )
