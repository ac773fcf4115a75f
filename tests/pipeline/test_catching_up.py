"""After an outage: what a feed still shows is taken once, known when it was read, and the gap stays a gap until then."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from warn.model import Observation
from warn.moments import micros
from warn.rules.coverage import gaps, watched
from warn.store import observations, polls

from tests.fakes.web import status
from tests.pipeline.city import NOON, SHORTAGE, City, city

DAY = timedelta(days=1)
KIND = "fuel_shortage_report"


def stored(bamako: City) -> list[Observation]:
    with bamako.work.store.read() as tx:
        return [one for one in observations.load(tx) if one.indicator == KIND]


def unwatched_days(bamako: City, as_of: float) -> float:
    """Days of the outage that had not been watched, as of so many days after its beginning."""
    with bamako.work.store.read() as tx:
        asked = {"feeds": polls.polls(tx, source="feeds")}
    seen = watched(KIND, [bamako.work.sources["feeds"].facts()], asked, [])
    lag = bamako.work.sources["feeds"].lag
    found = gaps(seen, micros(NOON - lag), micros(NOON + 3 * DAY - lag), micros(NOON + as_of * DAY))
    return sum(end - start for start, end in found) / 86_400e6


async def test_three_days_without_polls_are_caught_up_once_and_known_when_read(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.publish(SHORTAGE)
        await bamako.hear()
        for day in (1, 2, 3):
            bamako.clock.now = NOON + day * DAY
            bamako.publish(
                f"Bamako : pénurie de carburant, jour {day}, les stations du quartier {day} ferment", "two"
            )
        await bamako.hear()
        found = stored(bamako)
        assert len(found) == 4
        late = [one for one in found if one.occurred_at > NOON]
        assert {one.known_at for one in late} == {NOON + 3 * DAY}
        bamako.clock.now += timedelta(minutes=10)
        await bamako.hear()
        assert stored(bamako) == found
        assert unwatched_days(bamako, 2) == 3
        assert unwatched_days(bamako, 3) == 0


async def test_polls_that_fail_vouch_for_nothing_however_many_there_are(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        await bamako.hear()
        for feed in bamako.items:
            bamako.web.on(f"/{feed}", status(403))
        for hour in range(6, 72, 6):
            bamako.clock.now = NOON + timedelta(hours=hour)
            assert not (await bamako.hear()).good
        assert unwatched_days(bamako, 2.9) == 3
        bamako.clock.now = NOON + 3 * DAY
        for feed in bamako.items:
            bamako.serve(feed)
        assert (await bamako.hear()).good
        assert unwatched_days(bamako, 3) == 0
