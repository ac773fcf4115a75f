"""What every source was asked and how it answered; the ground for knowing what is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warn.model import Coverage, Poll
from warn.source import Refused
from warn.store.database import Tx


@dataclass(frozen=True, slots=True)
class HttpState:
    """What one feed or page (`part`) answered last, for conditional requests; `cursor` is the source's own."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    cursor: str = ""


def record_poll(tx: Tx, poll: Poll) -> None:
    raise NotImplementedError


def polls(tx: Tx, since: datetime | None = None, source: str | None = None) -> list[Poll]:
    """In order of time."""
    raise NotImplementedError


def newest_polls(tx: Tx) -> dict[str, tuple[Poll, Poll | None]]:
    """source -> (newest poll, newest good poll)."""
    raise NotImplementedError


def add_coverage(tx: Tx, coverage: Coverage) -> None:
    """The same statement twice is kept once."""
    raise NotImplementedError


def coverage(tx: Tx) -> list[Coverage]:
    raise NotImplementedError


def set_aside(tx: Tx, source: str, refused: Iterable[Refused], now: datetime) -> None:
    """Keeps refused rows; the same row refused again counts up instead of filling the table."""
    raise NotImplementedError


def aside(tx: Tx, source: str | None = None, limit: int = 50) -> list[tuple[str, Refused, int]]:
    """(source, row, times), newest first."""
    raise NotImplementedError


def aside_counts(tx: Tx) -> dict[str, int]:
    raise NotImplementedError


def http_state(tx: Tx, source: str) -> dict[str, HttpState]:
    """part -> state."""
    raise NotImplementedError


def put_http_state(tx: Tx, source: str, part: str, state: HttpState, now: datetime) -> None:
    raise NotImplementedError
