"""Who hears from us: preferences in the open, contacts sealed, nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast, get_args

import sqlmodel
from sqlalchemy import BindParameter, Select, exists, func, select

from warn.digest.editions import EDITIONS, moves, wishes
from warn.model import EMPTY, ChannelId, Preferences, Recipient
from warn.store import held
from warn.store.conflicts import added
from warn.store.database import Tx
from warn.store.preferences import from_text, to_text
from warn.store.prepared import Prepared, among
from warn.store.tables import ActRow, DeliveryRow, SubscriberRow, SuppressionRow, table
from warn.store.vault import Vault, opened
from warn.store.wiping import erases

SUBSCRIBER = table(SubscriberRow)
DELIVERY = table(DeliveryRow)
ACT = table(ActRow)
SUPPRESSION = table(SuppressionRow)


def _contacts(ids: list[BindParameter[Any]]) -> Select[Any]:
    c, suppressed = SUBSCRIBER.c, SUPPRESSION.c.mark
    usable = select(c.id, c.contact).where(c.id.in_(ids), c.state.not_in(among("stopped", "paused")))
    return usable.where(~exists().where(suppressed == c.mark))


CONTACTS = Prepared(_contacts)
SubscriberState = Literal["pending", "active", "paused", "stopped"]
_RANK = ("active", "paused", "pending", "stopped")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """`stopped` means the provider says the address is gone; who leaves is erased instead."""

    id: str
    channel: ChannelId
    state: SubscriberState
    preferences: Preferences
    created_at: datetime
    confirmed_at: datetime | None = None
    owed_from: datetime | None = None
    wished: Mapping[str, datetime] = field(default_factory=lambda: EMPTY)
    moved_at: datetime | None = None

    @property
    def recipient(self) -> Recipient:
        joined = self.owed_from or self.confirmed_at
        return Recipient(self.id, self.channel, self.preferences, joined, self.wished, self.moved_at)


def add_pending(
    tx: Tx,
    vault: Vault,
    channel: ChannelId,
    address: str,
    preferences: Preferences,
    now: datetime,
    id: str = "",  # noqa: A002 - the word everybody uses
) -> Subscriber:
    """A new subscriber who still has to confirm, or the one who is there already (unchanged).

    One whose address was gone starts anew; of one who never confirmed the newest wish counts, from now on. A button
    pressed twice is two transactions at once: the row is there before it is looked at.
    """
    renew_marks(tx, vault, channel, address)
    mark = vault.mark(channel, address)
    new = {
        "id": id or secrets.token_hex(8),
        "channel": channel,
        "mark": mark,
        "contact": b"",
        "preferences": "",
    }
    added(tx.connection(), SUBSCRIBER, new | {"state": "stopped", "created_at": now})
    row = tx.exec(
        sqlmodel.select(SubscriberRow).where(SubscriberRow.channel == channel, SubscriberRow.mark == mark)
    ).one()
    if _begins_anew(row):
        row.contact, row.state = vault.seal(address.strip(), row.id), "pending"
        row.preferences, row.confirmed_at, row.created_at = to_text(preferences), None, now
        tx.flush()
    return _subscriber(row)


def renew_marks(tx: Tx, vault: Vault, channel: ChannelId, address: str) -> None:
    """What stands under a former key's hash of this address stands under the newest's; who is there twice stays once.

    Twice is who joined again while the former key was missing. Who is being written to goes before who is not.
    """
    newest, *former = marks = vault.marks(channel, address)
    if not former:
        return
    of_both = sqlmodel.select(SubscriberRow).where(
        SubscriberRow.channel == channel, sqlmodel.col(SubscriberRow.mark).in_(marks)
    )
    rows = sorted(tx.exec(of_both).all(), key=lambda row: (_RANK.index(row.state), marks.index(row.mark)))
    for row in rows[1:]:
        erase(tx, row.id)
    for row in rows[:1]:
        row.mark = newest
    tx.flush()
    c = SUPPRESSION.c
    gone = SUPPRESSION.delete().where(c.mark.in_(former)).returning(c.reason, c.at)
    for reason, at in tx.connection().execute(gone).all():
        added(tx.connection(), SUPPRESSION, {"mark": newest, "channel": channel, "reason": reason, "at": at})


def _begins_anew(row: SubscriberRow) -> bool:
    return row.state == "stopped" or (row.state == "pending" and row.confirmed_at is None)


def confirm(tx: Tx, id: str, now: datetime) -> bool:  # noqa: A002
    """True when active afterwards; False for unknown ids. Confirming twice is harmless."""
    row = tx.get(SubscriberRow, id)
    if row is not None and row.state == "pending":
        row.state, row.confirmed_at, row.owed_from = "active", now, None
        tx.flush()
    return row is not None and row.state == "active"


def get(tx: Tx, id: str) -> Subscriber | None:  # noqa: A002
    row = tx.get(SubscriberRow, id)
    return None if row is None else _subscriber(row)


def find(tx: Tx, vault: Vault, channel: ChannelId, address: str) -> Subscriber | None:
    row = _find(tx, vault, channel, address)
    return None if row is None else _subscriber(row)


def named(tx: Tx, vault: Vault, given: str) -> str | None:
    """The id of whom a person asks for by id or by address, on whatever channel; None where nobody is."""
    if tx.get(SubscriberRow, given) is not None:
        return given
    marks = [mark for channel in get_args(ChannelId) for mark in vault.marks(channel, given)]
    return tx.exec(
        sqlmodel.select(SubscriberRow.id).where(sqlmodel.col(SubscriberRow.mark).in_(marks))
    ).first()


def set_preferences(tx: Tx, id: str, preferences: Preferences, now: datetime) -> bool:  # noqa: A002
    """Of an edition that was not wished for before, none before `now` is owed; another hour costs nobody a day."""
    row = tx.get(SubscriberRow, id)
    if row is None or row.state == "stopped":
        return False
    before = from_text(row.preferences)
    for edition in wishes(preferences) - wishes(before):
        setattr(row, f"{edition}_from", now)
    if moves(before, preferences, now):
        row.moved_at = now
    row.preferences = to_text(preferences)
    tx.flush()
    return True


def pause(tx: Tx, id: str) -> bool:  # noqa: A002
    """No deliveries until `resume`; open ones are suppressed."""
    if not _move(tx, id, "active", "paused"):
        return False
    _suppress_open(tx, id)
    return True


def resume(tx: Tx, id: str, now: datetime) -> bool:  # noqa: A002
    """True when active afterwards; nothing is owed for the time of the pause."""
    row = tx.get(SubscriberRow, id)
    if row is not None and row.state == "paused":
        row.owed_from = now
    return _move(tx, id, "paused", "active")


def ask_back(tx: Tx, id: str) -> bool:  # noqa: A002
    """One whose mail came back asks for it again: paused until the address is confirmed anew; preferences stay."""
    return _move(tx, id, "paused", "pending")


def stop(tx: Tx, id: str) -> bool:  # noqa: A002
    """The provider says that the address is gone: contact erased, open deliveries suppressed, no suppression mark."""
    row = tx.get(SubscriberRow, id)
    if row is None:
        return False
    erases(tx)
    row.state, row.contact, row.preferences = "stopped", b"", to_text(Preferences())
    tx.flush()
    _suppress_open(tx, id)
    _forget_said(tx, id)
    return True


def erase(tx: Tx, id: str) -> bool:  # noqa: A002
    """Contact, preferences and what they did gone at once, open deliveries suppressed. True if somebody was there."""
    row = tx.get(SubscriberRow, id)
    if row is None:
        return False
    erases(tx, id)
    tx.delete(row)
    tx.flush()
    own = ACT.delete().where(ACT.c.kind.in_(held.READERS_ACTS), ACT.c.target == id)
    tx.connection().execute(own)
    _suppress_open(tx, id)
    _forget_said(tx, id)
    return True


def forget_unconfirmed(tx: Tx, before: datetime) -> int:
    """Those who were asked to confirm before that moment and never did: the address may be somebody else's."""
    c = SUBSCRIBER.c
    never = select(c.id).where(c.state == "pending", c.confirmed_at.is_(None), c.created_at < before)
    return sum(erase(tx, id_) for id_ in list(tx.connection().execute(never).scalars()))


