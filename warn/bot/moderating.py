"""What a moderator does with field reports in the chat: sees what waits, taps yes or no, invites a reporter.

Behind `Admin`, which lets nobody in but administrators alone with the bot.
"""

from __future__ import annotations

from html import escape

from warn.bot.field import FieldDesk, Waiting
from warn.bot.visit import Rows, Visit
from warn.errors import WarnError

SHOWN = 5
VERDICTS = {"a": "accept", "r": "refuse"}


async def show_waiting(visit: Visit, field: FieldDesk) -> None:
    """Each in a message of its own, with its two buttons; the oldest first, a handful at a time."""
    waiting = await field.waiting()
    if not waiting:
        await visit.say(visit.text("judge.none"))
    for one in waiting[:SHOWN]:
        await visit.say(_told(visit, one), _buttons(visit, one.number))
    if len(waiting) > SHOWN:
        await visit.say(visit.text("judge.more", count=len(waiting) - SHOWN))


async def invite(visit: Visit, field: FieldDesk) -> None:
    """A link to hand over by a safe way; it works once."""
    reporter, payload = await field.invite(visit.user)
    link = f"https://t.me/{visit.bot.username}?start={payload}"
    await visit.say(visit.text("judge.invitation", reporter=reporter, link=link))


async def judge(visit: Visit, rest: str) -> None:
    """`a:12` or `r:12`; data that no button of ours carries is passed over."""
    letter, _, number = rest.partition(":")
    verb = VERDICTS.get(letter)
    if verb is None or not (number.isascii() and number.isdecimal() and len(number) < 12):
        return
    try:
        told = await visit.parts.desk.act(visit.user, verb, (number,), visit.lang)
        await visit.show(escape(told, quote=False))
    except WarnError:
        await visit.show(visit.text("judge.gone"))


def _told(visit: Visit, one: Waiting) -> str:
    return visit.text(
        "judge.report",
        number=one.number,
        what=one.ask.get(visit.lang, one.ask["fr"]),
        amount=one.amount.get(visit.lang, one.amount["fr"]),
        town=one.town,
        day=f"{one.occurred_at:%d/%m}",
        hour=f"{one.occurred_at:%H}",
        accepted=one.accepted,
        refused=one.refused,
    )


def _buttons(visit: Visit, number: int) -> Rows:
    return [
        [(visit.text("judge.accept"), f"judge:a:{number}"), (visit.text("judge.refuse"), f"judge:r:{number}")]
    ]
