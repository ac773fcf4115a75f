"""What the bot asks of the rest (`bot.ports.Desk`), answered over the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from warn import desk, links, quarantine
from warn.bot.ports import Chat
from warn.digest.compose import compose_digest
from warn.digest.editions import next_edition
from warn.digest.facts import AlertFacts, Facts
from warn.digest.situation import situation
from warn.digest.variants import Variant
from warn.model import Preferences, Recipient, TransitionKind
from warn.pipeline.composed import composed
from warn.pipeline.facts import gather
from warn.pipeline.post import shared_id, variant_of
from warn.pipeline.tell import catch_up
from warn.pipeline.work import Work
from warn.store import Tx, acts, alerts, aside, subscribers, throttle
from warn.store.acts import Act
from warn.store.subscribers import Subscriber

T = TypeVar("T")
UNDO = timedelta(minutes=10)
MUTE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Reception:
    """One per process; every verb is one transaction in a thread. `acted`: what follows an administrator's act."""

    work: Callable[[], Work]
    clock: Callable[[], datetime]
    acted: Callable[[], Awaitable[None]]

    async def preferences(self, chat: Chat) -> Preferences | None:
        found = await self._read(lambda tx: self._find(tx, chat))
        return found.preferences if found else None

    async def subscribe(self, chat: Chat, preferences: Preferences) -> Preferences:
        return await self._write(lambda tx: self._subscribed(tx, chat, preferences))

    def _subscribed(self, tx: Tx, chat: Chat, preferences: Preferences) -> Preferences:
        work, now = self.work(), self.clock()
        new = "" if chat.kind == "private" else shared_id()
        known = subscribers.add_pending(tx, work.vault, "telegram", chat.address, preferences, now, new)
        if known.state == "paused":
            self._stays(tx, known.id)
        else:
            subscribers.confirm(tx, known.id, now)
        return known.preferences

    async def change(self, chat: Chat, preferences: Preferences) -> None:
        def changed(tx: Tx) -> None:
            if found := self._find(tx, chat):
                subscribers.set_preferences(tx, found.id, preferences, self.clock())

        await self._write(changed)

    async def offered(self, code: str) -> Preferences | None:
        return await self._read(lambda tx: self._of_code(tx, code))

    async def take(self, chat: Chat, code: str) -> Preferences | None:
        def taken(tx: Tx) -> Preferences | None:
            wanted, now = self._of_code(tx, code), self.clock()
            mark = links.keyed(self.work().keys, f"join {code}").hex()
            if wanted is None or not throttle.allowed(tx, mark, 1, links.JOIN, now):
                return None
            self._subscribed(tx, chat, wanted)
            if found := self._find(tx, chat):
                subscribers.set_preferences(tx, found.id, wanted, now)
            return wanted

        return await self._write(taken)

    def _of_code(self, tx: Tx, code: str) -> Preferences | None:
        try:
            reader = links.read_join_code(self.work().keys, code, self.clock())
        except links.LinkError:
            return None
        found = subscribers.get(tx, reader)
        return found.preferences if found is not None and found.state == "active" else None

    async def stop(self, chat: Chat) -> bool:
        def erased(tx: Tx) -> bool:
            found = subscribers.find(tx, self.work().vault, "telegram", chat.address)
            return found is not None and subscribers.erase(tx, found.id)

        return await self._write(erased)

    async def leave(self, chat: Chat) -> datetime | None:
        def left(tx: Tx) -> datetime | None:
            found = self._find(tx, chat)
            if found is None:
                return None
            until = self.clock() + UNDO
            subscribers.pause(tx, found.id)
            acts.record(tx, Act("leave", found.id, "reader", self.clock(), until=until))
            return until

        return await self._write(left)

    async def undo_leave(self, chat: Chat) -> bool:
        def undone(tx: Tx) -> bool:
            found = self._find(tx, chat)
            if found is None:
                return False
            return self._stays(tx, found.id)

        return await self._write(undone)

    def _stays(self, tx: Tx, reader: str) -> bool:
        """However a reader who was about to leave comes back: recorded, or the erasure would follow all the same.

        What rose in those minutes they are told after all.
        """
        acts.record(tx, Act("stay", reader, "reader", self.clock()))
        stays = subscribers.resume(tx, reader, self.clock())
        if stays:
            catch_up(tx, reader, self.clock())
        return stays

    async def erase(self, chat: Chat) -> None:
        await self.stop(chat)
        work, now = self.work(), self.clock()
        reported = await self._write(
            lambda tx: quarantine.erase(tx, work.vault, work.keys, chat.address, now)
        )
        if reported:
            await self.acted()  # what was told because of their reports is put right

    async def gone(self, chat: Chat) -> None:
        await self.stop(chat)
        if chat.kind != "private":  # its threads are subscriptions of their own
            await self._write(lambda tx: subscribers.erase_chat(tx, self.work().vault, chat.id))
        await self._write(lambda tx: quarantine.forget(tx, self.work().vault, chat.address))

    async def moved(self, old: Chat, new: Chat) -> None:
        await self._write(lambda tx: subscribers.migrate_chat(tx, self.work().vault, old.id, new.id))

    async def situation(self, lang: str) -> Sequence[str]:
        return await self._read(lambda tx: self._digest(tx, Preferences(lang=lang), brief=True))

    async def digest(self, chat: Chat, lang: str) -> Sequence[str]:
        def told(tx: Tx) -> Sequence[str]:
            found = self._find(tx, chat)
            return self._digest(tx, found.preferences if found else Preferences(lang=lang))

        return await self._read(told)

    async def details(self, chat: Chat, alert: str, lang: str) -> Sequence[str]:
        def told(tx: Tx) -> Sequence[str]:
            found = self._find(tx, chat)
            return self._details(tx, alert, replace(found.preferences if found else Preferences(), lang=lang))

        return await self._read(told)

    async def mute(self, chat: Chat, alert: str) -> datetime | None:
        def muted(tx: Tx) -> datetime | None:
            found, facts = self._find(tx, chat), self._lately(tx)
            about = _shown(facts, alert)
            episode = None if about is None else alerts.episode(tx, about.number)
            if found is None or episode is None:
                return None
            until = self.clock() + MUTE
            details = {"episode": str(episode.number), "level": int(episode.level)}
            acts.record(tx, Act("mute", found.id, "reader", self.clock(), until=until, details=details))
            return until

        return await self._write(muted)

    async def foresee(self, admin: int, verb: str, words: Sequence[str], lang: str) -> str:
        request = desk.Request(f"telegram:{admin}", words, self.clock(), lang)
        return await asyncio.to_thread(desk.foreseen, self.work().store, verb, request)

    async def act(self, admin: int, verb: str, words: Sequence[str], lang: str) -> str:
        request = desk.Request(f"telegram:{admin}", words, self.clock(), lang)
        answer = await asyncio.to_thread(desk.act, self.work().store, verb, request)
        await self.acted()
        return answer

    def _find(self, tx: Tx, chat: Chat) -> Subscriber | None:
        """None also for who blocked us: the empty row left of them is no subscription, and one tap is needed."""
        found = subscribers.find(tx, self.work().vault, "telegram", chat.address)
        return None if found is None or found.state == "stopped" else found

    def _digest(self, tx: Tx, who: Preferences, *, brief: bool = False) -> Sequence[str]:
        work = self.work()
        facts = gather(tx, work, self.clock())
        message = compose_digest(work.voice.templates, facts, _variant(who, facts))
        return message.parts[:1] if brief and situation(facts).clear else message.parts

    def _details(self, tx: Tx, alert: str, who: Preferences) -> Sequence[str]:
        work = self.work()
        facts = self._lately(tx)
        found = _shown(facts, alert)
        if found is None:
            return ()
        kind: TransitionKind = "opened" if found.state.is_open else "closed"
        variant = replace(_variant(who, facts), edition="")
        return composed(work.voice.templates, facts, kind, found, variant).parts

    def _lately(self, tx: Tx) -> Facts:
        return gather(tx, self.work(), self.clock(), since=self.clock() - timedelta(days=30))

    async def _read(self, verb: Callable[[Tx], T]) -> T:
        return await aside.read(self.work().store, verb)

    async def _write(self, verb: Callable[[Tx], T]) -> T:
        return await aside.write(self.work().store, verb)


def _shown(facts: Facts, alert: str) -> AlertFacts | None:
    """By its public number; what is tried out or waits for a person's word does not exist for readers."""
    return next((one for one in facts.alerts if one.shown and str(one.number) == alert), None)


def _variant(who: Preferences, facts: Facts) -> Variant:
    reader = Recipient("telegram-reader", "telegram", who)
    return replace(
        variant_of(reader),
        edition="daily",
        edition_at=facts.now,
        next_at=next_edition("daily", who, facts.now),
    )
