"""The sending side of the outbox: claim, acknowledge, sweep. Order within a lane is kept by head-of-line promotion."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.sql.dml import ReturningUpdate

from warn.channel import Parcel, Receipt
from warn.store import times
from warn.store.database import Tx
from warn.store.lanes import ADMIN, ALERT, CRISIS, DIGEST, promote
from warn.store.letters import Letter, counts, letters, oldest_due, purge, requeue
from warn.store.outbox import alert_key
from warn.store.prepared import Prepared, among
from warn.store.sweeping import CAP, Swept, reclaim, sweep
from warn.store.tables import DeliveryRow, PictureRow, RenderedRow, TellRow, table

__all__ = [
    "CAP", "Claimed", "Letter", "Shelf", "Swept", "ack_failed", "ack_sent", "backoff_s", "claim", "counts", "extend",
    "letters", "note_parts", "oldest_due", "purge", "reclaim", "requeue", "stands", "sweep",
]  # fmt: skip

REFUND_WAIT_S = 5.0
RESENDS = 2  # of what may have arrived; with less at stake than an alert one copy may be one too many
ENDINGS = ("all_clear", "correction")  # a reader who misses one goes on to believe what is over
SHELF, SHELF_LIFE = 64, timedelta(hours=1)
DELIVERY, PICTURE, RENDERED, TELL = table(DeliveryRow), table(PictureRow), table(RenderedRow), table(TellRow)
D = DELIVERY.c


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery this owner may send until `lease_until`. `parcel` completes it with what the store cannot know."""

    id: int
    key: str
    channel: str
    recipient: str
    priority: int
    attempt: int
    kind: str
    form: str
    subject: str
    body: bytes
    created_at: datetime
    lease_until: datetime
    picture: bytes | None = None
    picture_ref: str = ""
    edits: str = ""
    edit_only: bool = False
    begun: str = ""

    def parcel(
        self,
        address: str,
        token: str,
        arrived: Callable[[str], Awaitable[None]] | None = None,
        stands: Callable[[], Awaitable[None]] | None = None,
    ) -> Parcel:
        return Parcel(
            id=self.id,
            key=self.key,
            form=self.form,
            subject=self.subject,
            body=self.body,
            address=address,
            token=token,
            priority=self.priority,
            created_at=self.created_at,
            picture=self.picture,
            picture_ref=self.picture_ref,
            edits=self.edits,
            edit_only=self.edit_only,
            begun=self.begun,
            arrived=arrived,
            stands=stands,
        )


@dataclass(slots=True)
class Shelf:
    """Bytes that were read already: many claims carry the same few messages. An hour at most, some dozens."""

    held: dict[int, tuple[datetime, Any]] = field(default_factory=dict)

    def keep(self, rows: Iterable[Any], now: datetime) -> None:
        if len(self.held) >= SHELF:
            self.held.clear()
        self.held.update((row.id, (now, row)) for row in rows)

    def find(self, ids: set[int], now: datetime) -> dict[int, Any]:
        """Those known. A picture not uploaded yet is looked up again each time: another sender may have done it."""
        found = {}
        for id_ in ids:
            at, row = self.held.get(id_, (now, None))
            if row is not None and now - at < SHELF_LIFE and (row.png is None or row.ref):
                found[id_] = row
        return found


def claim(
    tx: Tx,
    now: datetime,
    room: int,
    owner: str,
    channels: Sequence[str],
    *,
    lease_s: float = 60.0,
    paused: bool = False,
    floor: int | None = None,
    shelf: Shelf | None = None,
    but: Collection[str] = (),
) -> list[Claimed]:
    """Up to `room` deliveries that are due, highest priority first; `floor` of the room is kept for digests.

    Counts the attempt. `paused`: administrators' deliveries only. Crisis messages are not slowed by the floor, which is
    a fifth of the room unless the caller keeps count over many small claims. `but`: recipients who are left out.
    """
    connection = tx.connection()
    until = times.deciding(connection, now) + timedelta(seconds=lease_s)
    values = {"now": now, "owner": owner, "until": until}
    takes = _takes(D.recipient.not_in(among(*but))) if but else TAKES

    def take(statement: Prepared, at_most: int) -> list[Any]:
        if at_most <= 0:
            return []
        return list(statement.run(connection, channels, values | {"room": at_most}).all())

    if paused:
        rows = take(takes.admin, room)
    else:
        kept = room // 5 if floor is None else max(0, min(floor, room))
        rows = take(takes.all, room - kept)
        if len(rows) == room - kept:  # there is more: what is kept is for digests, then for anybody
            if all(row.priority == CRISIS for row in rows):
                rows += take(takes.crisis, room - len(rows))
            rows += take(takes.digests, min(kept, room - len(rows)))
            rows += take(takes.all, room - len(rows))
    claimed = _complete(connection, rows, now, until, shelf)
    if dropped := len(rows) - len(claimed):  # what stood behind them in their lanes is free now
        claimed += claim(
            tx, now, dropped, owner, channels, lease_s=lease_s, paused=paused, floor=0, shelf=shelf, but=but
        )
    return claimed


