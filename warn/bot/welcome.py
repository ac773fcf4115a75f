"""How a subscription begins: who speaks, what comes by default, and one tap; then what was agreed."""

from __future__ import annotations

from warn.bot.choices import FIELDS
from warn.bot.visit import Visit
from warn.model import Preferences


async def begin(visit: Visit, kind: str = "resident") -> None:
    """The welcome, or a word to whoever is subscribed; one who was about to leave stays."""
    if await visit.parts.desk.preferences(visit.chat) is not None:
        await visit.parts.desk.subscribe(visit.chat, Preferences(lang=visit.lang))
        await visit.say(visit.text("already"))
        return
    await welcome(visit, kind)


async def welcome(visit: Visit, kind: str = "resident") -> None:
    """Looking subscribes nobody. `kind`: the reader that the first button subscribes as."""
    other = "en" if visit.lang == "fr" else "fr"
    text = visit.text(
        "welcome",
        operator=visit.parts.operator,
        address=visit.parts.web_address,
        levels=visit.text("levels"),
        sample=visit.text("sample"),
    )
    rows = [
        [
            (visit.text("subscribe"), f"join:{visit.lang}:{kind}:3"),
            (visit.text("choose"), f"kind:{visit.lang}"),
        ],
        [(visit.text("other_language"), f"welcome:{other}")],
    ]
    await visit.show(text, rows)


async def show_subscribed(visit: Visit, kept: Preferences) -> None:
    visit.lang = kept.lang
    say, ground = visit.parts.translate, visit.parts.ground
    shown = {name: FIELDS[name].show(kept, say, ground) for name in ("immediate", "digest")}
    await visit.show("\n".join(filter(None, (visit.text("subscribed", **shown), by_mail(visit)))))


def by_mail(visit: Visit) -> str:
    """Where to sign up by mail; nothing where this service sends none."""
    if not visit.parts.sign_up:
        return ""
    prefix = "/en" if visit.lang == "en" else ""
    return visit.text("by_mail", address=f"{visit.parts.web_address}{prefix}/subscribe")
