"""How long `warn run` takes until it says that it is up, and what it holds when idle, on a database that exists."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from statistics import median

from tests.fakes.bot_api import bot_api
from tests.service.living import living

START_S, IDLE_MB, IDLE_AFTER_S, RUNS = 2.0, 150.0, 10.0, 5


async def starts(var: Path, **more: str) -> float:
    """Median seconds; the first start, which makes the tables, does not count."""
    took = []
    for _ in range(RUNS + 1):
        async with living(var, **more) as live:
            took.append(live.up_s)
            await live.stop()
    return median(took[1:])


async def idle(var: Path, **more: str) -> float:
    async with living(var, **more) as live:
        await asyncio.sleep(IDLE_AFTER_S)
        held = live.rss_mb()
        await live.stop()
        return held


async def measured() -> list[tuple[str, float, float, str]]:
    """(what, target, result, unit) without any setting, then with Telegram."""
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder)
        async with bot_api() as api:
            bot = {"WARN_TELEGRAM__TOKEN": api.token, "WARN_TELEGRAM__BASE_URL": api.base_url}
            return [
                ("start", START_S, await starts(var), "s"),
                ("start with Telegram", START_S, await starts(var, **bot), "s"),
                (f"idle after {IDLE_AFTER_S:g} s", IDLE_MB, await idle(var), "MB"),
                (f"idle after {IDLE_AFTER_S:g} s with Telegram", IDLE_MB, await idle(var, **bot), "MB"),
            ]


def main() -> int:
    rows = asyncio.run(measured())
    print(f"{'warn run':32} {'target':>12} {'result':>12}")
    for what, target, result, unit in rows:
        print(f"{what:32} {f'<= {target:g} {unit}':>12} {f'{result:.2f} {unit}':>12}")
    return int(any(result > target for _, target, result, _ in rows))


if __name__ == "__main__":
    raise SystemExit(main())
