"""From a tap to an observation: delays, company, months, and what happens to a reporter who goes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warn import quarantine
from warn.errors import UsageError
from warn.model import Observation
from warn.store import Tx, observations, open_store, polls, reporters, reports
from warn.store.vault import Vault

NOW = datetime(2026, 11, 20, 12, 34, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEYS = ("a new key of the tests that is long enough", "an old key of the tests that is long enough")
VAULT = Vault(b"k" * 32)


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Tx]:
    store = open_store(f"sqlite:///{tmp_path / 'warn.db'}")
    store.upgrade()
    with store.write() as open_tx:
        yield open_tx
    store.close()


def reporter(tx: Tx, chat: str) -> reporters.Reporter:
    made = reporters.welcome(tx, VAULT, chat, reporters.invite(tx, NOW).token, NOW)
    assert made
    return made


def sent(
    tx: Tx, who: reporters.Reporter, at: datetime = NOW, *, key: str = "", place: str = "Bamako",
    keys: tuple[str, ...] = KEYS,
) -> int:  # fmt: skip
    said = Observation(
        "power_hours", at.replace(minute=0), at, 4.0, source="bot", place=place, precision="town", grade="C3",
        origins=(quarantine.author(keys, who.mark, at),), key=key or f"{who.id}{at}{place}",
    )  # fmt: skip
    quarantine.renew(tx, keys, who.mark, at)
    assert quarantine.submit(tx, said, quarantine.authors(keys, who.mark, at), at) == "taken"
    return reports.having(tx, "waiting")[-1].id


def test_the_first_two_wait_and_the_third_brings_them_all_at_one_moment(tx: Tx) -> None:
    numbers = [sent(tx, reporter(tx, chat)) for chat in "abc"]
    for number in numbers[:2]:
        assert "when three reporters" in quarantine.accept(tx, number, NOW)["en"]
    assert observations.load(tx) == []
    assert "three to six hours" in quarantine.accept(tx, numbers[2], NOW + 5 * HOUR)["en"]
    known = {one.known_at for one in observations.load(tx)}
    assert len(known) == 1, "or the first would stand alone"
    assert NOW + 8 * HOUR <= known.pop() <= NOW + 11 * HOUR


def test_reports_that_two_moderators_accepted_side_by_side_go_out_soon_after(tx: Tx) -> None:
    for chat in "abc":
        reports.accept(tx, sent(tx, reporter(tx, chat)), NOW, NOW + 3 * HOUR)
    assert observations.load(tx) == []
    quarantine.tidy(tx, NOW)
    assert [one.known_at for one in observations.load(tx)] == [NOW + 3 * HOUR] * 3


def test_one_that_joins_them_later_is_never_known_before_them(tx: Tx) -> None:
    for chat in "abc":
        quarantine.accept(tx, sent(tx, reporter(tx, chat)), NOW)
    (first,) = {one.known_at for one in observations.load(tx)}
    quarantine.accept(tx, sent(tx, reporter(tx, "d")), NOW)
    assert max(one.known_at for one in observations.load(tx)) >= first
    assert len(observations.load(tx)) == 4


def test_the_hour_of_a_decision_is_told_nowhere(tx: Tx) -> None:
    for chat in "abc":
        quarantine.accept(tx, sent(tx, reporter(tx, chat)), NOW)
    assert [(one.at, one.found) for one in polls.polls(tx)] == [(NOW.replace(hour=0, minute=0), 3)]


def test_delays_cannot_be_foreseen(tx: Tx) -> None:
    awa = reporter(tx, "a")
    numbers = [sent(tx, awa, NOW, place=f"Town {n}") for n in range(20)]
    for number in numbers:
        quarantine.accept(tx, number, NOW)
    moments = {one.tell_at for one in reports.having(tx, "accepted") if one.tell_at}
    assert len(moments) == 20
    assert all(3 * HOUR <= at - NOW <= 6 * HOUR for at in moments)


def test_a_reporter_is_another_one_next_month(tx: Tx) -> None:
    awa = reporter(tx, "a")
    november = quarantine.author(KEYS, awa.mark, NOW)
    assert november == quarantine.author(KEYS, awa.mark, NOW + DAY)
    assert november != quarantine.author(KEYS, awa.mark, NOW + 15 * DAY)
    assert november != quarantine.author(KEYS, reporter(tx, "b").mark, NOW)


def test_what_nobody_decides_and_what_stays_alone_goes(tx: Tx) -> None:
    awa = reporter(tx, "a")
    sent(tx, awa)
    quarantine.accept(tx, sent(tx, awa, place="Kati"), NOW)
    quarantine.tidy(tx, NOW + 2 * DAY)
    assert reports.counts(tx) == {"waiting": 1, "accepted": 1}
    quarantine.tidy(tx, NOW + 4 * DAY)
    assert reports.counts(tx) == {"waiting": 1, "expired": 1}
    quarantine.tidy(tx, NOW + 8 * DAY)
    assert reports.counts(tx) == {"expired": 2}
    quarantine.tidy(tx, NOW + 80 * DAY)
    assert reports.counts(tx, [""]) == {"expired": 2}


def test_who_reports_again_under_a_new_key_is_still_one_person(tx: Tx) -> None:
    awa, bouba, old = reporter(tx, "a"), reporter(tx, "b"), KEYS[1:]
    for who in (awa, bouba):
        quarantine.accept(tx, sent(tx, who, keys=old), NOW)
    quarantine.accept(tx, sent(tx, awa, NOW + 4 * HOUR), NOW + 4 * HOUR)
    assert observations.load(tx) == [], "two people, of whom one had two marks"
    quarantine.accept(tx, sent(tx, reporter(tx, "c"), NOW + 4 * HOUR), NOW + 4 * HOUR)
    assert len({one.origins for one in observations.load(tx)}) == 3
    quarantine.renew(tx, ("the next key", *KEYS), awa.mark, NOW + 5 * HOUR)
    assert (quarantine.author(("the next key",), awa.mark, NOW),) in {
        one.origins for one in observations.load(tx)
    }
    assert len({one.origins for one in observations.load(tx)}) == 3


def test_two_months_later_nothing_that_was_told_bears_a_mark_and_as_many_people_said_it(tx: Tx) -> None:
    for chat in "abc":
        quarantine.accept(tx, sent(tx, reporter(tx, chat)), NOW)
    kobo = replace(observations.load(tx)[0], source="kobo", origins=("reporter-ofaform",), key="kobo")
    observations.ingest(tx, [kobo], NOW)
    marks = {one.origins for one in observations.load(tx)}
    quarantine.tidy(tx, NOW + 30 * DAY)
    assert {one.origins for one in observations.load(tx)} == marks, "its month and the next are not over"
    quarantine.tidy(tx, NOW + 45 * DAY)
    drawn = {one.origins for one in observations.load(tx)}
    assert len(drawn) == len(marks) == 4
    assert not drawn & marks
    quarantine.tidy(tx, NOW + 46 * DAY)
    assert {one.origins for one in observations.load(tx)} == drawn
    observations.ingest(tx, [kobo], NOW + 46 * DAY)
    assert {one.origins for one in observations.load(tx)} == drawn, "read again it brings no mark back"


def test_who_is_revoked_is_not_heard_of_any_more(tx: Tx) -> None:
    awa = reporter(tx, "a")
    sent(tx, awa, NOW - 25 * DAY)
    sent(tx, awa)
    assert quarantine.revoke(tx, KEYS, awa.id, NOW).endswith("2 open reports are refused.")
    assert reports.counts(tx) == {"refused": 2}
    with pytest.raises(UsageError, match="Nobody is called 'r1'"):
        quarantine.revoke(tx, KEYS, "r1", NOW)


def test_erasing_finds_reports_of_a_former_key_too(tx: Tx) -> None:
    awa, bouba = reporter(tx, "a"), reporter(tx, "b")
    sent(tx, awa)
    sent(tx, bouba)
    old = replace(reports.having(tx, "waiting")[0].said, key="old", place="Kati")
    reports.receive(tx, replace(old, origins=(quarantine.author(KEYS[1:], awa.mark, NOW),)), NOW)
    assert quarantine.erase(tx, VAULT, KEYS, "a", NOW)
    assert reports.counts(tx) == {"waiting": 1}
    assert not quarantine.erase(tx, VAULT, KEYS, "a", NOW)
    quarantine.forget(tx, VAULT, "b")
    assert reporters.listed(tx) == []
    assert reports.counts(tx) == {"waiting": 1}, "who only blocked the bot asked for no erasure"


def test_who_erases_before_it_is_known_takes_the_others_out_of_company(tx: Tx) -> None:
    for chat in "abc":
        quarantine.accept(tx, sent(tx, reporter(tx, chat)), NOW)
    quarantine.erase(tx, VAULT, KEYS, "c", NOW + HOUR)
    assert reports.counts(tx) == {"accepted": 2}
    assert all(one.superseded_at == NOW + HOUR < one.known_at for one in observations.load(tx)), (
        "nobody ever knew"
    )
    quarantine.accept(tx, sent(tx, reporter(tx, "d")), NOW + 2 * HOUR)
    standing = [one for one in observations.load(tx) if one.superseded_at is None]
    assert len({one.origins for one in standing}) == 3
    assert min(one.known_at for one in standing) >= NOW + 5 * HOUR


def test_who_erases_what_is_known_takes_nothing_from_the_others(tx: Tx) -> None:
    for chat in "abc":
        quarantine.accept(tx, sent(tx, reporter(tx, chat)), NOW)
    quarantine.erase(tx, VAULT, KEYS, "c", NOW + 7 * HOUR)
    assert len({one.origins for one in observations.load(tx) if one.superseded_at is None}) == 3


def test_a_number_that_does_not_wait_is_said_with_those_that_do(tx: Tx) -> None:
    with pytest.raises(UsageError, match="Waiting: none"):
        quarantine.accept(tx, 7, NOW)
    sent(tx, reporter(tx, "a"))
    with pytest.raises(UsageError, match="Waiting: 1"):
        quarantine.refuse(tx, 7, NOW)
    assert quarantine.ask(tx) == ["Field reports wait for a moderator: /reports"]
