import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from warn.fetching import Collected
from warn.source import Validators
from warn.sources.gdelt import SOURCE
from warn.sources.gdelt.quarters import QUARTER, Had

from tests.fakes.web import Answer, Web, body, serving, status, unless_known
from tests.sources.asking import NOW, ask
from tests.sources.knowing import context, payload

NAME = "20251015101500{}.export.CSV.zip"
ENGLISH, FRENCH = NAME.format(""), NAME.format(".translation")


def packed(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("20251015101500.export.CSV", content)
    return out.getvalue()


FILE = packed(payload("gdelt/made.export.CSV"))


def pointer(name: str, content: bytes) -> Answer:
    total = hashlib.md5(content, usedforsecurity=False).hexdigest()
    lines = f"{len(content)} {total} http://data.gdeltproject.org/gdeltv2/{name}\n1 {total} http://x.example/y.mentions.CSV.zip\n"
    return body(lines.encode(), "text/plain")


def prepared(web: Web) -> None:
    web.on("/lastupdate.txt", pointer(ENGLISH, FILE))
    web.on("/lastupdate-translation.txt", pointer(FRENCH, FILE))
    web.on(f"/{ENGLISH}", unless_known(FILE, '"a"', "application/zip"))
    web.on(f"/{FRENCH}", unless_known(FILE, '"b"', "application/zip"))
    articles = body(payload("gdelt/articles.json"), "application/json")
    web.on("/doc", articles, body(payload("gdelt/volume.json"), "application/json"))


async def asked_of(web: Web, **validators: object) -> Collected:
    where = {
        "gdelt_url": f"{web.address}/",
        "gdelt_mirror_url": f"{web.address}/mirror/",
        "gdelt_doc_url": f"{web.address}/doc",
    }
    return await ask(SOURCE, where, **validators)  # type: ignore[arg-type]  # what `ask` takes


async def test_both_streams_and_the_search_are_read_and_missing_quarters_are_usual() -> None:
    async with serving() as web:
        prepared(web)
        found = await asked_of(web)
    assert (found.poll.outcome, found.poll.parts["english"], found.poll.parts["articles"]) == (
        "ok",
        True,
        True,
    )
    assert found.poll.parts["english-151000"] is True
    indicators = [o.indicator for o in found.observations]
    assert indicators.count("attack_military") == 1  # one event, in both streams
    assert {"news_volume", "convoy_attack"} <= set(indicators)
    assert f"/{ENGLISH.replace('101500', '093000')}" in [asked.path for asked in web.asked]


async def test_a_story_on_two_sites_has_one_origin() -> None:
    async with serving() as web:
        prepared(web)
        found = await asked_of(web)
    stories = [o for o in found.observations if o.indicator == "convoy_attack"]
    assert len(stories) == 2
    assert len({o.origins for o in stories}) == 1


async def test_the_search_asks_for_the_names_of_the_area() -> None:
    async with serving() as web:
        prepared(web)
        await asked_of(web)
    asked = [parse_qs(asked.target.partition("?")[2]) for asked in web.asked if asked.path == "/doc"]
    assert [one["mode"] for one in asked] == [["artlist"], ["timelinevolraw"]]
    assert asked[0]["query"] == ["(Bamako OR Mali) sourcelang:french"]


async def test_a_file_that_has_not_changed_is_not_read_again() -> None:
    async with serving() as web:
        prepared(web)
        first = await asked_of(web)
        again = await asked_of(web, validators=first.validators)
    assert not [o for o in again.observations if o.key.startswith("event:")]
    assert again.poll.parts["english"] is True


async def test_a_file_that_differs_from_its_sum_is_not_read() -> None:
    async with serving() as web:
        prepared(web)
        web.on(f"/{ENGLISH}", body(FILE[:-40], "application/zip"))
        found = await asked_of(web)
    assert found.poll.parts["english"] is False
    assert "differs from its sum" in found.poll.message


def at_quarter(moment: datetime, stream: str = "") -> str:
    return f"{moment:%Y%m%d%H%M%S}{stream}.export.CSV.zip"


def quarters_of(web: Web, since: int = 0) -> list[str]:
    """The English files asked for, in order."""
    return [one.path[1:] for one in web.asked[since:] if one.path.endswith("00.export.CSV.zip")]


async def test_what_was_missed_in_an_outage_is_fetched_in_order_a_part_at_each_poll_and_never_twice() -> None:
    newest = datetime(2025, 10, 15, 10, 15, tzinfo=UTC)
    back = [newest - nth * QUARTER for nth in range(40)]  # ten hours
    async with serving() as web:
        prepared(web)
        for moment in back:
            web.on(f"/{at_quarter(moment)}", body(FILE, "application/zip"))
        had = {"noted:english": Validators(noted=f"{back[-1]:%Y%m%d%H%M%S}")}
        first = await asked_of(web, validators=had)
        asked = quarters_of(web)
        assert asked == [at_quarter(newest), *map(at_quarter, reversed(back[-25:-1]))]
        so_far = len(web.asked)
        second = await asked_of(web, validators=first.validators)
        assert quarters_of(web, so_far) == [at_quarter(newest), *map(at_quarter, reversed(back[1:-25]))]
        so_far = len(web.asked)
        third = await asked_of(web, validators=second.validators)
    assert quarters_of(web, so_far) == []
    assert third.poll.parts["english"] is True
    told = {o.key for found in (first, second) for o in found.observations if o.key.startswith("event:")}
    assert told == {o.key for o in second.observations if o.key.startswith("event:")}


async def test_a_missed_file_that_fails_is_where_the_next_poll_goes_on() -> None:
    newest = datetime(2025, 10, 15, 10, 15, tzinfo=UTC)
    async with serving() as web:
        prepared(web)
        broken, after = newest - 2 * QUARTER, newest - QUARTER
        web.on(f"/{at_quarter(broken)}", status(403), body(FILE, "application/zip"))
        web.on(f"/{at_quarter(after)}", body(FILE, "application/zip"))
        had = {"noted:english": Validators(noted=f"{newest - 3 * QUARTER:%Y%m%d%H%M%S}")}
        first = await asked_of(web, validators=had)
        assert quarters_of(web) == [at_quarter(newest), at_quarter(broken)]
        so_far = len(web.asked)
        await asked_of(web, validators={**had, **first.validators})
    assert quarters_of(web, so_far) == [at_quarter(newest), at_quarter(broken), at_quarter(after)]


async def test_a_quarter_that_was_not_there_is_asked_for_again_for_an_hour() -> None:
    async with serving() as web:
        prepared(web)
        late = datetime(2025, 10, 15, 10, 0, tzinfo=UTC)
        web.on(f"/{at_quarter(late)}", status(404), body(FILE, "application/zip"))
        first = await asked_of(web)
        so_far = len(web.asked)
        again = await asked_of(web, validators=first.validators)
    assert at_quarter(late) in quarters_of(web, so_far)
    assert again.poll.parts["english-151000"] is True
    assert f"{late:%Y%m%d%H%M%S}" not in again.validators["noted:english"].noted.split()


def test_a_week_back_is_far_enough_and_what_was_noted_wrongly_is_forgotten() -> None:
    newest = datetime(2025, 10, 15, 10, 15, tzinfo=UTC)
    long_ago = Had(newest - timedelta(days=400))
    assert long_ago.wanted(newest)[0] == newest - timedelta(days=7)
    assert Had.noted("nonsense 99999999999999") == Had()
    assert Had.noted(long_ago.note()) == long_ago
    assert Had(newest).wanted(newest) == []


async def test_the_mirror_stands_in_for_the_first_host() -> None:
    async with serving() as web:
        prepared(web)
        web.on("/lastupdate.txt", status(503))
        web.on("/mirror/lastupdate.txt", pointer(ENGLISH, FILE))
        web.on(f"/mirror/{ENGLISH}", body(FILE, "application/zip"))
        found = await asked_of(web)
    assert found.poll.parts["english"] is True


@pytest.mark.parametrize(
    "answer",
    [
        status(429, b"Please limit requests to one every 5 seconds"),
        body(b"Please limit requests to one every 5 seconds or contact us.", "text/plain"),
        body(b"<html>Your query was too short</html>", "text/html"),
    ],
)
async def test_a_search_that_says_no_stops_no_file(answer: Answer) -> None:
    async with serving() as web:
        prepared(web)
        web.on("/doc", answer)
        found = await asked_of(web)
    assert (found.poll.outcome, found.poll.parts["articles"]) == ("ok", False)


async def test_where_nothing_answers_that_is_a_failure() -> None:
    async with serving() as web:
        for path in ("/lastupdate.txt", "/lastupdate-translation.txt", "/doc"):
            web.on(path, status(403))
        found = await asked_of(web)
    assert found.poll.outcome in {"blocked", "error"}


def test_a_place_is_believed_no_closer_than_its_cercle_and_a_lost_letter_is_no_name() -> None:
    found = SOURCE.parse(payload("gdelt/made.export.CSV"), context(NOW)).observations
    by_kind = {o.indicator: o for o in found}
    assert {o.grade for o in found} == {"F6"}
    assert (by_kind["attack_military"].place, by_kind["attack_military"].precision) == ("Kati", "cercle")
    assert (by_kind["military_operation"].place, by_kind["military_operation"].precision) == ("", "cercle")
    assert by_kind["demonstration"].precision == "country"


def test_a_row_of_other_columns_is_set_aside_and_nothing_but_such_rows_is_a_changed_shape() -> None:
    rows = payload("gdelt/made.export.CSV").splitlines()
    shorter = [row.rpartition(b"\t")[0] for row in rows]
    assert SOURCE.parse(b"\n".join(shorter), context(NOW)).outcome == "schema_changed"
    assert SOURCE.parse(b"\n".join([shorter[0], *rows]), context(NOW)).outcome == "ok"


def test_shares_of_all_news_are_not_taken_for_articles() -> None:
    points = [{"date": f"202510{day}T000000Z", "value": 0.01} for day in (12, 13, 14)]
    content = json.dumps({"timeline": [{"series": "Volume Intensity", "data": points}]}).encode()
    assert SOURCE.parse(content, context(NOW)).outcome == "no_data"


async def test_files_that_are_asked_for_once_leave_nothing_to_remember_them_by() -> None:
    """Two hundred addresses a day, each with its own validators, would be read at every poll for ever."""
    async with serving() as web:
        prepared(web)
        found = await asked_of(web)
    assert {name for name in found.validators if name.startswith("noted:")} == {
        "noted:english",
        "noted:translation",
    }
    assert len(found.validators) == 2