def forget_stopped(tx: Tx) -> int:
    """Chats that can be reached no more; of a mail address the mark stays, so that nobody writes there again."""
    c = SUBSCRIBER.c
    silent = select(c.id).where(c.channel == "telegram", c.state == "stopped")
    return sum(erase(tx, id_) for id_ in list(tx.connection().execute(silent).scalars()))


def recipients(tx: Tx, after_id: str = "", limit: int = 1000) -> list[Recipient]:
    """Active subscribers in order of id; hand the last id over to go on."""
    c = SUBSCRIBER.c
    owed = func.coalesce(c.owed_from, c.confirmed_at)
    columns = (c.id, c.channel, c.preferences, owed, c.moved_at, c.daily_from, c.evening_from, c.weekly_from)
    question = select(*columns).where(c.state == "active", c.id > after_id)
    rows = tx.connection().execute(question.order_by(c.id).limit(limit))
    return [
        Recipient(id_, channel_, from_text(text), joined, _wished(*since), moved)
        for id_, channel_, text, joined, moved, *since in rows
    ]


def _wished(*since: datetime | None) -> Mapping[str, datetime]:
    """By edition, in the order of `EDITIONS`; most readers never changed theirs."""
    return {edition: at for edition, at in zip(EDITIONS, since, strict=True) if at} if any(since) else EMPTY


