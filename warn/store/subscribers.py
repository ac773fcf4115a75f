"""Who hears from us: preferences in the open, contacts sealed, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from warn.model import ChannelId, Preferences, Recipient
from warn.store.database import Tx
from warn.store.vault import Vault

SubscriberState = Literal["pending", "active", "paused", "stopped"]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """`stopped` means the provider says the address is gone; who leaves is erased instead."""

    id: str
    channel: ChannelId
    state: SubscriberState
    preferences: Preferences
    created_at: datetime
    confirmed_at: datetime | None = None

    @property
    def recipient(self) -> Recipient:
        return Recipient(self.id, self.channel, self.preferences)


def telegram_address(chat_id: int, thread_id: int | None = None) -> str:
    """`-100123` or `-100123:7`, the form in which a Telegram address is stored."""
    raise NotImplementedError


def add_pending(
    tx: Tx,
    vault: Vault,
    channel: ChannelId,
    address: str,
    preferences: Preferences,
    now: datetime,
    id: str = "",
) -> Subscriber:
    """A new subscriber who still has to confirm, or the one who is there already (unchanged)."""
    raise NotImplementedError


def confirm(tx: Tx, id: str, now: datetime) -> bool:
    """True when active afterwards; False for unknown ids. Confirming twice is harmless."""
    raise NotImplementedError


def get(tx: Tx, id: str) -> Subscriber | None:
    raise NotImplementedError


def find(tx: Tx, vault: Vault, channel: ChannelId, address: str) -> Subscriber | None:
    raise NotImplementedError


def set_preferences(tx: Tx, id: str, preferences: Preferences) -> bool:
    raise NotImplementedError


def pause(tx: Tx, id: str) -> bool:
    """No deliveries until `resume`; open ones are suppressed."""
    raise NotImplementedError


def resume(tx: Tx, id: str) -> bool:
    raise NotImplementedError


def stop(tx: Tx, id: str) -> bool:
    """The provider says that the address is gone: contact erased, open deliveries suppressed, no suppression mark."""
    raise NotImplementedError


def erase(tx: Tx, id: str) -> bool:
    """Contact and preferences gone at once, open deliveries suppressed. True if there was somebody to erase."""
    raise NotImplementedError


def recipients(
    tx: Tx, after_id: str = "", limit: int = 1000, channel: ChannelId | None = None
) -> list[Recipient]:
    """Active subscribers in order of id; hand the last id over to go on."""
    raise NotImplementedError


def address_of(tx: Tx, vault: Vault, recipient_id: str) -> str | None:
    """The address, for sending only; None when erased, stopped, paused or on the suppression list."""
    raise NotImplementedError


def suppress(tx: Tx, vault: Vault, channel: ChannelId, address: str, reason: str, now: datetime) -> None:
    """A bounce or a complaint: nobody can subscribe this address again; survives erasure as a keyed hash only."""
    raise NotImplementedError


def is_suppressed(tx: Tx, vault: Vault, channel: ChannelId, address: str) -> bool:
    raise NotImplementedError


def unsuppress(tx: Tx, vault: Vault, channel: ChannelId, address: str) -> bool:
    raise NotImplementedError


def migrate_chat(tx: Tx, vault: Vault, old_chat: int, new_chat: int) -> int:
    """A group became a supergroup: every thread of it moves; one that is subscribed there already is erased here."""
    raise NotImplementedError


def export(tx: Tx, vault: Vault, id: str) -> Mapping[str, Any]:
    """Everything we hold about one subscriber, as plain values."""
    raise NotImplementedError


def counts(tx: Tx) -> dict[tuple[str, str], int]:
    """(channel, state) -> how many."""
    raise NotImplementedError
