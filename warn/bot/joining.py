"""From a mail or the page into the chat. Nothing that ties the two subscriptions together is kept."""

from __future__ import annotations

import re

from warn.bot.choices import lines
from warn.bot.visit import Visit
from warn.bot.welcome import begin, show_subscribed

_READER = re.compile(r"(fr|en)-(resident|ngo|press)")


async def from_mail(visit: Visit, code: str) -> None:
    """`mail-CODE`, from a reader's own page of preferences: shows what would be taken over, and asks once."""
    offered = await visit.parts.desk.offered(code)
    if offered is None:
        await visit.say(visit.text("offer_over"))
        return
    visit.lang = offered.lang
    shown = visit.text("offer", lines=lines(offered, visit.parts.translate, visit.parts.ground))
    await visit.say(shown, [[(visit.text("take"), f"take:{code}")], [(visit.text("stop_no"), "keep")]])


async def from_page(visit: Visit, payload: str) -> None:
    """`read-LANGUAGE-KIND`, from a mail or a page that is the same for many: the welcome, made out for that reader."""
    found = _READER.fullmatch(payload)
    if found and await visit.parts.desk.preferences(visit.chat) is None:
        visit.lang = found[1]
    await begin(visit, found[2] if found else "resident")


async def tap_take(visit: Visit, words: tuple[str, ...]) -> None:
    """Once for each code, and in time."""
    kept = await visit.parts.desk.take(visit.chat, words[0])
    if kept is None:
        await visit.show(visit.text("offer_over"))
        return
    await show_subscribed(visit, kept)