def joined(tx: Tx, ids: Sequence[str]) -> dict[str, datetime]:
    """Since when each of them is a reader."""
    c = SUBSCRIBER.c
    rows = tx.connection().execute(
        select(c.id, c.confirmed_at).where(c.id.in_(ids), c.confirmed_at.is_not(None))
    )
    return {row.id: row.confirmed_at for row in rows}


def addresses_of(tx: Tx, vault: Vault, recipient_ids: Sequence[str]) -> dict[str, str]:
    """Addresses, for sending only; who is erased, stopped, paused or on the suppression list is left out.

    That of a pending subscriber is given: a confirmation has to reach them. One that does not open is empty: a damaged
    row, or a key that was changed, holds up nobody else.
    """
    if not recipient_ids:
        return {}
    rows = CONTACTS.run(tx.connection(), recipient_ids, {}).all()
    return {row.id: opened(vault, row.contact, row.id) for row in rows if row.contact}


def is_suppressed(tx: Tx, vault: Vault, channel: ChannelId, address: str) -> bool:
    """After a bounce or a complaint, which survives erasure as a keyed hash only."""
    return suppressed(tx, vault, channel, address) is not None


def suppressed(tx: Tx, vault: Vault, channel: ChannelId, address: str) -> Mapping[str, Any] | None:
    """Since when and why, as plain values."""
    return held.suppression(tx, vault.marks(channel, address))


def unsuppress(tx: Tx, vault: Vault, channel: ChannelId, address: str) -> bool:
    """Its owner may sign up again; nobody is subscribed by this."""
    theirs = SUPPRESSION.delete().where(SUPPRESSION.c.mark.in_(vault.marks(channel, address)))
    return tx.connection().execute(theirs).rowcount > 0


def migrate_chat(tx: Tx, vault: Vault, old_chat: int, new_chat: int) -> int:
    """A group became a supergroup: every thread of it moves; one that is subscribed there already is erased here.

    What was sent can be edited no more: in the new chat the same number may be another message. Answers how many moved.
    """
    moved = 0
    for row, thread in _of_chat(tx, vault, old_chat):
        address = f"{new_chat}:{thread}" if thread else str(new_chat)
        if _find(tx, vault, "telegram", address) is not None:
            erase(tx, row.id)
            continue
        row.mark, row.contact = vault.mark("telegram", address), vault.seal(address, row.id)
        tx.flush()
        tx.connection().execute(
            DELIVERY.update().where(DELIVERY.c.recipient == row.id).values(provider_id="")
        )
        moved += 1
    return moved


