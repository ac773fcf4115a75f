"""How alerts stood over time, and the measures that count them: `rules` and `families`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from warn.model import AlertState, By, Level
from warn.moments import DAY, NEVER, Moments, span
from warn.rules.ladder import left_at
from warn.rules.measures import Families, Rules
from warn.rules.rule import Rule
from warn.rules.series import Series, stack, union

Spans = list[tuple[int, int]]
"""Stretches of time, each from a moment until another."""


@dataclass(slots=True)
class Track:
    """One alert during a run: the level it counts at, from when on. `before`: as it was handed in."""

    before: AlertState
    counts: bool = True  # False while it awaits a person
    at: list[int] = field(default_factory=list)
    level: list[Level] = field(default_factory=list)

    def note(self, at: int, state: AlertState) -> None:
        self.at.append(at)
        self.level.append(self._stands(state))

    def spans(self, level: Level) -> Spans:
        """While it stood at that level or above; the past before this run is remembered by when it ended."""
        found: Spans = []
        since = -NEVER if self._stands(self.before) >= level else None
        if since is None and self.counts and (left := left_at(self.before, level)) > -NEVER:
            found.append((-NEVER, left))
        for at, now in zip(self.at, self.level, strict=True):
            if since is None and now >= level:
                since = at
            elif since is not None and now < level:
                found.append((since, at))
                since = None
        if since is not None:
            found.append((since, NEVER))
        return found

    def _stands(self, state: AlertState) -> Level:
        return state.level if self.counts and state.counts else Level.CALM


Tracks = Mapping[str, Mapping[By, Track]]
"""By rule and `by`: all rules that ran before."""


def counted(rule: Rule, tracks: Tracks, rules: Mapping[str, Rule]) -> dict[By, Series]:
    """How many rules, or families, stand or stood within `over` at that level; always known."""
    measure = rule.measure
    assert isinstance(measure, Rules | Families)
    groups = groups_of(rule, rules)
    at = measure.at if isinstance(measure, Rules) else measure.families.at
    over = measure.over if isinstance(measure, Rules) else measure.families.over
    reach = 0 if over is None else span(over)
    spans: Spans = []
    for members in groups.values():
        spans += merged(
            (a, b + reach) for name in members for t in tracks.get(name, {}).values() for a, b in t.spans(at)
        )
    return {(): _series(spans)}


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
    measure = rule.measure
    assert isinstance(measure, Rules | Families)
    at = measure.at if isinstance(measure, Rules) else measure.families.at
    over = measure.over if isinstance(measure, Rules) else measure.families.over
    reach = 0 if over is None else span(over)
    found = []
    for group, members in groups_of(rule, rules).items():
        for name in members:
            spans = merged(one for track in tracks.get(name, {}).values() for one in track.spans(at))
            inside = [(a, b) for a, b in spans if a <= now < b + reach]
            absent = not heard(rules[name])
            found.append(
                {
                    "rule": name, "group": group, "counted": bool(inside), "absent": absent,
                    "now": any(a <= now < b for a, b in inside),
                }
            )  # fmt: skip
    return {
        "measure": measure.kind,
        "at": at.word,
        "rules": found,
        "days": None if over is None else reach / DAY,
    }
