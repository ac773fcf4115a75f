"""Lost deliveries that an administrator sends on their way again."""

from datetime import timedelta

from warn import desk
from warn.desk import Request
from warn.model import Evidence, Level, Transition
from warn.store import Tx, alerts, dispatch, outbox

from tests.store.letters import NOW, letter, rendered

HOUR = timedelta(hours=1)


def moved(kind: str, level: Level, before: Level, at: timedelta = timedelta(0)) -> Transition:
    evidence = Evidence(1, 1, 1, 1, {})
    return Transition("a", (), NOW + at, kind, level, before, evidence, opened_at=NOW)  # type: ignore[arg-type] # plain words


def test_all_of_them_is_all_that_still_tells_what_stands_and_the_rest_goes_by_number(tx: Tx) -> None:
    alerts.apply(tx, NOW, [], [moved("opened", Level.TENSION, Level.CALM)])
    alerts.apply(tx, NOW + HOUR, [], [moved("raised", Level.ALERT, Level.TENSION, HOUR)])
    past, present = rendered(tx, b"1", "alert", (1, 1, 2)), rendered(tx, b"2", "alert", (1, 2, 3))
    sent = [
        letter(tx, "past", "r1", rendered_id=past),
        letter(tx, "present", "r2", rendered_id=present),
        letter(tx, "late", "r3", rendered_id=present, expires_at=NOW + 2 * HOUR),
        letter(tx, "in time", "r4", rendered_id=present, expires_at=NOW + 9 * HOUR),
    ]
    outbox.enqueue(tx, sent, NOW)
    for one in dispatch.claim(tx, NOW, 10, "me", ["email"]):
        dispatch.ack_failed(tx, "me", NOW, one.id, "dead", "it failed", random=lambda: 1.0)
    later = NOW + 3 * HOUR
    answer = desk.requeue(tx, Request("test", ["all"], later))
    assert answer.startswith("2 deliveries are tried again. Out of date and left out: 2;")
    assert {one.key for one in dispatch.claim(tx, later, 10, "me", ["email"])} == {"present", "in time"}
    left = [str(one.id) for one in dispatch.letters(tx)]
    assert desk.requeue(tx, Request("test", left, later)) == "2 deliveries are tried again."
    assert {one.key for one in dispatch.claim(tx, later, 10, "me", ["email"])} == {"past", "late"}
