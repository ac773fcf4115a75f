"""Messages about reporting that stand in somebody's chat, until they are taken away again.

Phones are searched: what a reporter leaves unfinished has to go by itself, also after a restart.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select

from warn.store.conflicts import added
from warn.store.database import Tx
from warn.store.tables import TraceRow, table
from warn.store.vault import Vault, opened

CHANNEL = "trace"
Message = tuple[int, int]  # chat, number of the message in it


def leave(tx: Tx, vault: Vault, message: Message, until: datetime) -> None:
    """A message stands there and is to be gone by `until`."""
    key = vault.mark(CHANNEL, _address(message))
    row = {"key": key, "address": vault.seal(_address(message), key), "expires_at": until}
    added(tx.connection(), table(TraceRow), row)


def gone(tx: Tx, vault: Vault, message: Message) -> None:
    keys = vault.marks(CHANNEL, _address(message))
    tx.connection().execute(delete(TraceRow).where(col(TraceRow.key).in_(keys)))


def due(tx: Tx, vault: Vault, now: datetime) -> list[Message]:
    """Those overdue. One that does not open (a key that was changed) tells nobody anything and is passed over."""
    question = select(TraceRow).where(col(TraceRow.expires_at) <= now).order_by(col(TraceRow.key))
    addresses = [opened(vault, row.address, row.key) for row in tx.exec(question)]
    return [_message(address) for address in addresses if address]


def _address(message: Message) -> str:
    return f"{message[0]}:{message[1]}"


def _message(address: str) -> Message:
    chat, _, number = address.partition(":")
    return int(chat), int(number)
