"""The database and its people, for the command line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from warn.app.build import open_database, secret_keys
from warn.errors import UsageError
from warn.settings import Settings
from warn.store import acts, moving, subscribers
from warn.store.acts import Act
from warn.store.vault import Vault


def upgrade(settings: Settings) -> str:
    store = open_database(settings.database_url, upgrade=True)
    store.close()
    return "The tables are those of this version."


def backup(settings: Settings, target: Path) -> str:
    store = open_database(settings.database_url)
    store.backup(target)
    store.close()
    return f"Written and checked: {target}. It expires: delete it within 30 days."


def restore(settings: Settings, source: Path) -> str:
    store = open_database(settings.database_url, upgrade=True)
    store.restore(source)
    store.close()
    return f"The database is that of {source}."


def move(settings: Settings, target: str) -> str:
    """Everything into another, empty database; counted and compared before it is called done."""
    source = open_database(settings.database_url)
    goal = open_database(target, upgrade=True)
    try:
        moved = moving.move(source, goal)
    finally:
        source.close()
        goal.close()
    done = f"{sum(moved.values())} rows of {len(moved)} tables moved and compared."
    return f"{done} Set WARN_DATABASE to the new address and start the service again."


def check(settings: Settings) -> list[str]:
    store = open_database(settings.database_url)
    faults = store.check()
    store.close()
    return faults


def count(settings: Settings) -> list[dict[str, Any]]:
    store = open_database(settings.database_url, upgrade=True)
    with store.read() as tx:
        found = subscribers.counts(tx)
    store.close()
    return [{"channel": c, "state": s, "count": n} for (c, s), n in sorted(found.items())]


def export(settings: Settings, subscriber: str) -> Mapping[str, Any]:
    store = open_database(settings.database_url, upgrade=True)
    with store.read() as tx:
        if subscribers.get(tx, subscriber) is None:
            raise UsageError(f"Nobody has the id {subscriber}.", "Ids stand in `warn rules explain --for`.")
        return subscribers.export(tx, Vault(secret_keys(settings)[-1].encode()), subscriber)


def erase(settings: Settings, subscriber: str, now: datetime) -> str:
    store = open_database(settings.database_url, upgrade=True)
    with store.write() as tx:
        if not subscribers.erase(tx, subscriber):
            raise UsageError(f"Nobody has the id {subscriber}.", "Nothing was changed.")
        acts.record(tx, Act("erase", "subscriber", "cli", now))
    store.close()
    return "Erased: address and preferences are gone, open deliveries are suppressed."
