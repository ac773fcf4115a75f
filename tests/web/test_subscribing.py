"""Signing up by mail as a reader does it: the form, the mail, the link in it, and everything that must not work."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from warn import links
from warn.model import Level, Preferences
from warn.store import bounces, subscribers
from warn.web.addresses import address_of
from warn.web.pages import Site
from warn.web.site import application

from tests.app.running import ask
from tests.pipeline.city import NOON, City, city, page_of

FORM = {
    "email": "Awa@example.org", "kind": "ngo", "bulletin": "weekly", "hour": "07:00", "immediate": "2", "website": "",
}  # fmt: skip


@asynccontextmanager
async def visited(folder: Path) -> AsyncIterator[tuple[City, httpx.AsyncClient]]:
    async with city(folder) as bamako, page_of(bamako) as page:
        yield bamako, page


async def sign_up(page: httpx.AsyncClient, path: str = "/subscribe", **changes: str) -> httpx.Response:
    return await page.post(path, data=FORM | changes)


async def letters(bamako: City) -> list[Any]:
    """Every mail that left, read."""
    while await bamako.send():
        pass
    return [
        email.message_from_bytes(mail.content, policy=email.policy.default) for mail in bamako.relay.mails
    ]


def plain(letter: Any) -> str:
    return str(letter.get_body(("plain",)).get_content())


def link_in(letter: Any, kind: str = "c") -> str:
    found = re.search(rf"https://alertes\.example\.org(/{kind}/\S+)", plain(letter))
    assert found, plain(letter)
    return found[1]


def people(bamako: City) -> list[tuple[str, str]]:
    rows = ask(bamako.database, "SELECT id, state FROM subscriber ORDER BY created_at, id")
    return [(row["id"], row["state"]) for row in rows]


def preferences(bamako: City, reader: str) -> Preferences:
    with bamako.work.store.read() as tx:
        found = subscribers.get(tx, reader)
    assert found
    return found.preferences


async def test_a_form_a_mail_a_button_and_only_the_button_subscribes(tmp_path: Path) -> None:
    async with visited(tmp_path) as (bamako, page):
        shown = await page.get("/subscribe")
        assert shown.status_code == 200
        assert '<label for="email">' in shown.text
        assert (await sign_up(page)).status_code == 200
        (letter,) = await letters(bamako)
        assert letter["To"] == "Awa@example.org"
        assert letter["Subject"] == "À confirmer : alertes et bulletin, Bamako"
        assert letter["Auto-Submitted"] == "auto-generated"
        assert "chaque lundi à 7" in plain(letter)
        assert "Awa@" not in plain(letter), "the bytes are kept"
        link = link_in(letter)
        assert link in letter.get_body(("html",)).get_content()
        for _ in range(3):  # scanners follow links, before their owner and afterwards
            for method in ("GET", "HEAD", "OPTIONS"):
                await page.request(method, link)
            asked = await page.get(link)
            assert '<form method="post">' in asked.text
            assert asked.headers["cache-control"] == "no-store"
        ((reader, state),) = people(bamako)
        assert state == "pending"
        assert (await page.post(link)).status_code == 200
        assert people(bamako) == [(reader, "active")]
        again = await page.post(link)
        assert "<form" not in again.text
        assert f"/r/{links.reader_token(bamako.work.keys, reader)}" in again.text
        wanted = Preferences(
            kind="ngo",
            weekly=True,
            digest_at=time(7),
            immediate_from=Level.TENSION,
            least_level=Level.TENSION,
        )
        assert preferences(bamako, reader) == wanted


async def test_in_english_everything_is_english(tmp_path: Path) -> None:
    async with visited(tmp_path) as (bamako, page):
        assert "E-mail address" in (await page.get("/en/subscribe")).text
        assert "Now look into your mailbox" in (await sign_up(page, "/en/subscribe")).text
        (letter,) = await letters(bamako)
        assert letter["Subject"] == "Confirm: alerts and bulletin, Bamako"
        link = link_in(letter)
        assert "Yes, I want this" in (await page.get(link)).text
        assert "Oui, je le veux" in (await page.get(f"{link}?lang=fr")).text


async def test_the_answer_is_the_same_whether_or_not_the_address_is_known(tmp_path: Path) -> None:
    async with visited(tmp_path) as (bamako, page):
        known = bamako.reader("email", "known@example.org")
        gone = bamako.reader("email", "gone@example.org")
        with bamako.work.store.write() as tx:
            bounces.gone(tx, gone, NOON)
        answers = [
            await sign_up(page, email=f"{name}@example.org") for name in ("new", "known", "gone", "known")
        ]
        assert {(one.status_code, one.content) for one in answers} == {
            (answers[0].status_code, answers[0].content)
        }
        sent = {letter["To"]: letter for letter in await letters(bamako)}
        assert set(sent) == {"new@example.org", "known@example.org"}
        assert "/c/" not in plain(sent["known@example.org"])
        assert f"/r/{links.reader_token(bamako.work.keys, known)}" in plain(sent["known@example.org"])
        assert preferences(bamako, known) != preferences(bamako, people(bamako)[-1][0]), "nothing has changed"
        assert bamako.state(known) == "active"


async def test_an_address_is_written_to_three_times_a_day_and_a_network_asks_five_times_an_hour(
    tmp_path: Path,
) -> None:
    async with visited(tmp_path) as (bamako, page):
        for tag in ("", "+a", "+b", "+c"):
            bamako.clock.now += timedelta(minutes=1)
            assert (await sign_up(page, email=f"awa{tag}@example.org")).status_code == 200
        assert len(await letters(bamako)) == 3
        assert (await sign_up(page, email="one@example.org")).status_code == 200
        over = await sign_up(page, email="two@example.org")
        assert (over.status_code, over.headers["retry-after"]) == (429, "3600")
        assert "Trop d" in over.text
        assert len(await letters(bamako)) == 4
        bamako.clock.now += timedelta(hours=1)
        assert (await sign_up(page)).status_code == 200
        assert len(await letters(bamako)) == 4, "the day of that address is not over"
        bamako.clock.now += timedelta(days=1)
        await sign_up(page)
        assert len(await letters(bamako)) == 5


async def test_addresses_that_are_one_mailbox_share_its_three_letters(tmp_path: Path) -> None:
    async with visited(tmp_path) as (bamako, page):
        for address in ("a.wa@gmail.com", "aw.a@gmail.com", "awa@googlemail.com", "a.w.a+x@GMail.com"):
            assert (await sign_up(page, email=address)).status_code == 200
        assert len(await letters(bamako)) == 3
        assert (await sign_up(page, email="a.wa@example.org")).status_code == 200
        bamako.clock.now += timedelta(hours=1)
        assert (await sign_up(page, email="awa@example.org")).status_code == 200
        assert len(await letters(bamako)) == 5, "elsewhere a dot makes another mailbox"


async def test_another_network_has_a_limit_of_its_own(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        app = application(Site(lambda: bamako.work, bamako.clock, mail=True, sign_ups=1))
        answers: list[int] = []
        for host in ("41.73.100.7", "41.73.100.200", "41.73.101.7", "2001:db8::1", "2001:db8::ffff:1"):
            transport = httpx.ASGITransport(app=app, client=(host, 1))
            async with httpx.AsyncClient(transport=transport, base_url="https://alertes.example.org") as page:
                answers.append((await sign_up(page, email=f"{len(answers)}@example.org")).status_code)
        assert answers == [200, 429, 200, 200, 429]


async def test_nothing_of_an_address_or_a_network_stands_in_the_database_in_the_open(tmp_path: Path) -> None:
    async with visited(tmp_path) as (bamako, page):
        await sign_up(page, email="canary@example.org")
        await letters(bamako)
        written = b"".join(path.read_bytes() for path in bamako.settings.var.glob("warn.db*"))
        assert b"canary" not in written
        assert b"127.0.0" not in written


async def test_a_link_that_is_over_or_not_ours_confirms_nobody(tmp_path: Path) -> None:
    async with visited(tmp_path) as (bamako, page):
        await sign_up(page)
        (letter,) = await letters(bamako)
        link, leave = link_in(letter), link_in(letter, "u")
        ((reader, _),) = people(bamako)
        wrong = [
            "/c/x", f"{link}x", link[:-4], f"/c/{links.reader_token(bamako.work.keys, reader)}",
            f"/c/{links.sign(('another key',), 'confirm', {'subscriber': reader})}",
        ]  # fmt: skip
        for path in wrong:
            assert (await page.post(path)).status_code == 404, path
        bamako.clock.now += links.CONFIRM
        over = await page.post(link)
        assert over.status_code == 410
        assert "/subscribe" in over.text
        bamako.clock.now -= timedelta(hours=1)
        assert people(bamako) == [(reader, "pending")]
        await page.post(leave)  # "was it not you?"
        assert people(bamako) == []
        assert (await page.post(link)).status_code == 410


async def test_who_asks_again_gets_a_link_that_serves_and_the_newest_wish_counts(tmp_path: Path) -> None:
    async with visited(tmp_path) as (bamako, page):
        await sign_up(page)
        bamako.clock.now += timedelta(minutes=1)
        await sign_up(page, bulletin="none", immediate="4")
        _, newest = await letters(bamako)
        await page.post(link_in(newest))
        ((reader, state),) = people(bamako)
        assert state == "active"
        assert (preferences(bamako, reader).digest_at, preferences(bamako, reader).immediate_from) == (
            None,
            4,
        )


async def test_one_whose_mail_came_back_confirms_anew_and_keeps_their_preferences(tmp_path: Path) -> None:
    async with visited(tmp_path) as (bamako, page):
        reader = bamako.reader("email", "awa@example.org", Preferences(kind="press", lang="en"))
        with bamako.work.store.write() as tx:
            subscribers.pause(tx, reader)
        await sign_up(page)
        (letter,) = await letters(bamako)
        assert bamako.state(reader) == "pending"
        await page.post(link_in(letter))
        assert bamako.state(reader) == "active"
        assert preferences(bamako, reader) == Preferences(kind="press", lang="en")


WRONG: tuple[Mapping[str, str], ...] = (
    {"email": ""}, {"email": "awa"}, {"email": "awa@"}, {"email": "awa@localhost"}, {"email": "a@b@example.org"},
    {"email": "awa@example.org\r\nBcc: all@example.org"}, {"email": "awa@example.org, b@example.org"},
    {"email": "Awa <awa@example.org>"}, {"email": "awa@[127.0.0.1]"}, {"email": '"a b"@example.org'},
    {"email": "a" * 65 + "@example.org"}, {"email": "awa@" + "e" * 250 + ".org"}, {"email": "a\u202ewa@example.org"},
    {"kind": "boss"}, {"immediate": "9"}, {"bulletin": "hourly"}, {"hour": "25:00"}, {"hour": "<script>"},
)  # fmt: skip


async def test_what_cannot_be_taken_is_told_at_its_field_and_sends_nothing(tmp_path: Path) -> None:
    async with visited(tmp_path) as (bamako, page):
        for changes in WRONG:
            answer = await sign_up(page, **changes)
            assert answer.status_code == 422, changes
            assert '<p class="error" id=' in answer.text
            assert "<script" not in answer.text
        assert people(bamako) == []


async def test_what_no_browser_of_a_person_sends_is_turned_away(tmp_path: Path) -> None:
    async with visited(tmp_path) as (bamako, page):
        robot = await sign_up(page, website="https://example.org")
        assert robot.status_code == 200, "a program learns nothing"
        cross = await page.post("/subscribe", data=FORM, headers={"Sec-Fetch-Site": "cross-site"})
        assert cross.status_code == 403
        assert "pas pu lire" in cross.text
        assert (await page.post("/subscribe", json=FORM)).status_code == 415
        assert (await page.post("/subscribe", data={"email": "x" * 30_000})).status_code == 413
        assert (await page.post("/subscribe", data={f"f{n}": "" for n in range(200)})).status_code == 400
        raw = {"Content-Type": "application/x-www-form-urlencoded"}
        assert (await page.post("/subscribe", content=b"email=\xff\xfe", headers=raw)).status_code == 400
        assert people(bamako) == []
        assert await letters(bamako) == []


async def test_where_no_mail_leaves_there_is_no_form(tmp_path: Path) -> None:
    async with city(tmp_path, without=("email",)) as bamako, page_of(bamako) as page:
        assert (await page.get("/subscribe")).status_code == 404
        assert "/subscribe" not in (await page.get("/methode")).text
        bamako.work.voice = replace(bamako.work.voice, bot="our_bot")
        shown = await page.get("/en/subscribe")
        assert "https://t.me/our_bot?start=read-en-resident" in shown.text
        assert "<form" not in shown.text
        assert (await sign_up(page)).status_code == 404


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" awa@example.org ", "awa@example.org"),
        ("awa+warn@mail.example.org", "awa+warn@mail.example.org"),
        ("awa@bücher.example", "awa@xn--bcher-kva.example"),
        ("awa＠example.org", "awa@example.org"),
        ("é@example.org", None),
        (".awa@example.org", None),
        ("awa@-example.org", None),
        ("awa@example.1", None),
    ],
)
def test_an_address_is_taken_as_it_will_be_written_to(typed: str, address: str | None) -> None:
    assert address_of(typed) == address
