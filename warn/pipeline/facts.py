"""Gathers what a text may say at one moment from what is stored; as of any moment, so that a text can be made again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from warn.digest.facts import AlertFacts, Facts, Record, Situation, SourceState
from warn.digest.situation import situation
from warn.model import Coverage, Evidence, Level, Observation, Poll, Texts
from warn.moments import micros, moment
from warn.pipeline.approvals import approved_levels, denied_levels, free_level, waits_since
from warn.pipeline.episodes import histories, state_of
from warn.pipeline.knowledge import Knowledge
from warn.pipeline.work import Work
from warn.rules.coverage import Watched, watched
from warn.rules.measures import Families, Rules
from warn.store import Tx, alerts, polls
from warn.store.alerts import StoredTransition
from warn.study.backtest import stays_fresh
from warn.study.score import LEAD_CAP_DAYS, Issue, issues, score

LOOK_BACK = timedelta(days=62)  # eight weeks of sparkline and a few days
RECORD = timedelta(days=90)
DAY = timedelta(days=1)


def gather(
    tx: Tx,
    work: Work,
    now: datetime,
    *,
    since: datetime | None = None,
    gap: datetime | None = None,
    briefly: bool = False,
) -> Facts:
    """Everything known at `now`; `since` is the moment of the previous edition.

    `briefly`: without the record and the situation before, of which only bulletins and notices of blindness speak.
    """
    since = since or now - DAY
    known = work.knowledge
    told = alert_facts(tx, work, now, since)
    return Facts(
        now=now,
        base=work.voice.base,
        bot=work.voice.bot,
        geography=known.geography,
        indicators=known.indicators,
        alerts=told,
        since=since,
        previous=None if briefly else situation_at(tx, work, since),
        rules=known.texts,
        unknown_rules=unknown_rules(work, now),
        observations=visible(work.observations, now),
        readings=readings(work, now, told),
        watched=stretches(tx, work, now),
        indicators_shown=known.shown,
        effects=known.effects,
        words=known.words,
        sources=source_states(tx, work, now),
        record=None if briefly else record(tx, work, now),
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


def readings(work: Work, at: datetime, alerts_now: Sequence[AlertFacts]) -> dict[str, Evidence]:
    """What each rule reads now, open or not; of a rule with `by` the key that reads worst.

    Whole for rules whose alert is told of, numbers alone for the others. Rules that count alerts are read from their
    own alert: the engine remembers alerts only since it runs, and a page tells of earlier days.
    """
    told = {alert.state.rule: alert.evidence for alert in alerts_now}
    found: dict[str, Evidence] = {}
    for rule_id in work.knowledge.texts:
        stored = told.get(rule_id)
        composite = isinstance(work.knowledge.rules[rule_id].rule.measure, Rules | Families)
        known = stored if composite and stored is not None else None
        found[rule_id] = known or _worst(work, rule_id, at, light=rule_id not in told)
    return found


def _worst(work: Work, rule_id: str, at: datetime, *, light: bool) -> Evidence:
    rising = work.knowledge.rules[rule_id].rule.rising
    keys = work.engine.keys(rule_id) or ((),)
    found = [work.engine.evidence(rule_id, by, at, light=light) for by in keys]
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
    shown = dict.fromkeys((*work.knowledge.shown, *work.knowledge.effects))
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
    approved, denied = approved_levels(tx, now), denied_levels(tx, now)
    numbers = {
        one.number
        for one in alerts.episodes(tx)
        if one.opened_at <= now
        and (one.closed_at is None or one.closed_at >= since)
        and work.knowledge.text_of(one.rule) is not None
    }
    told = histories(alerts.transitions(tx, numbers=numbers, until=now))
    found = [_alert(work, stored, approved, denied, now) for stored in told.values()]
    return tuple(sorted(found, key=lambda alert: (-alert.state.level, alert.number)))


def _alert(
    work: Work,
    stored: Sequence[StoredTransition],
    approved: Mapping[int, Level],
    denied: Mapping[int, Level],
    now: datetime,
) -> AlertFacts:
    newest, history = stored[-1], tuple(one.transition for one in stored)
    text = work.knowledge.text_of(newest.transition.rule)
    assert text is not None
    state = state_of(stored)
    free = Level.CRISIS if work.approves else free_level(history, text.mode)
    agreed = max(free, approved.get(newest.number, Level.CALM))
    refused = state.level <= denied.get(newest.number, Level.CALM)
    since = None if refused or not state.is_open else waits_since(history, agreed, text, now)
    return AlertFacts(
        state=replace(state, level=min(state.level, agreed)) if agreed else state,
        text=text,
        number=newest.number,
        revision=newest.revision,
        evidence=newest.transition.evidence,
        history=history,
        approved=agreed > Level.CALM,
        waiting_since=since,
        agreed=agreed,
        keys={name: _key_names(work.knowledge, name, value) for name, value in newest.transition.by},
    )


def _key_names(known: Knowledge, name: str, value: str) -> Texts:
    """A road by its names, another key by the words the folder has for it."""
    corridor = known.geography.corridor(value) if name == "corridor" else None
    return corridor.names if corridor else known.words.get(name, {}).get(value) or {"fr": value, "en": value}


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
    vouched = polls.coverage(tx)
    return tuple(
        _source(work, source_id, asked.get(source_id, (None, None)), vouched, now)
        for source_id in sorted(work.sources)
    )


def _source(
    work: Work,
    source_id: str,
    newest: tuple[Poll | None, Poll | None],
    vouched: Sequence[Coverage],
    now: datetime,
) -> SourceState:
    """A record that the source was watched is as good as a poll: an observation file has no other."""
    source = work.sources[source_id]
    tried, good = (poll.at if poll and poll.at <= now else None for poll in newest)
    ends = (min(one.end, now) for one in vouched if one.source == source_id and one.start <= now)
    good = max(ends, default=good) if good is None else max([good, *ends])
    return SourceState(
        id=source.id,
        title=source.title,
        expected_every_s=source.expected_every.total_seconds(),
        good_at=good,
        tried_at=tried,
        indicators=source.indicators,
    )


def record(tx: Tx, work: Work, now: datetime) -> Record | None:
    """Hits and misses of the last 90 days, from what was stored when it was told; None where no impact is listed.

    An issue counts as a false alarm only when the thirty days in which it may still prove right are over.
    """
    first = alerts.first_tick(tx)
    if not work.impacts or first is None or now - first < DAY:
        return None
    start = max(now - RECORD, first)
    given = given_issues(tx, work, now)
    found = score(given, [one for one in work.impacts if one.at < now], Level.ALERT, start, now)
    decided = [issue for issue in given if issue.at + LEAD_CAP_DAYS * DAY <= now]
    return Record(
        start=start,
        end=now,
        live=not work.voice.exercise,
        impacts=found["hits"] + found["misses"],
        hits=found["hits"],
        misses=found["misses"],
        false_alarms=score(decided, work.impacts, Level.ALERT, start, now)["false_alarms"],
        days_at_alert=round(found["share_of_days"] * ((now - start) / DAY)),
        lead_days=tuple(float(days) for days in found["lead_days"]),
    )


def given_issues(tx: Tx, work: Work, now: datetime) -> list[Issue]:
    """Every alert of level 3 or above that readers could hear of, as it was issued."""
    rules = [*work.knowledge.rules, *work.knowledge.gone.values()]
    shown = {one.id for one in rules if one.rule.mode != "shadow"}
    told = (one.transition for one in alerts.transitions(tx, until=now))
    fresh = {one.id: stays_fresh(one.rule, work.knowledge.indicators) for one in rules}
    return issues((moved for moved in told if moved.rule in shown), Level.ALERT, now, fresh)
