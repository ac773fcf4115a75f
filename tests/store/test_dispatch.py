from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from warn.channel import Receipt
from warn.model import Evidence, Level, Transition
from warn.store import Tx, alerts, dispatch, open_store, outbox, subscribers
from warn.store.dispatch import CAP

from tests.store.letters import NOW, lapse, letter, people, rendered

SECOND = timedelta(seconds=1)
MAIL = ["email"]


def claim(
    tx: Tx, now: datetime = NOW, room: int = 10, owner: str = "me", *, paused: bool = False
) -> list[dispatch.Claimed]:
    return dispatch.claim(tx, now, room, owner, MAIL, paused=paused)


def fail(
    tx: Tx, id_: int, kind: str, now: datetime = NOW, retry_after_s: float | None = None, jitter: float = 1.0
) -> str:
    return dispatch.ack_failed(
        tx, "me", now, id_, kind, "it failed", code="450", retry_after_s=retry_after_s, random=lambda: jitter
    )


def states(tx: Tx) -> dict[str, int]:
    return {state: count for (_, state), count in dispatch.counts(tx).items()}


def test_a_claim_hands_over_what_the_channel_needs(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a")], NOW)
    (one,) = claim(tx)
    parcel = one.parcel("awa@example.org", "token")
    assert (parcel.key, parcel.form, parcel.subject, parcel.body) == ("a", "email", "subject", b"hello")
    assert (parcel.address, parcel.token, parcel.created_at, parcel.edits) == (
        "awa@example.org",
        "token",
        NOW,
        "",
    )


def test_nothing_is_claimed_twice_before_its_time_or_for_another_channel(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a"), letter(tx, "later", "q", due=NOW + SECOND)], NOW)
    outbox.enqueue(tx, [letter(tx, "chat", "p", channel="telegram")], NOW)
    assert [one.key for one in claim(tx)] == ["a"]
    assert claim(tx, owner="other") == []
    assert [one.key for one in claim(tx, NOW + SECOND)] == ["later"]


def test_what_is_acknowledged_is_sent_and_the_next_of_its_lane_follows(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a"), letter(tx, "b")], NOW)
    (one,) = claim(tx)
    assert dispatch.ack_sent(tx, "me", NOW, [(one.id, Receipt("m1"))]) == 1
    assert [two.key for two in claim(tx)] == ["b"]


def test_of_many_acknowledged_at_once_each_keeps_its_own_proof(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, f"k{n}", f"r{n}") for n in range(5)], NOW)
    mine = claim(tx, room=4)
    (_other,) = claim(tx, owner="other")
    told = [(one.id, Receipt(f"queued as {one.key}")) for one in mine]
    assert dispatch.ack_sent(tx, "me", NOW, told) == 4
    kept = tx.connection().exec_driver_sql("SELECT idem_key, provider_id FROM delivery WHERE state = 'sent'")
    assert dict(map(tuple, kept)) == {one.key: f"queued as {one.key}" for one in mine}
    assert states(tx) == {"sent": 4, "sending": 1}


def test_an_owner_who_lost_the_lease_changes_nothing_by_a_failure(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a")], NOW)
    (one,) = claim(tx, owner="old")
    lapse(tx)
    dispatch.sweep(tx, NOW)
    (two,) = claim(tx, owner="new")
    assert (two.id, two.attempt) == (one.id, 2)
    dispatch.note_parts(tx, "old", one.id, "p7")
    assert fail(tx, one.id, "dead") == ""
    assert dispatch.extend(tx, "old", NOW, [one.id]) == set()
    assert states(tx) == {"sending": 1}


@pytest.mark.parametrize("resend", [True, False])
@pytest.mark.parametrize("taken", [True, False])
def test_a_receipt_settles_its_message_also_after_the_lease_was_lost(
    tx: Tx, *, resend: bool, taken: bool
) -> None:
    outbox.enqueue(tx, [letter(tx, "a", resend=resend), letter(tx, "b")], NOW)
    (one,) = claim(tx, owner="old")
    lapse(tx)
    dispatch.sweep(tx, NOW)
    if taken and resend:
        assert len(claim(tx, owner="new")) == 1
    assert dispatch.ack_sent(tx, "old", NOW, [(one.id, Receipt("m1"))]) == 1
    assert dispatch.ack_sent(tx, "new", NOW, [(one.id, Receipt("m2"))]) == 0
    kept = tx.connection().exec_driver_sql("SELECT idem_key, provider_id FROM delivery WHERE state = 'sent'")
    assert list(map(tuple, kept)) == [("a", "m1")]
    assert [two.key for two in claim(tx)] == ["b"]


def test_a_receipt_of_a_reader_who_left_brings_nothing_back(tx: Tx) -> None:
    (reader,) = people(tx, 1)
    outbox.enqueue(tx, [letter(tx, "a", reader)], NOW)
    (one,) = claim(tx)
    subscribers.erase(tx, reader)
    assert dispatch.ack_sent(tx, "me", NOW, [(one.id, Receipt("m1"))]) == 0
    assert states(tx) == {"suppressed": 1}


def test_a_renewed_lease_is_not_swept(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a")], NOW)
    (one,) = claim(tx)
    lapse(tx)
    assert dispatch.extend(tx, "me", NOW, [one.id]) == {one.id}
    assert dispatch.sweep(tx, NOW).states == {}


def test_what_whoever_sweeps_is_sending_itself_stays_with_it(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "mine"), letter(tx, "anothers", "q")], NOW)
    mine, _ = claim(tx)
    lapse(tx)
    assert dispatch.sweep(tx, NOW, [mine.id]).states == {"ready": 1}


@pytest.mark.parametrize("resend", [True, False])
def test_replicas_whose_clocks_differ_take_nothing_from_each_other(
    postgres_server: Callable[..., str], postgres_tables: str, *, resend: bool
) -> None:
    store = open_store(postgres_server(postgres_tables))
    with store.write() as tx:
        outbox.enqueue(tx, [letter(tx, "a", resend=resend)], NOW)
        (one,) = claim(tx)
        assert dispatch.sweep(tx, NOW + timedelta(hours=1)).states == {}
        assert dispatch.sweep(tx, datetime.now(UTC) + timedelta(seconds=50)).states == {}
        dispatch.extend(tx, "me", NOW - timedelta(days=900), [one.id])
        assert dispatch.sweep(tx, datetime.now(UTC)).states == {}
    store.close()


def test_a_failure_waits_longer_each_time_and_keeps_the_lane_in_order(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a"), letter(tx, "b")], NOW)
    now, waits = NOW, []
    for attempt in range(1, CAP):
        (one,) = claim(tx, now)
        assert (one.key, one.attempt) == ("a", attempt)
        assert fail(tx, one.id, "retry", now) == "ready"
        waits.append(dispatch.backoff_s(attempt, lambda: 1.0))
        assert claim(tx, now + timedelta(seconds=waits[-1]) - SECOND) == []
        now += timedelta(seconds=waits[-1])
    assert waits == [30, 60, 120, 240, 480, 960, 1920]
    (one,) = claim(tx, now)
    assert fail(tx, one.id, "retry", now) == "dead"
    assert [two.key for two in claim(tx, now)] == ["b"]


def test_a_server_that_names_a_time_is_heeded(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a")], NOW)
    (one,) = claim(tx)
    fail(tx, one.id, "retry", retry_after_s=300, jitter=0.0)
    assert claim(tx, NOW + 299 * SECOND) == []
    assert len(claim(tx, NOW + 300 * SECOND)) == 1


def test_the_parts_that_arrived_are_handed_over_with_the_next_try(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a")], NOW)
    (one,) = claim(tx)
    dispatch.ack_failed(tx, "me", NOW, one.id, "refund", "5xx", begun="p7,8", random=lambda: 0.0)
    (again,) = claim(tx, NOW + 10 * SECOND)
    assert (one.begun, again.begun, again.parcel("x", "").begun) == ("", "p7,8", "p7,8")
    fail(tx, again.id, "refund", NOW + 10 * SECOND)
    (third,) = claim(tx, NOW + 20 * SECOND)
    assert third.begun == "p7,8"


def test_what_never_left_the_machine_is_not_counted(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a")], NOW)
    for n in range(3 * CAP):
        (one,) = claim(tx, NOW + n * 10 * SECOND)
        assert one.attempt == 1
        assert fail(tx, one.id, "refund", NOW + n * 10 * SECOND) == "ready"


@pytest.mark.parametrize(
    ("kind", "resend", "after"),
    [
        ("dead", True, "dead"),
        ("gone", True, "dead"),
        ("suppressed", True, "suppressed"),
        ("uncertain", True, "ready"),
        ("uncertain", False, "uncertain"),
    ],
)
def test_each_kind_of_failure_has_its_end(tx: Tx, kind: str, resend: bool, after: str) -> None:
    outbox.enqueue(tx, [letter(tx, "a", resend=resend)], NOW)
    (one,) = claim(tx)
    assert fail(tx, one.id, kind) == after
    assert states(tx) == {after: 1}


@pytest.mark.parametrize(("priority", "tries"), [(0, 3), (1, 3), (2, 1), (3, 1)])
def test_of_what_may_have_arrived_few_copies_are_sent(tx: Tx, priority: int, tries: int) -> None:
    outbox.enqueue(tx, [letter(tx, "a", priority=priority)], NOW)
    for number in range(1, tries + 1):
        (one,) = claim(tx, NOW + number * timedelta(hours=1))
        ended = fail(tx, one.id, "uncertain", NOW + number * timedelta(hours=1))
    assert ended == "uncertain"
    assert dispatch.requeue(tx, [one.id], NOW + timedelta(hours=9)) == 1
    (one,) = claim(tx, NOW + timedelta(hours=9))
    assert fail(tx, one.id, "uncertain", NOW + timedelta(hours=9)) == ("ready" if tries > 1 else "uncertain")


@pytest.mark.parametrize("says", ["all_clear", "correction"])
def test_the_end_of_an_alert_whose_answer_was_lost_is_told_again(tx: Tx, says: str) -> None:
    outbox.enqueue(tx, [letter(tx, "end", priority=2, rendered_id=rendered(tx, b"x", says))], NOW)
    for hour, after in enumerate(("ready", "ready", "uncertain")):
        (one,) = claim(tx, NOW + timedelta(hours=hour))
        assert fail(tx, one.id, "uncertain", NOW + timedelta(hours=hour)) == after


@pytest.mark.parametrize(("only", "tries"), [(True, CAP), (False, 3)])
def test_an_edit_whose_answer_was_lost_is_made_again(tx: Tx, *, only: bool, tries: int) -> None:
    """What finds nothing to edit is sent as new, so that its copies are few."""
    old, mark = rendered(tx, b"1", "alert", (7, 1, 2)), rendered(tx, b"2", "superseded")
    outbox.enqueue(tx, [letter(tx, "old", rendered_id=old)], NOW)
    (one,) = claim(tx)
    dispatch.ack_sent(tx, "me", NOW, [(one.id, Receipt("m1"))])
    outbox.enqueue(tx, [letter(tx, "mark", priority=2, rendered_id=mark, edits=(7, 2), edit_only=only)], NOW)
    ends = []
    for hour in range(CAP + 1):
        for edit in claim(tx, NOW + timedelta(hours=hour)):
            assert edit.edits == "m1"
            ends.append(fail(tx, edit.id, "uncertain", NOW + timedelta(hours=hour)))
    assert ends == ["ready"] * (tries - 1) + ["uncertain"]


def test_what_may_have_arrived_once_never_ends_dead(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a")], NOW)
    (one,) = claim(tx)
    assert fail(tx, one.id, "uncertain") == "ready"
    claim(tx, NOW + timedelta(hours=1))
    assert fail(tx, one.id, "dead", NOW + timedelta(hours=1)) == "uncertain"


def test_a_message_whose_time_is_over_is_never_sent_and_frees_its_lane(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a", expires_at=NOW + SECOND), letter(tx, "b")], NOW)
    assert claim(tx, NOW + SECOND) == []
    assert dispatch.sweep(tx, NOW + SECOND).states == {"expired": 1, "ready": 1}
    assert [one.key for one in claim(tx, NOW + SECOND)] == ["b"]


def test_what_a_dead_sender_left_goes_again_or_is_uncertain(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "alert", "r1"), letter(tx, "digest", "r2", 3, resend=False)], NOW)
    outbox.enqueue(tx, [letter(tx, "after", "r2", 3)], NOW)
    claim(tx)
    lapse(tx)
    assert dispatch.sweep(tx, NOW).states == {"ready": 2, "uncertain": 1}
    assert [(one.key, one.attempt) for one in claim(tx)] == [("alert", 2), ("after", 1)]


def test_a_crisis_refused_for_hours_whose_sender_is_killed_at_the_last_try_is_tried_again(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "crisis", priority=0)], NOW)
    now = NOW
    for _ in range(CAP - 1):
        (one,) = claim(tx, now)
        assert fail(tx, one.id, "retry", now) == "ready"
        now += timedelta(hours=1)
    assert [one.attempt for one in claim(tx, now)] == [CAP]
    lapse(tx)
    assert dispatch.sweep(tx, now) == dispatch.Swept({"ready": 1}, [])
    (again,) = claim(tx, now)
    assert dispatch.ack_sent(tx, "me", now, [(again.id, Receipt())]) == 1


def test_what_ends_its_sender_every_time_is_given_up_in_the_end_and_named(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "poison", priority=0)], NOW)
    tries, swept = 0, dispatch.Swept({}, [])
    while claim(tx):
        lapse(tx)
        tries += 1
        swept = dispatch.sweep(tx, NOW)
    assert (tries, swept.states) == (CAP, {"uncertain": 1})
    assert swept.given_up == [("email", "the sender ended while sending")]


def test_what_ended_every_process_that_sent_it_is_named_at_the_boot_that_gives_it_up(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "poison", priority=0)], NOW)
    boots = []
    while claim(tx):
        boots.append(dispatch.reclaim(tx, NOW))
    assert [one.given_up for one in boots[:-1]] == [[]] * (CAP - 1)
    assert boots[-1].given_up == [("email", "the sender ended while sending")]


