import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from threading import Barrier

import pytest
from sqlalchemy import text
from warn.channel import Receipt
from warn.errors import ConfigError, StoreError
from warn.model import Level, Preferences
from warn.store import Store, Tx, acts, bounces, dispatch, outbox, subscribers
from warn.store.acts import Act
from warn.store.outbox import NewDelivery
from warn.store.vault import Vault

from tests.store.letters import rendered

NOW = datetime(2025, 9, 14, 8, tzinfo=UTC)
DAY = timedelta(days=1)
VAULT = Vault(b"k" * 32)
PLAIN = Preferences()
EVERYTHING = Preferences(
    kind="ngo", lang="en", timezone="Europe/Paris", least_level=Level.WATCH, immediate_from=None,
    families=("supply",), corridors=("Kayes",), places=("Kati",), digest_at=None, evening=True, weekly=True,
    quiet_from=time(21, 30), quiet_until=None, text_only=True, embassy_notices=True,
)  # fmt: skip


def add(tx: Tx, address: str = "awa@example.org", preferences: Preferences = PLAIN, **more: str) -> str:
    one = subscribers.add_pending(tx, VAULT, "email", address, preferences, NOW, **more)
    return one.id


def address(tx: Tx, id_: str) -> str | None:
    return subscribers.addresses_of(tx, VAULT, [id_]).get(id_)


def test_a_new_subscriber_hears_nothing_before_confirming(tx: Tx) -> None:
    id_ = add(tx)
    assert subscribers.recipients(tx) == []
    assert subscribers.confirm(tx, id_, NOW)
    assert subscribers.confirm(tx, id_, NOW)
    assert [one.id for one in subscribers.recipients(tx)] == [id_]
    assert not subscribers.confirm(tx, "nobody", NOW)


def test_every_preference_comes_back(tx: Tx) -> None:
    id_ = add(tx, preferences=EVERYTHING)
    one = subscribers.get(tx, id_)
    assert one
    assert one.preferences == EVERYTHING
    assert subscribers.set_preferences(tx, id_, Preferences(), NOW)
    one = subscribers.get(tx, id_)
    assert one
    assert one.preferences == Preferences()


def test_the_same_address_in_another_spelling_is_the_same_subscriber(tx: Tx) -> None:
    id_ = add(tx, "Awa@Example.org")
    assert add(tx, " awa@example.ORG ") == id_
    found = subscribers.find(tx, VAULT, "email", "AWA@example.org")
    assert found
    assert found.id == id_
    assert subscribers.find(tx, VAULT, "telegram", "awa@example.org") is None


def test_a_button_pressed_twice_is_one_subscriber(store: Store) -> None:
    pressed = Barrier(4)

    def press() -> str:
        pressed.wait()
        with store.write() as tx:
            return add(tx)

    with ThreadPoolExecutor(4) as pool:
        ids = {done.result() for done in [pool.submit(press) for _ in range(4)]}
    assert len(ids) == 1


