"""What of a reading may be stored."""

from datetime import UTC, date, datetime

from warn.reading import Finding, Reading, document, to_observations

from tests.reading.shipped import reading


def rows(text, now, **more):
    return to_observations(reading(text), source="feeds", known_at=now, title=text, **more)


def test_worse_is_stored_with_its_times_place_count_and_text(now):
    text = "Mali : 40 citernes incendiées hier près de Kolokani"
    (row,) = rows(text, now, url="https://example.org/1")
    assert (row.indicator, row.value, row.low, row.place) == ("convoy_attack", 40, 40, "Kolokani")
    assert row.occurred_at == datetime(2025, 11, 19, tzinfo=UTC)
    assert row.known_at == now
    assert (row.title, row.url, row.source) == (text, "https://example.org/1", "feeds")


def test_relief_is_stored_where_it_gets_better(now):
    assert [r.indicator for r in rows("Un convoi de 70 citernes est arrivé à Bamako", now)] == [
        "convoy_arrival"
    ]
    assert [r.indicator for r in rows("Le carburant de nouveau disponible à Bamako", now)] == [
        "fuel_recovery_report"
    ]


def test_better_of_what_counts_when_worse_and_none_are_not_stored(now):
    assert rows("Mali : les deux otages marocains ont été libérés", now) == ()
    assert rows("Le Mali craint une pénurie de carburant", now) == ()
    assert rows("L'armée malienne déjoue une attaque contre un convoi de citernes", now) == ()


def test_a_denial_is_the_authorities_statement_and_says_about_what(now):
    (row,) = rows("Mali : le gouvernement dément toute pénurie de carburant", now)
    assert (row.indicator, row.attributes["about"]) == ("official_statement", "fuel_shortage_report")


def test_the_same_text_gives_the_same_keys(now):
    text = "Mali : 40 citernes incendiées hier près de Kolokani"
    assert [r.key for r in rows(text, now)] == [r.key for r in rows(text, now)]
    assert rows(text, now, key="guid-1")[0].key == "guid-1#convoy_attack"


def test_nothing_happens_after_it_was_known():
    early = datetime(2025, 11, 19, 1, tzinfo=UTC)
    found = Reading(
        True, (Finding("curfew", "worse", date(2025, 11, 25)), Finding("mine_ied", "worse", None))
    )
    assert {row.occurred_at for row in to_observations(found, source="feeds", known_at=early)} == {early}


def test_relief_that_is_only_announced_is_not_stored_before_it_is_there(now):
    assert rows("Les écoles rouvrent lundi au Mali", now) == ()
    assert [r.indicator for r in rows("Mali : les écoles ont rouvert", now)] == ["school_reopening"]


def test_a_promise_is_neither_worse_nor_better(now):
    assert rows("EDM promet six heures de courant par jour aux Bamakois", now) == ()


def test_the_number_of_a_report_denies_nothing(now):
    (row,) = rows("Mali: Fuel crisis, Flash Update No. 3", now)
    assert row.indicator == "fuel_shortage_report"


def test_a_reading_prints_as_one_document():
    made = document(reading("Mali : entre 20 et 40 citernes incendiées près de Kolokani", outlet="RFI"))
    (told,) = made.pop("observations")
    assert made == {"relevant": True}
    assert (told["low"], told["value"], told["high"], told["place"]) == (20, 30, 40, "Kolokani")
    assert (told["direction"], told["origin"], told["grade"]) == ("worse", "RFI", "B2")
    assert told["matched"] == ["citernes", "incendiées"]
    assert document(reading("Nigeria: petrol prices jump")) == {"observations": [], "relevant": False}
