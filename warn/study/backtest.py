"""What the rules would have done over history, and how that compares with what happened."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from warn.errors import UsageError
from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import Coverage, Level, Observation, Poll, SourceFacts, Transition
from warn.rules.evaluate import Engine, Outcome
from warn.rules.measures import Count
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule
from warn.study.score import Impact, Issue, issues, score, share_of_days

__all__ = ["Impact", "backtest", "backtest_table", "impacts_from_csv"]

LATER = timedelta(days=3)
CLOCK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, in which steps; `warm`: the first tick, early enough to have seen everything."""

    start: datetime
    end: datetime
    every: timedelta
    warm: datetime

    def ticks(self) -> list[datetime]:
        count = (self.end - self.warm) // self.every
        return [self.warm + n * self.every for n in range(count + 1)]


def impacts_from_csv(text: str) -> list[Impact]:
    """Columns `id,date,impact`; others are ignored. UsageError says line and reason."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = {"id", "date"} - set(reader.fieldnames or ())
    if missing:
        raise UsageError(
            f"The file of impacts lacks the column {min(missing)!r}.", "It needs id,date,impact."
        )
    found = []
    for row in reader:
        try:
            on = date.fromisoformat((row["date"] or "").strip()[:10])
        except ValueError:
            raise UsageError(
                f"Line {reader.line_num}: {row['date']!r} is not a date.", "Write it as 2025-10-07."
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
    """The JSON of interfaces.md.

    Without coverage and polls all indicators count as watched: from one longest window before the earlier of
    `start` and the first known_at, to `end`. `unapproved`: "approve" at once, or "never": what asks for a person
    is then left out.
    """
    if end <= start or every <= timedelta(0):
        raise UsageError("A backtest needs --from before --to and a positive --every.")
    if unapproved == "never":
        rules = [loaded for loaded in rules if loaded.rule.mode != "approve"]
    judge = _Judge(rules, indicators, geography, sources, polls, coverage, start, end, every)
    outcome = judge.run(observations)
    given = judge.issues(outcome, Level(level))
    later = [_moved(o, LATER) for o in observations]
    return {
        "from": start.isoformat(),
        "to": end.isoformat(),
        "every": _every(every),
        "rules": len(rules),
        "observations": len(observations),
        "evaluations": outcome.evaluations,
        "timeline": _timeline(outcome.transitions, start),
        "days_at_level": _days_at_level(rules, outcome.transitions, start, end),
        "score": score(given, impacts, level, start, end),
        "alone": _alone(given, impacts, start, end),
        "baselines": _baselines(judge, observations, given, impacts, level),
        "score_3_days_later": score(judge.issues(judge.run(later), Level(level)), impacts, level, start, end),
    }


@dataclass(frozen=True, slots=True)
class _Judge:
    """Runs rules over the same stretch of time, as often as there is something to compare."""

    rules: Sequence[LoadedRule]
    indicators: Indicators
    geography: Geography
    sources: Sequence[SourceFacts]
    polls: Sequence[Poll]
    coverage: Sequence[Coverage]
    start: datetime
    end: datetime
    every: timedelta

    def run(self, observations: Sequence[Observation], rules: Sequence[LoadedRule] | None = None) -> Outcome:
        judged = self.rules if rules is None else rules
        first = min((o.known_at for o in observations), default=self.start)
        steps = max(0, -((first - self.start) // self.every))
        span = Span(self.start, self.end, self.every, self.start - steps * self.every)
        engine = Engine(judged, self.indicators, self.geography, self.sources)
        watched = self.coverage if self.coverage or self.polls else [self._everything(min(first, self.start))]
        engine.load(observations, self.polls, watched)
        return engine.advance((), span.ticks(), light=True)

    def issues(self, outcome: Outcome, level: Level) -> list[Issue]:
        live = {loaded.rule.id for loaded in self.rules if loaded.rule.mode != "shadow"}
        told = [t for t in outcome.transitions if t.rule in live]
        return issues(
            told, level, self.end, {one.rule.id: stays_fresh(one.rule, self.indicators) for one in self.rules}
        )

    def _everything(self, first: datetime) -> Coverage:
        longest = max((_window(loaded.rule) for loaded in self.rules), default=timedelta(0))
        return Coverage("backtest", (), first - longest, self.end)


def stays_fresh(rule: Rule, indicators: Indicators) -> timedelta:
    """How long an alert of this rule still counts as standing after it was lost from sight."""
    if rule.stale_after is not None:
        return rule.stale_after
    found = [i.stale_after for name in rule.measure.indicators if (i := indicators.get(name))]
    return min(found, default=timedelta(days=7))


def _window(rule: Rule) -> timedelta:
    over: timedelta = getattr(rule.measure, "over", None) or timedelta(0)
    before: timedelta = getattr(rule.measure, "before", None) or timedelta(0)
    return over + before


def _moved(observation: Observation, by: timedelta) -> Observation:
    superseded = observation.superseded_at
    return replace(
        observation,
        known_at=observation.known_at + by,
        superseded_at=None if superseded is None else superseded + by,
    )


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


def _days_at_level(
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
    judge: _Judge,
    observations: Sequence[Observation],
    given: Sequence[Issue],
    impacts: Sequence[Impact],
    level: int,
) -> dict[str, Any]:
    """What anybody could do without these rules."""
    start, end = judge.start, judge.end
    share = share_of_days(given, start, end)
    candidates = {
        "two_in_14d": _two_in(judge, observations, timedelta(days=14)),
        "two_in_18d": _two_in(judge, observations, timedelta(days=18)),
        "blind_clock": _clock(start, end, share),
        "always_on": [Issue("always_on", start, ((start, end),))],
    }
    return {name: score(found, impacts, level, start, end) for name, found in candidates.items()}


def _two_in(judge: _Judge, observations: Sequence[Observation], over: timedelta) -> list[Issue]:
    """Two attacks on convoys in a window, whoever says so; on while it lasts."""
    rule = Rule(
        id="baseline",
        title={"fr": "-", "en": "-"},
        measure=Count(count=("convoy_attack",), over=over),
        rises_to={Level.ALERT: 2},
        eases_after=timedelta(0),
        clears_after=timedelta(0),
    )
    outcome = judge.run(observations, [LoadedRule(rule, "", 0, "", "")])
    return issues(outcome.transitions, Level.ALERT, judge.end, {})


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


def backtest_table(result: dict[str, Any], lang: str = "en") -> str:
    """The same as lines for a terminal."""
    words = _WORDS.get(lang, _WORDS["en"])
    lines = [words["head"].format(**result), ""]
    for entry in result["timeline"]:
        if entry["reason"] not in {"updated", "reminded"}:
            by = ", ".join(entry["by"].values())
            name = entry["rule"] + (f" [{by}]" if by else "")
            value = "?" if entry["value"] is None else f"{entry['value']:g}"
            lines.append(f"{entry['at'][:16]}  {entry['reason']:<9} {entry['level']}/4  {name}  ({value})")
    lines += ["", words["score"]]
    named = {
        words["rules"]: result["score"],
        words["later"]: result["score_3_days_later"],
        **result["baselines"],
    }
    width = max(len(name) for name in named)
    lines += [f"  {name:<{width}}  {_score_line(found, words)}" for name, found in named.items()]
    for impact in result["score"]["impacts"]:
        sign = "+" if impact["hit"] else "-"
        lead = f"{impact['lead_days']} d, {impact['rule']}" if impact["hit"] else words["missed"]
        lines.append(f"  {sign} {impact['id']}  {impact['date']}  {lead}")
    return "\n".join(lines) + "\n"


def _score_line(found: dict[str, Any], words: dict[str, str]) -> str:
    return words["line"].format(**found, share=round(100 * found["share_of_days"]))


_WORDS = {
    "en": {
        "head": "{rules} rules, {observations} observations, {from} to {to} every {every}",
        "score": "Against the impacts (level {level} or above):".replace("{level}", "3"),
        "rules": "these rules",
        "later": "known 3 days later",
        "line": "{hits} hits, {misses} misses, {false_alarms} false alarms, {confirming} confirming; "
        "leads {lead_days}; {share} % of days",
        "missed": "missed",
    },
    "fr": {
        "head": "{rules} règles, {observations} observations, du {from} au {to}, pas {every}",
        "score": "Face aux impacts (niveau 3 ou plus) :",
        "rules": "ces règles",
        "later": "su 3 jours plus tard",
        "line": "{hits} annoncés, {misses} manqués, {false_alarms} fausses alertes, {confirming} confirmations ; "
        "avances {lead_days} ; {share} % des jours",
        "missed": "manqué",
    },
}
