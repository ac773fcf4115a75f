"""/signaler: a report by taps. Both sides of it are taken out of the chat, sent or not: phones are searched.

The conversation stands in the buttons alone (`report:MARK:QUESTION:AMOUNT:TOWN:HOURS`, a word more with each tap), so
it survives a restart and works on any replica; every word is looked up in what may be asked now.
To those who are not vetted the command does not exist.
"""

from __future__ import annotations

from datetime import timedelta

from warn.bot.field import HOURS, Choice, FieldDesk, Question, Questions
from warn.bot.sweeping import take_away
from warn.bot.visit import Rows, Visit

LASTS = timedelta(minutes=15)
_STEPS = 4


async def begin(visit: Visit) -> None:
    field = await _allowed(visit)
    if field is None:
        await _nothing_here(visit)
        return
    await _take_command(visit, field)
    questions = await field.questions()
    if questions.asked:
        sent = await visit.say(visit.text("report.what"), _rows_of(visit, questions, ()))
    else:
        sent = await visit.say(visit.text("report.nothing"))
    await field.keep_trace(visit.chat, sent)


async def tap(visit: Visit, words: tuple[str, ...]) -> None:
    """The next screen, or the last one, which shows all before anything is sent."""
    field = await _allowed(visit)
    if field is None:
        return
    questions = await field.questions()
    chosen = _chosen(questions, words)
    if chosen is None or _over(visit):
        await _end(visit, field, "report.over")
        return
    chosen = _skipped(questions, chosen)
    if len(chosen) < _STEPS:
        await visit.show(_asked(visit, questions, chosen), _rows_of(visit, questions, chosen))
        return
    data = ":".join(map(str, (questions.mark, *chosen)))
    rows = [
        [(visit.text("report.send"), f"send:{data}")],
        [(visit.text("report.edit"), f"report:{questions.mark}"), (visit.text("report.cancel"), "drop")],
    ]
    await visit.show(visit.text("report.confirm", said=_said(visit, questions, chosen)), rows)


async def send(visit: Visit, words: tuple[str, ...]) -> None:
    field = await _allowed(visit)
    if field is None or visit.message is None:
        return
    questions = await field.questions()
    chosen = _chosen(questions, words)
    if chosen is None or len(chosen) < _STEPS or _over(visit):
        await _end(visit, field, "report.over")
        return
    done = await field.send(visit.chat, visit.message, questions.mark, Choice(*chosen))
    await _end(visit, field, f"report.{done}")


async def drop(visit: Visit, _words: tuple[str, ...]) -> None:
    """Cancelled, or read: nothing of it stays in the chat."""
    field = await _allowed(visit)
    if field is not None:
        await _end(visit, field, "report.dropped")


async def invited(visit: Visit, token: str) -> None:
    """By the link that an administrator gave: from now on this chat's reports count."""
    field = visit.parts.field
    if field is None or visit.chat.kind != "private":
        return
    await _take_command(visit, field)
    welcome = await field.welcome(visit.chat, token)
    text = visit.text("report.welcome" if welcome else "report.bad_link")
    sent = await visit.say(text, [[(visit.text("report.read"), "drop")]] if welcome else ())
    await field.keep_trace(visit.chat, sent)


async def _allowed(visit: Visit) -> FieldDesk | None:
    """Alone with a vetted reporter; None for everybody else."""
    field = visit.parts.field
    if field is None or visit.chat.kind != "private":
        return None
    return field if await field.vetted(visit.chat) else None


async def _nothing_here(visit: Visit) -> None:
    """What any unknown word is answered."""
    if visit.chat.kind == "private":
        await visit.say(visit.text("unknown"))


async def _take_command(visit: Visit, field: FieldDesk) -> None:
    """Out of the chat now, or by and by where Telegram does not answer."""
    if visit.said is not None:
        await field.keep_trace(visit.chat, visit.said)
        await take_away(visit.bot, visit.chat.id, visit.said)
        await field.forget_trace(visit.chat.id, visit.said)


