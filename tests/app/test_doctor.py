"""What the doctor says of the way into the chat."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from warn.app.doctor import examine
from warn.app.folders import rules_texts
from warn.app.knowing import every_source
from warn.settings import Settings, SourceSettings, TelegramSettings

from tests.app.running import ROOT, RULES, SECRET
from tests.fakes.bot_api import bot_api


@pytest.mark.parametrize(
    ("named", "state", "said"),
    [
        ("@Warn_test_bot", "ok", "@warn_test_bot answers."),
        ("another_bot", "fault", "links lead to another bot"),
        ("", "ok", "WARN_TELEGRAM__NAME puts links"),
    ],
)
async def test_links_that_would_lead_to_another_bot_are_a_fault(
    tmp_path: Path, named: str, state: str, said: str
) -> None:
    async with bot_api() as api:
        telegram = {"token": api.token, "base_url": api.base_url, "name": named}
        settings = Settings(
            rules=RULES,
            templates=ROOT / "templates",
            var=tmp_path,
            secret=SECRET,
            telegram=TelegramSettings.model_validate(telegram),
            source=SourceSettings(off=tuple(every_source(rules_texts(RULES)))),
        )
        found = {one.what: one for one in await examine(settings, datetime.now(UTC))}
    assert found["telegram"].state == state
    assert said in found["telegram"].said