def test_no_address_stands_in_the_database_in_the_open(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add(tx, "canary@example.org")
        bounces.gone(tx, add(tx, "canary2@example.org"), NOW)
    sqlite_store.close()
    assert sqlite_store.path
    for file in sqlite_store.path.parent.glob("warn.db*"):
        assert b"canary" not in file.read_bytes()


def test_a_sealed_address_opens_for_its_owner_and_key_only() -> None:
    sealed = VAULT.seal("awa@example.org", "a")
    assert VAULT.open(sealed, "a") == "awa@example.org"
    assert VAULT.seal("awa@example.org", "a") != sealed
    with pytest.raises(StoreError, match="does not open"):
        VAULT.open(sealed, "b")
    with pytest.raises(StoreError, match="does not open"):
        Vault(b"x" * 32).open(sealed, "a")
    with pytest.raises(ConfigError, match="too short"):
        Vault(b"short")


def test_who_leaves_is_gone_at_once_and_open_deliveries_are_suppressed(tx: Tx) -> None:
    id_ = add(tx)
    subscribers.confirm(tx, id_, NOW)
    rid = rendered(tx)
    outbox.enqueue(tx, [NewDelivery(key, "email", id_, rid, 1, NOW) for key in "abc"], NOW)
    dispatch.claim(tx, NOW, 1, "me", ["email"])
    assert subscribers.erase(tx, id_)
    assert not subscribers.erase(tx, id_)
    assert subscribers.get(tx, id_) is None
    assert subscribers.find(tx, VAULT, "email", "awa@example.org") is None
    assert address(tx, id_) is None
    assert dispatch.counts(tx) == {("email", "suppressed"): 3}
    assert not subscribers.is_suppressed(tx, VAULT, "email", "awa@example.org")


def test_what_a_reader_did_goes_with_them_and_what_others_did_stays(tx: Tx) -> None:
    id_, other = add(tx), add(tx, "b@example.org")
    for reader in (id_, other):
        acts.record(tx, Act("mute", reader, "reader", NOW, until=NOW + DAY))
    acts.record(tx, Act("silence", id_, "telegram:1", NOW))
    assert [act["kind"] for act in subscribers.export(tx, VAULT, id_)["acts"]] == ["mute"]
    subscribers.erase(tx, id_)
    assert [(act.kind, act.target) for act in acts.acts(tx)] == [("mute", other), ("silence", id_)]


def test_a_gone_address_keeps_no_contact_and_may_start_anew(tx: Tx) -> None:
    id_ = add(tx, preferences=EVERYTHING)
    subscribers.confirm(tx, id_, NOW)
    assert subscribers.stop(tx, id_)
    assert subscribers.recipients(tx) == []
    assert subscribers.export(tx, VAULT, id_)["address"] == ""
    assert subscribers.counts(tx) == {("email", "stopped"): 1}
    assert add(tx) == id_
    assert address(tx, id_) == "awa@example.org"
    assert subscribers.recipients(tx) == []


def test_a_pause_ends_when_the_subscriber_says_so(tx: Tx) -> None:
    id_ = add(tx)
    assert not subscribers.pause(tx, id_), "who has not confirmed cannot pause"
    subscribers.confirm(tx, id_, NOW)
    assert subscribers.pause(tx, id_)
    assert subscribers.recipients(tx) == []
    assert address(tx, id_) is None
    assert subscribers.resume(tx, id_, NOW + DAY)
    assert [one.joined_at for one in subscribers.recipients(tx)] == [NOW + DAY], (
        "nothing is owed for the pause"
    )


def test_no_edition_is_owed_from_before_it_was_wished_for(tx: Tx) -> None:
    id_ = add(tx)
    subscribers.confirm(tx, id_, NOW)
    subscribers.set_preferences(tx, id_, replace(PLAIN, kind="press"), NOW + DAY)
    assert [one.joined_at for one in subscribers.recipients(tx)] == [NOW]
    subscribers.set_preferences(tx, id_, replace(PLAIN, evening=True), NOW + 2 * DAY)
    one = subscribers.get(tx, id_)
    assert one
    assert [one.recipient] == subscribers.recipients(tx)
    assert (one.recipient.joined_at, one.wished) == (NOW, {"evening": NOW + 2 * DAY})
    assert one.moved_at is None
    subscribers.set_preferences(tx, id_, replace(PLAIN, evening=True, digest_at=time(7)), NOW + 3 * DAY)
    (moved,) = subscribers.recipients(tx)
    assert (moved.joined_at, moved.wished, moved.moved_at) == (NOW, one.wished, NOW + 3 * DAY)


def test_a_suppressed_address_is_never_written_to(tx: Tx) -> None:
    id_ = add(tx)
    subscribers.confirm(tx, id_, NOW)
    bounces.gone(tx, id_, NOW, "complaint")
    assert add(tx, "AWA@example.org") == id_
    assert address(tx, id_) is None
    subscribers.erase(tx, id_)
    assert subscribers.is_suppressed(tx, VAULT, "email", "awa@example.org"), "survives erasure"
    assert subscribers.unsuppress(tx, VAULT, "email", "awa@example.org")
    assert not subscribers.unsuppress(tx, VAULT, "email", "awa@example.org")


def test_recipients_come_in_order_and_go_on_after_the_last(tx: Tx) -> None:
    for n in range(7):
        subscribers.confirm(tx, add(tx, f"{n}@example.org", id=f"r{n}"), NOW)
    subscribers.confirm(
        tx, subscribers.add_pending(tx, VAULT, "telegram", "5", Preferences(), NOW, "r9").id, NOW
    )
    seen: list[str] = []
    while part := subscribers.recipients(tx, seen[-1] if seen else "", 3):
        seen += [one.id for one in part]
    assert seen == ["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r9"]


def test_the_newest_wish_of_who_never_confirmed_counts_and_who_did_keeps_theirs(tx: Tx) -> None:
    id_ = add(tx)
    assert subscribers.add_pending(tx, VAULT, "email", "awa@example.org", EVERYTHING, NOW + DAY).id == id_
    one = subscribers.get(tx, id_)
    assert one
    assert (one.preferences, one.created_at) == (EVERYTHING, NOW + DAY)
    subscribers.confirm(tx, id_, NOW + DAY)
    add(tx)
    one = subscribers.get(tx, id_)
    assert one
    assert (one.preferences, one.state) == (EVERYTHING, "active")


def test_who_never_confirms_is_forgotten_and_who_once_did_is_not(tx: Tx) -> None:
    never, late, back = add(tx, "a@example.org"), add(tx, "b@example.org"), add(tx, "c@example.org")
    subscribers.confirm(tx, back, NOW)
    assert subscribers.pause(tx, back)
    assert subscribers.ask_back(tx, back)
    assert address(tx, back) == "c@example.org", "a confirmation has to reach them"
    subscribers.add_pending(tx, VAULT, "email", "b@example.org", PLAIN, NOW + 2 * DAY)
    outbox.enqueue(tx, [NewDelivery("a", "email", never, rendered(tx), 1, NOW)], NOW)
    assert subscribers.forget_unconfirmed(tx, NOW + DAY) == 1
    assert [subscribers.get(tx, one) is None for one in (never, late, back)] == [True, False, False]
    assert dispatch.counts(tx) == {("email", "suppressed"): 1}


def test_somebody_is_found_by_id_or_by_address_on_any_channel(tx: Tx) -> None:
    id_ = add(tx)
    chat = subscribers.add_pending(tx, VAULT, "telegram", "-1005:7", PLAIN, NOW).id
    assert [subscribers.named(tx, VAULT, said) for said in (id_, " Awa@example.org", "-1005:7", chat)] == [
        id_, id_, chat, chat,
    ]  # fmt: skip
    assert subscribers.named(tx, VAULT, "bineta@example.org") is None


def test_a_migrated_group_takes_its_topics_along_and_meets_itself_there(tx: Tx) -> None:
    for n, spelled in enumerate(("-5", "-5:7", "-1005:7", "-6")):
        subscribers.add_pending(tx, VAULT, "telegram", spelled, Preferences(), NOW, f"g{n}")
    assert subscribers.migrate_chat(tx, VAULT, -5, -1005) == 1
    addresses = {id_: address(tx, id_) for id_ in ("g0", "g1", "g2", "g3")}
    assert addresses == {"g0": "-1005", "g1": None, "g2": "-1005:7", "g3": "-6"}
    found = subscribers.find(tx, VAULT, "telegram", "-1005")
    assert found
    assert found.id == "g0"


def test_what_was_sent_to_a_group_before_it_moved_is_edited_no_more(tx: Tx) -> None:
    subscribers.add_pending(tx, VAULT, "telegram", "-5", Preferences(), NOW, "g")
    outbox.enqueue(tx, [NewDelivery("a", "telegram", "g", rendered(tx), 1, NOW)], NOW)
    (one,) = dispatch.claim(tx, NOW, 1, "me", ["telegram"])
    dispatch.ack_sent(tx, "me", NOW, [(one.id, Receipt("17"))])
    subscribers.migrate_chat(tx, VAULT, -5, -1005)
    assert tx.connection().execute(text("SELECT state, provider_id FROM delivery")).one() == ("sent", "")


def test_an_export_says_everything_we_hold(tx: Tx) -> None:
    id_ = add(tx)
    outbox.enqueue(tx, [NewDelivery("a", "email", id_, rendered(tx), 1, NOW)], NOW)
    exported = subscribers.export(tx, VAULT, id_)
    assert json.loads(json.dumps(exported)) == exported
    assert (exported["address"], exported["state"]) == ("awa@example.org", "pending")
    assert exported["deliveries"][0]["state"] == "ready"
    assert subscribers.export(tx, VAULT, "nobody") == {}


def test_preferences_written_by_an_older_version_take_the_defaults_of_what_is_new() -> None:
    from warn.store.preferences import from_text

    assert from_text('{"lang": "en", "gone": 1}') == replace(Preferences(), lang="en")