def test_what_expired_unsent_is_named_and_listed_if_it_was_an_alert(tx: Tx) -> None:
    for priority in range(4):
        outbox.enqueue(
            tx, [letter(tx, f"p{priority}", f"r{priority}", priority, expires_at=NOW + SECOND)], NOW
        )
    claimed = claim(tx)
    fail(tx, claimed[1].id, "retry")
    fail(tx, claimed[3].id, "retry")
    for one in (claimed[0], claimed[2]):
        dispatch.ack_failed(tx, "me", NOW, one.id, "refund", "", random=lambda: 0.0)
    swept = dispatch.sweep(tx, NOW + SECOND)
    assert swept.states == {"expired": 4}
    assert sorted(swept.given_up) == [("email", "it failed"), ("email", "its time was over")]
    assert [(one.id, one.state) for one in dispatch.letters(tx)] == [
        (claimed[1].id, "expired"),
        (claimed[0].id, "expired"),
    ]


def test_at_boot_a_lone_process_takes_back_at_once_what_it_left(tx: Tx) -> None:
    outbox.enqueue(
        tx, [letter(tx, "a", "r1"), letter(tx, "d", "r2", 3, resend=False), letter(tx, "e", "r2", 3)], NOW
    )
    claim(tx, owner="killed")
    assert dispatch.reclaim(tx, NOW).states == {"ready": 1, "uncertain": 1}
    assert sorted(one.key for one in claim(tx)) == ["a", "e"]
    assert states(tx) == {"sending": 2, "uncertain": 1}