def ack_sent(tx: Tx, owner: str, now: datetime, receipts: Iterable[tuple[int, Receipt]]) -> int:
    """Marks as sent, and promotes the next of each lane; how many that were.

    A receipt is the proof that it arrived: it counts also where the lease was lost, whoever has it now.
    """
    connection = tx.connection()
    by_id = dict(receipts)
    if not by_id:
        return 0
    pairs = [(id_, receipt.provider_id) for id_, receipt in by_id.items()]
    long = 1 << (len(pairs) - 1).bit_length()
    pairs += [pairs[-1]] * (long - len(pairs))
    told = (times.of(connection).put(now), *chain.from_iterable(pairs), *(id_ for id_, _ in pairs))
    database = connection.dialect.name, times.mark(connection)
    done = connection.exec_driver_sql(_sent(*database, long, held=True), (*told, owner)).rowcount
    if done < len(by_id):
        done += connection.exec_driver_sql(_sent(*database, long, held=False), told).rowcount
    for id_, receipt in by_id.items():
        if receipt.picture_ref:
            _remember_picture(connection, id_, receipt.picture_ref)
    promote(connection, list(by_id))
    return done


def ack_failed(
    tx: Tx,
    owner: str,
    now: datetime,
    id: int,  # noqa: A002 - the word everybody uses
    kind: str,
    message: str,
    *,
    code: str = "",
    retry_after_s: float | None = None,
    patience_s: float = 0.0,
    begun: str = "",
    random: Callable[[], float],
) -> str:
    """What follows from a DeliveryError of `kind` (or 'suppressed'); the new state, '' if the lease was lost.

    retry: again after full-jitter backoff, `dead` at the cap, but not before the delivery is `patience_s` old.
    refund: again, not counted. dead and gone: `dead`. uncertain: again or `uncertain`, as the delivery says, but no
    more than `RESENDS` times, and only for a crisis, an alert, the end of one, or an edit. What does nothing but edit
    is the same however often it is done. What may have arrived once never ends `dead`.
    `begun` is handed over with the next claim.
    """
    connection = tx.connection()
    held = _held(connection, owner, [id])
    if not held:
        return ""
    row = held[0]
    young = now - times.of(connection).get(row.created_at) < timedelta(seconds=patience_s)
    doubts = min(row.doubts, row.attempt - 1) + (
        kind == "uncertain"
    )  # those before a person queued it again are over
    state = _state_after(kind, row, doubts, young=young)
    values: dict[str, Any] = {"state": state, "lease_owner": "", "lease_until": None}
    values["doubts"] = doubts
    values |= {"last_code": code, "last_error": message} | ({"provider_id": begun} if begun else {})
    if state == "ready":
        wait = REFUND_WAIT_S if kind == "refund" else backoff_s(row.attempt, random)
        values["due"] = now + timedelta(seconds=max(wait, retry_after_s or 0.0))
        values["attempt"] = row.attempt - 1 if kind == "refund" else min(row.attempt, CAP - 1)
    else:
        values["done_at"] = now
    connection.execute(DELIVERY.update().where(D.id == id).values(**values))
    if state != "ready":
        promote(connection, [row.id])
    return state


def note_parts(tx: Tx, owner: str, id: int, begun: str) -> None:  # noqa: A002 - the word everybody uses
    """Of a message in several parts those that arrived: whoever claims it next, after a kill too, sends the rest."""
    mine = and_(D.id == id, D.lease_owner == owner, D.state == "sending")
    tx.connection().execute(DELIVERY.update().where(mine).values(provider_id=begun))


def stands(tx: Tx, id: int) -> bool:  # noqa: A002 - the word everybody uses
    """Whether it may still be sent: False once its reader left or asked for a rest."""
    state = tx.connection().execute(select(D.state).where(D.id == id)).scalar()
    return state not in {None, "suppressed"}


