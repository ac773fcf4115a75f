"""Signing up while the service runs: the letter leaves at once, and its link subscribes."""

from __future__ import annotations

import email
import email.policy
import re
from pathlib import Path

import httpx
import pytest

from tests.app.running import ask
from tests.fakes.bot_api import bot_api
from tests.fakes.smtp import smtp_relay
from tests.service.living import channels_of, living


@pytest.mark.slow
async def test_a_reader_signs_up_confirms_and_leaves_while_the_service_runs(tmp_path: Path) -> None:
    var = tmp_path / "var"
    async with smtp_relay() as relay, bot_api() as api:
        settings = channels_of(relay, api) | {"WARN_TELEGRAM__NAME": "@warn_test_bot"}
        async with (
            living(var, **settings) as live,
            httpx.AsyncClient(base_url=live.address, trust_env=False) as page,
        ):
            assert "t.me/warn_test_bot" in (await page.get("/subscribe")).text
            form = {
                "email": "awa@example.org",
                "kind": "resident",
                "bulletin": "daily",
                "hour": "06:00",
                "immediate": "3",
            }
            assert (await page.post("/subscribe", data=form)).status_code == 200
            await live.until(lambda: relay.mails, 10)
            letter = email.message_from_bytes(relay.mails[0].content, policy=email.policy.default)
            body = letter.get_body(("plain",))
            assert body
            found = re.search(r"(/c/\S+)", body.get_content())
            leave = re.search(r"(/u/[^>\s]+)", str(letter["List-Unsubscribe"]))
            assert found
            assert leave
            assert (await page.post(found[1])).status_code == 200
            assert [row["state"] for row in ask(var / "warn.db", "SELECT state FROM subscriber")] == [
                "active"
            ]
            assert (await page.post(leave[1])).status_code == 200
            assert ask(var / "warn.db", "SELECT state FROM subscriber") == []
            assert "awa@" not in live.said
            assert await live.stop() == 0
