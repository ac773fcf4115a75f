import pytest
from warn.sources.firms import SATELLITES, SOURCE

from tests.fakes.web import body, serving, status
from tests.sources.asking import NOW, ask
from tests.sources.knowing import context, payload

HEADER = payload("firms/none.csv").decode()


def fire(lat: float, lon: float, clock: str, confidence: str, power: float, light: str) -> bytes:
    row = f"{lat},{lon},330,0.4,0.4,2025-10-14,{clock},N,VIIRS,{confidence},2.0NRT,298,{power},{light}\n"
    return f"{HEADER}{row}".encode()


async def test_without_a_key_each_satellite_of_the_region_is_read_and_one_may_fail() -> None:
    first, second, third = SATELLITES.values()
    async with serving() as web:
        web.on(f"/{first}_24h.csv", body(payload("firms/regional.csv"), "text/csv"))
        web.on(f"/{second}_24h.csv", body(payload("firms/none.csv"), "text/csv"))
        web.on(f"/{third}_24h.csv", status(503))
        found = await ask(SOURCE, {"firms_url": web.address + "/{file}_24h.csv"})
    assert (found.poll.outcome, len(found.observations)) == ("ok", 2)
    assert list(found.poll.parts.values()) == [True, True, False]


async def test_with_a_key_the_box_of_the_country_is_asked_for() -> None:
    async with serving() as web:
        for satellite in SATELLITES:
            web.on(f"/secret/{satellite}/-12.5,10.1,4.3,25.1", body(payload("firms/area.csv"), "text/csv"))
        where = web.address + "/{key}/{satellite}/{box}"
        found = await ask(SOURCE, {"firms_area_url": where, "firms_key": "secret"})
    assert found.poll.outcome == "ok"


@pytest.mark.parametrize("code", [400, 200, 403, 500])
async def test_a_key_that_is_not_known_is_said_and_never_shown(code: int) -> None:
    async with serving() as web:
        for satellite in SATELLITES:
            web.on(f"/secret/{satellite}", body(payload("firms/denied.txt"), "text/plain", code))
        found = await ask(
            SOURCE, {"firms_area_url": web.address + "/{key}/{satellite}", "firms_key": "secret"}
        )
    assert found.poll.outcome == ("error" if code == 500 else "blocked")
    assert "secret" not in found.poll.message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (fire(12.61, -8.01, "149", "n", 3, "N"), 1),
        (fire(12.61, -8.01, "5", "h", 3, "N"), 1),
        (fire(12.61, -8.01, "149", "l", 90, "N"), 0),
        (fire(12.61, -8.01, "1349", "h", 30, "D"), 1),
        (fire(12.61, -8.01, "1349", "n", 30, "D"), 0),
        (fire(12.61, -8.01, "1349", "h", 9, "D"), 0),
        (fire(20.5, -3.0, "149", "h", 90, "N"), 0),
        (fire(12.61, -8.01, "149", "75", 9, "N"), 1),
    ],
)
def test_fires_at_night_and_strong_ones_by_day_are_told_if_near_a_road(content: bytes, told: int) -> None:
    assert len(SOURCE.parse(content, context(NOW)).observations) == told


def test_hours_without_their_zero_are_understood() -> None:
    (found,) = SOURCE.parse(fire(12.61, -8.01, "5", "h", 3, "N"), context(NOW)).observations
    assert (found.occurred_at.hour, found.occurred_at.minute) == (0, 5)
