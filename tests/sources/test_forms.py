"""Field reports by KoBo and ODK: what approved answers say, and that nothing which could harm a reporter is kept."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from warn.fetching import Fetcher, Manners, collect_one, ground_for, read_body
from warn.source import Body, Context, Parsed
from warn.sources import bot, forms, kobo, odk

from tests.fakes.web import body, serving
from tests.shared import shared
from tests.sources.knowing import RULES, context, mutated

NOW = datetime(2026, 9, 2, 12, tzinfo=UTC)
APPROVED = datetime(2026, 9, 2, 11, tzinfo=UTC)
KEYS = ("a-key-of-the-tests-that-is-long-enough-0123456789",)
PRIVATE = {
    "phonenumber": "+22370001122", "deviceid": "ee.humanitarianresponse.info:XyZ", "start": "2026-09-02T08:13:59.1-00:00",
    "full_name": "Aminata Traore", "comment": "le gérant Moussa m'a dit", "_geolocation": [12.61234, -8.01234],
    "location": "12.61234 -8.01234 330 4.5", "username": "atraore", "subscriberid": "610020012345678", "note/photo": "1693.jpg",
    "_attachments": [{"filename": "atraore/1693.jpg"}],
}  # fmt: skip
SAID = {"group/fuel_here": "no", "group/queue_hours": "6", "where/town": "bamako", "road_blocked": "no"}
DAMAGED = {"ok", "no_data", "schema_changed", "error", "blocked"}


def form() -> forms.Form:
    text = (RULES / "forms" / "supply.yaml").read_text("utf-8")
    (found,) = forms.load({"forms/supply.yaml": text})
    return found.model_copy(update={"kobo": "aUid", "odk": forms.listing.OdkForm(project=3, form="supply")})


def knowing(now: datetime = NOW, part: str = "") -> Context:
    return replace(context(now, part), mapping={"reporter_keys": KEYS})


def kobo_row(number: int = 7, approved: bool = True, **more: Any) -> dict[str, Any]:
    status = {"uid": "validation_status_approved", "timestamp": APPROVED.timestamp(), "by_whom": "chief"}
    return {
        "_id": number, "_uuid": f"u{number}", "_submission_time": "2026-09-02T08:14:30", "_submitted_by": "atraore",
        "_validation_status": status if approved else {}, **PRIVATE, **SAID, **more,
    }  # fmt: skip


def odk_row(
    number: int = 7, state: str | None = "approved", deleted: str | None = None, **more: Any
) -> dict[str, Any]:
    system = {
        "submissionDate": "2026-09-02T08:14:30.123Z", "updatedAt": "2026-09-02T11:00:00.000Z", "submitterId": "42",
        "submitterName": "Aminata Traore", "reviewState": state, "deletedAt": deleted, "deviceId": PRIVATE["deviceid"],
    }  # fmt: skip
    return {
        "__id": f"uuid:{number}", "__system": system, "group": {"fuel_here": "no", "queue_hours": 6},
        "where": {"town": "bamako", "gps": {"type": "Point", "coordinates": [-8.01234, 12.61234]}},
        "road_blocked": "no", "phonenumber": PRIVATE["phonenumber"], **more,
    }  # fmt: skip


def read_kobo(*rows: Mapping[str, Any], now: datetime = NOW) -> Parsed:
    content = json.dumps({"count": len(rows), "next": None, "results": rows}).encode()
    return read_body(kobo.configured([form()]), Body(content), knowing(now))


def read_odk(*rows: Mapping[str, Any], now: datetime = NOW) -> Parsed:
    return read_body(odk.configured([form()]), Body(json.dumps({"value": rows}).encode()), knowing(now))


@pytest.mark.parametrize("told", [read_kobo(kobo_row()), read_odk(odk_row())])
def test_mapped_answers_become_observations_of_their_town(told: Parsed) -> None:
    assert told.outcome == "ok"
    assert {(o.indicator, o.value) for o in told.observations} == {
        ("station_has_fuel", 0),
        ("fuel_queue_hours", 6),
    }
    for one in told.observations:
        assert (one.place, one.precision, one.grade) == ("Bamako", "town", "C3")
        assert one.occurred_at == datetime(2026, 9, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        read_kobo(kobo_row()),
        read_odk(odk_row()),
        read_kobo(kobo_row() | {"where/town": "chez Moussa", "group/queue_hours": "+22370001122"}),
        read_odk(odk_row(where={"town": "12.61234 -8.01234"}, group={"queue_hours": "Aminata"})),
    ],
)
def test_nothing_personal_is_kept_anywhere(told: Parsed) -> None:
    kept = repr(told)
    private = [
        "Aminata", "Traore", "atraore", "Moussa", "70001122", "ee.humanitarian", "12.61234", "8.01234", "61002001",
        "1693", "u7", "uuid:7", "08:14", ":13:59",
    ]  # fmt: skip
    assert [word for word in private if word in kept] == []


def test_what_is_set_aside_says_which_question_and_not_what_was_answered() -> None:
    told = read_kobo(kobo_row() | {"where/town": "chez Moussa"})
    assert {one.reason for one in told.refused} == {
        "form supply, station_has_fuel: not an answer it can have",
        "form supply, fuel_queue_hours: not an answer it can have",
    }
    assert told.outcome == "schema_changed"


@pytest.mark.parametrize(
    "told",
    [
        read_kobo(kobo_row(approved=False)),
        read_kobo(kobo_row(_validation_status={"uid": "validation_status_not_approved"})),
        read_kobo(kobo_row(_validation_status={"uid": "validation_status_on_hold"})),
        read_odk(odk_row(state=None)),
        read_odk(odk_row(state="rejected")),
        read_odk(odk_row(state="hasIssues")),
        read_odk(odk_row(deleted="2026-09-02T11:00:00Z")),
    ],
)
def test_only_what_a_person_approved_counts(told: Parsed) -> None:
    assert (told.outcome, told.observations) == ("no_data", ())


@pytest.mark.parametrize("read", [read_kobo, read_odk])
def test_it_is_known_three_to_six_hours_after_approval_at_a_moment_that_differs(read: Any) -> None:
    row = kobo_row if read is read_kobo else odk_row
    known = [read(row(number), now=APPROVED).observations[0].known_at for number in range(40)]
    assert all(timedelta(hours=3) <= at - APPROVED <= timedelta(hours=6) for at in known)
    assert len(set(known)) > 30
    again = read(row(0), now=APPROVED + timedelta(minutes=15)).observations[0].known_at
    assert again == known[0]


def test_it_is_never_known_before_it_was_read() -> None:
    late = NOW + timedelta(days=5)
    assert read_kobo(kobo_row(), now=late).observations[0].known_at == late


def test_a_reporter_is_a_mark_that_changes_with_the_month() -> None:
    def mark(**more: Any) -> str:
        return read_kobo(kobo_row(**more), now=NOW + timedelta(days=60)).observations[0].origins[0]

    assert mark() == mark(_id=8, _submission_time="2026-09-20T08:00:00")
    assert mark() != mark(_submitted_by="other")
    assert mark() != mark(_submission_time="2026-10-01T08:00:00")
    assert mark().startswith("reporter-")


def test_reporters_without_a_name_count_as_one() -> None:
    rows = [kobo_row(number, _submitted_by=None) for number in range(3)]
    assert len({o.origins for o in read_kobo(*rows).observations}) == 1


def test_an_edited_submission_keeps_its_key_and_versions_of_a_form_name_questions_differently() -> None:
    (first, _), (second, _) = (read_kobo(kobo_row(_uuid=name)).observations for name in ("u7", "edited"))
    assert first.key == second.key
    renamed = read_kobo(kobo_row() | {"group/fuel_here": None, "new/petrol_here": "1"}).observations
    assert ("station_has_fuel", 1.0) in {(o.indicator, o.value) for o in renamed}


@pytest.mark.parametrize(
    ("source", "content", "outcome"),
    [
        ("kobo", b'{"detail": "Invalid token."}', "blocked"),
        ("kobo", b'{"detail": "Not found."}', "blocked"),
        ("kobo", b'{"count": 0, "next": null, "results": []}', "no_data"),
        ("kobo", b'{"results": [{"who": 1}]}', "schema_changed"),
        ("kobo", b'{"rows": []}', "schema_changed"),
        ("kobo", b"<html><body>Log in</body></html>", "blocked"),
        ("kobo", b"", "error"),
        ("odk", b'{"message": "Could not authenticate", "code": 401.2}', "blocked"),
        ("odk", b'{"message": "Could not find the resource", "code": 404.1}', "error"),
        ("odk", b'{"value": [], "@odata.count": 0}', "no_data"),
        ("odk", b'{"value": [{"name": "x"}]}', "schema_changed"),
        ("odk", b'{"token": "abc", "csrf": "def", "expiresAt": "2026-09-03T00:00:00Z"}', "no_data"),
        ("odk", b"[]", "no_data"),
    ],
)
def test_what_are_no_submissions_ends_in_its_outcome(source: str, content: bytes, outcome: str) -> None:
    found = {"kobo": kobo, "odk": odk}[source].configured([form()])
    assert read_body(found, Body(content), knowing()).outcome == outcome


@pytest.mark.parametrize(
    "name", ["data_limit1000.json", "data_query_limit1.json", "asset_with_form_content.json"]
)
def test_recorded_bodies_hold_nothing_approved(name: str) -> None:
    told = read_body(kobo.configured([form()]), Body(shared(f"payloads/kobo/{name}").read_bytes()), knowing())
    assert (told.outcome, told.observations) == ("no_data", ())


async def test_each_form_is_asked_page_by_page_with_the_key_of_its_server() -> None:
    async with serving() as web:
        page = json.dumps({"results": [kobo_row(n) for n in range(1000)]}).encode()
        last = json.dumps({"results": [kobo_row(1000)]}).encode()
        web.on(
            "/api/v2/assets/aUid/data.json", body(page, "application/json"), body(last, "application/json")
        )
        web.on(
            "/v1/projects/3/forms/supply.svc/Submissions",
            body(json.dumps({"value": [odk_row()]}).encode(), "application/json"),
        )
        fetcher = Fetcher(Manners(pace_s=0, allow_private=True))
        options = {
            "reporter_keys": KEYS, "kobo_url": web.address, "kobo_token": "tok", "odk_url": web.address,
            "odk_user": "me@example.org", "odk_password": "pw",
        }  # fmt: skip
        told = await collect_one(kobo.configured([form()]), fetcher, knowing(), options)
        assert (told.poll.outcome, told.poll.found, told.poll.parts) == (
            "ok",
            2002,
            {"supply": True, "supply 2": True},
        )
        assert web.asked[0].headers["authorization"] == "Token tok"
        told = await collect_one(odk.configured([form()]), fetcher, knowing(), options)
        assert (told.poll.outcome, told.poll.found) == ("ok", 2)
        assert web.asked[-1].headers["authorization"].startswith("Basic ")
        await fetcher.close()


async def test_more_than_can_be_read_is_told_and_nothing_is_taken_for_deleted() -> None:
    row = {"_submission_time": "2026-09-02T08:14:30"}
    page = json.dumps({"results": [row | {"_id": n} for n in range(1000)]}).encode()
    async with serving() as web:
        web.on("/api/v2/assets/aUid/data.json", body(page, "application/json"))
        fetcher = Fetcher(Manners(pace_s=0, allow_private=True))
        options = {"reporter_keys": KEYS, "kobo_url": web.address, "kobo_token": "tok"}
        told = await collect_one(kobo.configured([form()]), fetcher, knowing(), options)
        await fetcher.close()
    assert (told.poll.outcome, told.complete_since) == ("error", None)
    assert "more than 20000 submissions" in told.poll.message


def test_an_answer_says_since_when_it_is_whole_and_an_empty_one_does_not() -> None:
    for read, row in ((read_kobo, kobo_row()), (read_odk, odk_row())):
        assert read(row).complete_since == NOW - timedelta(days=28)
        assert read().complete_since is None


async def test_answers_are_held_back_until_three_reporters_have_said_the_same() -> None:
    rows = [kobo_row(number, _submitted_by=f"enumerator{number}") for number in range(3)]
    async with serving() as web:
        fetcher = Fetcher(Manners(pace_s=0, allow_private=True))
        options = {"reporter_keys": KEYS, "kobo_url": web.address, "kobo_token": "tok"}
        for some in (rows[:2], rows):
            answer = body(json.dumps({"results": some}).encode(), "application/json")
            web.on("/api/v2/assets/aUid/data.json", answer)
            told = await collect_one(
                kobo.configured([form()]), fetcher, knowing(now=APPROVED), options, recent=()
            )
            assert len(told.observations) == (6 if some is rows else 0)
            assert ("4 held back" in told.poll.message) == (some is not rows)
        await fetcher.close()
    queues = [one for one in told.observations if one.indicator == "fuel_queue_hours"]
    assert len({one.known_at for one in queues}) == 1
    assert len({one.origins for one in queues}) == 3


async def test_without_a_key_to_hide_reporters_nothing_is_asked() -> None:
    async with serving() as web:
        fetcher = Fetcher(Manners(pace_s=0, allow_private=True))
        told = await collect_one(kobo.configured([form()]), fetcher, knowing(), {"kobo_url": web.address})
        await fetcher.close()
        assert (told.poll.outcome, web.asked) == ("error", [])


def test_every_tap_that_the_bot_offers_is_an_answer_that_can_be() -> None:
    known = knowing()
    asked = [one for one in form().answers if one.ask]
    assert {"station_has_fuel", "fuel_queue_hours", "fuel_price_informal", "power_hours", "road_block"} == {
        one.indicator for one in asked
    }
    for answer, town in ((answer, town) for answer in asked for town in form().towns):
        for amount in answer.amounts:
            about = forms.Told(amount, town, NOW, NOW, "reporter-x", "k")
            made = forms.observed(form(), answer, about, ground_for(known))
            assert (made.value, made.place, made.lat is not None) == (amount, town, True)


def test_taps_that_cannot_be_are_told_with_their_line() -> None:
    text = (RULES / "forms" / "supply.yaml").read_text("utf-8")
    wrong = text.replace("taps: [0, 1, 2, 4", "taps: [0, 1, 2, 400")
    (fault,) = forms.check({"forms/supply.yaml": wrong}, "rules", knowing().indicators.by_id)[1]
    assert "'power_hours' cannot be 400" in fault.message
    assert "taps: [0, 1, 2, 400" in wrong.splitlines()[fault.line - 1]


def test_reports_never_vouch_and_are_never_republished() -> None:
    assert "station_has_fuel" in bot.configured([form()]).indicators
    assert (bot.SOURCE.vouches, bot.SOURCE.republish, bot.SOURCE.pushed) == (False, False, True)
    for source in (kobo.configured([form()]), odk.configured([form()])):
        assert (source.vouches, source.republish, source.off_by_default) == (False, False, "")
        assert "station_has_fuel" in source.indicators
    assert kobo.configured([form().model_copy(update={"kobo": ""})]).off_by_default


@pytest.mark.parametrize("seed", range(10))
def test_damaged_bodies_never_raise(seed: int) -> None:
    source, whole = (
        (kobo, {"results": [kobo_row(), kobo_row(8)]})
        if seed % 2
        else (odk, {"value": [odk_row(), odk_row(8)]})
    )
    parse = source.configured([form()]).parse
    for content in mutated(json.dumps(whole).encode(), 100, seed):
        assert parse(content, knowing()).outcome in DAMAGED
