"""Field reports in what readers get: counted, never told one by one, and never with a mark that joins them."""

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

from sqlalchemy import text
from warn import desk
from warn.app.live import Running, utc_now
from warn.app.notices import Notices
from warn.model import Observation, Preferences
from warn.store import alerts, observations, reports

from tests.app.running import RULES
from tests.pipeline.city import NOON, City, city, page_of

EARLY = Preferences(quiet_from=None, quiet_until=None, digest_at=time(6))


def _told(town: City) -> None:
    """Six reports by three reporters of each thing, as the quarantine lets them out."""
    said = (("station_has_fuel", 0.0), ("fuel_queue_hours", 8.0), ("power_hours", 3.0), ("road_block", 1.0))
    rows = [
        Observation(
            name, NOON - timedelta(hours=2 + n), NOON, value, source="bot", origins=(f"reporter-abc{n % 3}",),
            place="Bamako", lat=12.6091, lon=-7.9752, precision="town", grade="C3", key=f"{name}{n}",
        )
        for name, value in said
        for n in range(6)
    ]  # fmt: skip
    with town.work.store.write() as tx:
        observations.ingest(tx, rows, NOON)


async def test_reports_from_the_ground_are_counted_and_nobody_s_mark_is_told(tmp_path: Path) -> None:
    async with city(tmp_path) as town:
        town.reader("telegram", "1001", EARLY)
        town.reader("email", "awa@example.org", EARLY)
        await town.hear()
        _told(town)
        for hours in (0, 7):  # the rules ask that it holds for six hours
            town.clock.now = NOON + timedelta(hours=hours)
            await town.judge()
        with town.work.store.read() as tx:
            numbers = {one.rule: one.number for one in alerts.episodes(tx)}
        assert {"station-fuel", "fuel-queues", "power-hours"} <= set(numbers)
        for number in numbers.values():
            desk.act(town.work.store, "approve", desk.Request("test", (str(number),), town.clock.now))
        await town.at(NOON + timedelta(hours=18))
        async with page_of(town) as page:
            paths = ("/", *(f"/a/{number}" for number in numbers.values()))
            shown = [(await page.get(path)).text for path in paths]
        assert "6 relevés de terrain" in "".join(shown)
        assert "3 correspondants" in "".join(shown)
        with town.work.store.read() as tx:
            bodies = tx.connection().execute(text("SELECT kind, form, body FROM rendered")).all()
        assert {(row.kind, row.form) for row in bodies} >= {("alert", "telegram"), ("digest", "email")}
        shown += [bytes(row.body).decode(errors="replace") for row in bodies]
        assert any("Source\u00a0: relevés de terrain" in one for one in shown)
        assert [one for one in shown if "reporter-" in one] == []


async def test_moderators_hear_once_that_reports_wait_and_what_nobody_read_goes(tmp_path: Path) -> None:
    async with city(tmp_path) as town:
        running = Running(
            settings=town.settings, work=town.work, fetcher=town.fetcher, dispatcher=town.dispatcher,
            channels=town.channels, folder=RULES, stamp={}, notices=Notices(town.channels, [77], tmp_path / "notices"),
        )  # fmt: skip
        await running.moderate()
        now = utc_now()
        said = Observation("power_hours", now, now, 4.0, source="bot", origins=("reporter-a",), key="k")
        with town.work.store.write() as tx:
            reports.receive(tx, said, now)
            reports.receive(tx, replace(said, key="old"), now - timedelta(days=9))
        await running.moderate()
        await running.moderate()
        (told,) = town.api.taken(chat=77)
        assert "/reports" in told["text"]
        with town.work.store.read() as tx:
            assert reports.counts(tx) == {"waiting": 1, "expired": 1}
