"""What the rules would have done over history, and how that compares with what happened."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from warn.errors import UsageError
from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import Coverage, Level, Observation, Poll, SourceFacts, Transition
from warn.rules.measures import Count
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule
from warn.study.audience import READERS, episodes, messages, news_of
from warn.study.score import Impact, Issue, issues, score, share_of_days
from warn.study.table import backtest_table
from warn.study.trial import Ran, Trial, known_later, stays_fresh

__all__ = ["Backtest", "Impact", "backtest", "backtest_table", "impacts_from_csv", "judged", "stays_fresh"]

LATER = timedelta(days=3)
CLOCK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Backtest:
    """The result as interfaces.md has it, and the run behind it, for pictures."""

    result: dict[str, Any]
    trial: Trial
    ran: Ran


def impacts_from_csv(text: str) -> list[Impact]:
    """Columns `id,date,impact`; others are ignored. UsageError says line and reason."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = {"id", "date"} - set(reader.fieldnames or ())
    if missing:
        raise UsageError(
            f"The file of impacts lacks the column {min(missing)!r}.",
            "It needs id,date,impact.",
            french=(
                f"Il manque la colonne « {min(missing)} » au fichier des impacts.",
                "Il lui faut id,date,impact.",
            ),
        )
    found = []
    for row in reader:
        try:
            on = date.fromisoformat((row["date"] or "").strip()[:10])
        except ValueError:
            raise UsageError(
                f"Line {reader.line_num}: {row['date']!r} is not a date.",
                "Write it as 2025-10-07.",
                french=(
                    f"Ligne {reader.line_num} : « {row['date']} » n'est pas une date.",
                    "Écrivez 2025-10-07.",
                ),
            ) from None
        found.append(Impact((row["id"] or "").strip(), on, (row.get("impact") or "").strip()))
    return found


def backtest(
    rules: Sequence[LoadedRule],
    indicators: Indicators,
    geography: Geography,
    observations: Sequence[Observation],
    start: datetime,
    end: datetime,
    *,
    every: timedelta = timedelta(hours=1),
    impacts: Sequence[Impact] = (),
    coverage: Sequence[Coverage] = (),
    polls: Sequence[Poll] = (),
    sources: Sequence[SourceFacts] = (),
    level: int = 3,
    unapproved: str = "approve",
) -> dict[str, Any]:
    """The JSON of interfaces.md. `unapproved`: "approve" at once, or "never": what asks for a person is left out."""
    trial = Trial(
        _asked(rules, unapproved), indicators, geography, start, end, every, sources, polls, coverage
    )
    return judged(trial, observations, impacts, level).result


def _asked(rules: Sequence[LoadedRule], unapproved: str) -> Sequence[LoadedRule]:
    return rules if unapproved == "approve" else [one for one in rules if one.rule.mode != "approve"]


def judged(
    trial: Trial, observations: Sequence[Observation], impacts: Sequence[Impact] = (), level: int = 3
) -> Backtest:
    """The same, with the run that it comes from."""
    start, end = trial.start, trial.end
    ran = trial.run(observations)
    given = trial.issues(ran.told, Level(level))
    later = trial.run(known_later(observations, LATER)).told
    news = news_of(episodes(ran.told), trial.rules)
    result = {
        "from": start.isoformat(),
        "to": end.isoformat(),
        "every": _every(trial.every),
        "rules": len(trial.rules),
        "observations": len(observations),
        "evaluations": ran.outcome.evaluations,
        "timeline": _timeline(ran.told, start),
        "days_at_level": days_at_level(trial.rules, ran.told, start, end),
        "score": score(given, impacts, level, start, end),
        "alone": _alone(given, impacts, start, end),
        "messages_per_week": {name: messages(news, who, start, end) for name, who in READERS.items()},
        "baselines": _baselines(trial, observations, given, impacts, level),
        "score_3_days_later": score(trial.issues(later, Level(level)), impacts, level, start, end),
    }
    return Backtest(result, trial, ran)


