"""What another lexicon or list of feeds would have made of the texts that were kept."""

from dataclasses import replace
from datetime import UTC, datetime

from warn.model import Observation
from warn.reading import Reader, load_reader
from warn.study.reread import Library, Outlet, reread

from tests.rules.folder import places, text

AT = datetime(2025, 9, 15, 8, tzinfo=UTC)
TITLE = "Mali : un convoi de camions-citernes attaqué près de Kolokani"


def reader(old: str = "", new: str = "") -> Reader:
    return load_reader(
        text("lexicon.yaml").replace(old, new) if old else text("lexicon.yaml"), places().gazetteer
    )


READER = reader()
DEAF = reader("indicator: convoy_attack, direction: worse", "indicator: convoy_attack, direction: none")
RFI = {"rfi": Outlet("B2", read=True)}


def told(**more: object) -> Observation:
    row = Observation(
        "convoy_attack", AT, AT, source="feeds", key="rfi:1#convoy_attack", grade="B2", title=TITLE
    )
    return replace(row, **more)  # type: ignore[arg-type]  # plain fields of a test


def test_the_same_words_change_nothing():
    assert reread([told()], Library(READER, RFI), Library(READER, RFI)) == ([told()], [])


def test_what_the_new_words_no_longer_find_is_dropped_and_named():
    kept, otherwise = reread([told()], Library(READER, RFI), Library(DEAF, RFI))
    assert kept == []
    assert otherwise == [{"title": TITLE, "lost": ["convoy_attack"], "gained": []}]


def test_what_only_the_new_words_find_is_added_once_at_the_hour_it_was_known():
    row = told(indicator="road_block", key="rfi:1#road_block")
    other = replace(row, indicator="checkpoint", key="rfi:1#checkpoint")
    kept, otherwise = reread([row, other], Library(DEAF, RFI), Library(READER, RFI))
    added = [one for one in kept if one.indicator == "convoy_attack"]
    assert [(one.key, one.known_at) for one in added] == [("rfi:1#convoy_attack", AT)]
    assert otherwise[0]["gained"] == ["convoy_attack"]


def test_rows_of_a_file_are_a_curators_and_stay_though_the_title_is_named():
    row = told(source="file", key="x")
    kept, otherwise = reread([row], Library(READER, RFI), Library(DEAF, RFI))
    assert kept == [row]
    assert otherwise


def test_a_feed_taken_out_or_switched_off_brings_nothing():
    off = {"rfi": Outlet("B2", read=False)}
    assert reread([told()], Library(READER, RFI), Library(READER, {}))[0] == []
    assert reread([told()], Library(READER, RFI), Library(READER, off))[0] == []
    unknown = told(key="other:1#convoy_attack")
    assert reread([unknown], Library(READER, RFI), Library(READER, RFI))[0] == [unknown]


def test_an_outlets_new_grade_is_that_of_its_reports_but_never_of_a_partys_claim():
    lower = Library(READER, {"rfi": Outlet("C3", read=True)})
    claim = told(attributes={"claim": "JNIM"}, key="rfi:2#convoy_attack")
    better = told(grade="A1", key="rfi:3#convoy_attack")
    kept, _ = reread([told(), claim, better], Library(READER, RFI), lower)
    assert [one.grade for one in kept] == ["C3", "B2", "A1"]
