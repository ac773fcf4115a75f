"""What a reader would have been told, and why not: the service's own decisions, run again over a timeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final

from warn.digest.select import Decision, Heard, Holds, News, decide
from warn.model import Level, Preferences, Transition
from warn.rules.measures import Families, Rules
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule

WEEK: Final = timedelta(days=7)
READERS: Final[Mapping[str, Preferences]] = MappingProxyType(
    {
        "resident": Preferences(),
        "ngo": Preferences(kind="ngo"),
        "press": Preferences(kind="press"),
        "everything": Preferences(
            kind="ngo", least_level=Level.WATCH, immediate_from=Level.WATCH, quiet_from=None, quiet_until=None,
            evening=True, embassy_notices=True,
        ),
    }
)  # fmt: skip
"""The kinds of reader with what each gets who never changes a setting, and one who wants all of it."""
HoldsAt = Callable[[datetime], Holds]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What became of one piece of news at one moment. `with_`: the episode whose message named it."""

    at: datetime
    decision: Decision
    with_: str = ""

    @property
    def told(self) -> bool:
        return self.decision.way == "now"

    @property
    def message(self) -> bool:
        """Whether the telephone rings or at least shows something new."""
        return self.told and not self.decision.edits and not self.with_


def news_of(told: Iterable[tuple[str, Transition]], rules: Sequence[LoadedRule]) -> list[News]:
    """Transitions in order of time, each with a name of its episode, as the selection sees them.

    Rules in shadow, and rules that no longer exist, tell nobody.
    """
    by_id = {loaded.id: loaded.rule for loaded in rules}
    inhibitors: dict[str, set[str]] = defaultdict(set)
    for name, inhibiting in by_id.items():
        for quiet in inhibiting.inhibits:
            inhibitors[quiet].add(name)
    parts = {name: parts_of(one.measure, rules) for name, one in by_id.items()}
    standing: dict[str, str] = {}
    found = []
    for episode, moved in told:
        rule = by_id.get(moved.rule)
        if rule is None or rule.mode == "shadow":
            continue
        if moved.level > Level.CALM and moved.kind not in {"closed", "withdrawn", "lapsed"}:
            standing[episode] = moved.rule
        else:
            standing.pop(episode, None)
        behind = tuple(name for name, one in standing.items() if one in inhibitors.get(moved.rule, ()))
        found.append(news(moved, episode, rule, parts[moved.rule], behind))
    return found


def news(
    moved: Transition,
    episode: str,
    rule: Rule,
    parts: tuple[str, ...],
    inhibited_by: tuple[str, ...],
    *,
    held: bool = False,
) -> News:
    """One transition as the selection sees it, live and in study alike."""
    by = dict(moved.by)
    return News(
        transition=moved,
        episode=episode,
        family=rule.family or "",
        corridor=by.get("corridor", moved.evidence.corridor),
        places=tuple(filter(None, (by.get("place", ""),))),
        parts=parts,
        embassy=rule.family == "posture",
        inhibited_by=inhibited_by,
        held=held,
    )


def episodes(told: Iterable[Transition]) -> Iterator[tuple[str, Transition]]:
    """Each transition with a stable name of its episode, for timelines that have no public numbers."""
    for moved in told:
        by = ",".join(value for _, value in moved.by)
        yield f"{moved.rule}[{by}] {moved.opened_at:%Y-%m-%dT%H:%M}", moved


def listen(news: Sequence[News], who: Preferences, holds: HoldsAt = lambda _: Holds()) -> list[Hearing]:
    """Every decision for one reader in order of time: at each tick, and again when a hold ends."""
    ear = _Ear(who, holds)
    for at, group in groupby(news, key=lambda one: one.transition.at):
        ear.wait(until=at)
        ear.hear(list(group), at)
    ear.wait(until=None)
    return ear.hearings


def messages(news: Sequence[News], who: Preferences, start: datetime, end: datetime) -> dict[str, Any]:
    """Messages a week between two moments: at once, the busiest week, edits of earlier ones, digests."""
    hearings = [one for one in listen(news, who) if start <= one.at < end]
    rang = [one.at for one in hearings if one.message]
    weeks = max((end - start) / WEEK, 1 / 7)
    editions = 7 * who.evening + (1 if who.weekly else 7 if who.digest_at is not None else 0)
    return {
        "messages": len(rang),
        "per_week": round(len(rang) / weeks, 2),
        "busiest_week": _busiest(rang),
        "edits": sum(one.told and one.decision.edits for one in hearings),
        "digests_per_week": editions,
    }


def _busiest(rang: Sequence[datetime]) -> int:
    """The most of these moments, in order, that lie within one week."""
    most = first = 0
    for nth, at in enumerate(rang):
        while at - rang[first] >= WEEK:
            first += 1
        most = max(most, nth - first + 1)
    return most


@dataclass(slots=True)
class _Ear:
    """One reader while the timeline goes by."""

    who: Preferences
    holds: HoldsAt
    heard: dict[str, Heard] = field(default_factory=dict)
    newest: dict[str, News] = field(default_factory=dict)
    held: dict[datetime, set[str]] = field(default_factory=lambda: defaultdict(set))
    hearings: list[Hearing] = field(default_factory=list)

    def wait(self, until: datetime | None) -> None:
        """What was held back and is due before `until` is judged again as it stands then."""
        while self.held and (until is None or min(self.held) < until):
            at = min(self.held)
            waiting = [self.newest[name] for name in sorted(self.held.pop(at))]
            self.hear([replace(one, held=True) for one in waiting], at)

    def hear(self, news: Sequence[News], at: datetime) -> None:
        self.newest |= {one.episode: replace(one, held=False) for one in news}
        verdict = decide(news, self.who, self.heard, at, self.holds(at))
        named = {one.news.episode: one for one in verdict.also}
        for decision in verdict.decisions:
            episode = decision.news.episode
            if decision.way == "hold" and decision.until is not None:
                self.held[decision.until].add(episode)
            if decision.way in {"now", "digest"}:
                self._remember(decision, at)
            lead = verdict.lead.news.episode if verdict.lead and episode in named else ""
            self.hearings.append(
                Hearing(at, named.get(episode, decision), lead if decision.way == "now" else "")
            )

    def _remember(self, decision: Decision, at: datetime) -> None:
        episode, moved = decision.news.episode, decision.news.transition
        ended = moved.kind in {"closed", "withdrawn"}
        level = Level.CALM if ended else moved.level
        last = self.heard.get(episode)
        now = decision.way == "now"
        sight = moved.kind in {"blind", "lapsed", "sighted"}
        self.heard[episode] = Heard(
            level=level,
            at=at,
            way="now" if now or (last is not None and last.way == "now") else "digest",
            highest=max(level, last.highest if last else Level.CALM),
            blind=moved.kind in {"blind", "lapsed"},
            blind_told_at=at if now and sight else last.blind_told_at if last else None,
        )
        if now:
            for waiting in self.held.values():
                waiting.discard(episode)


def parts_of(measure: Any, rules: Sequence[LoadedRule]) -> tuple[str, ...]:
    """The rules that a composite counts, and for which it speaks."""
    if isinstance(measure, Rules):
        return measure.rules
    if isinstance(measure, Families):
        return tuple(one.id for one in rules if not isinstance(one.rule.measure, Families))
    return ()