def backoff_s(attempt: int, random: Callable[[], float]) -> float:
    """Full jitter: anywhere between nothing and 30 s doubled per attempt, an hour at most."""
    return random() * min(3600.0, 30.0 * 2.0 ** (attempt - 1))


def extend(tx: Tx, owner: str, now: datetime, ids: Iterable[int], lease_s: float = 60.0) -> set[int]:
    """Renews leases of sends that take long; answers those still held."""
    connection = tx.connection()
    held = {row.id for row in _held(connection, owner, ids)}
    until = times.deciding(connection, now) + timedelta(seconds=lease_s)
    connection.execute(DELIVERY.update().where(D.id.in_(held)).values(lease_until=until))
    return held


def _claim(wanted: Sequence[ColumnElement[bool]], channels: list[BindParameter[Any]]) -> ReturningUpdate[Any]:
    """The claim: one statement, the same for both databases; SQLite leaves out FOR UPDATE SKIP LOCKED."""
    now = bindparam("now", type_=D.due.type)
    pick = (
        select(D.id)
        .where(D.state == "ready", D.due <= now, D.channel.in_(channels))
        .where(or_(D.expires_at.is_(None), D.expires_at > now), D.attempt < CAP, *wanted)
        .order_by(D.priority, D.due, D.id)
        .limit(bindparam("room", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("pick")
    )
    return (
        DELIVERY.update()
        .where(D.id.in_(select(pick.c.id)))
        .values(
            state="sending",
            lease_owner=bindparam("owner"),
            lease_until=bindparam("until", type_=D.due.type),
            attempt=D.attempt + 1,
        )
        .returning(
            D.id, D.idem_key, D.channel, D.recipient, D.rendered_id, D.priority, D.attempt, D.edits_number,
            D.edits_before, D.edit_only, D.created_at, D.provider_id,
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Takes:
    """The claim, of everything and of what is treated apart."""

    all: Prepared
    crisis: Prepared
    digests: Prepared
    admin: Prepared


def _takes(*wanted: ColumnElement[bool]) -> _Takes:
    apart = [(), (D.priority == CRISIS,), (D.priority == DIGEST,), (D.priority >= ADMIN,)]
    return _Takes(*(Prepared(partial(_claim, (*one, *wanted))) for one in apart))


def _holding(ids: list[BindParameter[Any]]) -> Select[Any]:
    says = select(RENDERED.c.kind).where(RENDERED.c.id == D.rendered_id).scalar_subquery()
    return (
        select(
            D.id, D.rendered_id, D.attempt, D.doubts, D.priority, D.resend, D.created_at, D.edits_number, D.edit_only,
            says.label("says"),
        )
        .where(D.id.in_(ids), D.lease_owner == bindparam("owner"), D.state == "sending")
        .order_by(D.id)
        .with_for_update()
    )  # fmt: skip


TAKES = _takes()
HELD = Prepared(_holding)
BYTES = (
    select(
        RENDERED.c.id, RENDERED.c.kind, RENDERED.c.form, RENDERED.c.subject, RENDERED.c.body, PICTURE.c.png,
        PICTURE.c.ref,
    )
    .select_from(RENDERED)
    .outerjoin(PICTURE, PICTURE.c.id == RENDERED.c.picture_id)
    .where(RENDERED.c.id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip


_FIRST = itemgetter(5, 0)  # of a claimed row: its priority, its id


def _complete(
    connection: Connection, rows: Sequence[Any], now: datetime, until: datetime, shelf: Shelf | None
) -> list[Claimed]:
    """Adds the bytes; an edit of a message that was never sent goes as new, or is dropped if senseless alone."""
    bytes_of = _renderings(connection, {row.rendered_id for row in rows}, now, shelf or Shelf())
    claimed, moment = [], times.of(connection).get
    for row in sorted(rows, key=_FIRST):
        (
            id_, key, channel, recipient, rendered_id, priority, attempt, number, _before, edit_only, created_at, begun,
        ) = row  # fmt: skip
        target = _target(connection, row) if number is not None else ""
        if edit_only and not target:
            _set(connection, D.id == id_, state="suppressed", last_error="nothing to edit", done_at=now)
            promote(connection, [id_])
            continue
        form = bytes_of[rendered_id]
        claimed.append(
            Claimed(
                id=id_, key=key, channel=channel, recipient=recipient, priority=priority, attempt=attempt,
                kind=form.kind, form=form.form, subject=form.subject, body=form.body, created_at=moment(created_at),
                lease_until=until, picture=form.png, picture_ref=form.ref or "", edits=target,
                edit_only=edit_only, begun=begun,
            )
        )  # fmt: skip
    return claimed


def _renderings(connection: Connection, ids: set[int], now: datetime, shelf: Shelf) -> dict[int, Any]:
    found = shelf.find(ids, now)
    if missing := ids - found.keys():
        rows = connection.execute(BYTES, {"ids": list(missing)}).all()
        shelf.keep(rows, now)
        found |= {row.id: row for row in rows}
    return found


def _target(connection: Connection, row: Any) -> str:
    """The provider's id of the newest message this recipient has of that episode, before that revision.

    A bulletin tells of the episode too, and is never overwritten; nor is a message that tells of others beside it, for
    what it says of them would be gone. Only the mark that it is out of date may take the place of one that this
    episode leads.
    """
    every = TELL.alias()
    beside = select(func.count()).where(every.c.rendered_id == D.rendered_id).scalar_subquery()
    question = (
        select(D.provider_id, D.idem_key, TELL.c.revision, beside.label("told"))
        .join(TELL, TELL.c.rendered_id == D.rendered_id)
        .join(RENDERED, and_(RENDERED.c.id == D.rendered_id, RENDERED.c.kind != "digest"))
        .where(D.recipient == row.recipient, D.channel == row.channel, D.state == "sent", D.provider_id != "")
        .where(TELL.c.number == row.edits_number, TELL.c.revision < row.edits_before)
        .order_by(TELL.c.revision.desc(), D.id.desc())
    )
    newest = connection.execute(question.limit(1)).first()
    if newest is None:
        return ""
    leads = newest.idem_key == alert_key(row.edits_number, newest.revision, row.recipient, row.channel)
    return newest.provider_id if newest.told == 1 or (row.edit_only and leads) else ""


@lru_cache(maxsize=32)
def _sent(dialect: str, one: str, long: int, *, held: bool) -> str:
    """One statement that gives back no rows: the thread that acknowledges would have to take turns for each of them.

    Locked in the order of ids, as everywhere; the state is an expression lest it lead to the index of all that is sent.
    """
    told = ", ".join([f"(CAST({one} AS BIGINT), CAST({one} AS TEXT))"] * long)
    lock = "" if dialect == "sqlite" else "FOR UPDATE"
    open_ = (
        f"lease_owner = {one} AND coalesce(state, '') = 'sending'"
        if held
        else "coalesce(state, '') NOT IN ('sent', 'suppressed', 'dead')"
    )
    return (
        "UPDATE delivery SET state = 'sent', lease_owner = '', lease_until = NULL, last_code = '', last_error = '', "  # noqa: S608 - placeholders only
        f"provider_id = told.column2, done_at = {one} FROM (VALUES {told}) AS told "
        "WHERE delivery.id = told.column1 AND delivery.id IN "
        f"(SELECT id FROM delivery WHERE id IN ({', '.join([one] * long)}) "
        f"AND {open_} ORDER BY id {lock})"
    )


def _held(connection: Connection, owner: str, ids: Iterable[int]) -> Sequence[Any]:
    """Of these deliveries those whose lease is still this owner's, locked until the end of the transaction."""
    wanted = list(ids)
    return HELD.run(connection, wanted, {"owner": owner}).all() if wanted else []


def _state_after(kind: str, row: Any, doubts: int, *, young: bool) -> str:
    if kind in {"refund", "suppressed"}:
        return "ready" if kind == "refund" else kind
    grave = row.priority <= ALERT or row.says in ENDINGS or row.edits_number is not None
    again = row.resend and (row.edit_only or (grave and doubts <= RESENDS))
    if (kind == "retry" and (young or row.attempt < CAP)) or (
        kind == "uncertain" and again and row.attempt < CAP
    ):
        return "ready"
    return "uncertain" if doubts else "dead"


def _set(connection: Connection, which: ColumnElement[bool], **values: Any) -> int:
    return connection.execute(DELIVERY.update().where(which).values(**values)).rowcount


def _remember_picture(connection: Connection, delivery_id: int, ref: str) -> None:
    picture = (
        select(RENDERED.c.picture_id)
        .join(DELIVERY, D.rendered_id == RENDERED.c.id)
        .where(D.id == delivery_id)
        .scalar_subquery()
    )
    connection.execute(PICTURE.update().where(PICTURE.c.id == picture, PICTURE.c.ref != ref).values(ref=ref))
