import json

import pytest
from warn.source import Validators
from warn.sources.ucdp import SOURCE

from tests.fakes.web import Answer, body, redirect, serving, status, unless_known
from tests.shared import shared
from tests.sources.asking import NOW, ask
from tests.sources.knowing import context, payload

MISSING = body(b"<html><body>Not Found</body></html>", "text/html", 404)


async def test_the_newest_release_that_is_out_is_looked_for_month_by_month() -> None:
    async with serving() as web:
        web.on("/25_0_9", MISSING)
        web.on("/25_0_8", body(payload("ucdp/candidate.csv"), "text/csv"))
        found = await ask(SOURCE, {"ucdp_url": web.address + "/{version}"})
    assert [asked.path for asked in web.asked][:2] == ["/25_0_9", "/25_0_8"]
    assert (found.poll.outcome, found.poll.refused) == ("ok", 1)


async def test_where_no_month_is_out_that_is_said() -> None:
    async with serving() as web:
        found = await ask(SOURCE, {"ucdp_url": web.address + "/{version}"})
    assert (found.poll.outcome, len(web.asked)) == ("not_released", 5)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (status(500), "error"),
        (status(403), "blocked"),
        (body(b"<html>maintenance</html>", "text/html"), "blocked"),
        (redirect("http://10.0.0.1/"), "error"),
    ],
)
async def test_a_failure_is_not_taken_for_a_month_that_is_not_out(answer: Answer, outcome: str) -> None:
    async with serving() as web:
        web.on("/25_0_9", answer)
        found = await ask(SOURCE, {"ucdp_url": web.address + "/{version}"})
    assert (found.poll.outcome, len(web.asked)) == (outcome, 1)


async def test_with_a_token_the_pages_of_the_api_are_read() -> None:
    page = {"TotalCount": 2, "TotalPages": 2, "NextPageUrl": "x", **json.loads(payload("ucdp/api.json"))}
    first = {**page, "TotalPages": 2, "NextPageUrl": "http://elsewhere.example", "Result": page["Result"][:1]}
    last = {**page, "TotalPages": 2, "Result": page["Result"][1:]}
    async with serving() as web:
        web.on("/25.0.9", status(400, payload("ucdp/unreleased.txt")))
        web.on("/25.0.8", *(body(json.dumps(one).encode(), "application/json") for one in (first, last)))
        asked = {"ucdp_api_url": web.address + "/{version}", "ucdp_token": "secret"}
        found = await ask(SOURCE, asked)
    assert (found.poll.outcome, len(found.observations), len(web.asked)) == ("ok", 3, 5)
    assert web.asked[1].headers["x-ucdp-access-token"] == "secret"
    assert "Country=432" in web.asked[1].target
    assert "page=1" in web.asked[2].target


async def test_months_missed_in_an_outage_and_the_consolidated_release_are_read_once() -> None:
    file = body(payload("ucdp/candidate.csv"), "text/csv")
    async with serving() as web:
        for version in ("25_0_7", "25_0_8", "25_0_9"):
            web.on(f"/{version}", unless_known(payload("ucdp/candidate.csv"), f'"{version}"', "text/csv"))
        web.on("/25_01_25_06", file)
        asked = {"ucdp_url": web.address + "/{version}"}
        had = {"noted:release": Validators(noted="2025-06 2025-03")}
        first = await ask(SOURCE, asked, had)
        paths = [one.path[1:] for one in web.asked]
        again = await ask(SOURCE, asked, first.validators)
    assert paths == ["25_0_9", "25_0_8", "25_0_7", "25_0_6", "25_01_25_09", "25_01_25_06"]
    assert list(first.poll.parts) == [
        "release-25.0.7", "release-25.0.8", "release-25.0.9", "release-25.01.25.06",
    ]  # fmt: skip
    assert [one.path[1:] for one in web.asked[len(paths) :]] == ["25_0_9", "25_01_25_09"]
    assert (again.poll.outcome, again.observations) == ("no_data", ())


def test_who_attacked_in_a_fight_is_not_told_and_no_party_is_named() -> None:
    found = SOURCE.parse(payload("ucdp/candidate.csv"), context(NOW)).observations
    assert not {o.indicator for o in found} & {"attack_military", "military_operation"}
    assert "Government" not in str(found)


def test_the_centre_of_the_country_is_no_place_and_a_region_no_town() -> None:
    found = {o.key: o for o in SOURCE.parse(payload("ucdp/candidate.csv"), context(NOW)).observations}
    assert (found["1#deaths"].place, found["1#deaths"].precision) == ("Foita", "town")
    assert (found["2#deaths"].place, found["2#deaths"].precision) == ("Mopti region", "region")
    assert (found["3#deaths"].place, found["3#deaths"].precision) == ("", "country")


def test_of_33_recorded_rows_all_give_deaths_and_none_lies_in_the_capital() -> None:
    content = shared("payloads/ucdp/candidate_26_0_2_MLI.csv").read_bytes()
    found = SOURCE.parse(content, context(NOW.replace(year=2026))).observations
    deaths = [o for o in found if o.indicator == "conflict_deaths"]
    assert (len(deaths), sum(o.value == 0 for o in deaths)) == (33, 10)
    assert "Bamako" not in {o.place for o in found}
