"""A reader's own links: every preference on one page, the way into the chat, and leaving."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, replace
from datetime import time, timedelta
from html.parser import HTMLParser
from pathlib import Path

import httpx
from warn import links
from warn.app.reception import Reception
from warn.bot.ports import Chat
from warn.model import Level, Preferences
from warn.pipeline.post import shared_id
from warn.store import subscribers

from tests.pipeline.city import City, city, page_of

EVERYTHING = Preferences(
    kind="press", lang="en", timezone="Europe/Paris", least_level=Level.WATCH, immediate_from=Level.WATCH,
    families=("price", "supply"), corridors=("kayes",), places=("Kati", "Ségou"), digest_at=time(19), evening=True,
    weekly=True, quiet_from=time(21), quiet_until=time(7), text_only=True, embassy_notices=True,
)  # fmt: skip


class Fields(HTMLParser):
    """What a browser would send if nobody changed anything."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.labels: set[str] = set()
        self.ids: set[str] = set()
        self.select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "label" and "for" in said:
            self.labels.add(said["for"])
        if tag == "select" or (tag == "input" and "id" in said):
            self.ids.add(said["id"])
        if tag == "select":
            self.select = said["name"]
        elif tag == "option" and "selected" in said:
            self.sent.append((self.select, said["value"]))
        elif tag == "input" and (said.get("type") not in {"radio", "checkbox"} or "checked" in said):
            self.sent.append((said["name"], said.get("value", "")))

    def with_(self, **changes: str | list[str]) -> dict[str, str | list[str]]:
        whole: dict[str, str | list[str]] = {
            name: [value for other, value in self.sent if other == name] for name, _ in self.sent
        }
        return whole | changes


@dataclass
class Own:
    """One reader, their page of preferences, and the bot's side of the same service."""

    bamako: City
    page: httpx.AsyncClient
    reader: str

    @property
    def token(self) -> str:
        return links.reader_token(self.bamako.work.keys, self.reader)

    async def shown(self) -> httpx.Response:
        return await self.page.get(f"/r/{self.token}")

    async def send(self, **changes: str | list[str]) -> httpx.Response:
        """The form as it stands, but for these fields."""
        form = Fields((await self.shown()).text).with_(**changes)
        return await self.page.post(f"/r/{self.token}", data=form)

    @property
    def preferences(self) -> Preferences:
        with self.bamako.work.store.read() as tx:
            found = subscribers.get(tx, self.reader)
        assert found
        return found.preferences

    @property
    def reception(self) -> Reception:
        async def acted() -> None: ...

        return Reception(lambda: self.bamako.work, self.bamako.clock, acted)


@asynccontextmanager
async def own(folder: Path, preferences: Preferences | None = None) -> AsyncIterator[Own]:
    async with city(folder) as bamako, page_of(bamako) as page:
        bamako.work.voice = replace(bamako.work.voice, bot="our_bot")
        yield Own(bamako, page, bamako.reader("email", "awa@example.org", preferences or Preferences()))


async def test_the_page_shows_every_preference_and_saving_it_unchanged_changes_nothing(
    tmp_path: Path,
) -> None:
    for nth, wanted in enumerate((Preferences(), EVERYTHING, Preferences(digest_at=time(6, 30), lang="bm"))):
        async with own(tmp_path / str(nth), wanted) as one:
            shown = await one.shown()
            form = Fields(shown.text)
            assert form.ids <= form.labels, "every field has its label"
            assert "Cache-Control" in shown.headers
            assert (await one.send()).status_code == 200
            assert one.preferences == wanted


async def test_every_preference_can_be_changed_there(tmp_path: Path) -> None:
    async with own(tmp_path) as one:
        answer = await one.send(
            kind="press", lang="en", timezone="europe/paris", least="1", immediate="1", families=["supply", "price"],
            corridors=["kayes"], places="ségou, Kati", bulletin="weekly", hour="19:00", evening="yes",
            quiet_from="21:00", quiet_until="07:00", text_only="yes", embassy_notices="yes",
        )  # fmt: skip
        assert "Saved." in answer.text, "in the language just chosen"
        assert one.preferences == EVERYTHING
        assert {field.name for field in fields(Preferences)} == {
            name for name in Preferences.__slots__ if getattr(EVERYTHING, name) != getattr(Preferences(), name)
        }, "a preference was added that this page does not know"  # fmt: skip
        await one.send(places="Siby")
        assert one.preferences.places == ("Sibi",), "as reports name it"
        await one.send(
            bulletin="none", immediate="none", quiet_from="none", families=[], corridors=[], places=""
        )
        kept = one.preferences
        assert (kept.digest_at, kept.weekly, kept.immediate_from, kept.quiet_until) == (
            None,
            False,
            None,
            None,
        )
        assert (kept.families, kept.corridors, kept.places) == ((), (), ())


async def test_looking_changes_nothing_and_a_wrong_field_changes_nothing_either(tmp_path: Path) -> None:
    async with own(tmp_path) as one:
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
            await one.page.request(method, f"/r/{one.token}?lang=en&kind=press")
        for wrong in (
            {"timezone": "Mars/Base"}, {"timezone": "localtime"}, {"quiet_until": "07:00+01:00"}, {"places": "Atlantis"}, {"kind": "boss"}, {"lang": "xx"}, {"hour": "99"},
            {"corridors": "../../etc"}, {"families": "all"}, {"quiet_from": "late"}, {"least": "0"},
            {"places": "<b>x</b>"}, {"places": ",".join(["Kati"] * 21)},
        ):  # fmt: skip
            answer = await one.send(**wrong, evening="yes")
            assert answer.status_code == 422, wrong
            assert '<p class="error"' in answer.text
            assert "<b>x" not in answer.text
            assert one.preferences == Preferences()
        assert 'value="Atlantis"' in (await one.send(places="Atlantis")).text, (
            "what was typed still stands there"
        )


