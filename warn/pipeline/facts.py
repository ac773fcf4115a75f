"""Gathers what a text may say at one moment from what is stored; as of any moment, so that a text can be made again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from warn.digest.facts import AlertFacts, Facts, Record, Situation, SourceState
from warn.digest.situation import situation
from warn.geo import Geography
from warn.model import Evidence, Level, Observation, Poll, Texts
from warn.moments import micros, moment
from warn.pipeline.episodes import histories, state_of
from warn.pipeline.work import Work
from warn.rules.coverage import Watched, watched
from warn.store import Tx, acts, alerts, polls
from warn.store.alerts import StoredTransition

LOOK_BACK = timedelta(days=62)  # eight weeks of sparkline and a few days
RECORD = timedelta(days=90)
DAY = timedelta(days=1)


def gather(
    tx: Tx, work: Work, now: datetime, *, since: datetime | None = None, gap: datetime | None = None
) -> Facts:
    """Everything known at `now`; `since` is the moment of the previous edition."""
    since = since or now - DAY
    known = work.knowledge
    return Facts(
        now=now,
        base=work.voice.base,
        geography=known.geography,
        indicators=known.indicators,
        alerts=alert_facts(tx, work, now, since),
        since=since,
        previous=situation_at(tx, work, since),
        rules=known.texts,
        unknown_rules=unknown_rules(work, now),
        observations=visible(work.observations, now),
        readings=readings(work, now),
        watched=stretches(tx, work, now),
        indicators_shown=known.shown,
        effects=known.effects,
        sources=source_states(tx, work, now),
        record=record(tx, work, now),
        gap=gap,
        exercise=work.voice.exercise,
    )


def situation_at(tx: Tx, work: Work, at: datetime) -> Situation:
    """The level as it stood at an earlier moment."""
    known = work.knowledge
    shown = alert_facts(tx, work, at, at)
    facts = Facts(
        now=at,
        base="",
        geography=known.geography,
        indicators=known.indicators,
        alerts=shown,
        rules=known.texts,
        unknown_rules=unknown_rules(work, at),
    )
    return situation(facts)


def unknown_rules(work: Work, at: datetime) -> frozenset[str]:
    return frozenset(rule_id for rule_id in work.knowledge.texts if not work.engine.known(rule_id, at))


def readings(work: Work, at: datetime) -> dict[str, Evidence]:
    """What each rule reads now, open or not; of a rule with `by` the key that reads worst."""
    return {rule_id: _worst(work, rule_id, at) for rule_id in work.knowledge.texts}


def _worst(work: Work, rule_id: str, at: datetime) -> Evidence:
    rising = work.knowledge.rules[rule_id].rule.rising
    found = [work.engine.evidence(rule_id, by, at) for by in work.engine.keys(rule_id) or ((),)]
    known = [one for one in found if one.value is not None]
    return max(known, key=lambda one: (one.value or 0) * (1 if rising else -1), default=found[0])


def stretches(tx: Tx, work: Work, now: datetime) -> dict[str, tuple[tuple[datetime, datetime], ...]]:
    """For each indicator shown, when reports of it would have reached us, as far as that is known by now."""
    asked: dict[str, list[Poll]] = defaultdict(list)
    for poll in polls.polls(tx, now - LOOK_BACK):
        if poll.at <= now:
            asked[poll.source].append(poll)
    records = polls.coverage(tx)
    facts = [source.facts() for source in work.sources.values()]
    shown = work.knowledge.shown
    return {one: _stretches(watched(one, facts, asked, records), now) for one in shown}


def _stretches(seen: Watched, now: datetime) -> tuple[tuple[datetime, datetime], ...]:
    limit = micros(now)
    pairs = zip(seen.edges[:-1].tolist(), seen.edges[1:].tolist(), seen.since.tolist(), strict=True)
    return tuple(
        (moment(start), moment(min(end, limit)))
        for start, end, since in pairs
        if since <= limit and start < limit
    )


def alert_facts(tx: Tx, work: Work, now: datetime, since: datetime) -> tuple[AlertFacts, ...]:
    """Every episode that is open at `now` or ended since `since`, by level, then number."""
    approved = {act.target for act in acts.acts(tx, kind="approve") if act.at <= now}
    found = []
    for episode in alerts.episodes(tx):
        if episode.opened_at > now or (episode.closed_at is not None and episode.closed_at < since):
            continue
        stored = alerts.transitions(tx, number=episode.number, until=now)
        if stored and episode.rule in work.knowledge.texts:
            found.append(_alert(work, stored, approved))
    return tuple(sorted(found, key=lambda alert: (-alert.state.level, alert.number)))


def _alert(work: Work, stored: Sequence[StoredTransition], approved: set[str]) -> AlertFacts:
    newest = stored[-1]
    text = work.knowledge.texts[newest.transition.rule]
    agreed = text.mode != "approve" or work.approves or str(newest.number) in approved
    return AlertFacts(
        state=state_of(stored),
        text=text,
        number=newest.number,
        revision=newest.revision,
        evidence=newest.transition.evidence,
        history=tuple(one.transition for one in stored),
        approved=agreed,
        waiting_since=None if agreed else stored[0].transition.at,
        keys={
            name: _key_names(work.knowledge.geography, name, value) for name, value in newest.transition.by
        },
    )


def _key_names(geography: Geography, name: str, value: str) -> Texts:
    corridor = geography.corridor(value) if name == "corridor" else None
    return corridor.names if corridor else {"fr": value, "en": value}


def visible(observations: Sequence[Observation], now: datetime) -> tuple[Observation, ...]:
    """As of now, and recent enough to be shown."""
    return tuple(
        one
        for one in observations
        if one.known_at <= now
        and (one.superseded_at is None or now < one.superseded_at)
        and now - LOOK_BACK < one.occurred_at
    )


def source_states(tx: Tx, work: Work, now: datetime) -> tuple[SourceState, ...]:
    asked = polls.newest_polls(tx)
    return tuple(
        _source(work, source_id, asked.get(source_id, (None, None)), now)
        for source_id in sorted(work.sources)
    )


def _source(
    work: Work, source_id: str, newest: tuple[Poll | None, Poll | None], now: datetime
) -> SourceState:
    source = work.sources[source_id]
    tried, good = (poll.at if poll and poll.at <= now else None for poll in newest)
    return SourceState(
        id=source.id,
        title=source.title,
        expected_every_s=source.every.total_seconds(),
        good_at=good,
        tried_at=tried,
        indicators=source.indicators,
    )


def record(tx: Tx, work: Work, now: datetime) -> Record | None:
    """Hits and misses of the last 90 days, from what was stored when it was told; None where no impact is listed."""
    if not work.impacts:
        return None
    start = now - RECORD
    spans = level_spans(tx, work, Level.ALERT, now)
    counted = [impact for impact in work.impacts if start <= impact.at < now]
    leads = [lead for impact in counted if (lead := lead_of(impact.at, spans)) is not None]
    false = sum(start <= issued and _answered(issued, work) is False for issued, _ in spans)
    return Record(
        start=start,
        end=now,
        live=not work.voice.exercise,
        impacts=len(counted),
        hits=len(leads),
        misses=len(counted) - len(leads),
        false_alarms=false,
        days_at_alert=_days(spans, start, now),
        lead_days=tuple(leads),
    )


def level_spans(tx: Tx, work: Work, level: Level, now: datetime) -> list[tuple[datetime, datetime | None]]:
    """(issued, left) for every stretch that a shown alert stood at `level` or above, up to `now`."""
    spans: list[tuple[datetime, datetime | None]] = []
    shown = {rule for rule, text in work.knowledge.texts.items() if text.mode != "shadow"}
    for history in histories(alerts.transitions(tx, until=now)).values():
        if history[0].transition.rule not in shown:
            continue
        issued: datetime | None = None
        for stored in history:
            moved = stored.transition
            high = moved.level >= level and moved.kind not in {"closed", "withdrawn", "lapsed"}
            if high and issued is None:
                issued = moved.at
            elif not high and issued is not None:
                spans.append((issued, moved.at))
                issued = None
        if issued is not None:
            spans.append((issued, None))
    return sorted(spans, key=lambda span: span[0])


def lead_of(at: datetime, spans: Sequence[tuple[datetime, datetime | None]]) -> float | None:
    """Days between the issue of an alert that stood at the impact and the impact; None where none was early enough."""
    standing = [issued for issued, left in spans if issued <= at - 2 * DAY and (left is None or left > at)]
    return min((at - min(standing)) / DAY, 30.0) if standing else None


def _answered(issued: datetime, work: Work) -> bool | None:
    """Whether an impact followed within 30 days or went before by at most seven; None while that is still open."""
    after = [impact.at - issued for impact in work.impacts]
    if any(-7 * DAY <= gap <= 30 * DAY for gap in after):
        return True
    return None if issued + 30 * DAY > work.impacts[-1].at else False


def _days(spans: Sequence[tuple[datetime, datetime | None]], start: datetime, now: datetime) -> float:
    """Days on which at least one alert stood, stretches that overlap counted once."""
    total, reached = timedelta(0), start
    for issued, left in spans:
        begin, end = max(issued, reached), min(left or now, now)
        if end > begin:
            total += end - begin
            reached = end
    return total / DAY
