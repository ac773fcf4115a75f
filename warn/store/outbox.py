"""What is to be sent: rendered bytes, expansions to recipients, deliveries. Filled in the transaction of its cause."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from warn.model import EMPTY, Level, Recipient
from warn.store import times
from warn.store.conflicts import COUNTED, added
from warn.store.database import Tx
from warn.store.editions import editions_made, make_editions, skipped_editions
from warn.store.lanes import ADMIN, CRISIS, DIGEST, occupied, press_on, promote_new
from warn.store.subscribers import recipients
from warn.store.tables import DeliveryRow, ExpansionRow, PictureRow, RenderedRow, TellRow, table

__all__ = [
    "Choose", "Expansion", "NewDelivery", "Rendering", "Tell", "alert_key", "digest_key", "editions_made", "enqueue",
    "enqueue_expansion", "enqueue_rendered", "expand", "expansions", "make_editions", "skipped_editions", "take_back",
]  # fmt: skip

DELIVERY, EXPANSION, PICTURE = table(DeliveryRow), table(ExpansionRow), table(PictureRow)
RENDERED, TELL = table(RenderedRow), table(TellRow)
BESIDE = {DIGEST: ":digest", ADMIN: ":admin"}
NEW = (
    "idem_key", "lane", "channel", "recipient", "rendered_id", "priority", "state", "due", "expires_at", "resend",
    "edits_number", "edits_before", "edit_only", "attempt", "lease_owner", "provider_id", "last_code", "last_error",
    "created_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tell:
    """One episode that a message speaks of, as it stood."""

    number: int
    revision: int
    level: Level


@dataclass(frozen=True, slots=True)
class Rendering:
    """The bytes of one variant, fixed from now on. `form`: 'email', 'telegram', ... (warn/channel.py)."""

    form: str
    body: bytes
    subject: str = ""
    picture: bytes | None = None
    kind: str = "alert"  # Message.kind
    tells: tuple[Tell, ...] = ()


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One message for one recipient. `priority`: 0 crisis, 1 alert, 2 tension and watch, 3 digest, 4 administrators.

    `resend`: what follows when it is not known whether it arrived: True sends again (alerts), False ends `uncertain`.
    `edits`: (episode number, revision): replaces the newest message sent to this recipient about that episode before
    that revision; where there is none it is sent as new, or dropped with `edit_only`.
    `lane`: deliveries of one lane leave in order; by default one of the recipient and channel for alerts, another for
    digests and a third for administrators' notices, so that what fails in one holds nothing back in the others.
    """

    idem_key: str
    channel: str
    recipient: str
    rendered_id: int
    priority: int
    due: datetime
    expires_at: datetime | None = None
    resend: bool = True
    edits: tuple[int, int] | None = None
    edit_only: bool = False
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A message on its way to many. `payload` is the caller's own: whatever it needs to choose again after a crash."""

    id: int
    key: str
    cursor: str
    payload: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


Choose = Callable[[Sequence[Recipient]], Iterable[NewDelivery]]


def alert_key(number: int, revision: int, recipient: str, channel: str, suffix: str = "") -> str:
    """Idempotency key of an alert message: of the highest alert where one message tells of several."""
    return _key("alert", str(number), str(revision), recipient, channel, suffix)


def notice_key(key: str, person: int) -> str:
    """Idempotency key of a message to an administrator."""
    return _key("notice", key, str(person))


def person_key(act: str, recipient: str, channel: str) -> str:
    """Idempotency key of an administrator's words."""
    return _key("person", act, recipient, channel)


def digest_key(edition: str, local_date: date, recipient: str, channel: str) -> str:
    return _key("digest", edition, local_date.isoformat(), recipient, channel)


def letter_key(kind: str, recipient: str, at: datetime) -> str:
    """Idempotency key of a letter about one's own subscription."""
    return _key("letter", kind, recipient, at.isoformat())


def enqueue_rendered(tx: Tx, rendering: Rendering, now: datetime) -> int:
    """The id of these bytes; the same bytes are kept once."""
    connection = tx.connection()
    tells = sorted((tell.number, tell.revision, int(tell.level)) for tell in rendering.tells)
    picture = hashlib.sha256(rendering.picture).hexdigest() if rendering.picture else ""
    variant = _key(
        rendering.kind, rendering.form, rendering.subject, hashlib.sha256(rendering.body).hexdigest(), picture,
        repr(tells),
    )  # fmt: skip
    same = select(RENDERED.c.id).where(RENDERED.c.variant_hash == variant)
    found = connection.execute(same).scalar_one_or_none()
    if found is not None:
        return int(found)
    row = {
        "variant_hash": variant,
        "kind": rendering.kind,
        "form": rendering.form,
        "subject": rendering.subject,
        "body": rendering.body,
        "picture_id": _picture(connection, picture, rendering.picture),
        "created_at": now,
    }
    is_new = added(connection, RENDERED, row)
    rendered_id = int(connection.execute(same).scalar_one())
    if is_new and tells:
        names = ("rendered_id", "number", "revision", "level")
        connection.execute(
            TELL.insert(), [dict(zip(names, (rendered_id, *tell), strict=True)) for tell in tells]
        )
    return rendered_id