async def test_the_page_goes_on_speaking_the_readers_language_and_the_other_when_asked(
    tmp_path: Path,
) -> None:
    async with own(tmp_path, Preferences(lang="en")) as one:
        assert "Your preferences" in (await one.shown()).text
        assert "Vos réglages" in (await one.page.get(f"/r/{one.token}?lang=fr")).text
        assert 'href="?lang=fr"' in (await one.shown()).text
        assert (
            "Your address and your preferences are erased." in (await one.page.post(f"/u/{one.token}")).text
        )


async def test_a_link_that_is_not_ours_opens_nothing_and_one_of_who_left_says_so(tmp_path: Path) -> None:
    async with own(tmp_path) as one:
        for path in ("/r/x", f"/r/{one.token[:-1]}a", f"/r/{'a' * 69}"):
            assert (await one.page.get(path)).status_code == 404
            assert (await one.page.post(path, data={"kind": "press"})).status_code == 404
        token = one.token
        await one.page.post(f"/u/{token}")
        assert (await one.page.get(f"/r/{token}")).status_code == 410
        assert (await one.page.post(f"/r/{token}", data={"kind": "press"})).status_code == 410
        assert one.bamako.state(one.reader) == "erased"


async def test_one_who_was_paused_asks_for_the_messages_again(tmp_path: Path) -> None:
    async with own(tmp_path) as one:
        with one.bamako.work.store.write() as tx:
            subscribers.pause(tx, one.reader)
        assert 'value="resume"' in (await one.shown()).text
        assert one.bamako.state(one.reader) == "paused"
        await one.page.post(f"/r/{one.token}", data={"do": "resume"})
        assert one.bamako.state(one.reader) == "active"
        assert one.preferences == Preferences()


async def test_a_stranger_who_types_the_address_of_one_who_was_paused_locks_nobody_out(
    tmp_path: Path,
) -> None:
    async with own(tmp_path) as one:
        with one.bamako.work.store.write() as tx:
            subscribers.pause(tx, one.reader)
        again = {
            "email": "awa@example.org",
            "kind": "ngo",
            "bulletin": "weekly",
            "hour": "07:00",
            "immediate": "2",
        }
        assert (await one.page.post("/subscribe", data=again)).status_code == 200
        assert 'value="resume"' in (await one.shown()).text
        await one.page.post(f"/r/{one.token}", data={"do": "resume"})
        assert one.bamako.state(one.reader) == "active"
        assert one.preferences == Preferences()


async def test_the_page_opens_the_chat_and_the_chat_takes_the_preferences_over_once(tmp_path: Path) -> None:
    chat, other = Chat(1001, "private"), Chat(1002, "private")
    async with own(tmp_path, EVERYTHING) as one:
        shown = html.unescape((await one.shown()).text)
        found = re.search(r"https://t\.me/our_bot\?start=mail-([A-Za-z0-9_-]{1,59})\"", shown)
        assert found
        desk, code = one.reception, found[1]
        assert await desk.offered(code) == EVERYTHING
        assert await desk.preferences(chat) is None
        assert await desk.take(chat, code) == EVERYTHING
        assert await desk.preferences(chat) == EVERYTHING
        assert await desk.take(other, code) is None
        assert await desk.preferences(other) is None
        assert one.bamako.state(one.reader) == "active", "the mails go on"
        late = re.search(r"start=mail-([^\"]+)", (await one.shown()).text)
        assert late
        one.bamako.clock.now += timedelta(minutes=15)
        assert await desk.offered(late[1]) is None
        assert await desk.take(other, late[1]) is None


async def test_a_chat_that_is_subscribed_takes_the_new_preferences(tmp_path: Path) -> None:
    chat = Chat(1001, "private")
    async with own(tmp_path, EVERYTHING) as one:
        desk = one.reception
        await desk.subscribe(chat, Preferences())
        await desk.leave(chat)
        found = re.search(r"start=mail-([^\"]+)", (await one.shown()).text)
        assert found
        await desk.take(chat, found[1])
        assert await desk.preferences(chat) == EVERYTHING
        with one.bamako.work.store.read() as tx:
            kept = subscribers.find(tx, one.bamako.work.vault, "telegram", chat.address)
        assert kept
        assert kept.state == "active"


async def test_without_a_bot_there_is_no_way_into_a_chat(tmp_path: Path) -> None:
    async with own(tmp_path) as one:
        one.bamako.work.voice = replace(one.bamako.work.voice, bot="")
        assert "t.me" not in (await one.shown()).text


async def test_what_several_people_read_is_neither_left_nor_changed_by_a_link(tmp_path: Path) -> None:
    """Whoever forwards a message forwards its links; those in charge of a channel speak in the chat."""
    async with city(tmp_path) as bamako, page_of(bamako) as page:
        with bamako.work.store.write() as tx:
            known = subscribers.add_pending(
                tx,
                bamako.work.vault,
                "telegram",
                "-1001234567890",
                Preferences(),
                bamako.clock.now,
                shared_id(),
            )
            subscribers.confirm(tx, known.id, bamako.clock.now)
        token = links.reader_token(bamako.work.keys, known.id)
        answers = [await page.post(f"/{way}/{token}", data={"lang": "en"}) for way in ("u", "r")]
        answers += [await page.get(f"/{way}/{token}") for way in ("u", "r")]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert bamako.state(known.id) == "active"
