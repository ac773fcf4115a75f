"""`warn run` as a process: started, looked at, stopped or killed from outside."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from warn.app import build
from warn.model import Preferences
from warn.settings import Settings
from warn.sources import SOURCES
from warn.store import subscribers

from tests.app.running import COMMAND, RULES, SECRET, environment
from tests.fakes.bot_api import BotApi
from tests.fakes.smtp import Relay

QUIET = ",".join(SOURCES)  # no source is asked: a test reaches nobody's server


@dataclass
class Live:
    """The process, everything it said, and its page."""

    process: asyncio.subprocess.Process
    began: float
    lines: list[str] = field(default_factory=list)
    address: str = ""
    up_s: float = 0.0
    up_cpu_s: float = 0.0
    reading: asyncio.Task[None] | None = None

    @property
    def said(self) -> str:
        return "".join(self.lines)

    async def listen(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.lines.append(line.decode())
            if found := re.search(r"warn is up: (\S+)", self.lines[-1]):
                self.up_s = time.monotonic() - self.began
                self.up_cpu_s = self.cpu_s()
                self.address = found[1]

    async def until(self, true: Callable[[], Any], seconds: float = 30.0) -> None:
        """What must come does come, or the whole log is in the failure."""
        ends = time.monotonic() + seconds
        while not true():
            assert self.process.returncode is None or true(), f"ended early:\n{self.said}"
            assert time.monotonic() < ends, f"did not come in {seconds} s:\n{self.said}"
            await asyncio.sleep(0.02)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.returncode is None:
            self.process.send_signal(how)
        async with asyncio.timeout(40):
            code = await self.process.wait()
            if self.reading is not None:
                await self.reading
        return code

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.address, trust_env=False) as client:
            return await client.get(path)

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found
        return int(found[1]) / 1024


@asynccontextmanager
async def living(var: Path, **more: str) -> AsyncIterator[Live]:
    """`warn run` on a free port, up when entered; killed at the end if it still runs."""
    var.mkdir(parents=True, exist_ok=True)
    settings = {"WARN_SOURCE__OFF": QUIET, "WARN_WEB__PORT": "0"} | more
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "run", env=environment(var, **settings), cwd=var,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    live = Live(process, began)
    live.reading = asyncio.create_task(live.listen())
    try:
        await live.until(lambda: live.address)
        yield live
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await live.reading


def channels_of(relay: Relay, api: BotApi) -> dict[str, str]:
    """Settings by which a service sends to these."""
    return {
        "WARN_EMAIL__HOST": "127.0.0.1",
        "WARN_EMAIL__PORT": str(relay.port),
        "WARN_EMAIL__SECURITY": "none",
        "WARN_EMAIL__SENDER": "Alertes <a@example.org>",
        "WARN_TELEGRAM__TOKEN": api.token,
        "WARN_TELEGRAM__BASE_URL": api.base_url,
    }


def subscribe(var: Path, channel: Any, address: str) -> str:
    """A reader who wants alerts at any hour and no digest, confirmed before the service starts."""
    settings = Settings(rules=RULES, var=var, secret=SECRET)
    store = build.open_database(settings, upgrade=True)
    work = build.work(settings, store, pictures=False)
    wanted = Preferences(quiet_from=None, quiet_until=None, digest_at=None)
    now = datetime.now(UTC)
    with store.write() as tx:
        known = subscribers.add_pending(tx, work.vault, channel, address, wanted, now)
        subscribers.confirm(tx, known.id, now)
    store.close()
    return known.id
