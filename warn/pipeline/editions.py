"""Daily, evening and weekly editions: each made once per reader and local day, rendered once per variant."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

from warn.digest import charts, compose
from warn.digest.editions import EDITIONS, KEPT, LATEST, Due, Edition, Had, due, next_edition, wishes
from warn.digest.facts import AlertFacts, Facts
from warn.digest.variants import Variant
from warn.model import ChannelId, Level, Recipient
from warn.pipeline.facts import gather
from warn.pipeline.post import form_of, pack, variant_of
from warn.pipeline.work import Work
from warn.store import Tx, editions, outbox, subscribers
from warn.store.outbox import NewDelivery, Rendering, Tell

log = logging.getLogger("warn.editions")
PRIORITY = 3
LATELY = 4  # local days: from tomorrow, where it has begun, back to the day before yesterday


def make_editions(tx: Tx, work: Work, now: datetime, chunk: int = 1000) -> int:
    """Queues every edition that is due and not made yet; how many deliveries that came to."""
    recently = now.date() - timedelta(days=2)  # what is due now has the local date of today or yesterday
    made = {edition: editions.editions_made(tx, edition, recently) for edition in EDITIONS}
    press, past = Press(tx, work, now), Past(tx, now)
    count, after = 0, ""
    while recipients := subscribers.recipients(tx, after, chunk):
        past.turn(recipients)
        for recipient in recipients:
            pair = (recipient.id, recipient.channel)
            done: dict[Edition, date] = {e: made[e][pair] for e in EDITIONS if pair in made[e]}
            for edition in due(recipient, done, now, partial(past.of, recipient.id)):
                press.take(recipient, edition)
        after = recipients[-1].id
        count += press.print_all()
    return count


def next_due(recipients: Sequence[Recipient], after: datetime) -> datetime | None:
    """The next hour at which somebody's edition is due; for the replay, which need not look every minute."""
    hours = (next_edition(edition, one.preferences, after) for one in recipients for edition in EDITIONS)
    return min((hour for hour in hours if hour is not None), default=None)


@dataclass(slots=True)
class Past:
    """Which editions readers had; looked up for a chunk of readers at once, as soon as one of them is due something."""

    tx: Tx
    now: datetime
    readers: Sequence[Recipient] = ()
    missing: set[tuple[str, datetime]] | None = None
    had: dict[str, dict[Edition, Had]] | None = None

    def turn(self, readers: Sequence[Recipient]) -> None:
        """Whom it is asked about next, in order of their ids."""
        self.readers, self.had = readers, None

    def of(self, reader: str) -> Mapping[Edition, Had]:
        if self.had is None:
            self.had = defaultdict(dict)
            self._look_up()
        return self.had[reader]

    def _look_up(self) -> None:
        """Nearly everybody had theirs in the last days; for the others it goes back to the end."""
        days = [self.now.date() + timedelta(days=1 - back) for back in range(KEPT.days + 2)]
        between = self.readers[0].id, self.readers[-1].id
        self._keep(editions.editions_of(self.tx, days[:LATELY], between))
        without = [one.id for one in self.readers if not wishes(one.preferences) <= self.of(one.id).keys()]
        if without:
            self._keep(editions.editions_of(self.tx, days[LATELY:], among=without))

    def _keep(self, made: Iterable[tuple[str, Edition, date, datetime]]) -> None:
        assert self.had is not None
        if self.missing is None:
            self.missing = editions.not_arrived(self.tx, self.now - KEPT)
        for reader, edition, day, at in made:
            known = self.had[reader].get(edition)
            if (known is None or known.local_date < day) and (reader, at) not in self.missing:
                self.had[reader][edition] = Had(day, at)