def enqueue_expansion(tx: Tx, key: str, payload: Mapping[str, Any], now: datetime) -> int:
    """Queued once per key; in the same transaction as the transitions it tells of."""
    connection = tx.connection()
    text = json.dumps(dict(payload), ensure_ascii=False)
    added(connection, EXPANSION, {"key": key, "payload": text, "cursor": "", "created_at": now})
    return int(connection.execute(select(EXPANSION.c.id).where(EXPANSION.c.key == key)).scalar_one())


def expansions(tx: Tx) -> list[Expansion]:
    """Those not finished, oldest first."""
    rows = tx.connection().execute(_unfinished().order_by(EXPANSION.c.id))
    return [Expansion(row.id, row.key, row.cursor, json.loads(row.payload)) for row in rows]


def expand(tx: Tx, expansion_id: int, choose: Choose, now: datetime, chunk: int = 1000) -> bool:
    """One chunk of active subscribers in id order goes through `choose`, cursor and deliveries in this transaction.

    True while there is more to do. Killed between chunks it resumes; a chunk done twice adds nothing.
    """
    connection = tx.connection()
    row = connection.execute(_unfinished().where(EXPANSION.c.id == expansion_id).with_for_update()).first()
    if row is None:
        return False
    part = recipients(tx, row.cursor, chunk)
    if part:
        enqueue(tx, choose(part), now)
    more = len(part) == chunk
    moved = EXPANSION.update().where(EXPANSION.c.id == expansion_id)
    connection.execute(
        moved.values(cursor=part[-1].id if part else row.cursor, finished_at=None if more else now)
    )
    return more


def enqueue(tx: Tx, deliveries: Iterable[NewDelivery], now: datetime) -> int:
    """Adds those whose idempotency key is new, in each free lane the first one ready; how many were added.

    A crisis waits for nothing in its lane but another crisis, and an earlier message about the same alert.
    """
    connection = tx.connection()
    clock = times.of(connection)
    wanted = {one.idem_key: one for one in deliveries}
    if not wanted:
        return 0
    lanes = {key: one.lane or _lane(one) for key, one in wanted.items()}
    taken = occupied(connection, set(lanes.values()))
    pressed = press_on(connection, _overtaking(wanted, lanes, taken), now)
    created, rows = clock.put(now), []
    for key, one in wanted.items():
        lane = lanes[key]
        ready = lane not in taken or (one.priority == CRISIS and lane not in pressed)
        taken.add(lane)
        if one.priority == CRISIS:
            pressed.add(lane)
        number, before = one.edits or (None, None)
        rows.append(
            (
                key, lane, one.channel, one.recipient, one.rendered_id, one.priority,
                "ready" if ready else "blocked", clock.put(one.due), clock.put(one.expires_at),
                one.resend, number, before, one.edit_only, 0, "", "", "", "", created,
            )
        )  # fmt: skip
    one_mark = times.mark(connection)
    inserted = connection.exec_driver_sql(
        f"INSERT INTO delivery ({', '.join(NEW)}) VALUES ({', '.join([one_mark] * len(NEW))}) "  # noqa: S608 - names and placeholders only
        "ON CONFLICT DO NOTHING",
        rows,
        execution_options=COUNTED,
    ).rowcount
    if inserted < len(rows):  # one that was there already may have had its lane's place
        promote_new(connection, list(wanted))
    return inserted


def take_back(tx: Tx, prefix: str, but: Iterable[str]) -> int:
    """Suppresses what waits for recipients whose id begins so, `but` for some; how many deliveries that were."""
    c = DELIVERY.c
    waiting = DELIVERY.update().where(
        c.recipient.startswith(prefix, autoescape=True),
        c.recipient.not_in(list(but)),
        c.state.in_(("blocked", "ready", "sending")),
    )
    gone = waiting.values(state="suppressed", lease_owner="", lease_until=None)
    return tx.connection().execute(gone).rowcount


def _lane(one: NewDelivery) -> str:
    return f"{one.channel}:{one.recipient}{BESIDE.get(one.priority, '')}"


def _overtaking(
    wanted: Mapping[str, NewDelivery], lanes: Mapping[str, str], taken: Collection[str]
) -> dict[int, set[str]]:
    """What is written in those crises that find their lane taken -> the lanes."""
    found: dict[int, set[str]] = {}
    for key, one in wanted.items():
        if one.priority == CRISIS and lanes[key] in taken:
            found.setdefault(one.rendered_id, set()).add(lanes[key])
    return found


def _unfinished() -> Select[Any]:
    c = EXPANSION.c
    return select(c.id, c.key, c.cursor, c.payload).where(c.finished_at.is_(None))


def _picture(connection: Connection, digest: str, png: bytes | None) -> int | None:
    if png is None:
        return None
    added(connection, PICTURE, {"digest": digest, "png": png, "ref": ""})
    return int(connection.execute(select(PICTURE.c.id).where(PICTURE.c.digest == digest)).scalar_one())


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
