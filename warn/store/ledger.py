"""Who was told what: the ground for updates, all-clears and corrections that go to exactly those told.

Read from the deliveries themselves, so that it cannot disagree with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from warn.model import Level
from warn.store.database import Tx
from warn.store.tables import DeliveryRow, RenderedRow, TellRow, table

DELIVERY, RENDERED, TELL = table(DeliveryRow), table(RenderedRow), table(TellRow)
ARRIVED = ("sent", "uncertain")
ON_THE_WAY = ("blocked", "ready", "sending")
PART = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """`state`: sent, uncertain, or still on its way (blocked, ready, sending). `kind` is that of the message.

    `highest`: the most this reader was told of the episode; `at_once`: some message told of it apart from digests
    (`heard` alone fills these two).
    """

    number: int
    recipient: str
    channel: str
    revision: int
    level: Level
    kind: str
    state: str
    provider_id: str
    at: datetime
    highest: Level = Level.CALM
    at_once: bool = False


def told(tx: Tx, number: int, *, on_the_way: bool = True) -> list[Told]:
    """Every message of this episode, newest first within a recipient; expired, dead and suppressed ones told nobody."""
    question = _messages(on_the_way).where(TELL.c.number == number)
    rows = tx.connection().execute(question.order_by(DELIVERY.c.recipient, *_newest_first()))
    return [_told(row) for row in rows]


def heard(tx: Tx, numbers: Iterable[int], recipients: Iterable[str]) -> dict[tuple[str, int], Told]:
    """(recipient, number) -> the newest message sent or on its way: what this reader last heard, or will."""
    wanted, people = list(numbers), list(recipients)
    found: dict[tuple[str, int], Told] = {}
    for start in range(0, len(people), PART):
        question = _messages(on_the_way=True).where(
            TELL.c.number.in_(wanted), DELIVERY.c.recipient.in_(people[start : start + PART])
        )
        groups: dict[tuple[str, int], list[Any]] = defaultdict(list)
        for row in tx.connection().execute(question.order_by(*_newest_first())):
            groups[row.recipient, row.number].append(row)
        for key, rows in groups.items():
            highest = Level(max(row.level for row in rows))
            found[key] = _told(rows[0], highest, at_once=any(row.kind != "digest" for row in rows))
    return found


def _messages(on_the_way: bool) -> Select[Any]:
    c = DELIVERY.c
    return (
        select(
            TELL.c.number, c.recipient, c.channel, TELL.c.revision, TELL.c.level, RENDERED.c.kind, c.state,
            c.provider_id, func.coalesce(c.done_at, c.created_at).label("at"),
        )
        .select_from(DELIVERY)
        .join(TELL, TELL.c.rendered_id == c.rendered_id)
        .join(RENDERED, RENDERED.c.id == c.rendered_id)
        .where(c.state.in_(ARRIVED + ON_THE_WAY if on_the_way else ARRIVED))
    )  # fmt: skip


def _newest_first() -> tuple[Any, Any]:
    return TELL.c.revision.desc(), DELIVERY.c.id.desc()


def _told(row: Any, highest: Level = Level.CALM, *, at_once: bool = False) -> Told:
    return Told(
        row.number, row.recipient, row.channel, row.revision, Level(row.level), row.kind, row.state,
        row.provider_id, row.at, highest, at_once,
    )  # fmt: skip
