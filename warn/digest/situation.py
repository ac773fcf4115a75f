"""The one level shown in subjects, page and badge (rules.md, vocabulary)."""

from __future__ import annotations

from warn.digest.facts import Facts, Situation
from warn.model import Level


def situation(facts: Facts) -> Situation:
    """The highest level among shown alerts that count, blind ones included.

    Calm only where nothing has lapsed and every core rule is known; all else is unclear, never shown as calm.
    """
    shown = [alert for alert in facts.alerts if alert.shown]
    counting = [alert for alert in shown if alert.state.counts and alert.state.level > Level.CALM]
    if counting:
        level = max(alert.state.level for alert in counting)
        causes = sorted({alert.state.rule for alert in counting if alert.state.level == level})
        return Situation(level, facts.now, tuple(causes))
    lapsed = {alert.state.rule for alert in shown if alert.state.status == "lapsed"}
    unseen = {rule for rule in facts.unknown_rules if rule in facts.rules and facts.rules[rule].core}
    if causes := sorted(lapsed | unseen):
        return Situation(None, facts.now, tuple(causes))
    return Situation(Level.CALM, facts.now)
