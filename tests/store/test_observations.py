from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from warn.model import Observation
from warn.store import Store, Tx, observations
from warn.store.observations import Ingested

NOW = datetime(2025, 9, 14, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAIVE = NOW.replace(tzinfo=None)
ATTACK = Observation(
    indicator="convoy_attack",
    occurred_at=datetime(2025, 9, 13, tzinfo=UTC),
    known_at=NOW,
    value=30,
    low=20,
    high=40,
    source="feeds",
    origins=("RFI", "AFP"),
    place="Kolokani",
    lat=13.57,
    lon=-8.03,
    precision="town",
    grade="B2",
    attributes={"product": "diesel", "corridor": "Kayes"},
    title="Attaque d'un convoi « de citernes »",
    url="https://example.org/1",
    key="k1",
)


def test_what_was_stored_comes_back_whole(tx: Tx) -> None:
    assert observations.ingest(tx, [ATTACK], NOW) == Ingested(new=1)
    assert observations.load(tx) == [replace(ATTACK, stored_at=NOW)]


def test_times_come_back_in_utc_whatever_zone_they_had(tx: Tx) -> None:
    from zoneinfo import ZoneInfo

    there = ATTACK.known_at.astimezone(ZoneInfo("Asia/Tokyo"))
    observations.ingest(tx, [replace(ATTACK, known_at=there)], NOW)
    assert observations.load(tx)[0].known_at == NOW
    assert observations.load(tx)[0].known_at.tzinfo is UTC


def test_the_same_rows_twice_change_nothing(tx: Tx) -> None:
    rows = [replace(ATTACK, key=f"k{n}") for n in range(50)]
    observations.ingest(tx, rows, NOW)
    mark = observations.mark(tx)
    assert observations.ingest(tx, rows, NOW + HOUR) == Ingested(unchanged=50)
    assert observations.mark(tx) == mark


def test_a_later_poll_of_the_same_content_is_unchanged(tx: Tx) -> None:
    observations.ingest(tx, [ATTACK], NOW)
    again = replace(ATTACK, known_at=NOW + HOUR)
    assert observations.ingest(tx, [again], NOW + HOUR) == Ingested(unchanged=1)


def test_other_content_is_a_revision_and_closes_the_older_row_at_the_moment_we_knew(tx: Tx) -> None:
    observations.ingest(tx, [ATTACK], NOW)
    revised = replace(ATTACK, value=80, known_at=NOW + HOUR)
    assert observations.ingest(tx, [revised], NOW + HOUR) == Ingested(revised=1)
    old, new = observations.versions(tx, "feeds:k1")
    assert (old.value, old.superseded_at) == (30, NOW + HOUR)
    assert (new.value, new.known_at, new.superseded_at) == (80, NOW + HOUR, None)


def test_content_that_returns_to_what_it_was_is_a_third_version(tx: Tx) -> None:
    for hours, value in enumerate((30, 80, 30)):
        observations.ingest(tx, [replace(ATTACK, value=value, known_at=NOW + hours * HOUR)], NOW)
    assert [row.value for row in observations.versions(tx, "feeds:k1")] == [30, 80, 30]
    assert [row.superseded_at for row in observations.versions(tx, "feeds:k1")] == [
        NOW + HOUR,
        NOW + 2 * HOUR,
        None,
    ]


def test_a_file_that_holds_both_versions_of_a_row_may_be_imported_again_and_again(tx: Tx) -> None:
    file = [ATTACK, replace(ATTACK, value=80, known_at=NOW + HOUR)]
    assert observations.ingest(tx, file, NOW) == Ingested(new=1, revised=1)
    before = observations.load(tx)
    assert observations.ingest(tx, file, NOW + HOUR) == Ingested(unchanged=2)
    assert observations.load(tx) == before


def test_a_row_corrected_in_a_file_without_a_new_time_replaces_the_old_and_may_be_corrected_back(
    tx: Tx,
) -> None:
    for value in (30, 80, 30):
        assert observations.ingest(tx, [replace(ATTACK, value=value)], NOW).changed
        current = [row for row in observations.load(tx) if row.superseded_at is None]
        assert [row.value for row in current] == [value]


def test_of_two_rows_with_one_key_and_one_time_the_last_counts_every_time(tx: Tx) -> None:
    body = [ATTACK, replace(ATTACK, value=80)]
    assert observations.ingest(tx, body, NOW) == Ingested(new=1)
    assert observations.ingest(tx, body, NOW) == Ingested(unchanged=1)
    assert observations.load(tx)[0].value == 80


def test_an_older_version_that_arrives_late_takes_its_place_in_the_history(tx: Tx) -> None:
    observations.ingest(tx, [replace(ATTACK, value=80, known_at=NOW + HOUR)], NOW)
    observations.ingest(tx, [ATTACK], NOW + 2 * HOUR)
    old, new = observations.versions(tx, "feeds:k1")
    assert (old.value, old.superseded_at) == (30, NOW + HOUR)
    assert (new.value, new.superseded_at) == (80, None)


def test_a_file_may_say_that_a_row_has_ended(tx: Tx) -> None:
    observations.ingest(tx, [ATTACK], NOW)
    ended = replace(ATTACK, superseded_at=NOW + HOUR)
    assert observations.ingest(tx, [ended], NOW) == Ingested(revised=1)
    assert observations.ingest(tx, [ended], NOW) == Ingested(unchanged=1)
    assert observations.load(tx)[0].superseded_at == NOW + HOUR


def test_the_same_key_of_another_source_is_another_observation(tx: Tx) -> None:
    observations.ingest(tx, [ATTACK, replace(ATTACK, source="acled")], NOW)
    assert {row.ref for row in observations.load(tx)} == {"feeds:k1", "acled:k1"}


def test_what_a_person_withdrew_stays_withdrawn_when_its_source_repeats_it(tx: Tx) -> None:
    observations.ingest(tx, [ATTACK], NOW)
    assert observations.withdraw(tx, "feeds:k1", NOW + HOUR, "retracted by RFI")
    again = replace(ATTACK, known_at=NOW + 2 * HOUR)
    assert observations.ingest(tx, [again], NOW + 2 * HOUR) == Ingested(unchanged=1)
    assert [row.superseded_at for row in observations.load(tx)] == [NOW + HOUR]


def test_what_a_person_withdrew_comes_back_when_its_source_says_something_else(tx: Tx) -> None:
    observations.ingest(tx, [ATTACK], NOW)
    observations.withdraw(tx, "feeds:k1", NOW + HOUR, "wrong place")
    moved = replace(ATTACK, place="Kati", known_at=NOW + 2 * HOUR)
    assert observations.ingest(tx, [moved], NOW + 2 * HOUR) == Ingested(revised=1)


def test_what_a_source_deleted_comes_back_when_it_publishes_it_again(tx: Tx) -> None:
    observations.ingest(tx, [ATTACK], NOW)
    observations.withdraw(tx, "feeds:k1", NOW + HOUR, "deleted", final=False)
    again = replace(ATTACK, known_at=NOW + 2 * HOUR)
    assert observations.ingest(tx, [again], NOW + 2 * HOUR) == Ingested(revised=1)


def test_withdrawing_what_is_not_there_says_so(tx: Tx) -> None:
    assert not observations.withdraw(tx, "feeds:nothing", NOW, "typo")


def test_a_reader_learns_of_new_and_of_closed_rows_and_of_nothing_twice(tx: Tx) -> None:
    observations.ingest(tx, [ATTACK, replace(ATTACK, key="k2")], NOW)
    mark = observations.mark(tx)
    assert observations.changed_after(tx, mark) == ([], mark)
    observations.ingest(tx, [replace(ATTACK, value=80, known_at=NOW + HOUR)], NOW + HOUR)
    rows, mark = observations.changed_after(tx, mark)
    assert [(row.value, row.superseded_at) for row in rows] == [(30, NOW + HOUR), (80, None)]
    observations.withdraw(tx, "feeds:k2", NOW + HOUR, "x")
    rows, _ = observations.changed_after(tx, mark)
    assert [(row.key, row.superseded_at) for row in rows] == [("k2", NOW + HOUR)]


def test_loading_since_a_moment_leaves_out_what_happened_before(tx: Tx) -> None:
    observations.ingest(tx, [ATTACK, replace(ATTACK, key="k2", occurred_at=NOW)], NOW)
    assert [row.key for row in observations.load(tx, since=NOW)] == ["k2"]


def test_a_moment_without_a_zone_is_refused(tx: Tx) -> None:
    with pytest.raises(ValueError, match="time zone"):
        observations.ingest(tx, [replace(ATTACK, known_at=NAIVE)], NOW)


def test_nothing_is_stored_when_one_row_cannot_be(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"), store.write() as tx:
        observations.ingest(tx, [ATTACK, replace(ATTACK, key="k2", occurred_at=NAIVE)], NOW)
    with store.read() as tx:
        assert observations.load(tx) == []


def test_many_rows_in_several_chunks_are_all_kept(tx: Tx) -> None:
    rows = [replace(ATTACK, key=f"k{n}", source=f"s{n % 3}") for n in range(20_500)]
    assert observations.ingest(tx, rows, NOW) == Ingested(new=20_500)
    half = [replace(row, value=1, known_at=NOW + HOUR) if n % 2 else row for n, row in enumerate(rows)]
    assert observations.ingest(tx, half, NOW + HOUR) == Ingested(revised=10_250, unchanged=10_250)
    assert len(observations.load(tx)) == 30_750
