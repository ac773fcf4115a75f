"""The rest of the service, as a dict: what the bot asks of it, and a record of everything asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from warn.bot.ports import Chat
from warn.errors import UsageError
from warn.model import Preferences

UNTIL = datetime(2025, 10, 8, 6, 10, tzinfo=UTC)


class DictDesk:
    def __init__(self) -> None:
        self.kept: dict[str, Preferences] = {}
        self.leaving: dict[str, Preferences] = {}
        self.asked: list[tuple[str, ...]] = []
        self.broken = False
        self.codes: dict[str, Preferences] = {}

    async def preferences(self, chat: Chat) -> Preferences | None:
        return self.kept.get(chat.address)

    async def subscribe(self, chat: Chat, preferences: Preferences) -> Preferences:
        self.asked.append(("subscribe", chat.address, chat.kind))
        return self.kept.setdefault(chat.address, preferences)

    async def change(self, chat: Chat, preferences: Preferences) -> None:
        self.kept[chat.address] = preferences

    async def offered(self, code: str) -> Preferences | None:
        return self.codes.get(code)

    async def take(self, chat: Chat, code: str) -> Preferences | None:
        wanted = self.codes.pop(code, None)
        if wanted is not None:
            self.kept[chat.address] = wanted
        return wanted

    async def stop(self, chat: Chat) -> bool:
        self.asked.append(("stop", chat.address))
        return self.kept.pop(chat.address, None) is not None

    async def leave(self, chat: Chat) -> datetime | None:
        if chat.address not in self.kept:
            return None
        self.leaving[chat.address] = self.kept.pop(chat.address)
        return UNTIL

    async def undo_leave(self, chat: Chat) -> bool:
        if chat.address not in self.leaving:
            return False
        self.kept[chat.address] = self.leaving.pop(chat.address)
        return True

    async def erase(self, chat: Chat) -> None:
        self.asked.append(("erase", chat.address))
        self.kept.pop(chat.address, None)

    async def gone(self, chat: Chat) -> None:
        self.asked.append(("gone", chat.address, chat.kind))
        self.kept.pop(chat.address, None)

    async def moved(self, old: Chat, new: Chat) -> None:
        self.asked.append(("moved", old.address, new.address))

    async def situation(self, lang: str) -> Sequence[str]:
        if self.broken:
            raise RuntimeError("the database is on fire")
        return (f"<b>Tension 2/4</b> ({lang})",)

    async def digest(self, chat: Chat, lang: str) -> Sequence[str]:
        return ("BULLETIN", "suite") if chat.address in self.kept else ()

    async def details(self, chat: Chat, alert: str, lang: str) -> Sequence[str]:
        return (f"Tout sur {alert}",) if alert == "12" else ()

    async def mute(self, chat: Chat, alert: str) -> datetime | None:
        self.asked.append(("mute", chat.address, alert))
        return UNTIL if alert == "12" else None

    async def foresee(self, admin: int, verb: str, words: Sequence[str], lang: str) -> str:
        return ""

    async def act(self, admin: int, verb: str, words: Sequence[str], lang: str) -> str:
        if verb == "ack" and not words:
            raise UsageError("Which alert?", "/ack 12")
        self.asked.append(("act", str(admin), verb, *words))
        return f"done: {verb}"
