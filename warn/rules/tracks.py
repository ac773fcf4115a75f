"""How alerts stood over time, and the measures that count them: `rules` and `families`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from warn.model import AlertState, By, Level
from warn.moments import DAY, NEVER, Moments, span
from warn.rules.lost import Loss, Losses
from warn.rules.measures import Families, Rules
from warn.rules.rule import Rule
from warn.rules.series import Series, stack, union
from warn.rules.timers import held_since, stood_at

Spans = list[tuple[int, int]]
"""Stretches of time, each from a moment until another."""


@dataclass(slots=True)
class Track:
    """One alert during a run: how it stood, from when on. `before`: as it was handed in.

    `anew`: at these its past was corrected; what it then remembers of it takes the place of what it had been.
    """

    before: AlertState
    counts: bool = True  # False while it awaits a person
    at: list[int] = field(default_factory=list)
    states: list[AlertState] = field(default_factory=list)
    anew: list[int] = field(default_factory=list)

    def note(self, at: int, state: AlertState, *, anew: bool = False) -> None:
        self.at.append(at)
        self.states.append(state)
        if anew:
            self.anew.append(at)

    def spans(self, level: Level, reach: int = 0) -> Spans:
        """While it stood at that level or above, and for `reach` afterwards, as each moment knew it."""
        found: Spans = []
        turns = [-NEVER, *self.anew, NEVER]
        for begin, end in pairwise(turns):
            part = self.known(level, reach, min(end - 1, NEVER))
            found += [(max(a, begin), min(b, end)) for a, b in part if a < end and b > begin]
        return found

    def known(self, level: Level, reach: int, as_of: int) -> Spans:
        """The same, as that one moment knows it."""
        first = max((at for at in self.anew if at <= as_of), default=-NEVER)
        start = self.before
        for at, state in zip(self.at, self.states, strict=True):
            if at <= first:
                start = state
        found, since = self._remembered(start, level, reach)
        for at, state in zip(self.at, self.states, strict=True):
            if not first < at <= as_of:
                continue
            stands = self._stands(state) >= level
            if stands and since is None:
                since = at
            elif since is not None and not stands:
                found.append((since, at + reach))
                since = None
        if since is not None:
            found.append((since, NEVER))
        return found

    def _remembered(self, state: AlertState, level: Level, reach: int) -> tuple[Spans, int | None]:
        """(the last stretch that is over, since when it stands)."""
        over = stood_at(state, level) if self.counts else None
        since = held_since(state, level) if self._stands(state) >= level else None
        return [] if over is None else [(over[0], over[1] + reach)], since

    def _stands(self, state: AlertState) -> Level:
        return state.level if self.counts and state.counts else Level.CALM


Tracks = Mapping[str, Mapping[By, Track]]
"""By rule and `by`: all rules that ran before."""


def counted(rule: Rule, tracks: Tracks, rules: Mapping[str, Rule], as_of: int | None = None) -> Series:
    """How many rules, or families, stand or stood within `over` at that level; always known.

    As each moment knew it, or all of it as one moment knows it.
    """
    at, reach = _asked(rule)
    spans: Spans = []
    for members in groups_of(rule, rules).values():
        mine = (track for name in members for track in tracks.get(name, {}).values())
        spans += merged(
            one
            for track in mine
            for one in (track.spans(at, reach) if as_of is None else track.known(at, reach, as_of))
        )
    return _series(spans)


def taken_back(rule: Rule, tracks: Tracks, rules: Mapping[str, Rule]) -> Losses:
    """When the past of an alert that is counted was corrected."""
    members = [name for group in groups_of(rule, rules).values() for name in group]
    found = {(at, f"rule:{name}") for name in members for t in tracks.get(name, {}).values() for at in t.anew}
    return Losses.of(Loss(at, 0, 0, name) for at, name in found)


def _asked(rule: Rule) -> tuple[Level, int]:
    """From which level on an alert counts, and for how long afterwards."""
    measure = rule.measure
    assert isinstance(measure, Rules | Families)
    asked = measure if isinstance(measure, Rules) else measure.families
    return asked.at, 0 if asked.over is None else span(asked.over)


def groups_of(rule: Rule, rules: Mapping[str, Rule]) -> dict[str, list[str]]:
    """What is counted as one: a rule by itself, or all rules of a family. Shadow rules count only in shadow rules."""
    measure = rule.measure
    groups: dict[str, list[str]] = {}
    for name, other in rules.items():
        if name == rule.id or (other.mode == "shadow" and rule.mode != "shadow"):
            continue
        if isinstance(measure, Rules) and name in measure.rules:
            groups.setdefault(name, []).append(name)
        elif isinstance(measure, Families) and not isinstance(other.measure, Families):
            if other.family is not None and other.family not in measure.families.except_:
                groups.setdefault(other.family, []).append(name)
    return groups


def keeping(rule: Rule, by: By, tracks: Tracks) -> Callable[[int], bool]:
    """Whether a keeper holds this alert open at a moment; with keys on both sides those both have must agree."""
    spans = merged(
        one
        for name in rule.keep_open_while
        for key, track in tracks.get(name, {}).items()
        if agree(by, key)
        for one in track.spans(Level.WATCH)
    )
    return lambda now: any(a <= now < b for a, b in spans)


def keeper_turns(rule: Rule, by: By, tracks: Tracks) -> Moments:
    """When that changes."""
    turns = [
        at
        for name in rule.keep_open_while
        for key, track in tracks.get(name, {}).items()
        if agree(by, key)
        for at in track.at
    ]
    return np.array(sorted(set(turns)), dtype=np.int64)


def agree(one: By, other: By) -> bool:
    """Keys that both have are compared; without a shared key any alert will do."""
    theirs = dict(other)
    return all(theirs.get(name, value) == value for name, value in one)


def merged(spans: Iterable[tuple[int, int]]) -> Spans:
    """Overlapping and touching stretches made one."""
    found: Spans = []
    for a, b in sorted(spans):
        if found and a <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], b))
        else:
            found.append((a, b))
    return found


def _series(spans: Sequence[tuple[int, int]]) -> Series:
    start = np.array([a for a, _ in spans], dtype=np.int64)
    end = np.array([min(b, NEVER) for _, b in spans], dtype=np.int64)
    turns, height = stack(start, end, np.ones(len(spans)))
    at = union(turns)
    i = np.searchsorted(turns, at, side="right") - 1
    values = np.where(i >= 0, np.concatenate((height, [0.0]))[i], 0.0)
    return Series(at, values, values.copy(), news=start[start > -NEVER])


def counted_tree(
    rule: Rule, tracks: Tracks, rules: Mapping[str, Rule], now: int, heard: Callable[[Rule], bool]
) -> dict[str, Any]:
    """Which rules are counted, and how each stands; one that never had data (not `heard`) is named as absent."""
    at, reach = _asked(rule)
    found = []
    for group, members in groups_of(rule, rules).items():
        for name in members:
            mine = list(tracks.get(name, {}).values())
            inside = any(a <= now < b for track in mine for a, b in track.spans(at, reach))
            absent = not heard(rules[name])
            found.append(
                {
                    "rule": name, "group": group, "counted": inside, "absent": absent,
                    "now": any(a <= now < b for track in mine for a, b in track.spans(at)),
                }
            )  # fmt: skip
    return {
        "measure": rule.measure.kind,
        "at": at.word,
        "rules": found,
        "days": reach / DAY or None,
    }
