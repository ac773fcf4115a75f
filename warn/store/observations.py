"""Observations, in as many versions as were told to us; nothing is ever overwritten.

Rows go past SQLAlchemy's type processing in bulk, straight to the driver: 100,000 rows arrive every morning on a
small machine that also has to answer people.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select

from warn.model import EMPTY, Observation
from warn.store import times
from warn.store.conflicts import alone
from warn.store.database import Tx
from warn.store.tables import ChangeRow, ObservationRow, table
from warn.store.versions import Plan, Version

CHUNK = 20_000
LOOKUP = 5_000  # keys per question; both databases take more parameters than that

OBSERVATION = table(ObservationRow)
COLUMNS = (
    "indicator", "occurred_at", "known_at", "value", "low", "high", "superseded_at", "stored_at", "source", "origins",
    "place", "lat", "lon", "precision", "grade", "incident", "attributes", "title", "url", "key",
)  # fmt: skip
EXTRA = ("version", "digest", "change", "withdrawn")


@dataclass(frozen=True, slots=True)
class Ingested:
    """How many rows were not there, replaced another one, or said nothing new."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0

    @property
    def changed(self) -> bool:
        return bool(self.new or self.revised)


@contextmanager
def _without_pauses() -> Iterator[None]:
    """Hundreds of thousands of plain rows hold no cycles; searching them for some takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_without_pauses()
def ingest(tx: Tx, observations: Iterable[Observation], now: datetime) -> Ingested:
    """Stores what is new, by natural key (source, key).

    The same content is unchanged; other content closes the older version at the newer one's `known_at`. `known_at` is
    taken as given; `stored_at` becomes `now`.
    Of two rows with the same key and `known_at` the last counts. An older version that arrives late takes its place in
    the history; what a person withdrew stays withdrawn when its source repeats it unchanged.
    """
    connection = tx.connection()
    alone(connection, "observation")  # replicas may read the same feed at the same moment
    clock = times.of(connection)
    stored_at = clock.put(now)
    change: int | None = None
    new = revised = unchanged = 0
    rows = iter(_last_of_each(observations))
    while chunk := list(islice(rows, CHUNK)):
        plan = Plan(_stored(connection, chunk))
        for observation in chunk:
            plan.add(
                (observation.source, observation.key),
                Version(
                    digest=_digest(observation),
                    known=clock.put(observation.known_at),
                    superseded=clock.put(observation.superseded_at),
                ),
                observation,
            )
        new, revised, unchanged = new + plan.new, revised + plan.revised, unchanged + plan.unchanged
        if plan.new or plan.revised:
            change = change or _begin_change(connection, now)
            _write(connection, clock, plan, stored_at, change)
    return Ingested(new, revised, unchanged)


def withdraw(tx: Tx, ref: str, now: datetime, reason: str, *, final: bool = True) -> bool:
    """Closes the current version of `ref` at `now`; False if there is none.

    `final`: a person's decision, the same content read again stays withdrawn; not final: the source deleted it.
    """
    connection = tx.connection()
    alone(connection, "observation")  # replicas may read the same feed at the same moment
    row = OBSERVATION.c
    found = connection.execute(
        select(row.id).where(_is(ref), row.superseded_at.is_(None)).order_by(row.version.desc())
    ).first()
    if found is None:
        return False
    connection.execute(
        OBSERVATION.update()
        .where(row.id == found.id)
        .values(superseded_at=now, withdrawn=reason if final else "", change=_begin_change(connection, now))
    )
    return True


def rename(tx: Tx, ref: str, origin: str, now: datetime) -> None:
    """Every version of `ref` has this origin from now on, and what it had before stands nowhere."""
    connection = tx.connection()
    alone(connection, "observation")
    renamed = OBSERVATION.update().where(_is(ref))
    connection.execute(renamed.values(origins=origin, change=_begin_change(connection, now)))


def origins_before(tx: Tx, sources: Collection[str], prefix: str, before: datetime) -> list[str]:
    """Origins of these sources that begin so and stand at what occurred before."""
    row = OBSERVATION.c
    old = (
        row.source.in_(sources) & (row.occurred_at < before) & row.origins.startswith(prefix, autoescape=True)
    )
    return list(tx.connection().execute(select(row.origins).where(old).distinct()).scalars())


def rename_origins(tx: Tx, sources: Collection[str], named: Mapping[str, str], now: datetime) -> None:
    """Wherever these sources' rows had the one origin they have the other from now on."""
    if not named:
        return
    connection = tx.connection()
    alone(connection, "observation")
    change = _begin_change(connection, now)
    for old, new in named.items():
        theirs = OBSERVATION.update().where(OBSERVATION.c.source.in_(sources), OBSERVATION.c.origins == old)
        connection.execute(theirs.values(origins=new, change=change))


