"""Rules that are edited while the service runs, as administrators and readers see it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.app.running import RULES
from tests.fakes.bot_api import bot_api
from tests.fakes.smtp import smtp_relay
from tests.service.living import channels_of, living, subscribe
from tests.service.test_run import FILES_ONLY, shortage, trouble

ADMIN, READER = "77", "1001"


@pytest.mark.slow
async def test_a_rise_that_an_edit_causes_waits_for_the_administrator_who_sees_the_difference(
    tmp_path: Path,
) -> None:
    var, inbox, rules = tmp_path / "var", tmp_path / "inbox", tmp_path / "rules"
    shutil.copytree(RULES, rules, ignore=shutil.ignore_patterns("history"))
    async with smtp_relay() as relay, bot_api() as api:

        def written(chat: str) -> str:
            return "\n".join(message["text"] for message in api.taken(chat=chat))

        subscribe(var, "telegram", READER)
        shortage(inbox)
        more = channels_of(relay, api) | {
            "WARN_SOURCE__FILES": str(inbox),
            "WARN_SOURCE__OFF": FILES_ONLY,
            "WARN_RULES": str(rules),
            "WARN_TELEGRAM__ADMINS": ADMIN,
        }
        async with living(var, **more) as live:
            await live.until(lambda: "ALERTE 3/4" in written(READER))
            path = rules / "supply.yaml"
            text = path.read_text(encoding="utf-8")
            path.write_text(
                text.replace("rises_to: {alert: 1}", "rises_to: {crisis: 1}", 1), encoding="utf-8"
            )
            await live.until(lambda: "/approve 1" in written(ADMIN))
            assert "la modification aurait donné" in written(ADMIN)
            assert "CRISE" not in written(READER)
            assert await live.stop() == 0
        assert trouble(live) == []
