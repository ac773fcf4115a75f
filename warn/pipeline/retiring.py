"""Open alerts whose rule was removed, or tells its alerts apart in another way: they stay until a person confirms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from warn.model import AlertState
from warn.pipeline import admin_words, admins
from warn.pipeline.work import Work
from warn.rules.edits import fits, orphans, retired
from warn.store import Tx, acts, alerts
from warn.store.acts import Act
from warn.store.alerts import StoredTransition

AGAIN = timedelta(hours=1)
LATELY = timedelta(days=7)  # an answer is acted on when alerts are judged next


ANSWERS = frozenset({"asked-rule", "approve-rule", "deny-rule"})


def ask_orphans(tx: Tx, work: Work, now: datetime) -> list[str]:
    """Asks about each such rule at once and again after an hour; recorded, so that a restart asks nothing twice."""
    lines = []
    for rule, left in _by_rule(tx, work).items():
        said = _said(tx, rule, left)
        asked = [act for act in said if act.kind == "asked-rule"]
        if len(said) > len(asked) or len(asked) > 1 or (asked and now - asked[0].at < AGAIN):
            continue
        act = acts.record(tx, Act("asked-rule", rule, "warn", now))
        text = _text(tx, work, rule, left)
        if asked:
            text = admin_words.phrase(work.lang, "again", text=text)
        lines.append(admins.notify(tx, work, f"orphan {act}", text, now))
    return lines


def retire(tx: Tx, work: Work, now: datetime) -> list[StoredTransition]:
    """Withdraws the alerts of rules that an administrator confirmed; the caller tells it."""
    if not acts.acts(tx, kind="approve-rule", since=now - LATELY):
        return []
    waiting = _by_rule(tx, work).items()
    confirmed = {
        rule for rule, left in waiting if any(act.kind == "approve-rule" for act in _said(tx, rule, left))
    }
    if not confirmed:
        return []
    done = retired(work.engine.rules, alerts.states(tx), confirmed, now)
    return alerts.apply(tx, now, done.states, done.transitions, work.knowledge.digest)


def _by_rule(tx: Tx, work: Work) -> Mapping[str, list[AlertState]]:
    rules = work.engine.rules
    if all(fits(rules.get(rule), by) for rule, by in alerts.open_alerts(tx)):
        return {}
    found: dict[str, list[AlertState]] = {}
    for state in orphans(rules, alerts.states(tx)):
        found.setdefault(state.rule, []).append(state)
    return found


def _said(tx: Tx, rule: str, left: list[AlertState]) -> list[Act]:
    """What was asked and answered about these alerts: what was said before they opened was about others."""
    since = max((one.opened_at for one in left if one.opened_at is not None), default=None)
    return [act for act in acts.acts(tx, target=rule, since=since) if act.kind in ANSWERS]


def _text(tx: Tx, work: Work, rule: str, left: list[AlertState]) -> str:
    by = {one.by for one in left}
    numbers = [one.number for one in alerts.episodes(tx, rule=rule, open_only=True) if one.by in by]
    named = ", ".join(str(number) for number in numbers)
    return admin_words.phrase(work.lang, "orphan", rule=rule, alerts=named)
