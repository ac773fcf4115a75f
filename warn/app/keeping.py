"""The database and its people, for the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from warn.app.build import marks_erased, open_database, vault
from warn.app.leaving import left
from warn.errors import StoreError, UsageError
from warn.settings import Settings
from warn.store import Store, Tx, acts, moving, open_store, restoring, subscribers
from warn.store.acts import Act
from warn.store.vault import Vault


def upgrade(settings: Settings) -> str:
    store = open_database(settings, upgrade=True)
    store.close()
    return "The tables are those of this version."


def backup(settings: Settings, target: Path) -> str:
    """Refuses a file that exists: it may be the only good backup, or the database itself."""
    if target.exists():
        raise UsageError(f"{target} exists and is left as it is.", "Name a file that does not exist yet.")
    store = open_database(settings)
    store.backup(target)
    store.close()
    return f"Written and checked: {target}. It expires: delete it within 30 days."


def restore(settings: Settings, source: Path, now: datetime) -> str:
    """The database that stands there need not be readable: that may be why it is replaced."""
    store = open_store(settings.database_url, marks=partial(marks_erased, settings))
    try:
        was = _before(store)
        store.restore(source)
        with store.write() as tx:
            done = restoring.settle(tx, was, store.journal, now)
    finally:
        store.close()
    left = f"Erased from it again: {done.erased} who left since."
    if not done.complete:
        left += " Others who left since that backup are not known and may be in it again."
    return (
        f"The database is that of {source}. {left} Deliveries that waited then and may have arrived since: "
        f"{done.held}, now uncertain (the bot lists them by /dead). Sending is paused until `warn resume`."
    )


def _before(store: Store) -> restoring.Before | None:
    """None where it cannot be read any more."""
    try:
        with store.read() as tx:
            return restoring.before(tx, left(tx))
    except StoreError:
        return None


def move(settings: Settings, target: str) -> str:
    """Everything into another, empty database; counted and compared before it is called done."""
    source = open_database(settings)
    goal = open_database(settings, target, upgrade=True)
    try:
        moved = moving.move(source, goal)
    finally:
        source.close()
        goal.close()
    done = f"{sum(moved.values())} rows of {len(moved)} tables moved and compared."
    return f"{done} Set WARN_DATABASE to the new address and start the service again."


def check(settings: Settings) -> list[str]:
    store = open_database(settings)
    faults = store.check()
    store.close()
    return faults


def count(settings: Settings) -> list[dict[str, Any]]:
    store = open_database(settings, upgrade=True)
    with store.read() as tx:
        found = subscribers.counts(tx)
    store.close()
    return [{"channel": c, "state": s, "count": n} for (c, s), n in sorted(found.items())]


def export(settings: Settings, given: str) -> Mapping[str, Any]:
    """`given`: an id or an address, which is found by its keyed hash."""
    with _opened(settings) as store, store.read() as tx:
        return subscribers.export(tx, vault(settings), _named(tx, vault(settings), given))


def erase(settings: Settings, given: str, now: datetime) -> str:
    with _opened(settings) as store, store.write() as tx:
        subscribers.erase(tx, _named(tx, vault(settings), given))
        acts.record(tx, Act("erase", "subscriber", "cli", now))
    return "Erased: address and preferences are gone, open deliveries are suppressed."


def readmit(settings: Settings, address: str, now: datetime) -> str:
    """A mailbox that bounced once, or was reported by mistake, may sign up again."""
    with _opened(settings) as store, store.write() as tx:
        if not subscribers.unsuppress(tx, vault(settings), "email", address):
            raise UsageError(
                "This address is not on the list of those that came back.", "Nothing was changed."
            )
        acts.record(tx, Act("readmit", "subscriber", "cli", now))
    return "It may be written to again. Nobody is subscribed by this: its owner signs up on the page."


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    store = open_database(settings, upgrade=True)
    try:
        yield store
    finally:
        store.close()


def _named(tx: Tx, keys: Vault, given: str) -> str:
    found = subscribers.named(tx, keys, given)
    if found is None:
        raise UsageError(
            "Nobody here has this id or address.",
            "Give the address as it was signed up with, or a chat's number.",
        )
    return found
