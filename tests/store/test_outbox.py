from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import text
from warn.channel import Receipt
from warn.model import Level, Recipient
from warn.store import Store, Tx, dispatch, ledger, outbox
from warn.store.outbox import NewDelivery, Rendering, Tell

from tests.store.letters import NOW, crashing, letter, people, rendered

DAY = date(2025, 9, 14)


def test_the_same_bytes_are_kept_once(tx: Tx) -> None:
    assert rendered(tx) == rendered(tx)
    assert rendered(tx) != rendered(tx, b"other")
    assert rendered(tx) != rendered(tx, b"hello", "alert", (1, 1, 3))


def test_one_picture_serves_many_messages(tx: Tx) -> None:
    ids = [
        outbox.enqueue_rendered(tx, Rendering("telegram", body, picture=b"png"), NOW)
        for body in (b"fr", b"en")
    ]
    outbox.enqueue(tx, [letter(tx, str(id_), str(id_), rendered_id=id_) for id_ in ids], NOW)
    first, second = dispatch.claim(tx, NOW, 2, "me", ["email"])
    assert (first.picture, first.picture_ref) == (b"png", "")
    dispatch.ack_sent(tx, "me", NOW, [(first.id, Receipt("m1", picture_ref="file-7"))])
    dispatch.ack_failed(tx, "me", NOW, second.id, "refund", "no line", random=lambda: 0.0)
    again = dispatch.claim(tx, NOW + timedelta(seconds=5), 2, "me", ["email"])
    assert [one.picture_ref for one in again] == ["file-7"]


def test_a_key_is_queued_once(tx: Tx) -> None:
    assert outbox.enqueue(tx, [letter(tx, "a"), letter(tx, "b")], NOW) == 2
    assert outbox.enqueue(tx, [letter(tx, "b"), letter(tx, "c")], NOW) == 1
    assert outbox.enqueue(tx, [], NOW) == 0


def test_keys_differ_wherever_the_message_or_its_reader_does() -> None:
    keys = {
        outbox.alert_key(1, 1, "r", "email"), outbox.alert_key(1, 2, "r", "email"),
        outbox.alert_key(1, 1, "q", "email"), outbox.alert_key(1, 1, "r", "telegram"),
        outbox.alert_key(1, 1, "r", "email", "superseded"), outbox.digest_key("daily", DAY, "r", "email"),
        outbox.digest_key("evening", DAY, "r", "email"),
        outbox.digest_key("daily", DAY + timedelta(1), "r", "email"),
    }  # fmt: skip
    assert len(keys) == 8
    assert outbox.alert_key(1, 1, "r", "email") in keys


def test_only_the_first_of_a_lane_is_ready_and_a_crisis_overtakes(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a"), letter(tx, "b"), letter(tx, "other", "q")], NOW)
    outbox.enqueue(tx, [letter(tx, "crisis", priority=0)], NOW)
    claimed = dispatch.claim(tx, NOW, 10, "me", ["email"])
    assert [one.key for one in claimed] == ["crisis", "a", "other"]


def leaving(tx: Tx, now: datetime = NOW) -> list[str]:
    """What is claimed until nothing is left, each message sent before the next is looked for."""
    names = []
    while claimed := dispatch.claim(tx, now, 10, "me", ["email"]):
        names += [one.key for one in claimed]
        for one in claimed:
            dispatch.ack_sent(tx, "me", now, [(one.id, Receipt("m"))])
    return names


def held_back(tx: Tx, seconds: float = 30.0) -> str:
    """The first is refused for a while."""
    one = dispatch.claim(tx, NOW, 1, "me", ["email"])[0]
    dispatch.ack_failed(tx, "me", NOW, one.id, "refund", "429", retry_after_s=seconds, random=lambda: 0.0)
    return one.key


def test_a_crisis_never_overtakes_another_of_its_reader(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "rev 1", priority=0), letter(tx, "else", "q", 0)], NOW)
    assert held_back(tx) == "rev 1"
    outbox.enqueue(tx, [letter(tx, "rev 2", priority=0), letter(tx, "less", priority=1)], NOW)
    outbox.enqueue(tx, [letter(tx, "rev 3", priority=0)], NOW)
    assert leaving(tx) == ["rev 1", "else", "rev 2", "rev 3", "less"]


