"""From transitions to deliveries: who is told at once, in which words, all in the transaction of the tick.

A tick leaves one expansion. Its first thousand recipients are served in the same transaction, so that a small service
is never half told; the others follow in chunks that resume after a kill. What quiet hours or a silence hold back
leaves another expansion that is due when the hold ends and compares what stands then with what was last heard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from warn.digest.compose import compose_superseded
from warn.digest.facts import AlertFacts, Facts
from warn.digest.select import BLIND_PAUSE, Decision, Heard, Holds, News, decide
from warn.model import Level, Message, Recipient
from warn.pipeline import answers, person
from warn.pipeline.composed import composed
from warn.pipeline.facts import gather
from warn.pipeline.post import form_of, pack, shared, variant_of
from warn.pipeline.work import Work
from warn.store import Tx, acts, alerts, ledger, outbox, subscribers
from warn.store.alerts import StoredTransition
from warn.store.ledger import Told
from warn.store.outbox import NewDelivery, Rendering, Tell
from warn.study.audience import news, parts_of

CHUNK = 1000
MOMENT = timedelta(microseconds=1)
HOLD_LOOK_BACK = timedelta(days=14)  # the longest silence that can be set
PRIORITY: Mapping[Level, int] = {Level.CRISIS: 0, Level.ALERT: 1}


def tell(tx: Tx, work: Work, at: datetime, stored: Sequence[StoredTransition]) -> None:
    """Queues what the transitions of one tick mean to everybody; call it in the transaction that stored them."""
    if stored:
        # One moment may be judged twice, as when news comes in at the end of a stretch: each has its own key.
        key, payload = f"tick {at.isoformat()} {stored[0].id}", _payload(at, stored)
        spread(tx, work, outbox.enqueue_expansion(tx, key, payload, at), at, payload)


def spread_due(tx: Tx, work: Work, now: datetime, begun: dict[int, Telling] | None = None) -> bool:
    """One chunk of the oldest expansion that is due; False when nothing is left to do now.

    `begun` spares whoever goes through all chunks at one moment from composing everything anew for each.
    """
    for expansion in outbox.expansions(tx):
        if _due(expansion.payload) <= now:
            spread(tx, work, expansion.id, now, expansion.payload, begun)
            return True
    return False


def next_hold(tx: Tx, after: datetime) -> datetime | None:
    """When the next hold ends; for the replay, which need not look every minute."""
    later = [due for expansion in outbox.expansions(tx) if (due := _due(expansion.payload)) > after]
    return min(later, default=None)


def spread(
    tx: Tx,
    work: Work,
    expansion_id: int,
    now: datetime,
    payload: Mapping[str, object],
    begun: dict[int, Telling] | None = None,
) -> bool:
    """One chunk of recipients; True while there are more."""
    if "act" in payload:
        return outbox.expand(tx, expansion_id, person.choose(tx, work, now, payload), now, CHUNK)
    telling = (begun or {}).get(expansion_id) or Telling(tx, work, now, payload)
    telling.tx = tx
    if begun is not None:
        begun[expansion_id] = telling
    return outbox.expand(tx, expansion_id, telling.choose, now, CHUNK)


def catch_up(tx: Tx, reader: str, now: datetime) -> None:
    """What one reader missed while nothing was sent to them, as a hold that is due now."""
    when = now.isoformat()
    outbox.enqueue_expansion(tx, f"hold {when} {reader}", {"hold": when, "at": when, "for": reader}, now)


def approved(at: datetime, newest: StoredTransition) -> dict[str, object]:
    """The expansion of an alert that waited for a person: told as it stands now, whatever moved last."""
    return {**_payload(at, [newest]), "stands": True}


def _payload(at: datetime, stored: Sequence[StoredTransition]) -> dict[str, object]:
    return {"at": at.isoformat(), "transitions": [one.id for one in stored]}


def _due(payload: Mapping[str, object]) -> datetime:
    return datetime.fromisoformat(str(payload.get("hold") or payload["at"]))


@dataclass(frozen=True, slots=True)
class Order:
    """One message that every reader of a group gets: what a delivery says but for the reader."""

    rendered_id: int
    number: int
    revision: int
    priority: int
    expires_at: datetime
    edits: tuple[int, int] | None = None
    edit_only: bool = False
    suffix: str = ""


@dataclass(slots=True)
class Telling:
    """One expansion at work: what there is to tell, the bytes already made of it, and what each group of readers gets.

    Readers of equal preferences who heard the same so far are a group; whatever is decided is decided for it.
    """

    tx: Tx
    work: Work
    now: datetime
    payload: Mapping[str, object]
    news: tuple[News, ...] = ()
    facts: Facts | None = None
    holds: Holds = field(default_factory=Holds)
    muted: Mapping[str, Mapping[str, tuple[datetime, Level]]] = field(default_factory=dict)
    made: dict[tuple[object, ...], int] = field(default_factory=dict)
    groups: dict[tuple[object, ...], tuple[Order, ...]] = field(default_factory=dict)

    def choose(self, recipients: Sequence[Recipient]) -> Iterator[NewDelivery]:
        self._prepare()
        if only := self.payload.get("for"):
            recipients = [one for one in recipients if one.id == only]
        numbers = [int(item.episode) for item in self.news]
        ids = [one.id for one in recipients]
        heard = ledger.heard(self.tx, numbers, ids)
        joined = subscribers.joined(self.tx, ids) if "hold" in self.payload else {}
        for one in recipients:
            news = self._since(joined.get(one.id))
            known = {
                item.episode: _heard(told, item.transition.at, self.now)
                for item in news
                if (told := heard.get((one.id, int(item.episode))))
            }
            muted = self.muted.get(one.id, {})
            group = (
                one.preferences, form_of(one), shared(one), len(news), *known.items(), *sorted(muted.items())
            )  # fmt: skip
            if group not in self.groups:
                self.groups[group] = tuple(self._orders(one, news, known, muted))
            for order in self.groups[group]:
                yield self._delivery(one, order)

    def _since(self, joined: datetime | None) -> tuple[News, ...]:
        """Nothing that moved before somebody was a reader was held back for them; the bulletin tells it.

        Whoever joined later gets a part of what the others get, so that the number of news says which part.
        """
        if joined is None:
            return self.news
        return tuple(item for item in self.news if item.transition.at >= joined)

    def _orders(
        self,
        recipient: Recipient,
        news: Sequence[News],
        known: Mapping[str, Heard],
        muted: Mapping[str, tuple[datetime, Level]],
    ) -> Iterator[Order]:
        """What readers like this one are sent, in order; what is held back for them leaves an expansion of its own."""
        verdict = decide(news, recipient.preferences, known, self.now, replace(self.holds, muted=muted))
        for decision in verdict.decisions:
            if decision.way == "hold" and decision.until is not None:
                self._hold(decision.until)
        form = form_of(recipient)
        for edit in verdict.edits:
            if form != "email":  # a mail stays as it was sent; the next bulletin tells what came to be known
                yield self._order(recipient, edit, (), edits=True)
        if verdict.lead is None:
            return
        rest = [verdict.lead, *verdict.also]
        while rest:
            lead = rest[0]
            also = [one for one in rest[1:] if _tells_of(lead, one)]
            yield self._order(recipient, lead, also, edits=False)
            rest = [one for one in rest[1:] if one not in also]
        for told in (verdict.lead, *verdict.also) if form == "telegram" else ():
            last = known.get(told.news.episode)
            if last is not None and last.way != "digest" and told.news.transition.level != last.level:
                yield self._superseded(recipient, told)

    def _delivery(self, recipient: Recipient, order: Order) -> NewDelivery:
        return NewDelivery(
            idem_key=outbox.alert_key(
                order.number, order.revision, recipient.id, recipient.channel, order.suffix
            ),
            channel=recipient.channel,
            recipient=recipient.id,
            rendered_id=order.rendered_id,
            priority=order.priority,
            due=self.now,
            expires_at=order.expires_at,
            edits=order.edits,
            edit_only=order.edit_only,
        )

    def _prepare(self) -> None:
        if self.facts is not None:
            return
        moved = self._stored()
        briefly = not any(one.transition.kind in SIGHT for one in moved)
        self.facts = gather(self.tx, self.work, self.now, briefly=briefly)
        shown = {alert.number: alert for alert in self.facts.alerts if alert.shown}
        stored = [one for one in moved if one.number in shown and _agreed(one, shown[one.number])]
        held = not self.payload.keys().isdisjoint({"hold", "stands"})
        self.news = tuple(_news(self.work, one, shown, held=held) for one in stored)
        seen = frozenset(map(str, answers.acknowledged(self.tx, self.now)))
        self.holds = Holds(silenced=_silences(self.tx, self.now), acknowledged=seen)
        self.muted = _mutes(self.tx, self.now)

    def _stored(self) -> list[StoredTransition]:
        if "hold" not in self.payload:
            wanted = self.payload["transitions"]
            assert isinstance(wanted, list)
            found = (alerts.transition(self.tx, int(number)) for number in wanted)
            return [one for one in found if one is not None]
        newest: dict[int, StoredTransition] = {}
        for one in alerts.transitions(self.tx, since=self.now - HOLD_LOOK_BACK, until=self.now):
            newest[one.number] = one
        return list(newest.values())

    def _hold(self, until: datetime) -> None:
        when = until.isoformat()
        outbox.enqueue_expansion(self.tx, f"hold {when}", {"hold": when, "at": when}, self.now)

    def _order(self, recipient: Recipient, lead: Decision, also: Sequence[Decision], *, edits: bool) -> Order:
        alert = self._alert(lead)
        others = [self._alert(decision) for decision in also]
        variant = variant_of(recipient)
        key = (lead.news.episode, tuple(a.number for a in others), variant, lead.quiet, edits)
        if key not in self.made:
            assert self.facts is not None
            message = composed(
                self.work.voice.templates,
                self.facts,
                lead.news.transition.kind,
                alert,
                variant,
                others,
                edits=edits,
            )
            self.made[key] = self._render(recipient, message, [alert, *others])
        level = max(lead.news.transition.level, alert.state.level)
        return Order(
            rendered_id=self.made[key],
            number=alert.number,
            revision=alert.revision,
            priority=PRIORITY.get(level, 2),
            expires_at=self.now + timedelta(seconds=alert.text.valid_for_s),
            edits=(alert.number, alert.revision) if edits else None,
        )

    def _superseded(self, recipient: Recipient, decision: Decision) -> Order:
        """The earlier message says that it is no longer current, so that no phone shows two levels at once."""
        alert = self._alert(decision)
        variant = variant_of(recipient)
        key = ("superseded", alert.number, variant)
        if key not in self.made:
            assert self.facts is not None
            message = compose_superseded(self.work.voice.templates, self.facts, alert, variant)
            self.made[key] = self._render(recipient, message, [alert], tells=False)
        return Order(
            rendered_id=self.made[key],
            number=alert.number,
            revision=alert.revision,
            priority=2,
            expires_at=self.now + timedelta(days=2),
            edits=(alert.number, alert.revision),
            edit_only=True,
            suffix="superseded",
        )

    def _alert(self, decision: Decision) -> AlertFacts:
        assert self.facts is not None
        return next(a for a in self.facts.alerts if str(a.number) == decision.news.episode)

    def _render(
        self, recipient: Recipient, message: Message, told: Sequence[AlertFacts], *, tells: bool = True
    ) -> int:
        form = form_of(recipient)
        rendering = Rendering(
            form=form,
            body=pack(message, form, self.work.voice, self.now, told),
            subject=message.subject,
            picture=message.picture if form == "telegram" else None,
            kind=message.kind,
            tells=tuple(_tell(one) for one in told) if tells else (),
        )
        return outbox.enqueue_rendered(self.tx, rendering, self.now)


ENDS = frozenset({"closed", "withdrawn", "corrected"})
SIGHT: Mapping[str, str] = {"blind": "lost", "lapsed": "lost", "sighted": "found"}


def _tells_of(lead: Decision, other: Decision) -> bool:
    """Whether the one message can speak for the other as well; an end is never swallowed by anything else."""
    kinds = lead.news.transition.kind, other.news.transition.kind
    return not ENDS.intersection(kinds) and SIGHT.get(kinds[0]) == SIGHT.get(kinds[1])


def _agreed(stored: StoredTransition, alert: AlertFacts) -> bool:
    """A rise above what a person agreed to waits; everything else of an alert that is shown goes out."""
    moved = stored.transition
    return moved.level <= max(moved.before, alert.agreed)


def _tell(alert: AlertFacts) -> Tell:
    return Tell(alert.number, alert.revision, alert.state.level if alert.state.is_open else Level.CALM)


def _heard(told: Told, moved_at: datetime, now: datetime) -> Heard:
    """Of moments only what counts, so that more readers are alike.

    That is whether this reader was told since the alert moved, and whether the last notice of this kind is recent.
    """
    recent = now if now - told.at < BLIND_PAUSE else now - BLIND_PAUSE
    return Heard(
        level=told.level,
        at=now if told.at >= moved_at else moved_at - MOMENT,
        way="now" if told.at_once else "digest",
        highest=told.highest,
        blind=told.kind == "blind",
        blind_told_at=recent if told.kind in {"blind", "sighted"} else None,
    )


def _news(work: Work, stored: StoredTransition, shown: Mapping[int, AlertFacts], *, held: bool) -> News:
    moved, rules, agreed = stored.transition, work.knowledge.rules, shown[stored.number].agreed
    if moved.level > agreed:  # what nobody agreed to is decided by no more than it is told by
        moved = replace(moved, level=agreed, before=min(moved.before, agreed))
    rule = work.knowledge.rule_of(moved.rule)
    assert rule is not None
    inhibitors = {one.id for one in rules if moved.rule in one.rule.inhibits}
    behind = tuple(str(n) for n, a in shown.items() if a.text.id in inhibitors and a.state.counts)
    return news(moved, str(stored.number), rule, parts_of(rule.measure, rules.rules), behind, held=held)


def _silences(tx: Tx, now: datetime) -> dict[str, tuple[datetime, Level]]:
    """Episode (or "*") -> until when, and the level at which an administrator silenced it."""
    return {
        act.target: (act.until, Level(int(act.details.get("level", Level.CRISIS))))
        for act in acts.acts(tx, kind="silence", valid_at=now)
        if act.until is not None
    }


def _mutes(tx: Tx, now: datetime) -> dict[str, dict[str, tuple[datetime, Level]]]:
    """Reader -> episode -> until when, and the level at which this reader muted it."""
    found: dict[str, dict[str, tuple[datetime, Level]]] = defaultdict(dict)
    for act in acts.acts(tx, kind="mute", valid_at=now):
        if act.until is not None:
            found[act.target][str(act.details["episode"])] = (act.until, Level(int(act.details["level"])))
    return found
