"""Tells administrators what only they can mend, by a path of its own: the log, a file, and Telegram directly.

It does not go through the outbox: when that is what is broken, they must still hear of it. The same line is told
again only after six hours.
"""

from __future__ import annotations

import html
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from warn.channel import Channel, Parcel
from warn.errors import DeliveryError

log = logging.getLogger("warn.notices")
AGAIN = timedelta(hours=6)


@dataclass(slots=True)
class Notices:
    """`admins` are Telegram ids; `spool` is a file that grows by a line per notice."""

    channels: Mapping[str, Channel]
    admins: Sequence[int]
    spool: Path
    told: dict[str, datetime] = field(default_factory=dict)

    async def tell(self, lines: Sequence[str], now: datetime) -> None:
        """Every line that was not told lately; never raises."""
        for line in lines:
            if now - self.told.get(line, now - AGAIN) < AGAIN:
                continue
            self.told[line] = now
            log.warning("%s", line)
            self._keep(line, now)
            await self._send(line, now)

    def note(self, lines: Sequence[str], now: datetime) -> None:
        """What reaches administrators by the outbox stands in the log and the file as well."""
        for line in lines:
            log.warning("%s", line)
            self._keep(line, now)

    def _keep(self, line: str, now: datetime) -> None:
        try:
            with self.spool.open("a", encoding="utf-8") as file:
                file.write(f"{now:%Y-%m-%dT%H:%M:%SZ} {line}\n")
        except OSError as error:
            log.error("the notice could not be written to %s: %s", self.spool, error.strerror)  # noqa: TRY400

    async def _send(self, line: str, now: datetime) -> None:
        telegram = self.channels.get("telegram")
        if telegram is None:
            return
        for admin in self.admins:
            parcel = _parcel(admin, line, now)
            try:
                await telegram.send(parcel)
            except DeliveryError as error:
                log.warning("administrator %d was not told: %s", admin, error)


def _parcel(admin: int, line: str, now: datetime) -> Parcel:
    body = json.dumps({"parts": [html.escape(line)], "buttons": [], "silent": False}).encode()
    key = sha256(f"{admin} {now.isoformat()} {line}".encode()).hexdigest()
    return Parcel(
        id=0,
        key=key,
        form="telegram",
        subject="",
        body=body,
        address=str(admin),
        token="",
        priority=4,
        created_at=now,
    )