def test_a_crisis_that_waits_for_another_follows_it_past_what_is_held_back(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "less")], NOW)
    assert held_back(tx, 3600) == "less"
    outbox.enqueue(tx, [letter(tx, f"rev {n}", priority=0) for n in range(3)], NOW)
    outbox.enqueue(tx, [letter(tx, "after")], NOW)
    assert leaving(tx) == ["rev 0", "rev 1", "rev 2"]
    assert leaving(tx, NOW + timedelta(hours=1)) == ["less", "after"]


def test_a_crisis_waits_for_what_was_said_before_of_the_same_alert_and_that_goes_at_once(tx: Tx) -> None:
    first, second = rendered(tx, b"1", "alert", (7, 1, 3)), rendered(tx, b"2", "alert", (7, 2, 4))
    outbox.enqueue(tx, [letter(tx, "alert", rendered_id=first), letter(tx, "unlike")], NOW)
    outbox.enqueue(tx, [letter(tx, "alert of q", "q", rendered_id=first)], NOW)
    assert held_back(tx, 3600) == "alert"
    outbox.enqueue(tx, [letter(tx, "crisis", priority=0, rendered_id=second)], NOW)
    assert leaving(tx) == ["alert", "alert of q", "crisis", "unlike"]


def test_the_update_of_a_crisis_that_is_held_back_finds_it_to_edit(tx: Tx) -> None:
    first, second = rendered(tx, b"1", "alert", (7, 1, 4)), rendered(tx, b"2", "alert", (7, 2, 4))
    outbox.enqueue(tx, [letter(tx, "rev 1", priority=0, rendered_id=first)], NOW)
    held_back(tx)
    outbox.enqueue(tx, [letter(tx, "rev 2", priority=0, rendered_id=second, edits=(7, 2))], NOW)
    (one,) = dispatch.claim(tx, NOW, 10, "me", ["email"])
    dispatch.ack_sent(tx, "me", NOW, [(one.id, Receipt("m1"))])
    (two,) = dispatch.claim(tx, NOW, 10, "me", ["email"])
    assert (one.key, two.key, two.edits) == ("rev 1", "rev 2", "m1")


def test_the_sweep_finds_a_crisis_that_nobody_promoted(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "less"), letter(tx, "crisis", priority=0)], NOW)
    assert len(dispatch.claim(tx, NOW, 1, "me", ["email"])) == 1
    tx.connection().execute(text("UPDATE delivery SET state = 'blocked' WHERE idem_key = 'crisis'"))
    tx.connection().execute(text("UPDATE delivery SET state = 'ready' WHERE idem_key = 'less'"))
    assert dispatch.sweep(tx, NOW).states == {"ready": 1}


def test_a_lane_of_its_own_waits_for_nobody(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "digest", priority=3, lane="r digests"), letter(tx, "alert")], NOW)
    assert [one.key for one in dispatch.claim(tx, NOW, 10, "me", ["email"])] == ["alert", "digest"]


def choosing(rid: int, seen: list[str]) -> outbox.Choose:
    def choose(part: Sequence[Recipient]) -> Iterable[NewDelivery]:
        seen.extend(one.id for one in part)
        for one in part:
            if one.id != "r00003":
                yield NewDelivery(outbox.alert_key(1, 1, one.id, "email"), "email", one.id, rid, 1, NOW)

    return choose