def _timeline(transitions: Iterable[Transition], start: datetime) -> list[dict[str, Any]]:
    """What was open at the start first, then every transition."""
    standing: dict[tuple[str, Any], Transition] = {}
    after = []
    for told in transitions:
        if told.at < start:
            standing[told.rule, told.by] = told
        else:
            after.append(_entry(told, told.at, told.kind))
    opened = [_entry(told, start, "open") for told in standing.values() if told.level > Level.CALM]
    return sorted(opened, key=lambda e: (e["rule"], sorted(e["by"].items()))) + after


def _entry(told: Transition, at: datetime, reason: str) -> dict[str, Any]:
    return {
        "at": at.isoformat(),
        "rule": told.rule,
        "by": dict(told.by),
        "level": int(told.level),
        "reason": reason,
        "value": told.evidence.value,
        "threshold": told.evidence.threshold,
    }


def days_at_level(
    rules: Sequence[LoadedRule], transitions: Sequence[Transition], start: datetime, end: datetime
) -> dict[str, dict[str, float]]:
    """Days at each level; of several alerts of one rule the highest counts."""
    spent = {loaded.rule.id: dict.fromkeys(("1", "2", "3", "4"), 0.0) for loaded in rules}
    stands: dict[str, dict[Any, Level]] = {}
    since: dict[str, datetime] = {}
    for told in transitions:
        _spend(spent[told.rule], stands.get(told.rule), since.get(told.rule, start), told.at, start)
        stands.setdefault(told.rule, {})[told.by] = told.level
        since[told.rule] = told.at
    for rule, found in stands.items():
        _spend(spent[rule], found, since[rule], end, start)
    return {rule: {level: round(days, 3) for level, days in found.items()} for rule, found in spent.items()}


def _spend(
    spent: dict[str, float],
    stands: dict[Any, Level] | None,
    since: datetime,
    until: datetime,
    start: datetime,
) -> None:
    level = max((stands or {}).values(), default=Level.CALM)
    if level > Level.CALM:
        spent[str(int(level))] += max(timedelta(0), until - max(since, start)) / timedelta(days=1)


def _alone(
    given: Sequence[Issue], impacts: Sequence[Impact], start: datetime, end: datetime
) -> dict[str, dict[str, float]]:
    """Per rule: the hits only it gave, and the share of days only it held the level."""
    every = score(given, impacts, 0, start, end)
    found = {}
    for rule in sorted({issue.rule for issue in given}):
        rest = score([issue for issue in given if issue.rule != rule], impacts, 0, start, end)
        found[rule] = {
            "hits": every["hits"] - rest["hits"],
            "share_of_days": round(every["share_of_days"] - rest["share_of_days"], 4),
        }
    return found


def _baselines(
    trial: Trial,
    observations: Sequence[Observation],
    given: Sequence[Issue],
    impacts: Sequence[Impact],
    level: int,
) -> dict[str, Any]:
    """What anybody could do without these rules."""
    start, end = trial.start, trial.end
    share = share_of_days(given, start, end)
    candidates = {
        "two_in_14d": _two_in(trial, observations, timedelta(days=14)),
        "two_in_18d": _two_in(trial, observations, timedelta(days=18)),
        "blind_clock": _clock(start, end, share),
        "always_on": [Issue("always_on", start, ((start, end),))],
    }
    return {name: score(found, impacts, level, start, end) for name, found in candidates.items()}


def _two_in(trial: Trial, observations: Sequence[Observation], over: timedelta) -> list[Issue]:
    """Two attacks on convoys in a window, whoever says so; on while it lasts."""
    rule = Rule(
        id="baseline",
        title={"fr": "-", "en": "-"},
        measure=Count(count=("convoy_attack",), over=over),
        rises_to={Level.ALERT: 2},
        eases_after=timedelta(0),
        clears_after=timedelta(0),
    )
    told = trial.run(observations, [LoadedRule(rule, "", 0, "", "")]).told
    return issues(told, Level.ALERT, trial.end, {})


def _clock(start: datetime, end: datetime, share: float) -> list[Issue]:
    """On for the same share of every thirty days, whatever happens."""
    found, at = [], start
    while share and at < end:
        found.append(Issue("blind_clock", at, ((at, min(end, at + share * CLOCK)),)))
        at += CLOCK
    return found


def _every(every: timedelta) -> str:
    minutes = round(every.total_seconds() / 60)
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
