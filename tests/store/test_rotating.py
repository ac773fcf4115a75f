"""Contacts from one key to the next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from warn.model import Preferences
from warn.store import Store, Tx, bounces, reporters, rotating, subscribers, traces
from warn.store.vault import Vault

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
A, B = b"a" * 32, b"b" * 32
OLD, BOTH, NEW = Vault(A), Vault(B, A), Vault(B)


def join(tx: Tx, vault: Vault, address: str, *, confirmed: bool = True, lang: str = "fr") -> str:
    one = subscribers.add_pending(tx, vault, "email", address, Preferences(lang=lang), NOW)
    if confirmed:
        subscribers.confirm(tx, one.id, NOW)
    return one.id


def rotate(tx: Tx, limit: int = 500) -> int:
    done = batch = rotating.renew(tx, BOTH, "", limit)
    count = done.renewed
    while batch.last:
        batch = rotating.renew(tx, BOTH, batch.last, limit)
        count += batch.renewed
    rotating.renew_traces(tx, BOTH)
    return count


def test_who_joins_after_the_change_is_sealed_with_the_new_key_alone(tx: Tx) -> None:
    before, after = join(tx, OLD, "a@example.org"), join(tx, BOTH, "b@example.org")
    assert subscribers.addresses_of(tx, OLD, [before, after]) == {before: "a@example.org", after: ""}
    assert subscribers.addresses_of(tx, BOTH, [before, after]) == {
        before: "a@example.org",
        after: "b@example.org",
    }


def test_whoever_stands_under_the_former_key_is_found_and_is_nobody_else(tx: Tx) -> None:
    id_ = join(tx, OLD, "a@example.org")
    found = subscribers.find(tx, BOTH, "email", "A@example.org")
    assert found
    assert found.id == id_ == subscribers.named(tx, BOTH, "a@example.org") == join(tx, BOTH, "a@example.org")
    assert subscribers.counts(tx) == {("email", "active"): 1}


def test_after_the_rotation_the_new_key_alone_serves_and_the_former_opens_nothing(tx: Tx) -> None:
    ids = [join(tx, OLD, f"{n}@example.org") for n in range(5)]
    assert rotating.standing(tx, BOTH) == rotating.Standing(newest=0, former=5, lost=0, hashed=0)
    assert rotate(tx, limit=2) == 5
    assert rotate(tx, limit=2) == 0, "done is done"
    assert rotating.standing(tx, NEW) == rotating.Standing(newest=5, former=0, lost=0, hashed=0)
    assert set(subscribers.addresses_of(tx, OLD, ids).values()) == {""}
    assert len(set(subscribers.addresses_of(tx, NEW, ids).values())) == 5
    found = subscribers.find(tx, NEW, "email", "3@example.org")
    assert found
    assert found.id == ids[3]
    assert subscribers.find(tx, OLD, "email", "3@example.org") is None


def test_what_was_killed_between_two_batches_goes_on(store: Store) -> None:
    with store.write() as tx:
        for n in range(5):
            join(tx, OLD, f"{n}@example.org")
    with store.write() as tx:
        assert rotating.renew(tx, BOTH, "", 2).renewed == 2
    with store.read() as tx:
        assert rotating.standing(tx, BOTH).former == 3
    with store.write() as tx:
        assert rotate(tx) == 3


def test_an_address_that_bounced_stays_shut_over_a_rotation(tx: Tx) -> None:
    bounces.gone(tx, join(tx, OLD, "gone@example.org"), NOW)
    rotate(tx)
    assert subscribers.is_suppressed(tx, BOTH, "email", "gone@example.org")
    assert rotating.standing(tx, BOTH).hashed == 2
    again = join(tx, BOTH, "gone@example.org")
    assert subscribers.addresses_of(tx, BOTH, [again]) == {}
    assert subscribers.is_suppressed(tx, NEW, "email", "gone@example.org"), "known again, so hashed anew"
    assert subscribers.unsuppress(tx, BOTH, "email", "gone@example.org")
    assert subscribers.addresses_of(tx, BOTH, [again]) == {again: "gone@example.org"}


@pytest.mark.parametrize("confirmed", [True, False])
def test_who_joined_again_while_the_former_key_was_missing_is_one_reader(tx: Tx, *, confirmed: bool) -> None:
    first, second = join(tx, OLD, "a@example.org"), join(tx, NEW, "a@example.org", confirmed=confirmed)
    assert first != second
    rotate(tx)
    kept = subscribers.find(tx, NEW, "email", "a@example.org")
    assert kept
    assert kept.id == (second if confirmed else first), "nobody loses what they confirmed to who only asked"
    assert subscribers.addresses_of(tx, NEW, [kept.id]) == {kept.id: "a@example.org"}
    assert sum(subscribers.counts(tx).values()) == 1


def test_a_contact_of_no_key_given_is_counted_and_left_as_it_is(tx: Tx) -> None:
    id_ = join(tx, Vault(b"z" * 32), "z@example.org")
    assert rotate(tx) == 0
    assert rotating.standing(tx, BOTH).lost == 1
    assert subscribers.addresses_of(tx, Vault(b"z" * 32), [id_]) == {id_: "z@example.org"}


def test_a_reporter_is_known_under_the_key_of_the_day_they_came(tx: Tx) -> None:
    came = reporters.welcome(tx, OLD, "42", reporters.invite(tx, NOW).token, NOW)
    assert came
    rotate(tx)
    assert reporters.find(tx, BOTH, "42") == came
    assert reporters.find(tx, NEW, "42") is None


def test_what_stands_in_chats_is_still_taken_away(tx: Tx) -> None:
    for number in (7, 8):
        traces.leave(tx, OLD, (42, number), NOW)
    traces.gone(tx, BOTH, (42, 8))
    assert traces.due(tx, BOTH, NOW) == [(42, 7)]
    rotate(tx)
    assert traces.due(tx, NEW, NOW) == [(42, 7)]
    traces.gone(tx, NEW, (42, 7))
    assert traces.due(tx, NEW, NOW) == []


def test_nothing_that_the_former_key_opens_stays_in_the_files(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        id_ = join(tx, OLD, "a@example.org")
        (sealed,) = [row.contact for row in tx.connection().exec_driver_sql("SELECT contact FROM subscriber")]
    assert sqlite_store.path
    files = list(sqlite_store.path.parent.glob("warn.db*"))
    assert any(sealed in file.read_bytes() for file in files)
    with sqlite_store.write() as tx:
        rotate(tx)
    assert not any(sealed in file.read_bytes() for file in files)
    with sqlite_store.read() as tx:
        assert subscribers.addresses_of(tx, NEW, [id_])
