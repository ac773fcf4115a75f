"""What is kept about one reader, as plain values: to be handed to them when they ask."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from warn.store.database import Tx
from warn.store.tables import (
    ActRow,
    DeliveryRow,
    EditionRow,
    EpisodeRow,
    RenderedRow,
    SubscriberRow,
    SuppressionRow,
    TellRow,
    table,
)

ACT, DELIVERY, EDITION, EPISODE = (
    table(ActRow).c,
    table(DeliveryRow).c,
    table(EditionRow).c,
    table(EpisodeRow).c,
)
RENDERED, SUPPRESSION, TELL = table(RenderedRow).c, table(SuppressionRow).c, table(TellRow).c
APART = frozenset(
    {"contact", "mark", "preferences"}
)  # said in other words, or nothing but a hash of the address
READERS_ACTS = ("mute", "leave", "stay")


def subscription(row: SubscriberRow) -> dict[str, Any]:
    """Whatever stands beside the address, the moments with it from which editions are owed."""
    own = {column.name: _plain(getattr(row, column.name)) for column in table(SubscriberRow).c}
    return {name: value for name, value in own.items() if name not in APART} | {
        "preferences": json.loads(row.preferences)
    }


def acts(tx: Tx, reader: str) -> list[dict[str, Any]]:
    """What they did: silenced an alert, left, came back."""
    question = select(ACT.kind, ACT.at, ACT.until, ACT.details)
    mine = question.where(ACT.kind.in_(READERS_ACTS), ACT.target == reader).order_by(ACT.id)
    return [row | {"details": json.loads(row["details"] or "{}")} for row in _rows(tx, mine)]


def deliveries(tx: Tx, reader: str) -> list[dict[str, Any]]:
    """Each message: of what, when, whether it arrived, what the server answered, and which alerts it told of."""
    question = select(
        DELIVERY.id, RENDERED.kind, RENDERED.subject, DELIVERY.created_at, DELIVERY.due, DELIVERY.expires_at,
        DELIVERY.state, DELIVERY.attempt.label("attempts"), DELIVERY.done_at, DELIVERY.provider_id,
        DELIVERY.last_code, DELIVERY.last_error, DELIVERY.rendered_id,
    ).join_from(table(DeliveryRow), table(RenderedRow), RENDERED.id == DELIVERY.rendered_id)  # fmt: skip
    rows = _rows(tx, question.where(DELIVERY.recipient == reader).order_by(DELIVERY.id))
    told = _told(tx, {row["rendered_id"] for row in rows})
    return [row | {"alerts": told[row.pop("rendered_id")]} for row in rows]


def editions(tx: Tx, reader: str) -> list[dict[str, Any]]:
    question = select(EDITION.edition, EDITION.local_date, EDITION.channel, EDITION.skipped, EDITION.at)
    return _rows(
        tx, question.where(EDITION.recipient == reader).order_by(EDITION.local_date, EDITION.edition)
    )


def suppression(tx: Tx, marks: Collection[str]) -> dict[str, Any] | None:
    """Since when and why the address of these hashes is not written to; None where it may be."""
    question = select(SUPPRESSION.channel, SUPPRESSION.reason, SUPPRESSION.at)
    return next(iter(_rows(tx, question.where(SUPPRESSION.mark.in_(marks)))), None)


def _told(tx: Tx, rendered: set[int]) -> Mapping[int, list[dict[str, Any]]]:
    question = select(TELL.rendered_id, TELL.number, EPISODE.rule, TELL.revision, TELL.level)
    question = question.join_from(
        table(TellRow), table(EpisodeRow), EPISODE.number == TELL.number, isouter=True
    )
    told: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(tx, question.where(TELL.rendered_id.in_(rendered)).order_by(TELL.number)):
        told[row.pop("rendered_id")].append(row)
    return told


def _rows(tx: Tx, question: Select[Any]) -> list[dict[str, Any]]:
    found = tx.connection().execute(question).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
