"""What administrators do from the chat: by numeric id, alone with the bot, and twice where it cannot be undone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from warn.bot.limits import Remembered
from warn.bot.visit import Visit
from warn.errors import WarnError

VERBS: Mapping[str, bool] = MappingProxyType({
    "approve": False, "ack": False, "silence": True, "withdraw": True, "pause": True, "resume": True,
    "say": True, "drill": True, "dead": False, "requeue": False, "health": False,
})  # fmt: skip
"""Each with whether it is asked back before it is done."""

Wish = tuple[int, str, tuple[str, ...]]  # administrator, verb, words


@dataclass(slots=True)
class Admin:
    """Keeps a wish for five minutes until its author confirms it."""

    wishes: Remembered[Wish] = field(default_factory=lambda: Remembered(300.0))

    async def command(self, visit: Visit) -> bool:
        """False where this is no administrator's command, so that others learn nothing of it."""
        verb, *words = visit.words
        if verb not in VERBS or visit.chat.kind != "private" or visit.user not in visit.parts.admins:
            return False
        if not VERBS[verb]:
            await visit.say(await _done(visit, verb, tuple(words)))
            return True
        name = secrets.token_urlsafe(9)
        self.wishes.put(name, (visit.user, verb, tuple(words)), visit.parts.clock())
        text = visit.text("admin.confirm", verb=verb, words=" ".join(words))
        await visit.say(
            text, [[(visit.text("admin.yes"), f"admin:{name}"), (visit.text("stop_no"), "admin:no")]]
        )
        return True

    async def confirmed(self, visit: Visit, name: str) -> None:
        """Once, in time, and by the one who asked."""
        if name == "no":
            await visit.show(visit.text("admin.dropped"))
            return
        wish = self.wishes.pop(name, visit.parts.clock())
        if wish is None or wish[0] != visit.user or visit.user not in visit.parts.admins:
            await visit.show(visit.text("admin.expired"))
            return
        await visit.show(await _done(visit, wish[1], wish[2]))


async def _done(visit: Visit, verb: str, words: tuple[str, ...]) -> str:
    try:
        return await visit.parts.desk.act(visit.user, verb, words)
    except WarnError as error:
        return str(error)