def load(tx: Tx, since: datetime | None = None) -> list[Observation]:
    """Every version (superseded ones too) that occurred at `since` or later, ordered by (known_at, id)."""
    connection = tx.connection()
    where: str = ""
    values: tuple[Any, ...] = ()
    if since is not None:
        where, values = f"WHERE occurred_at >= {times.mark(connection)}", (times.of(connection).put(since),)
    return _read(connection, f"{where} ORDER BY known_at, id", values)


def current_keys(tx: Tx, source: str, since: datetime) -> list[str]:
    """Keys of a source's rows that stand and occurred at `since` or later."""
    row = OBSERVATION.c
    standing = (row.source == source) & row.superseded_at.is_(None) & (row.occurred_at >= since)
    return list(tx.connection().execute(select(row.key).where(standing).order_by(row.id)).scalars())


def mark(tx: Tx) -> int:
    """Where the history of changes stands; hand it to `changed_after`."""
    newest = select(func.coalesce(func.max(table(ChangeRow).c.id), 0))
    return int(tx.connection().execute(newest).scalar_one())


def changed_after(tx: Tx, after: int) -> tuple[list[Observation], int]:
    """Versions added or closed since that mark (these with `superseded_at`), and the new mark."""
    connection = tx.connection()
    newest = mark(tx)
    if newest <= after:
        return [], after
    return _read(
        connection, f"WHERE change > {times.mark(connection)} ORDER BY known_at, id", (after,)
    ), newest


def versions(tx: Tx, ref: str) -> list[Observation]:
    """All versions of one observation, oldest first."""
    row = OBSERVATION.c
    connection = tx.connection()
    ids = (
        connection.execute(select(row.id).where(_is(ref)).order_by(row.known_at, row.version)).scalars().all()
    )
    found = {}
    for id_ in ids:
        found[id_] = _read(connection, f"WHERE id = {times.mark(connection)}", (id_,))[0]
    return list(found.values())


def _is(ref: str) -> Any:
    """A source's id holds no colon, a key may."""
    source, _, key = ref.partition(":")
    return (OBSERVATION.c.source == source) & (OBSERVATION.c.key == key)


def _last_of_each(observations: Iterable[Observation]) -> Iterator[Observation]:
    """One body may repeat a row; the last one counts, at the place of the first."""
    unique: dict[tuple[str, str, datetime], Observation] = {}
    for observation in observations:
        unique[observation.source, observation.key, observation.known_at] = observation
    return iter(unique.values())


def _digest(observation: Observation) -> bytes:
    """Of what the source said; not of when we heard it."""
    o = observation
    attributes = _sorted(o.attributes) if o.attributes else ()
    content = (
        o.indicator, o.occurred_at.timestamp(), float(o.value), o.low, o.high, o.origins, o.place, o.lat, o.lon,
        o.precision, o.grade, o.incident, attributes, o.title, o.url,
    )  # fmt: skip
    return blake2b(repr(content).encode(), digest_size=16).digest()