def test_a_fifth_of_the_room_is_kept_for_digests_but_a_crisis_takes_all(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, f"alert{n}", f"a{n}", 1) for n in range(30)], NOW)
    outbox.enqueue(tx, [letter(tx, f"digest{n}", f"d{n}", 3) for n in range(30)], NOW)
    first = [one.priority for one in claim(tx)]
    assert (first.count(1), first.count(3)) == (8, 2)
    outbox.enqueue(tx, [letter(tx, f"crisis{n}", f"c{n}", 0) for n in range(12)], NOW)
    assert [one.priority for one in claim(tx)] == [0] * 10
    second = sorted(one.priority for one in claim(tx))
    assert second == [0, 0, *[1] * 6, 3, 3]


def test_when_few_digests_wait_the_kept_room_is_for_others(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, f"alert{n}", f"a{n}", 1) for n in range(30)], NOW)
    outbox.enqueue(tx, [letter(tx, "digest", "d", 3)], NOW)
    assert sorted(one.priority for one in claim(tx)) == [*[1] * 9, 3]


def test_a_pause_holds_all_but_administrators(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "crisis", "r1", 0), letter(tx, "admin", "r2", 4)], NOW)
    assert [one.key for one in claim(tx, paused=True)] == ["admin"]
    assert [one.key for one in claim(tx)] == ["crisis"]