def test_an_expansion_reaches_everybody_who_is_chosen_in_resumable_chunks(store: Store) -> None:
    with store.write() as tx:
        ids = people(tx, 25)
        rid = rendered(tx)
        expansion = outbox.enqueue_expansion(tx, "alert 1/1", {"rendered": [rid]}, NOW)
        assert outbox.enqueue_expansion(tx, "alert 1/1", {}, NOW) == expansion
        assert outbox.expansions(tx)[0].payload == {"rendered": [rid]}
    seen: list[str] = []
    with crashing(store) as tx:
        outbox.expand(tx, expansion, choosing(rid, []), NOW, chunk=10)
    rounds = 0
    more = True
    while more:
        with store.write() as tx:
            more = outbox.expand(tx, expansion, choosing(rid, seen), NOW, chunk=10)
            rounds += 1
    assert (seen, rounds) == (ids, 3)
    with store.write() as tx:
        assert dispatch.counts(tx) == {("email", "ready"): 24}
        assert outbox.expansions(tx) == []
        assert not outbox.expand(tx, expansion, choosing(rid, seen), NOW)


def test_an_edition_is_made_once_and_skipped_ones_are_named_until_one_is_made(tx: Tx) -> None:
    pairs = [("r1", "email"), ("r2", "telegram")]
    assert outbox.make_editions(tx, "daily", DAY, pairs, NOW) == set(pairs)
    again = outbox.make_editions(tx, "daily", DAY, [*pairs, ("r3", "email")], NOW)
    assert again == {("r3", "email")}
    assert outbox.make_editions(tx, "daily", DAY, [], NOW) == set()
    for n in (1, 2):
        outbox.make_editions(tx, "daily", DAY + timedelta(n), pairs[:1], NOW, skipped=True)
    assert outbox.editions_made(tx, "daily", DAY)["r1", "email"] == DAY + timedelta(2)
    assert outbox.editions_made(tx, "evening", DAY) == {}
    gaps = outbox.skipped_editions(tx, "daily", ["r1", "r2"], DAY)
    assert gaps == {"r1": [DAY + timedelta(1), DAY + timedelta(2)]}
    outbox.make_editions(tx, "daily", DAY + timedelta(3), pairs[:1], NOW)
    assert outbox.skipped_editions(tx, "daily", ["r1"], DAY) == {}


def test_the_ledger_knows_who_was_told_what_or_will_be(tx: Tx) -> None:
    opened = rendered(tx, b"opened", "alert", (7, 1, 2), (8, 1, 3))
    raised = rendered(tx, b"raised", "alert", (7, 2, 3))
    outbox.enqueue(
        tx, [letter(tx, "a", "r1", rendered_id=opened), letter(tx, "b", "r2", rendered_id=opened)], NOW
    )
    first, second = dispatch.claim(tx, NOW, 5, "me", ["email"])
    dispatch.ack_sent(tx, "me", NOW, [(first.id, Receipt("m1"))])
    dispatch.ack_failed(tx, "me", NOW, second.id, "dead", "no such chat", random=lambda: 0.0)
    assert [(one.recipient, one.provider_id, one.state) for one in ledger.told(tx, 7)] == [
        ("r1", "m1", "sent")
    ]
    outbox.enqueue(tx, [letter(tx, "c", "r1", rendered_id=raised)], NOW)
    assert [one.revision for one in ledger.told(tx, 7)] == [2, 1]
    assert [one.revision for one in ledger.told(tx, 7, on_the_way=False)] == [1]
    heard = ledger.heard(tx, [7, 8], ["r1", "r2"])
    assert set(heard) == {("r1", 7), ("r1", 8)}
    assert (heard["r1", 7].revision, heard["r1", 7].level, heard["r1", 7].state) == (2, Level.ALERT, "ready")


def test_a_message_may_speak_of_several_episodes(tx: Tx) -> None:
    tells = (Tell(1, 1, Level.ALERT), Tell(2, 4, Level.TENSION))
    rid = outbox.enqueue_rendered(tx, Rendering("email", b"x", tells=tells), NOW)
    outbox.enqueue(tx, [letter(tx, "a", rendered_id=rid)], NOW)
    assert [one.revision for number in (1, 2) for one in ledger.told(tx, number)] == [1, 4]
