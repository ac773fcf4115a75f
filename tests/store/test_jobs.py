import time
from datetime import UTC, datetime, timedelta

from warn.store import Store, Tx, jobs

NOW = datetime(2025, 9, 14, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_slot_has_one_winner(tx: Tx) -> None:
    assert jobs.start(tx, "collect", 1, "a", NOW)
    assert not jobs.start(tx, "collect", 1, "b", NOW)
    assert jobs.start(tx, "collect", 2, "b", NOW)
    assert jobs.start(tx, "evaluate", 1, "b", NOW)


def test_a_slot_whose_winner_died_is_taken_over_and_the_winner_learns_it(tx: Tx) -> None:
    jobs.start(tx, "collect", 1, "a", NOW)
    assert jobs.beat(tx, "collect", 1, "a", NOW + 5 * MINUTE)
    assert not jobs.start(tx, "collect", 1, "b", NOW + 14 * MINUTE)
    assert jobs.start(tx, "collect", 1, "b", NOW + 16 * MINUTE)
    assert not jobs.beat(tx, "collect", 1, "a", NOW + 16 * MINUTE)
    assert not jobs.finish(tx, "collect", 1, "a", NOW + 16 * MINUTE)


def test_a_finished_slot_is_never_run_again(tx: Tx) -> None:
    jobs.start(tx, "collect", 1, "a", NOW)
    assert jobs.finish(tx, "collect", 1, "a", NOW + MINUTE, "ok")
    assert not jobs.start(tx, "collect", 1, "b", NOW + 99 * MINUTE)
    assert jobs.last_run(tx, "collect") == (1, NOW + MINUTE)
    assert jobs.last_run(tx, "other") is None


def test_old_slots_can_be_forgotten(tx: Tx) -> None:
    jobs.start(tx, "collect", 1, "a", NOW)
    jobs.start(tx, "collect", 2, "a", NOW + MINUTE)
    assert jobs.forget_runs(tx, NOW + MINUTE) == 1
    assert jobs.last_run(tx, "collect") == (2, None)


def test_a_role_has_one_holder_until_the_lease_ends(store: Store) -> None:
    def take(owner: str, ttl_s: float) -> int | None:
        with store.write() as tx:
            return jobs.take_lease(tx, "tg-poller", owner, ttl_s, datetime.now(UTC))

    assert take("a", 30) == 1
    assert take("b", 30) is None
    assert take("a", 0.01) == 1, "a renewal in time keeps the fence"
    time.sleep(0.05)
    assert take("b", 30) == 2, "a new holder gets a higher fence"
    assert take("a", 30) is None


def test_a_released_role_is_free_at_once_and_its_fence_goes_on(tx: Tx) -> None:
    jobs.take_lease(tx, "tg-poller", "a", 30, NOW)
    assert not jobs.release_lease(tx, "tg-poller", "b")
    assert jobs.release_lease(tx, "tg-poller", "a")
    assert jobs.take_lease(tx, "tg-poller", "b", 30, NOW) == 2
