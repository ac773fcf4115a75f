"""Words of an administrator to readers: marked as written by a person; a drill is a marked test of every channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from warn.digest.addressed import hears
from warn.digest.compose import compose_person
from warn.digest.facts import Facts
from warn.digest.select import quiet_until
from warn.digest.variants import Variant
from warn.model import Level, Recipient
from warn.pipeline.facts import gather
from warn.pipeline.post import form_of, pack, variant_of
from warn.pipeline.work import Work
from warn.store import Tx, outbox
from warn.store.outbox import NewDelivery, Rendering

VALID = timedelta(hours=12)
PRIORITY: Mapping[int, int] = {4: 0, 3: 1}


def choose(tx: Tx, work: Work, now: datetime, payload: Mapping[str, object]) -> outbox.Choose:
    """What each recipient gets of the words in `payload` (act, text, lang, level, drill)."""
    speaker = _Speaker(tx, work, now, payload)
    return speaker.deliveries


@dataclass(slots=True)
class _Speaker:
    tx: Tx
    work: Work
    now: datetime
    payload: Mapping[str, object]
    made: dict[Variant, int] = field(default_factory=dict)
    facts: Facts | None = None

    def deliveries(self, recipients: Sequence[Recipient]) -> Iterator[NewDelivery]:
        level = int(str(self.payload["level"]))
        drill = bool(self.payload["drill"])
        lang = str(self.payload["lang"])
        for one in recipients:
            if drill or hears(one.preferences, level, lang):
                yield self._delivery(one, level, drill=drill)

    def _delivery(self, reader: Recipient, level: int, *, drill: bool) -> NewDelivery:
        """Below a crisis it waits for the end of quiet hours, in a lane of its own, where it holds up no alert."""
        wakes = None if level >= Level.CRISIS else quiet_until(reader.preferences, self.now)
        due = wakes or self.now
        return NewDelivery(
            idem_key=outbox.person_key(str(self.payload["act"]), reader.id, reader.channel),
            channel=reader.channel,
            recipient=reader.id,
            rendered_id=self._rendered(reader, level, drill=drill),
            priority=2 if drill else PRIORITY.get(level, 2),
            due=due,
            expires_at=due + VALID,
            lane=f"{reader.channel}:{reader.id}:words" if wakes else "",
        )

    def _rendered(self, reader: Recipient, level: int, *, drill: bool) -> int:
        variant = variant_of(reader)
        if variant not in self.made:
            self.facts = self.facts or gather(self.tx, self.work, self.now)
            voice = self.work.voice
            text = str(self.payload["text"])
            message = compose_person(voice.templates, self.facts, text, variant, level=level, drill=drill)
            form = form_of(reader)
            body = pack(message, form, voice, self.now)
            rendering = Rendering(form=form, body=body, subject=message.subject, kind=message.kind)
            self.made[variant] = outbox.enqueue_rendered(self.tx, rendering, self.now)
        return self.made[variant]


def payload_of(
    act: int, text: str, lang: str, level: Level, *, drill: bool, now: datetime
) -> dict[str, object]:
    return {
        "act": act,
        "text": text,
        "lang": lang,
        "level": int(level),
        "drill": drill,
        "at": now.isoformat(),
    }