async def _end(visit: Visit, field: FieldDesk, key: str) -> None:
    """A notice that the phone does not keep, and the conversation is gone."""
    if visit.message is not None:
        await take_away(visit.bot, visit.chat.id, visit.message)
        await field.forget_trace(visit.chat.id, visit.message)
    await visit.toast(visit.text(key), alert=True)


def _over(visit: Visit) -> bool:
    return visit.sent_at is None or visit.parts.now() - visit.sent_at > LASTS


def _chosen(questions: Questions, words: tuple[str, ...]) -> tuple[int, ...] | None:
    """The places in the lists; None for a former form's button, and for what no button of ours carries."""
    if not words or words[0] != questions.mark or len(words) > 1 + _STEPS:
        return None
    if not all(word.isascii() and word.isdecimal() and len(word) < 4 for word in words[1:]):
        return None
    chosen = tuple(map(int, words[1:]))
    if chosen and chosen[0] >= len(questions.asked):
        return None
    return chosen if all(one in _open(questions, chosen[:n]) for n, one in enumerate(chosen)) else None


def _open(questions: Questions, chosen: tuple[int, ...]) -> dict[int, str | dict[str, str]]:
    """What may be tapped next: number -> words."""
    if not chosen:
        return {n: dict(one.ask) for n, one in enumerate(questions.asked)}
    question = questions.asked[chosen[0]]
    if len(chosen) == 1:
        return {n: dict(words) for n, words in enumerate(question.amounts)}
    if len(chosen) == 2:
        return dict(enumerate(question.towns))
    return {hours: {} for hours in HOURS}


def _skipped(questions: Questions, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """Where there is one answer only, nobody is asked."""
    while 0 < len(chosen) < _STEPS and len(only := _open(questions, chosen)) == 1:
        chosen = (*chosen, *only)
    return chosen


def _rows_of(visit: Visit, questions: Questions, chosen: tuple[int, ...]) -> Rows:
    path = ":".join(map(str, (questions.mark, *chosen)))
    buttons = [
        (_words(visit, len(chosen), number, words), f"report:{path}:{number}")
        for number, words in _open(questions, chosen).items()
    ]
    longest = max(len(label) for label, _ in buttons)
    wide = 3 if longest <= 9 else 2 if longest <= 20 else 1
    rows = [buttons[at : at + wide] for at in range(0, len(buttons), wide)]
    back = [(visit.text("back"), f"report:{questions.mark}")] if chosen else []
    return [*rows, [*back, (visit.text("report.cancel"), "drop")]]


def _words(visit: Visit, step: int, number: int, words: str | dict[str, str]) -> str:
    if step == 3:
        return visit.text(f"report.hours.{number}")
    return words if isinstance(words, str) else words.get(visit.lang, words["fr"])


def _asked(visit: Visit, questions: Questions, chosen: tuple[int, ...]) -> str:
    if not chosen:
        return visit.text("report.what")
    key = ("report.how_much", "report.where", "report.when")[len(chosen) - 1]
    return visit.text(key, said=_said(visit, questions, chosen))


def _said(visit: Visit, questions: Questions, chosen: tuple[int, ...]) -> str:
    """What was tapped so far, in words."""
    question: Question = questions.asked[chosen[0]]
    said = question.ask.get(visit.lang, question.ask["fr"])
    if len(chosen) > 1 and len(question.amounts) > 1:
        amount = question.amounts[chosen[1]]
        said = visit.parts.translate(visit.lang, "report.is").format(
            what=said, amount=amount.get(visit.lang, amount["fr"])
        )
    parts = [said]
    if len(chosen) > 2:
        parts.append(question.towns[chosen[2]])
    if len(chosen) > 3:
        parts.append(visit.parts.translate(visit.lang, f"report.hours.{chosen[3]}"))
    return ", ".join(parts)
