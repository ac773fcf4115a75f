"""What the doctor says of the people whom the rules leave something to."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from warn.app.doctor import examine
from warn.app.folders import rules_texts
from warn.app.knowing import every_source
from warn.settings import Settings, SourceSettings, TelegramSettings

from tests.app.running import ROOT, RULES, SECRET


async def test_a_group_that_rules_name_and_no_setting_does_is_a_fault(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules, ignore=shutil.ignore_patterns("history"))
    text = (rules / "supply.yaml").read_text(encoding="utf-8")
    step = "escalate: [{after: 24h, to: direction}]\n    rises_to: {alert: 1}"
    (rules / "supply.yaml").write_text(text.replace("rises_to: {alert: 1}", step, 1), encoding="utf-8")
    found = {}
    for name, telegram in {
        "nobody": TelegramSettings(),
        "no group": TelegramSettings(admins=(77,)),
        "group": TelegramSettings(admins=(77,), groups={"direction": (88,)}),
    }.items():
        settings = Settings(
            rules=rules,
            templates=ROOT / "templates",
            var=tmp_path / "var",
            secret=SECRET,
            telegram=telegram,
            source=SourceSettings(off=tuple(every_source(rules_texts(RULES)))),
        )
        told = {one.what: one for one in await examine(settings, datetime.now(UTC))}
        found[name] = (told["administrators"].state, told["administrators"].said)
    assert [state for state, _ in found.values()] == ["off", "fault", "ok"]
    assert "WARN_TELEGRAM__ADMINS" in found["nobody"][1]
    assert "direction" in found["no group"][1]
