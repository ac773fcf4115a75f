"""Tells administrators what only they can mend, by a path of its own: the log, a file, Telegram or mail directly.

It does not go through the outbox: when that is what is broken, they must still hear of it. The same line is told
again only after six hours. Mail leaves where the chat does not serve, by a connection of its own.
"""

from __future__ import annotations

import asyncio
import html
import json
import logging
from base64 import encodebytes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from warn.channel import Channel, Parcel
from warn.digest.text import cut
from warn.errors import DeliveryError

log = logging.getLogger("warn.notices")
AGAIN = timedelta(hours=6)
PATIENCE_S = 20.0
LONGEST: Final = 120  # characters of a subject
FOOT: Final[Mapping[str, str]] = {
    "en": "On the machine: `warn outbox` lists what /dead does, `warn outbox requeue` is /requeue, and every other "
    "word with a stroke is a command as well (/approve 4 3: `warn approve 4 3`). `warn doctor` asks every channel.",
    "fr": "Sur la machine : `warn outbox` donne la liste de /dead, `warn outbox requeue` vaut /requeue, et tout autre "
    "mot précédé d’une barre est aussi une commande (/approve 4 3 : `warn approve 4 3`). `warn doctor` interroge "
    "chaque canal.",
}


@dataclass(frozen=True, slots=True)
class Post:
    """`relay` gives a mail channel that nothing else uses; `to` are mailboxes of administrators."""

    relay: Callable[[], Channel]
    to: Sequence[str]
    lang: str


@dataclass(slots=True)
class Notices:
    """`admins` are Telegram ids; `spool` is a file that grows by a line per notice."""

    channels: Mapping[str, Channel]
    admins: Sequence[int]
    spool: Path
    post: Post | None = None
    told: dict[str, datetime] = field(default_factory=dict)

    async def tell(self, lines: Sequence[str], now: datetime) -> None:
        """Every line that was not told lately; never raises."""
        fresh = [line for line in lines if now - self.told.get(line, now - AGAIN) >= AGAIN]
        self.told |= dict.fromkeys(fresh, now)
        for line in fresh:
            self._keep(line, now)
        unheard = [line for line in fresh if not await self._by_chat(line, now)]
        await self._by_mail(unheard, now)

    async def note(self, lines: Sequence[str], now: datetime) -> None:
        """What the outbox carries into the chat; without a chat it is mailed."""
        for line in lines:
            self._keep(line, now)
        if not self._chats:
            await self._by_mail(lines, now)

    @property
    def _chats(self) -> bool:
        return bool(self.admins) and "telegram" in self.channels

    def _keep(self, line: str, now: datetime) -> None:
        log.warning("%s", line)
        try:
            with self.spool.open("a", encoding="utf-8") as file:
                file.write(f"{now:%Y-%m-%dT%H:%M:%SZ} {line}\n")
        except OSError as error:
            log.error("the notice could not be written to %s: %s", self.spool, error.strerror)  # noqa: TRY400

    async def _by_chat(self, line: str, now: datetime) -> bool:
        """Whether every administrator has it."""
        failed = not self._chats
        for admin in self.admins if self._chats else ():
            try:
                await self.channels["telegram"].send(_parcel(admin, line, now))
            except DeliveryError as error:
                failed = True
                log.warning("administrator %d was not told: %s", admin, error)
        return not failed

    async def _by_mail(self, lines: Sequence[str], now: datetime) -> None:
        if self.post is None or not lines:
            return
        relay = self.post.relay()
        for mailbox in self.post.to:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await relay.send(_letter(mailbox, lines, self.post.lang, now))
            except DeliveryError as error:
                log.warning("an administrator was not told by mail: %s", error)
            except TimeoutError:
                log.warning("an administrator was not told by mail: no answer within %g s", PATIENCE_S)
        await relay.close()


def _letter(mailbox: str, lines: Sequence[str], lang: str, now: datetime) -> Parcel:
    text = "\n\n".join([*lines, FOOT["fr" if lang == "fr" else "en"]])
    head = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    return Parcel(
        id=0,
        key=_key(mailbox, text, now),
        form="email",
        subject=cut(f"[warn] {' '.join(lines[0].split())}", LONGEST),
        body=head.encode() + encodebytes(text.encode()),
        address=mailbox,
        token="",
        priority=4,
        created_at=now,
    )


def _parcel(admin: int, line: str, now: datetime) -> Parcel:
    body = json.dumps({"parts": [html.escape(line)], "buttons": [], "silent": False}).encode()
    return Parcel(
        id=0,
        key=_key(str(admin), line, now),
        form="telegram",
        subject="",
        body=body,
        address=str(admin),
        token="",
        priority=4,
        created_at=now,
    )


def _key(to: str, text: str, now: datetime) -> str:
    return sha256(f"{to} {now.isoformat()} {text}".encode()).hexdigest()
