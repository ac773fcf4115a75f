"""What administrators do from the chat: by numeric id, alone with us, and asked again where it counts."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from types import MappingProxyType

from warn.bot import moderating
from warn.bot.field import FieldDesk
from warn.bot.limits import Remembered
from warn.bot.visit import Rows, Visit
from warn.errors import WarnError

VERBS: Mapping[str, int] = MappingProxyType({
    "approve": 0, "deny": 0, "ack": 0, "silence": 1, "withdraw": 1, "pause": 1, "resume": 1, "say": 2, "drill": 1,
    "dead": 0, "requeue": 0, "health": 0, "accept": 0, "refuse": 0,
})  # fmt: skip
"""Each with how often it is asked back before it is done."""

LONGEST = 3000  # of 4,096 units
HELP = "admin"
Seen = Callable[[Visit, FieldDesk], Awaitable[None]]
FIELD: Mapping[str, Seen] = MappingProxyType(
    {"reports": moderating.show_waiting, "invite": moderating.invite}
)
"""What answers with more than a line."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an administrator asked for, and how often they must still say yes."""

    by: int
    verb: str
    words: tuple[str, ...]
    more: int


@dataclass(slots=True)
class Admin:
    """Keeps a wish for five minutes until its author confirms it."""

    wishes: Remembered[Wish] = field(default_factory=lambda: Remembered(300.0))

    async def command(self, visit: Visit) -> bool:
        """False where this is no administrator's command, so that others learn nothing of it."""
        verb, *words = visit.words
        if verb not in {HELP, *VERBS, *FIELD} or not _admitted(visit):
            return False
        if verb == HELP:
            await visit.say(visit.text("admin.verbs"))
        elif verb in FIELD:
            if visit.parts.field is None:
                return False
            await FIELD[verb](visit, visit.parts.field)
        elif VERBS[verb]:
            await self._ask(visit, Wish(visit.user, verb, tuple(words), VERBS[verb]))
        else:
            await visit.say(await _done(visit, verb, tuple(words)))
        return True

    async def tapped(self, visit: Visit, name: str, rest: str) -> None:
        """A button under one of our questions; in anybody else's hands it does nothing."""
        if name == "judge" and _admitted(visit):
            await moderating.judge(visit, rest)
        elif name == "admin":
            await self._confirmed(visit, rest)

    async def _ask(self, visit: Visit, wish: Wish) -> None:
        try:
            foreseen = await visit.parts.desk.foresee(wish.by, wish.verb, wish.words, visit.lang)
        except WarnError as error:
            await visit.say(escape(clipped(error.said(visit.lang)), quote=False))
            return
        text, rows = self._question(visit, wish)
        await visit.say(f"{text}\n{escape(foreseen, quote=False)}".rstrip(), rows)

    def _question(self, visit: Visit, wish: Wish) -> tuple[str, Rows]:
        name = secrets.token_urlsafe(9)
        self.wishes.put(name, wish, visit.parts.clock())
        first = wish.more == VERBS[wish.verb]
        text = visit.text(
            "admin.confirm" if first else "admin.again", verb=wish.verb, words=" ".join(wish.words)
        )
        return text, [[(visit.text("admin.yes"), f"admin:{name}"), (visit.text("stop_no"), "admin:no")]]

    async def _confirmed(self, visit: Visit, name: str) -> None:
        """Once, in time, and by the one who asked."""
        if name == "no":
            await visit.show(visit.text("admin.dropped"))
            return
        wish = self.wishes.pop(name, visit.parts.clock())
        if wish is None or wish.by != visit.user or not _admitted(visit):
            await visit.show(visit.text("admin.expired"))
        elif wish.more > 1:
            await visit.show(*self._question(visit, replace(wish, more=wish.more - 1)))
        else:
            await visit.show(await _done(visit, wish.verb, wish.words))


def _admitted(visit: Visit) -> bool:
    """By numeric id, and alone with us: in a group others would read along."""
    return visit.chat.kind == "private" and visit.user in visit.parts.admins


async def _done(visit: Visit, verb: str, words: tuple[str, ...]) -> str:
    """Plain text of many makers, some of it what servers answered: escaped, and cut to what one message holds."""
    try:
        told = await visit.parts.desk.act(visit.user, verb, words, visit.lang)
    except WarnError as error:
        told = error.said(visit.lang)
    return escape(clipped(told), quote=False)


def clipped(told: str) -> str:
    """Whole lines, as many as fit with room for what escaping adds."""
    kept: list[str] = []
    for line in told.splitlines():
        if sum(map(len, kept)) + len(kept) + len(line) > LONGEST:
            return "\n".join([*kept, "…"]) if kept else line[:LONGEST]
        kept.append(line)
    return "\n".join(kept)
