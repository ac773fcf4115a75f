"""At most one request at a time and per interval for each host, whoever asks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping


class Pace:
    """Callers for one host queue up in order; hosts do not wait for one another."""

    def __init__(self, usual_s: float, host_s: Mapping[str, float]) -> None:
        self._usual_s = usual_s
        self._host_s = host_s
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free_at: dict[str, float] = {}

    async def wait(self, host: str) -> None:
        """Returns when it is this caller's turn to ask `host`."""
        async with self._turns[host]:
            loop = asyncio.get_running_loop()
            delay = self._free_at.get(host, 0.0) - loop.time()
            if delay > 0:
                await asyncio.sleep(delay)
            self._free_at[host] = loop.time() + self._host_s.get(host, self._usual_s)
