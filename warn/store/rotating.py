"""From one key to the next: contacts are sealed and hashed anew, a batch at a time, while others read and write."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal, cast

import sqlmodel
from sqlalchemy import func, select

from warn.errors import StoreError
from warn.model import ChannelId
from warn.store import subscribers
from warn.store.database import Tx
from warn.store.tables import ReporterRow, SubscriberRow, SuppressionRow, TraceRow, table
from warn.store.traces import CHANNEL
from warn.store.vault import Vault, opened
from warn.store.wiping import erases

SUBSCRIBER, TRACE = table(SubscriberRow), table(TraceRow)
BATCH = 500
EMPTY = b""


@dataclass(frozen=True, slots=True)
class Standing:
    """Contacts by key: `newest`, a `former` one, or none of those given (`lost`).

    `hashed`: reporters and addresses that came back. Nothing but a hash is kept of them, under the key of its day.
    """

    newest: int
    former: int
    lost: int
    hashed: int


@dataclass(frozen=True, slots=True)
class Batch:
    """`last`: the id to go on behind, empty after the last batch. `renewed`: stood under a former key."""

    last: str
    seen: int
    renewed: int
    lost: int


def standing(tx: Tx, vault: Vault) -> Standing:
    c = SUBSCRIBER.c
    rows = tx.connection().execute(select(c.id, c.contact).where(c.contact != EMPTY))
    found = Counter(_key(vault, sealed, id_) for id_, sealed in rows.yield_per(1000))
    return Standing(found["newest"], found["former"], found["lost"], _hashed(tx))


def contacts(tx: Tx) -> int:
    c = SUBSCRIBER.c
    return int(tx.connection().execute(select(func.count()).where(c.contact != EMPTY)).scalar_one())


def renew(tx: Tx, vault: Vault, after: str = "", limit: int = BATCH) -> Batch:
    """The next readers in order of id; those that stand under the newest key already are left as they are."""
    question = sqlmodel.select(SubscriberRow).where(sqlmodel.col(SubscriberRow.id) > after)
    rows = tx.exec(
        question.where(sqlmodel.col(SubscriberRow.contact) != EMPTY).order_by("id").limit(limit)
    ).all()
    renewed = lost = 0
    for row in rows:
        if _key(vault, row.contact, row.id) == "lost":
            lost += 1
        elif _renewed(tx, vault, row):
            renewed += 1
    if renewed:
        erases(tx)  # what the former key opens must stand nowhere in the files
    return Batch(rows[-1].id if len(rows) == limit else "", len(rows), renewed, lost)


def renew_traces(tx: Tx, vault: Vault) -> None:
    """Messages about reporting that still stand in chats: a few, and for a day at most."""
    for key, sealed in tx.connection().execute(select(TRACE.c.key, TRACE.c.address)).all():
        address = opened(vault, sealed, key)
        new = vault.mark(CHANNEL, address)
        if address and new != key:
            one = TRACE.update().where(TRACE.c.key == key)
            tx.connection().execute(one.values(key=new, address=vault.seal(address, new)))


def _key(vault: Vault, sealed: bytes, owner: str) -> Literal["newest", "former", "lost"]:
    try:
        return "newest" if vault.open_with(sealed, owner)[1] else "former"
    except StoreError:
        return "lost"


def _renewed(tx: Tx, vault: Vault, row: SubscriberRow) -> bool:
    address, current = vault.open_with(row.contact, row.id)
    channel = cast("ChannelId", row.channel)
    if current and row.mark == vault.mark(channel, address):
        return False
    subscribers.renew_marks(tx, vault, channel, address)
    if not current and tx.get(SubscriberRow, row.id) is not None:
        row.contact = vault.seal(address, row.id)
        tx.flush()
    return True


def _hashed(tx: Tx) -> int:
    alone = select(func.count()).where(SUBSCRIBER.c.contact == EMPTY)
    others = [select(func.count()).select_from(table(one)) for one in (ReporterRow, SuppressionRow)]
    return sum(int(tx.connection().execute(question).scalar_one()) for question in (alone, *others))
