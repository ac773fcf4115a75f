"""Who was told what: the ground for updates, all-clears and corrections that go to exactly those told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warn.model import Level
from warn.store.database import Tx


@dataclass(frozen=True, slots=True)
class Told:
    """`state`: sent, uncertain, or still on its way (blocked, ready, sending). `kind` is that of the message."""

    number: int
    recipient: str
    channel: str
    revision: int
    level: Level
    kind: str
    state: str
    provider_id: str
    at: datetime


def told(tx: Tx, number: int, *, on_the_way: bool = True) -> list[Told]:
    """Every message of this episode, newest first within a recipient; expired, dead and suppressed ones told nobody."""
    raise NotImplementedError


def heard(tx: Tx, numbers: Iterable[int], recipients: Iterable[str]) -> dict[tuple[str, int], Told]:
    """(recipient, number) -> the newest message sent or on its way: what this reader last heard, or will."""
    raise NotImplementedError
