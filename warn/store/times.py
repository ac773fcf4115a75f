"""How each driver writes a moment, for statements that go past SQLAlchemy's own types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select


@dataclass(frozen=True, slots=True)
class Clock:
    """From a moment to the driver's value and back."""

    put: Callable[[datetime | None], Any]
    get: Callable[[Any], datetime]


def of(connection: Connection) -> Clock:
    return SQLITE if connection.dialect.name == "sqlite" else POSTGRES


def deciding(connection: Connection, now: datetime) -> datetime:
    """The moment that leases go by: on PostgreSQL the database's, so that replicas need not agree on the time."""
    if connection.dialect.name != "postgresql":
        return now
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def mark(connection: Connection) -> str:
    """The placeholder of a value in the driver's own SQL."""
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


def _to_text(moment: datetime | None) -> str | None:
    """The form SQLAlchemy uses too: text of fixed length that sorts like time."""
    if moment is None:
        return None
    if moment.tzinfo is not UTC:
        moment = _utc(moment)
    return moment.isoformat(" ", "microseconds")[:26]


def _from_text(stored: str) -> datetime:
    return datetime.fromisoformat(stored + "+00:00")


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be stored")
    return moment.astimezone(UTC)


SQLITE = Clock(_to_text, _from_text)
POSTGRES = Clock(
    lambda moment: None if moment is None else _utc(moment), lambda stored: stored.astimezone(UTC)
)