def _sorted(attributes: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    pairs = tuple(attributes.items())
    return pairs if len(pairs) == 1 else tuple(sorted(pairs))


def _stored(connection: Connection, chunk: list[Observation]) -> dict[tuple[str, str], list[Version]]:
    keys: dict[str, set[str]] = {}
    for observation in chunk:
        keys.setdefault(observation.source, set()).add(observation.key)
    found: dict[tuple[str, str], list[Version]] = {}
    one = times.mark(connection)
    for source, wanted in keys.items():
        rest = iter(sorted(wanted))
        while part := list(islice(rest, LOOKUP)):
            rows = connection.exec_driver_sql(
                "SELECT key, id, version, digest, known_at, superseded_at, withdrawn FROM observation "  # noqa: S608 - placeholders only
                f"WHERE source = {one} AND key IN ({', '.join([one] * len(part))}) ORDER BY version",
                (source, *part),
            )
            for key, id_, version, digest, known, superseded, withdrawn in rows.cursor.fetchall():
                entry = Version(bytes(digest), known, superseded, id_, version, bool(withdrawn))
                found.setdefault((source, key), []).append(entry)
    return found


def _begin_change(connection: Connection, now: datetime) -> int:
    changes = table(ChangeRow)
    return int(connection.execute(changes.insert().values(at=now).returning(changes.c.id)).scalar_one())


def _write(connection: Connection, clock: times.Clock, plan: Plan, stored_at: Any, change: int) -> None:
    one = times.mark(connection)
    ended: dict[Any, list[int]] = {}
    for id_, at in plan.closed.items():
        ended.setdefault(at, []).append(id_)
    for at, ids in ended.items():  # all that one poll revised ended at one moment
        for start in range(0, len(ids), LOOKUP):
            part = ids[start : start + LOOKUP]
            connection.exec_driver_sql(
                f"UPDATE observation SET superseded_at = {one}, change = {one} "  # noqa: S608 - placeholders only
                f"WHERE id IN ({', '.join([one] * len(part))})",
                (at, change, *part),
            )
    columns = (*COLUMNS, *EXTRA)
    rows = []
    for version, o in plan.added:
        attributes = _attributes_text(_sorted(o.attributes)) if o.attributes else ""
        rows.append(
            (
                o.indicator, clock.put(o.occurred_at), version.known, float(o.value), o.low, o.high,
                version.superseded, stored_at, o.source, "|".join(o.origins), o.place, o.lat, o.lon, o.precision,
                o.grade, o.incident, attributes, o.title, o.url, o.key, version.number, version.digest, change, "",
            )
        )  # fmt: skip
    if rows:
        connection.exec_driver_sql(
            f"INSERT INTO observation ({', '.join(columns)}) VALUES ({', '.join([one] * len(columns))})",  # noqa: S608 - placeholders only
            rows,
        )


@_without_pauses()
def _read(connection: Connection, rest: str, values: tuple[Any, ...]) -> list[Observation]:
    clock = times.of(connection)
    rows = connection.exec_driver_sql(f"SELECT {', '.join(COLUMNS)} FROM observation {rest}", values)  # noqa: S608 - placeholders only
    return [
        Observation(
            row[0], clock.get(row[1]), clock.get(row[2]), row[3], row[4], row[5], row[6] and clock.get(row[6]),
            clock.get(row[7]), row[8], _origins(row[9]), row[10], row[11], row[12], row[13], row[14], row[15],
            _attributes(row[16]) if row[16] else EMPTY, row[17], row[18], row[19],
        )
        for row in rows.cursor.fetchall()
    ]  # fmt: skip


@lru_cache(maxsize=4096)
def _attributes_text(attributes: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(dict(attributes), ensure_ascii=False)


def _attributes(stored: str) -> dict[str, str]:
    return dict(json.loads(stored))


@lru_cache(maxsize=4096)
def _origins(stored: str) -> tuple[str, ...]:
    return tuple(stored.split("|")) if stored else ()
