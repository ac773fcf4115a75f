"""What the bot needs for field reports: one small Protocol, implemented over the quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from warn.bot.ports import Chat
from warn.model import Texts

Sent = Literal["taken", "again", "told", "many", "changed", "stranger"]
HOURS = (0, 3, 12, 24)
"""How long ago; nothing finer is asked, and the hour is all that is kept."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that can be told, all by taps: amounts in words, towns by name."""

    ask: Texts
    amounts: Sequence[Texts]
    towns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Questions:
    """`mark` changes when the form does, so that a button of the former one is known for what it is."""

    mark: str
    asked: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Choice:
    """Places in the lists of `Questions`, and how many hours ago."""

    question: int
    amount: int
    town: int
    hours: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One report that a moderator is asked about; never whose it is."""

    number: int
    ask: Texts
    amount: Texts
    town: str
    occurred_at: datetime
    accepted: int
    refused: int


class FieldDesk(Protocol):
    """Verbs the bot calls; each is one transaction."""

    async def vetted(self, chat: Chat) -> bool:
        """Whether reports from this chat count; nobody else learns that there are any."""
        ...

    async def welcome(self, chat: Chat, token: str) -> bool:
        """Uses an invitation up; False for one that is unknown, used or expired."""
        ...

    async def invite(self, admin: int) -> tuple[str, str]:
        """(id of the reporter it will make, what follows `?start=` in the link)."""
        ...

    async def questions(self) -> Questions: ...

    async def send(self, chat: Chat, message: int, mark: str, choice: Choice) -> Sent:
        """Into quarantine. `message` is the conversation: sent twice it is one report."""
        ...

    async def waiting(self) -> Sequence[Waiting]: ...

    async def keep_trace(self, chat: Chat, message: int) -> None:
        """This message is to be gone soon, even if we are not running then."""
        ...

    async def forget_trace(self, chat: int, message: int) -> None: ...

    async def traces(self) -> Sequence[tuple[int, int]]:
        """(chat, message) of everything that should be gone by now."""
        ...
