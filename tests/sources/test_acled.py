import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from warn.source import Source
from warn.sources.acled import SOURCE, Account

from tests.fakes.web import Asked, Web, Writer, body, serving, status
from tests.sources.asking import NOW, ask
from tests.sources.knowing import context, payload

ROWS = json.loads(payload("acled/read.json"))
EMPTY = b'{"status": 200, "success": true, "data": [], "next_cursor": null}'


def account() -> Source:
    """The source with an account of its own: tokens outlive polls, and must not outlive tests."""
    return replace(SOURCE, fetch=Account().fetch)


def options(web: Web) -> dict[str, str]:
    return {"acled_url": web.address, "acled_username": "someone", "acled_password": "secret"}


def token(name: str, lasts: int = 86400) -> bytes:
    return json.dumps(
        {"token_type": "Bearer", "expires_in": lasts, "access_token": name, "refresh_token": f"{name}-again"}
    ).encode()


def prepared(web: Web, *, deleted: bytes = EMPTY) -> None:
    web.on(
        "/oauth/token", body(token("first"), "application/json"), body(token("second"), "application/json")
    )
    web.on("/api/acled/read", body(payload("acled/read.json"), "application/json"))
    web.on("/api/deleted/read", body(deleted, "application/json"))


def logins(web: Web) -> list[str]:
    said = [parse_qs(asked.body.decode()) for asked in web.asked if asked.path == "/oauth/token"]
    return [one["grant_type"][0] for one in said]


async def test_events_are_asked_for_with_a_token_and_the_deleted_ones_withdrawn() -> None:
    async with serving() as web:
        prepared(web, deleted=payload("acled/deleted.json"))
        found = await ask(account(), options(web))
    assert (found.poll.outcome, len(found.observations)) == ("ok", 4)
    assert found.withdrawn == ("acled:MLI9", "acled:MLI10")
    first, events, _ = web.asked
    assert first.method == "POST"
    assert parse_qs(first.body.decode()) == {
        "grant_type": ["password"], "username": ["someone"], "password": ["secret"],
        "scope": ["authenticated"], "client_id": ["acled"],
    }  # fmt: skip
    assert events.headers["authorization"] == "Bearer first"
    query = parse_qs(events.target.partition("?")[2])
    assert (query["iso"], query["event_date"]) == (["466"], ["2025-07-17|2025-10-15"])


async def test_a_token_is_kept_then_renewed_then_asked_for_by_password_again() -> None:
    source = account()
    async with serving() as web:
        prepared(web)
        for hours in (0, 1, 25, 24 * 20):
            found = await ask(source, options(web), now=NOW + timedelta(hours=hours))
            assert found.poll.outcome == "ok"
    assert logins(web) == ["password", "refresh_token", "password"]


async def test_a_token_that_was_revoked_is_replaced_within_the_poll() -> None:
    async with serving() as web:
        prepared(web)
        good = body(payload("acled/read.json"), "application/json")
        web.on("/api/acled/read", status(401, b'{"message": "token expired"}'), good)
        found = await ask(account(), options(web))
    assert (found.poll.outcome, logins(web)) == ("ok", ["password", "refresh_token"])


async def test_a_renewal_that_is_refused_falls_back_to_the_password() -> None:
    source = account()
    async with serving() as web:
        prepared(web)
        await ask(source, options(web))
        web.on(
            "/oauth/token",
            status(400, b'{"error": "invalid_grant"}'),
            body(token("third"), "application/json"),
        )
        found = await ask(source, options(web), now=NOW + timedelta(hours=25))
    assert (found.poll.outcome, logins(web)) == ("ok", ["password", "refresh_token", "password"])


async def test_pages_are_followed_from_cursor_to_cursor() -> None:
    async def page(asked: Asked, writer: Writer) -> None:
        at = parse_qs(asked.target.partition("?")[2])["cursor"][0]
        following = {"0": "abc", "abc": "def"}.get(at)
        row = {**ROWS["data"][0], "event_id_cnty": f"MLI{at}"}
        said = json.dumps({"data": [row], "next_cursor": following}).encode()
        await body(said, "application/json")(asked, writer)

    async with serving() as web:
        prepared(web)
        web.on("/api/acled/read", page)
        found = await ask(account(), options(web))
    assert [o.key for o in found.observations] == ["MLI0", "MLIabc", "MLIdef"]


@pytest.mark.parametrize(
    ("path", "answer", "outcome"),
    [
        ("/oauth/token", status(400, b'{"error": "invalid_grant"}'), "blocked"),
        ("/oauth/token", status(500), "error"),
        ("/oauth/token", body(b"{}", "application/json"), "schema_changed"),
        ("/api/acled/read", status(403, b'{"message": "consent is missing"}'), "blocked"),
        ("/api/acled/read", body(payload("acled/embargo.json"), "application/json"), "embargoed"),
        ("/api/acled/read", body(b"<!doctype html><html>", "text/html"), "blocked"),
        ("/api/deleted/read", status(404), "error"),
    ],
)
async def test_what_goes_wrong_on_the_way_ends_in_its_outcome(
    path: str, answer: object, outcome: str
) -> None:
    async with serving() as web:
        prepared(web)
        web.on(path, answer)  # type: ignore[arg-type]  # an Answer in each case
        found = await ask(account(), options(web))
    assert found.poll.outcome == outcome
    assert "secret" not in found.poll.message


def test_its_rows_are_never_republished_and_its_notes_never_kept() -> None:
    said = str([*SOURCE.parse(payload("acled/read.json"), context(NOW)).observations])
    assert "tankers" not in said
    assert SOURCE.republish is False
    assert SOURCE.needs == ("acled_username", "acled_password")