def leave_thread(tx: Tx, vault: Vault, id: str) -> None:  # noqa: A002
    """The topic was deleted: its subscription becomes that of the chat, or ends where the chat has one of its own."""
    row = tx.get(SubscriberRow, id)
    chat, _, thread = opened(vault, row.contact, id).partition(":") if row is not None else ("", "", "")
    if row is None or not thread:
        return
    if _find(tx, vault, "telegram", chat) is not None:
        erase(tx, id)
        return
    row.mark, row.contact = vault.mark("telegram", chat), vault.seal(chat, id)
    tx.flush()


def erase_chat(tx: Tx, vault: Vault, chat: int) -> int:
    """Telegram says that we are out of that chat: it is erased with every thread of it; how many those were."""
    return sum(erase(tx, row.id) for row, _ in _of_chat(tx, vault, chat))


def _of_chat(tx: Tx, vault: Vault, chat: int) -> list[tuple[SubscriberRow, str]]:
    """The subscriptions of a chat, each with its thread.

    A hash cannot be searched by its beginning, so every Telegram contact is opened once, a few times a year.
    """
    question = sqlmodel.select(SubscriberRow).where(SubscriberRow.channel == "telegram")
    rows = tx.exec(question.order_by(sqlmodel.col(SubscriberRow.id))).all()
    known = ((row, opened(vault, row.contact, row.id).partition(":")) for row in rows if row.contact)
    return [(row, thread) for row, (found, _, thread) in known if found == str(chat)]


def export(tx: Tx, vault: Vault, id: str) -> Mapping[str, Any]:  # noqa: A002
    """Everything we hold about one subscriber, as plain values; empty for unknown ids."""
    row = tx.get(SubscriberRow, id)
    if row is None:
        return {}
    return held.subscription(row) | {
        "address": vault.open(row.contact, row.id) if row.contact else "",
        "suppression": held.suppression(tx, [row.mark]),
        "acts": held.acts(tx, id),
        "editions": held.editions(tx, id),
        "deliveries": held.deliveries(tx, id),
    }


def counts(tx: Tx) -> dict[tuple[str, str], int]:
    """(channel, state) -> how many."""
    c = SUBSCRIBER.c
    rows = tx.connection().execute(select(c.channel, c.state, func.count()).group_by(c.channel, c.state))
    return {(channel, state): count for channel, state, count in rows}


def _find(tx: Tx, vault: Vault, channel: str, address: str) -> SubscriberRow | None:
    marks = vault.marks(channel, address)
    question = sqlmodel.select(SubscriberRow).where(
        SubscriberRow.channel == channel, sqlmodel.col(SubscriberRow.mark).in_(marks)
    )
    return min(tx.exec(question).all(), key=lambda row: marks.index(row.mark), default=None)


def _move(tx: Tx, id_: str, old: SubscriberState, new: SubscriberState) -> bool:
    row = tx.get(SubscriberRow, id_)
    if row is None or row.state not in {old, new}:
        return False
    row.state = new
    tx.flush()
    return True


def _suppress_open(tx: Tx, id_: str) -> None:
    """Also what is being sent this moment: it may arrive, but it is never tried again."""
    c = DELIVERY.c
    waiting = DELIVERY.update().where(c.recipient == id_, c.state.in_(("blocked", "ready", "sending")))
    tx.connection().execute(waiting.values(state="suppressed", lease_owner="", lease_until=None))


def _forget_said(tx: Tx, id_: str) -> None:
    """What servers answered may name a mailbox, or its provider."""
    said = DELIVERY.update().where(DELIVERY.c.recipient == id_, DELIVERY.c.last_error != "")
    tx.connection().execute(said.values(last_error=""))


def _subscriber(row: SubscriberRow) -> Subscriber:
    return Subscriber(
        id=row.id,
        channel=cast("ChannelId", row.channel),
        state=cast("SubscriberState", row.state),
        preferences=from_text(row.preferences),
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        owed_from=row.owed_from,
        wished=_wished(row.daily_from, row.evening_from, row.weekly_from),
        moved_at=row.moved_at,
    )