def test_dead_letters_are_listed_and_may_start_again(tx: Tx) -> None:
    outbox.enqueue(tx, [letter(tx, "a", expires_at=NOW + SECOND)], NOW)
    (one,) = claim(tx)
    fail(tx, one.id, "dead")
    (dead,) = dispatch.letters(tx)
    assert (dead.state, dead.code, dead.error, dead.subject) == ("dead", "450", "it failed", "subject")
    assert dispatch.requeue(tx, [dead.id], NOW + 60 * SECOND) == 1
    (again,) = claim(tx, NOW + 60 * SECOND)
    assert (again.key, again.attempt) == ("a", 1)
    assert dispatch.requeue(tx, [dead.id], NOW) == 0, "what is under way is left alone"


def test_an_edit_finds_the_message_it_replaces(tx: Tx) -> None:
    old, new, mark = (
        rendered(tx, b"1", "alert", (7, 1, 2)), rendered(tx, b"2", "alert", (7, 2, 3)), rendered(tx, b"3", "superseded"),
    )  # fmt: skip
    outbox.enqueue(tx, [letter(tx, "old", rendered_id=old), letter(tx, "new", rendered_id=new)], NOW)
    outbox.enqueue(tx, [letter(tx, "mark", rendered_id=mark, edits=(7, 2), edit_only=True)], NOW)
    for provider_id in ("m1", "m2"):
        (one,) = claim(tx)
        assert one.edits == ""
        dispatch.ack_sent(tx, "me", NOW, [(one.id, Receipt(provider_id))])
    (superseded,) = claim(tx)
    assert (superseded.kind, superseded.edits) == ("superseded", "m1")