@dataclass(slots=True)
class Press:
    """Renders each variant of an edition once, and queues it for everyone who reads that variant."""

    tx: Tx
    work: Work
    now: datetime
    orders: dict[tuple[Due, Variant], list[Recipient]] = field(default_factory=lambda: defaultdict(list))
    facts: dict[tuple[datetime, datetime | None], Facts] = field(default_factory=dict)
    rendered: dict[tuple[Due, Variant], int | None] = field(default_factory=dict)
    pictures: dict[tuple[int, str], bytes] = field(default_factory=dict)

    def take(self, recipient: Recipient, edition: Due) -> None:
        variant = replace(
            variant_of(recipient),
            edition=edition.edition,
            edition_at=edition.at,
            next_at=edition.next_at,
            late=edition.late,
        )
        self.orders[edition, variant].append(recipient)

    def print_all(self) -> int:
        """Everything taken so far, queued at once; how many deliveries were new.

        What cannot be made holds up no other reader's bulletin. It is not said to be made: the next minute tries again.
        """
        self._draw(self.orders)
        for order, readers in list(self.orders.items()):
            if self._rendered(*order, readers[0]) is None:
                del self.orders[order]
        queue = [
            self._delivery(one, edition, rendered)
            for (edition, variant), readers in self._wanted().items()
            for one in readers
            if (rendered := self.rendered[edition, variant]) is not None
        ]
        self.orders.clear()
        return outbox.enqueue(self.tx, queue, self.now) if queue else 0

    def _wanted(self) -> dict[tuple[Due, Variant], list[Recipient]]:
        """The orders of readers who did not have this edition of this day yet; from now on they have."""
        by_day: dict[tuple[str, date], set[tuple[str, str]]] = defaultdict(set)
        for (edition, _), readers in self.orders.items():
            by_day[edition.edition, edition.local_date] |= {(one.id, str(one.channel)) for one in readers}
        new = {
            day: editions.make_editions(self.tx, *day, sorted(pairs), self.now)
            for day, pairs in by_day.items()
        }
        kept = {
            (edition, variant): [
                one for one in readers if (one.id, one.channel) in new[edition.edition, edition.local_date]
            ]
            for (edition, variant), readers in self.orders.items()
        }
        return {order: readers for order, readers in kept.items() if readers}

    def _rendered(self, edition: Due, variant: Variant, reader: Recipient) -> int | None:
        key = (edition, variant)
        if key not in self.rendered:
            facts = self._facts(edition)
            try:
                rendering = self._composed(facts, variant, form_of(reader))
            except Exception:
                log.exception(
                    "the %s bulletin (%s, %s) cannot be made", edition.edition, variant.channel, variant.lang
                )
                self.rendered[key] = None
            else:
                self.rendered[key] = outbox.enqueue_rendered(self.tx, rendering, self.now)
        return self.rendered[key]

    def _composed(self, facts: Facts, variant: Variant, form: ChannelId) -> Rendering:
        voice = self.work.voice
        message = compose.compose_digest(voice.templates, facts, variant, self._picture(facts, variant))
        return Rendering(
            form=form,
            body=pack(message, form, voice, self.now, [one for one in facts.alerts if one.shown]),
            subject=message.subject,
            picture=message.picture if form == "telegram" else None,
            kind="digest",
            tells=tuple(_tell(alert) for alert in facts.alerts if alert.shown),
        )

    def _facts(self, edition: Due) -> Facts:
        key = edition.since, edition.gap
        if key not in self.facts:
            self.facts[key] = gather(self.tx, self.work, self.now, since=edition.since, gap=edition.gap)
        return self.facts[key]

    def _draw(self, orders: Iterable[tuple[Due, Variant]]) -> None:
        """The pictures that these orders lack, all at once; a bulletin whose picture cannot be drawn goes without."""
        voice = self.work.voice
        lacking: dict[tuple[int, str], Facts] = {}
        for edition, variant in orders:
            facts = self._facts(edition)
            if variant.pictured:
                lacking[id(facts), variant.lang] = facts
        lacking = {key: facts for key, facts in lacking.items() if key not in self.pictures}
        if voice.draw is None or not lacking:
            return
        try:
            drawn = [charts.composite(voice.templates, facts, lang) for (_, lang), facts in lacking.items()]
            self.pictures.update(zip(lacking, voice.draw(drawn), strict=True))
        except Exception:
            log.exception("the bulletins go without their picture")

    def _picture(self, facts: Facts, variant: Variant) -> bytes | None:
        return self.pictures.get((id(facts), variant.lang)) if variant.pictured else None

    def _delivery(self, reader: Recipient, edition: Due, rendered: int) -> NewDelivery:
        return NewDelivery(
            idem_key=outbox.digest_key(edition.edition, edition.local_date, reader.id, reader.channel),
            channel=reader.channel,
            recipient=reader.id,
            rendered_id=rendered,
            priority=PRIORITY,
            due=self.now,
            expires_at=edition.at + LATEST + timedelta(hours=1),
            resend=reader.channel
            in {"file", "webhook"},  # taken once by their key, however often they are sent
        )


def _tell(alert: AlertFacts) -> Tell:
    return Tell(alert.number, alert.revision, alert.state.level if alert.state.is_open else Level.CALM)
