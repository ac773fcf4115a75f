from urllib.parse import parse_qs

import pytest
from warn.sources.reliefweb import SOURCE

from tests.fakes.web import Answer, body, serving, status
from tests.sources.asking import NOW, ask
from tests.sources.knowing import context, payload


async def test_with_an_approved_name_the_reports_of_two_weeks_are_asked_for() -> None:
    async with serving() as web:
        where = web.on("/v2/reports", body(payload("reliefweb/reports.json"), "application/json"))
        found = await ask(SOURCE, {"reliefweb_url": where, "reliefweb_appname": "approved"})
    query = parse_qs(web.asked[0].target.partition("?")[2])
    assert (found.poll.outcome, query["appname"]) == ("ok", ["approved"])
    assert query["filter[conditions][0][value]"] == ["mli"]
    assert query["filter[conditions][1][value][from]"] == ["2025-10-01T12:00:00+00:00"]


async def test_without_one_the_feed_of_the_country_is_read() -> None:
    async with serving() as web:
        web.on("/mli.xml", body(payload("reliefweb/country.xml")))
        found = await ask(SOURCE, {"reliefweb_feed_url": web.address + "/{iso3}.xml"})
    assert [(o.indicator, o.origins) for o in found.observations] == [("health_shortage", ("WFP",))]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (status(403, payload("reliefweb/denied.json")), "blocked"),
        (status(410, payload("reliefweb/gone.json")), "error"),
        (body(b"<html>challenge-platform</html>", "text/html", 202), "blocked"),
        (status(429), "blocked"),
    ],
)
async def test_a_refusal_ends_in_its_outcome_and_never_shows_the_name(answer: Answer, outcome: str) -> None:
    async with serving() as web:
        where = web.on("/v2/reports", answer)
        found = await ask(SOURCE, {"reliefweb_url": where, "reliefweb_appname": "approved-name"})
    assert found.poll.outcome == outcome
    assert "approved-name" not in found.poll.message


def test_the_number_of_an_issue_counts_nothing_and_denies_nothing() -> None:
    (told,) = SOURCE.parse(payload("reliefweb/reports.json"), context(NOW)).observations
    assert (told.indicator, told.value, told.place) == ("displacement_report", 3000, "Mopti")
    assert told.title.endswith("Flash Update No. 3")
    assert (told.key, told.url) == ("41#displacement_report", "https://reliefweb.example/report/mali/41")


def test_its_silence_says_nothing_of_an_event() -> None:
    assert SOURCE.vouches is False