def test_an_edit_never_falls_upon_a_bulletin(tx: Tx) -> None:
    """Which tells of the episode too, and later than the message that is meant."""
    alert, digest, mark = (
        rendered(tx, b"1", "alert", (7, 1, 2)), rendered(tx, b"2", "digest", (7, 1, 2)), rendered(tx, b"3", "superseded"),
    )  # fmt: skip
    outbox.enqueue(
        tx, [letter(tx, "alert", rendered_id=alert), letter(tx, "digest", rendered_id=digest)], NOW
    )
    for provider_id in ("m1", "m2"):
        (one,) = claim(tx)
        dispatch.ack_sent(tx, "me", NOW, [(one.id, Receipt(provider_id))])
    outbox.enqueue(tx, [letter(tx, "mark", rendered_id=mark, edits=(7, 2), edit_only=True)], NOW)
    (superseded,) = claim(tx)
    assert superseded.edits == "m1"


def test_what_a_message_says_of_other_alerts_is_never_overwritten(tx: Tx) -> None:
    """One that leads may mark it as out of date; news of either comes as a message of its own."""
    both = rendered(tx, b"1", "alert", (7, 1, 2), (8, 1, 2))
    first = outbox.alert_key(7, 1, "r", "email")
    outbox.enqueue(tx, [letter(tx, first, rendered_id=both)], NOW)
    (one,) = claim(tx)
    dispatch.ack_sent(tx, "me", NOW, [(one.id, Receipt("m1"))])
    found = {}
    for number, only in ((7, False), (8, False), (7, True), (8, True)):
        mark = rendered(tx, f"{number}{only}".encode(), "superseded")
        key = f"{number} {only}"
        outbox.enqueue(tx, [letter(tx, key, rendered_id=mark, edits=(number, 2), edit_only=only)], NOW)
        for edit in claim(tx):
            found[key] = edit.edits
            dispatch.ack_sent(tx, "me", NOW, [(edit.id, Receipt(f"new {key}"))])
    assert found == {"7 False": "", "8 False": "", "7 True": "m1"}


def test_an_edit_without_anything_to_edit_is_sent_as_new_or_dropped(tx: Tx) -> None:
    rid = rendered(tx, b"x", "update", (7, 2, 3))
    outbox.enqueue(tx, [letter(tx, "mark", edits=(7, 2), edit_only=True)], NOW)
    outbox.enqueue(tx, [letter(tx, "update", rendered_id=rid, edits=(7, 2))], NOW)
    (update,) = claim(tx)
    assert (update.key, update.edits) == ("update", ""), "what stands behind a dropped one need not wait"
    assert states(tx) == {"suppressed": 1, "sending": 1}


def test_the_longest_wait_is_known(tx: Tx) -> None:
    assert dispatch.oldest_due(tx, NOW) == 0
    outbox.enqueue(tx, [letter(tx, "a")], NOW)
    assert dispatch.oldest_due(tx, NOW + 90 * SECOND) == 90


def test_old_deliveries_go_but_not_those_of_an_open_episode(tx: Tx) -> None:
    evidence = Evidence(1, 1, 1, 1, {})
    alerts.apply(
        tx, NOW, [], [Transition("a", (), NOW, "opened", Level.ALERT, Level.CALM, evidence, opened_at=NOW)]
    )
    outbox.enqueue(tx, [letter(tx, "x", "r1", rendered_id=rendered(tx, b"x", "alert", (1, 1, 3)))], NOW)
    outbox.enqueue(tx, [letter(tx, "y", "r2", rendered_id=rendered(tx, b"y", "alert", (99, 1, 3)))], NOW)
    outbox.enqueue(tx, [letter(tx, "z", "r3")], NOW)
    ids = [one.id for one in claim(tx)]
    dispatch.ack_sent(tx, "me", NOW, [(id_, Receipt()) for id_ in ids[:2]])
    assert dispatch.purge(tx, NOW + SECOND) == 1
    assert states(tx) == {"sent": 1, "sending": 1}
    assert dispatch.purge(tx, NOW + SECOND) == 0
