"""What the bot asks for field reports (`bot.field.FieldDesk`), answered over the quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from warn import links, quarantine, speech
from warn.bot.field import HOURS, Choice, Question, Questions, Sent, Waiting
from warn.bot.ports import Chat
from warn.bot.texts import LANGUAGES, translate
from warn.model import Observation, Texts
from warn.pipeline.knowledge import Knowledge
from warn.pipeline.work import Work
from warn.rows import RowError, ground_of
from warn.sources import forms
from warn.sources.forms import Answer, Form, Told
from warn.store import Tx, acts, aside, reporters, reports, traces
from warn.store.acts import Act
from warn.store.reports import Report

T = TypeVar("T")
KIND = "report"  # the kind of link, see bot.starts
TRACE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Field:
    """One per process; every verb is one transaction in a thread."""

    work: Callable[[], Work]
    clock: Callable[[], datetime]

    async def vetted(self, chat: Chat) -> bool:
        return await self._read(lambda tx: self._known(tx, chat) is not None)

    async def welcome(self, chat: Chat, token: str) -> bool:
        def welcomed(tx: Tx) -> bool:
            vault = self.work().vault
            return reporters.welcome(tx, vault, chat.address, token, self.clock()) is not None

        return await self._write(welcomed)

    async def invite(self, admin: int) -> tuple[str, str]:
        return await self._write(lambda tx: invite(tx, f"telegram:{admin}", self.clock()))

    async def questions(self) -> Questions:
        known = self.work().knowledge
        return Questions(_mark(known), tuple(_question(known, *one) for one in asked(known)))

    async def send(self, chat: Chat, message: int, mark: str, choice: Choice) -> Sent:
        def sent(tx: Tx) -> Sent:
            work, now = self.work(), self.clock()
            who = self._known(tx, chat)
            if who is None:
                return "stranger"
            if mark != _mark(work.knowledge):
                return "changed"
            key = links.keyed(work.keys, f"report {chat.address} {message}").hex()[:24]
            occurred = (now - timedelta(hours=choice.hours)).replace(minute=0, second=0, microsecond=0)
            by = quarantine.author(work.keys, who.mark, occurred)
            try:
                said = observation(work.knowledge, choice, occurred, by, key)
            except (RowError, LookupError):
                return "changed"
            quarantine.renew(tx, work.keys, who.mark, now)
            return quarantine.submit(tx, said, quarantine.authors(work.keys, who.mark, now), now)

        return await self._write(sent)

    async def waiting(self) -> Sequence[Waiting]:
        def found(tx: Tx) -> Sequence[Waiting]:
            known = self.work().knowledge
            return [_waiting(known, one, record) for one, record in quarantine.waiting(tx)]

        return await self._read(found)

    async def keep_trace(self, chat: Chat, message: int) -> None:
        until = self.clock() + TRACE
        await self._write(lambda tx: traces.leave(tx, self.work().vault, (chat.id, message), until))

    async def forget_trace(self, chat: int, message: int) -> None:
        await self._write(lambda tx: traces.gone(tx, self.work().vault, (chat, message)))

    async def traces(self) -> Sequence[tuple[int, int]]:
        return await self._read(lambda tx: traces.due(tx, self.work().vault, self.clock()))

    def _known(self, tx: Tx, chat: Chat) -> reporters.Reporter | None:
        return reporters.find(tx, self.work().vault, chat.address) if chat.kind == "private" else None

    async def _read(self, verb: Callable[[Tx], T]) -> T:
        return await aside.read(self.work().store, verb)

    async def _write(self, verb: Callable[[Tx], T]) -> T:
        return await aside.write(self.work().store, verb)


def invite(tx: Tx, by: str, now: datetime) -> tuple[str, str]:
    """(id of the reporter it will make, what follows `?start=` in the link); recorded without the link itself."""
    made = reporters.invite(tx, now)
    acts.record(tx, Act("invite", made.reporter, by, now, until=made.expires_at))
    return made.reporter, f"{KIND}-{made.token}"


def asked(known: Knowledge) -> list[tuple[Form, Answer]]:
    """Every question that the folder's forms ask by taps."""
    return [(form, one) for form in forms.load(known.files) for one in form.answers if one.ask]


def observation(known: Knowledge, choice: Choice, occurred: datetime, by: str, key: str) -> Observation:
    """What a report says; raises LookupError for what is not asked, RowError for what cannot be."""
    if choice.hours not in HOURS or min(choice.question, choice.amount, choice.town) < 0:
        raise LookupError("no such choice")
    form, answer = asked(known)[choice.question]
    about = Told(
        value=answer.amounts[choice.amount],
        town=form.towns[choice.town],
        occurred_at=occurred,
        known_at=occurred,
        mark=by,
        key=key,
    )
    ground = ground_of(known.geography, known.indicators, now=None, source=reports.SOURCE)
    return forms.observed(form, answer, about, ground)


def _mark(known: Knowledge) -> str:
    """Changes with any form: buttons name places in lists."""
    texts = "\0".join(text for name, text in sorted(known.files.items()) if name.startswith("forms/"))
    return hashlib.sha256(texts.encode()).hexdigest()[:8]


def _question(known: Knowledge, form: Form, answer: Answer) -> Question:
    return Question(answer.ask, [_words(known, answer, one) for one in answer.amounts], form.towns)


def _words(known: Knowledge, answer: Answer, amount: float) -> Texts:
    """`oui`, `2 000 FCFA le litre`: as people say it."""
    if answer.map and amount in {0.0, 1.0}:
        return {lang: translate(lang, "yes" if amount else "no") for lang in LANGUAGES}
    unit = known.indicators[answer.indicator].unit
    units = {lang: known.indicators.unit_words(unit, lang) for lang in LANGUAGES}
    return {lang: speech.quantity(amount, units[lang], lang) for lang in LANGUAGES}


def _waiting(known: Knowledge, report: Report, record: dict[str, int]) -> Waiting:
    said = report.said
    fitting = [
        one
        for _, one in asked(known)
        if one.indicator == said.indicator and one.attributes == said.attributes
    ]
    title = known.indicators[said.indicator].title if said.indicator in known.indicators else None
    return Waiting(
        number=report.id,
        ask=fitting[0].ask if fitting else title or {"fr": said.indicator, "en": said.indicator},
        amount=_words(known, fitting[0], said.value)
        if fitting
        else {"fr": f"{said.value:g}", "en": f"{said.value:g}"},
        town=said.place,
        occurred_at=said.occurred_at,
        accepted=record.get("accepted", 0) + record.get("told", 0),
        refused=record.get("refused", 0),
    )
