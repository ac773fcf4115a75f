from dataclasses import replace
from pathlib import Path

import pytest
from warn.errors import StoreError
from warn.store import Store, dispatch, observations, open_store, outbox
from warn.store.moving import move

from tests.store.children import FIRST
from tests.store.letters import NOW, letter, people, rendered


@pytest.fixture
def full(tmp_path: Path) -> Store:
    store = open_store(f"sqlite:///{tmp_path / 'old.db'}")
    store.upgrade()
    with store.write() as tx:
        observations.ingest(tx, [replace(FIRST, key=f"k{n}", lat=12.65) for n in range(20)], NOW)
        for id_ in people(tx, 5):
            outbox.enqueue(
                tx, [letter(tx, id_, id_, rendered_id=rendered(tx, b"\x00\xff", "alert", (1, 1, 3)))], NOW
            )
    return store


def test_everything_moves_and_life_goes_on_there(full: Store, store: Store) -> None:
    copied = move(full, store)
    assert (copied["observation"], copied["subscriber"], copied["delivery"]) == (20, 5, 5)
    with full.read() as old, store.write() as new:
        assert observations.load(new) == observations.load(old)
        assert len(dispatch.claim(new, NOW, 10, "me", ["email"])) == 5
        assert observations.ingest(new, [replace(FIRST, key="later")], NOW).new == 1
        assert outbox.enqueue(new, [letter(new, "later")], NOW) == 1
    full.close()


def test_a_database_that_holds_something_is_not_written_over(full: Store, store: Store) -> None:
    move(full, store)
    with pytest.raises(StoreError, match="not empty"):
        move(full, store)
    full.close()
