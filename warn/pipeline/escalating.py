"""`escalate`: alerts that nobody acknowledged are told to whom the rule names, once for each step and rise."""

from __future__ import annotations

from datetime import datetime

from warn.pipeline import admin_words, admins, answers
from warn.pipeline.episodes import histories, state_of
from warn.pipeline.work import Work
from warn.rules.durations import in_words
from warn.rules.escalation import due, named, rose_at
from warn.rules.rule import Escalation
from warn.store import Tx, acts, alerts
from warn.store.acts import Act
from warn.store.alerts import StoredTransition

KIND = "escalated"


def escalate(tx: Tx, work: Work, now: datetime) -> list[str]:
    """Queues what is due, recorded in the same transaction, so that a kill neither loses nor doubles it; for the log.

    Alerts that lapsed are no longer counted, and those an administrator silenced wait for the end of the silence.
    """
    steps = {
        one.id: one.rule.escalate
        for one in work.knowledge.rules
        if one.rule.escalate and one.rule.mode != "shadow"
    }
    numbers = [one.number for one in alerts.episodes(tx, rules=steps, open_only=True)] if steps else []
    if not numbers:
        return []
    answered, silenced = answers.answered(tx, now), _silenced(tx, now)
    lines = []
    for number, stored in histories(alerts.transitions(tx, numbers=numbers, until=now)).items():
        rose = rose_at([one.transition for one in stored])
        if rose is None or not state_of(stored).counts or silenced & {str(number), "*"}:
            continue
        called = [act.reason for act in acts.acts(tx, kind=KIND, target=str(number), since=rose)]
        for step in due(steps[stored[-1].transition.rule], rose, answered.get(number), called, now):
            act = acts.record(tx, Act(KIND, str(number), "warn", now, reason=named(step)))
            text = _text(work, stored, step, rose)
            lines.append(admins.notify(tx, work, f"{KIND} {act}", text, now, step.to))
    return lines


def _silenced(tx: Tx, now: datetime) -> set[str]:
    return {act.target for act in acts.acts(tx, kind="silence", valid_at=now)}


def _text(work: Work, stored: tuple[StoredTransition, ...], step: Escalation, rose: datetime) -> str:
    newest = stored[-1]
    number, rule = newest.number, newest.transition.rule
    title, level = work.knowledge.texts[rule].title, state_of(stored).level
    return admin_words.phrase(
        work.lang,
        "escalated",
        alert=admin_words.alert_name(work.lang, number, rule, title, level),
        number=number,
        since=admin_words.when(rose),
        after=in_words(step.after, work.lang),
        page=f"{work.voice.base}/a/{number}",
    )
