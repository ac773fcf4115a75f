"""What the bot needs of the rest: one small Protocol, implemented over the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from warn.model import Preferences

ChatKind = Literal["private", "group", "channel"]


@dataclass(frozen=True, slots=True)
class Chat:
    """Where a command came from. `thread` is the topic of a forum, None elsewhere."""

    id: int
    kind: ChatKind
    thread: int | None = None

    @property
    def address(self) -> str:
        """As the Telegram channel takes it."""
        return f"{self.id}:{self.thread}" if self.thread is not None else str(self.id)


class Desk(Protocol):
    """Verbs the bot calls. Texts come back as Telegram HTML, in parts of at most 4,096 UTF-16 units."""

    async def preferences(self, chat: Chat) -> Preferences | None:
        """None where nobody subscribed."""
        ...

    async def subscribe(self, chat: Chat, preferences: Preferences) -> Preferences:
        """Starts a subscription; one that exists keeps its preferences, and a leave is undone."""
        ...

    async def change(self, chat: Chat, preferences: Preferences) -> None:
        """Stores new preferences of an existing subscription."""
        ...

    async def offered(self, code: str) -> Preferences | None:
        """What the reader of that mail hears, who wants it here as well; None for a code that is over or not ours."""
        ...

    async def take(self, chat: Chat, code: str) -> Preferences | None:
        """Subscribes this chat with what was offered, or changes its subscription to that; a code serves once."""
        ...

    async def stop(self, chat: Chat) -> bool:
        """`/stop`: contact and preferences erased, open deliveries suppressed. False: nothing to erase."""
        ...

    async def leave(self, chat: Chat) -> datetime | None:
        """The button: deliveries stop now, erasure follows at the moment returned; None: no subscription."""
        ...

    async def undo_leave(self, chat: Chat) -> bool:
        """False: too late, already erased."""
        ...

    async def erase(self, chat: Chat) -> None:
        """`/effacer`: as `stop`, and the chat's own field reports of the current key period."""
        ...

    async def gone(self, chat: Chat) -> None:
        """The bot was blocked or removed: nothing can be delivered, so nothing is kept."""
        ...

    async def moved(self, old: Chat, new: Chat) -> None:
        """A group became a supergroup: same subscription, other address."""
        ...

    async def situation(self, lang: str) -> Sequence[str]:
        """`/statut`: the level in words, open alerts, and how old what we know is."""
        ...

    async def digest(self, chat: Chat, lang: str) -> Sequence[str]:
        """`/bulletin`: today's edition; empty where none was made yet."""
        ...

    async def details(self, chat: Chat, alert: str, lang: str) -> Sequence[str]:
        """The long form of one alert (public number); empty where there is none."""
        ...

    async def mute(self, chat: Chat, alert: str) -> datetime | None:
        """Nothing more of this alert until the moment returned, unless it rises; None: no such alert here."""
        ...

    async def foresee(self, admin: int, verb: str, words: Sequence[str], lang: str) -> str:
        """What belongs under the question before that act, such as how many hear it; raises where it cannot be done."""
        ...

    async def act(self, admin: int, verb: str, words: Sequence[str], lang: str) -> str:
        """What an administrator asked for (a verb of `admin.VERBS`), recorded; the answer is plain text."""
        ...
