"""Administrators hear of trouble past the outbox: in the chat, and by mail where the chat does not serve."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from warn.app import build
from warn.app.doctor import examine
from warn.app.folders import rules_texts
from warn.app.knowing import every_source
from warn.app.notices import Notices
from warn.channel import Channel
from warn.settings import EmailSettings, Settings, SourceSettings, TelegramSettings

from tests.app.running import ROOT, RULES, SECRET
from tests.fakes.bot_api import bot_api
from tests.fakes.smtp import Relay, smtp_relay

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
REVOKED = "telegram: the token was revoked. See /dead."


def settings(folder: Path, relay: Relay, **more: Any) -> Settings:
    mail = {
        "host": "127.0.0.1",
        "port": relay.port,
        "security": "none",
        "sender": "Alertes <alertes@example.org>",
    }
    return Settings(
        _env_file=None, rules=RULES, templates=ROOT / "templates", var=folder, secret=SECRET, lang="en",
        source=SourceSettings(off=tuple(every_source(rules_texts(RULES)))),
        **{"email": EmailSettings.model_validate(mail | {"admins": "a@example.org, b@example.net"})} | more,
    )  # fmt: skip


def notices(given: Settings) -> tuple[Notices, dict[str, Channel]]:
    ready, _ = build.channels(given, build.chat(given))
    return build.notices(given, ready), ready


def read(relay: Relay) -> list[tuple[str, str, str]]:
    found = [email.message_from_bytes(one.content, policy=email.policy.default) for one in relay.mails]
    return [(one["To"], one["Subject"], one.get_content()) for one in found]


async def test_without_a_chat_a_notice_is_mailed_once_in_six_hours(tmp_path: Path) -> None:
    async with smtp_relay() as relay:
        told, _ = notices(settings(tmp_path, relay))
        for hours in (0, 1, 7):
            await told.tell([REVOKED, "the disk is full\r\nBcc: c@example.org"], NOW + timedelta(hours=hours))
        mails = read(relay)
    assert [to for to, _, _ in mails] == ["a@example.org", "b@example.net"] * 2
    _, subject, text = mails[0]
    assert subject == f"[warn] {REVOKED}"
    assert "the disk is full\nBcc: c@example.org" in text.replace("\r\n", "\n")
    assert "`warn outbox` lists what /dead does" in text
    assert b"List-Unsubscribe" not in relay.mails[0].content
    assert (tmp_path / "notices.log").read_text().count(REVOKED) == 2


async def test_a_revoked_token_is_told_by_mail_and_a_chat_that_works_suffices(tmp_path: Path) -> None:
    async with smtp_relay() as relay, bot_api() as api:
        chat = {"token": api.token, "base_url": api.base_url, "admins": "77"}
        good, ready = notices(settings(tmp_path, relay, telegram=TelegramSettings.model_validate(chat)))
        await good.tell([REVOKED], NOW)
        await good.note(["no. 4 waits for approval: /approve 4"], NOW)
        assert [one["text"] for one in api.taken(chat=77)] == [REVOKED]
        assert relay.mails == []
        chat["token"] = "1:of-another-bot"
        bad, others = notices(settings(tmp_path, relay, telegram=TelegramSettings.model_validate(chat)))
        await bad.tell([REVOKED], NOW)
        assert [subject for _, subject, _ in read(relay)] == [f"[warn] {REVOKED}"] * 2
        for channel in (*ready.values(), *others.values()):
            await channel.close()


async def test_what_waits_for_approval_is_mailed_where_no_chat_carries_it(tmp_path: Path) -> None:
    async with smtp_relay() as relay:
        told, _ = notices(settings(tmp_path, relay))
        await told.note(["no. 4 waits for approval: /approve 4"], NOW)
        assert "/approve 4" in read(relay)[0][1]


async def test_a_relay_that_is_broken_too_leaves_the_file_and_raises_nothing(tmp_path: Path) -> None:
    async with smtp_relay() as relay:
        told, _ = notices(settings(tmp_path, relay))
        relay.say("connect", "554 no", "554 no")
        await told.tell([REVOKED], NOW)
        assert relay.mails == []
    assert REVOKED in (tmp_path / "notices.log").read_text()


async def test_the_doctor_says_who_is_told_and_how(tmp_path: Path) -> None:
    said = []
    async with smtp_relay() as relay:
        for given in (
            settings(tmp_path, relay),
            settings(tmp_path, relay, email=EmailSettings(admins=("a@example.org",))),
        ):
            found = {one.what: one for one in await examine(given, NOW)}["administrators"]
            said.append((found.state, found.said))
    assert said == [
        ("ok", "2 are told by mail; they answer by command"),
        ("fault", "WARN_EMAIL__ADMINS needs WARN_EMAIL__HOST and __SENDER"),
    ]


def test_what_is_no_mail_address_is_refused() -> None:
    with pytest.raises(ValidationError, match="is not a mail address"):
        EmailSettings.model_validate({"admins": "a@example.org, 77"})
