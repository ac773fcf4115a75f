"""A reload of the running service: an edited folder, from the file to the administrator's phone."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from warn.app import folders
from warn.app.former import resume
from warn.app.live import Running
from warn.app.notices import Notices

from tests.app.running import RULES
from tests.pipeline.city import City, city
from tests.pipeline.ruled import ADMIN, CHAT, heads, shortage


def running(bamako: City, rules: Path) -> Running:
    """The service's parts over a folder of its own."""
    bamako.work.admins = {"admins": (int(ADMIN),)}
    return Running(
        settings=bamako.settings,
        work=bamako.work,
        fetcher=bamako.fetcher,
        dispatcher=bamako.dispatcher,
        channels=bamako.channels,
        folder=rules,
        stamp=folders.stamp(rules),
        notices=Notices(bamako.channels, [int(ADMIN)], bamako.settings.var / "notices.log"),
    )


async def test_a_rise_that_an_edit_causes_waits_and_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules, ignore=shutil.ignore_patterns("history"))
    good = (rules / "supply.yaml").read_text(encoding="utf-8")

    def save(text: str) -> None:
        (rules / "supply.yaml").write_text(text, encoding="utf-8")

    async with city(tmp_path) as bamako:
        bamako.clock.now = datetime.now(UTC)  # the service reads the clock itself
        service = running(bamako, rules)
        resume(bamako.work, bamako.settings)
        bamako.reader("telegram", CHAT)
        await shortage(bamako)
        save(good.replace("rises_to: {alert: 1}", "rises_to: {alrt: 1}", 1))
        await service.reload()
        (fault,) = bamako.api.taken(chat=ADMIN)
        assert "supply.yaml:16:16" in fault["text"].replace("\u00a0", " ")
        assert "les précédentes restent" in fault["text"]
        save(good.replace("rises_to: {alert: 1}", "rises_to: {crisis: 1}", 1))
        await service.reload()
        bamako.clock.now = datetime.now(UTC)
        await bamako.send()
        _, edit, asked = (message["text"] for message in bamako.api.taken(chat=ADMIN))
        assert "la modification aurait donné" in edit
        assert "/approve 1" in asked
        assert len(heads(bamako)) == 1
        noted = (bamako.settings.var / "notices.log").read_text(encoding="utf-8")
        assert "/approve 1" in noted
        await service.reload()
        assert len(bamako.api.taken(chat=ADMIN)) == 3


async def test_a_source_that_is_written_while_the_service_runs_is_asked_and_one_taken_out_is_not(
    tmp_path: Path,
) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules, ignore=shutil.ignore_patterns("history"))
    file = rules / "sources.yaml"
    shipped = file.read_text(encoding="utf-8")
    own = """
  - id: field_office
    title: Field office
    homepage: https://example.org
    terms: Ours.
    origin: Field office
    grade: B2
    every: 1h
    lag: 1d
    tables:
      - id: queues
        address: https://example.org/queues.json
        records: rows
        has: [hours, day]
        gives:
          - indicator: fuel_queue_hours
            value: {column: hours}
            occurred_at: {column: day}
            key: "{day}"
"""
    async with city(tmp_path) as bamako:
        service = running(bamako, rules)
        service.plan()
        before = service.timetable.ids()
        file.write_text(shipped.rstrip() + own, encoding="utf-8")
        await service.reload()
        assert service.timetable.ids() == before | {"collect-field_office"}
        file.write_text(shipped, encoding="utf-8")
        await service.reload()
        assert service.timetable.ids() == before
