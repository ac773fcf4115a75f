"""What was erased cannot be read in the files of the database."""

import time
from dataclasses import replace

from warn.model import Preferences
from warn.store import Store, open_store, subscribers

from tests.store.letters import NOW, VAULT

TOWN = "Tessalit"


def joined(store: Store, address: str) -> str:
    with store.write() as tx:
        known = subscribers.add_pending(
            tx, VAULT, "email", address, replace(Preferences(), places=(TOWN,)), NOW
        )
    return known.id


def told(store: Store) -> bool:
    assert store.path
    return any(TOWN.encode() in file.read_bytes() for file in store.path.parent.glob("warn.db*"))


def test_preferences_of_who_left_stand_in_no_file(sqlite_tables, tmp_path):
    (tmp_path / "warn.db").write_bytes(sqlite_tables.read_bytes())
    store = open_store(f"sqlite:///{tmp_path / 'warn.db'}")
    reader = joined(store, "awa@example.org")
    assert told(store)
    with store.write() as tx:
        subscribers.erase(tx, reader)
    assert not told(store)
    store.close()


def test_while_somebody_reads_nobody_waits_and_it_goes_afterwards(sqlite_tables, tmp_path):
    (tmp_path / "warn.db").write_bytes(sqlite_tables.read_bytes())
    store = open_store(f"sqlite:///{tmp_path / 'warn.db'}")
    reader = joined(store, "awa@example.org")
    with store.read() as old:
        assert subscribers.get(old, reader)
        began = time.monotonic()
        with store.write() as tx:
            subscribers.erase(tx, reader)
        assert time.monotonic() - began < 1
        assert told(store)
    time.sleep(1.05)
    with store.write():
        pass
    assert not told(store)
    store.close()
