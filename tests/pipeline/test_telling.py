"""From a headline on a server to a message on a phone, with every real part in between but the network."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

from warn import links
from warn.model import Level, Preferences
from warn.pipeline.judge import spread_all

from tests.fakes.web import body, status
from tests.pipeline.city import EAGER, NOON, SHORTAGE, City, city, page_of

CHAT = "1001"
HOUR = timedelta(hours=1)


def mails(bamako: City) -> list[str]:
    return [mail.content.decode("utf-8", "replace") for mail in bamako.relay.mails]


def subject(content: bytes) -> str:
    return str(email.message_from_bytes(content, policy=email.policy.default)["Subject"])


async def test_a_headline_becomes_one_mail_and_one_message_and_reading_it_again_adds_nothing(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        bamako.reader("email", "reader@example.org")
        bamako.reader("telegram", CHAT)
        bamako.publish(SHORTAGE)
        poll = await bamako.hear()
        assert poll.outcome == "ok"
        await bamako.send()
        assert bamako.levels()["fuel-shortage"] == Level.ALERT
        assert [mail.recipient for mail in bamako.relay.mails] == ["reader@example.org"]
        assert "Alerte 3/4" in subject(bamako.relay.mails[0].content)
        assert [("ALERTE" in m["text"], m["silent"]) for m in bamako.api.taken(chat=CHAT)] == [(True, False)]
        for later in (HOUR, 2 * HOUR):
            bamako.clock.now = NOON + later
            await bamako.hear()
            await bamako.at(NOON + later)
        assert len(bamako.relay.mails) == 1
        assert len(bamako.api.taken(chat=CHAT)) == 1


async def test_quiet_hours_hold_a_message_and_their_end_releases_it_once(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        asleep = replace(EAGER, quiet_from=time(22), quiet_until=time(6))
        bamako.reader("telegram", CHAT, asleep)
        bamako.reader("telegram", "1002")
        night = NOON.replace(hour=23)
        bamako.clock.now = night
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await bamako.send()
        assert bamako.api.taken(chat=CHAT) == []
        assert len(bamako.api.taken(chat="1002")) == 1
        await bamako.at(night + 6 * HOUR)
        assert bamako.api.taken(chat=CHAT) == []
        for _ in range(2):
            await bamako.at(night + 7 * HOUR)
        assert len(bamako.api.taken(chat=CHAT)) == 1
        assert len(bamako.api.taken(chat="1002")) == 1


async def test_news_of_one_moment_that_is_judged_twice_is_all_told(tmp_path: Path) -> None:
    """As when an hour strikes just as a report comes in."""
    async with city(tmp_path) as bamako:
        bamako.reader("telegram", CHAT, replace(EAGER, immediate_from=Level.TENSION))
        bamako.publish("Mali : le JNIM annonce un blocus sur Kayes")
        await bamako.hear()
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await bamako.send()
        assert {"announced-blockade", "fuel-shortage"} <= set(bamako.levels())
        texts = " ".join(message["text"] for message in bamako.api.taken(chat=CHAT))
        assert "TENSION" in texts
        assert "ALERTE" in texts


async def test_the_digest_leaves_at_its_hour_once_and_a_late_one_only_within_six_hours(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        bamako.reader("email", "reader@example.org", Preferences(digest_at=time(6)))
        bamako.clock.now = NOON.replace(hour=5, minute=59)
        await bamako.judge()
        before = bamako.print_editions()
        await bamako.at(NOON.replace(hour=6, minute=1))
        sent = len(bamako.relay.mails)
        await bamako.at(NOON.replace(hour=6, minute=2))
        assert sent == 1
        assert before in {0, 1}
        digests = bamako.deliveries(kind="digest")
        assert len([row for row in digests if row["state"] == "sent"]) == 1
        assert len(bamako.relay.mails) == 1
        await bamako.at(NOON + timedelta(days=1, hours=3))  # the process slept through the morning
        assert len(bamako.relay.mails) == 1
        await bamako.at(NOON.replace(hour=6) + timedelta(days=2))
        assert len(bamako.relay.mails) == 2


async def test_the_link_in_a_mail_shows_a_button_and_only_the_button_erases(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        reader = bamako.reader("email", "reader@example.org")
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await bamako.send()
        message = email.message_from_bytes(bamako.relay.mails[0].content, policy=email.policy.default)
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = re.fullmatch(r"<https://alertes\.example\.org(/u/\S+)>", str(message["List-Unsubscribe"]))
        assert link
        page = page_of(bamako)
        for _ in range(3):
            shown = await page.get(link[1])
            assert shown.status_code == 200
            assert '<form method="post">' in shown.text
        assert bamako.state(reader) == "active"
        assert (await page.post(link[1], data={"List-Unsubscribe": "One-Click"})).status_code == 200
        assert bamako.state(reader) == "erased"
        again = await page.post(link[1])
        assert again.status_code == 200
        assert "<form" not in (await page.get(link[1])).text
        assert (await page.post("/u/not-a-token")).status_code == 404
        stored = bamako.database.read_bytes()
        assert b"reader@example.org" not in stored


async def test_leaving_suppresses_what_waits(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        reader = bamako.reader("telegram", CHAT)
        bamako.publish(SHORTAGE)
        await bamako.hear()
        page = page_of(bamako)
        await page.post(f"/u/{links.reader_token(bamako.work.keys, reader)}")
        await bamako.send()
        assert bamako.api.taken(chat=CHAT) == []
        assert {row["state"] for row in bamako.deliveries()} == {"suppressed"}


async def test_the_same_address_twice_is_one_reader_with_one_message(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        one = bamako.reader("email", "reader@example.org")
        two = bamako.reader("email", " Reader@example.org ".strip())
        three = bamako.reader("email", "reader@example.org", replace(EAGER, lang="en"))
        assert one == three
        assert two == one
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await bamako.send()
        assert len(bamako.relay.mails) == 1


async def test_new_facts_edit_the_message_on_the_phone_and_a_raise_is_a_new_one_that_marks_the_old(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        bamako.reader("telegram", CHAT, replace(EAGER, immediate_from=Level.TENSION))
        attack = "Mali : un convoi de camions-citernes attaqué entre {0} et {1}"
        bamako.publish(attack.format("Kolokani", "Didiéni"))
        await bamako.hear()
        await bamako.send()
        assert bamako.levels()["convoy-attacks"] == Level.TENSION
        first = bamako.api.taken(chat=CHAT)
        assert len(first) == 1
        assert first[0]["silent"]
        before = first[0]["text"]
        bamako.clock.now = NOON + timedelta(days=2)
        bamako.publish("Mali : un convoi de camions-citernes attaqué à Loulouni")
        await bamako.hear()
        await bamako.send()
        assert bamako.levels()["convoy-attacks"] == Level.ALERT
        taken = bamako.api.taken(chat=CHAT)
        raised = [m for m in taken if "ALERTE" in m["text"] and m["message_id"] != first[0]["message_id"]]
        assert len(raised) == 1
        assert not raised[0]["silent"]
        old = bamako.api.messages[CHAT, first[0]["message_id"]]["text"]
        assert old != before
        assert bamako.api.calls("editMessageText")
        calls = len(bamako.api.calls("sendMessage"))
        bamako.clock.now = NOON + timedelta(days=4)
        bamako.publish("Mali : un convoi de camions-citernes attaqué à Siby")
        await bamako.hear()
        await bamako.send()
        sent = bamako.api.calls("sendMessage")[calls:]
        edits = [entry for entry in bamako.api.calls("editMessageText") if "3" in str(entry.data["text"])]
        assert bamako.levels()["convoy-attacks"] == Level.ALERT
        assert not [
            entry for entry in sent if "Attaques de convois" in str(entry.data["text"]).splitlines()[0]
        ]
        assert edits


async def test_one_feed_that_cannot_be_read_is_told_and_hides_nothing_of_the_other(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.publish(SHORTAGE, "two")
        bamako.publish(SHORTAGE, "one")
        for answer in (
            status(500),
            body(b"<html><body>Just a moment...</body></html>", "text/html"),
            body(b"\x00\xff\xfe garbage"),
        ):
            bamako.web.on("/two", answer)
            poll = await bamako.hear()
            assert poll.parts == {"one": True, "two": False}
            assert "two" in poll.message
            bamako.clock.now += HOUR
        assert bamako.levels()["fuel-shortage"] == Level.ALERT


async def test_a_hold_that_ends_between_two_looks_is_released_at_the_next(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.reader("telegram", CHAT, replace(EAGER, quiet_from=time(11), quiet_until=time(13)))
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await bamako.send()
        assert bamako.api.taken(chat=CHAT) == []
        bamako.clock.now = NOON + timedelta(days=1, hours=3)  # the process was down when the hold ended
        spread_all(bamako.work, bamako.clock.now)
        await bamako.send()
        assert len(bamako.api.taken(chat=CHAT)) == 1
