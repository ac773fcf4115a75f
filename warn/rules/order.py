"""In which order rules run: whatever another one looks at comes first. A circle has no first."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from warn.rules.measures import Families
from warn.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Link:
    """`later` runs after `earlier`; `path` is where the first says so in the rule `owner`."""

    earlier: str
    later: str
    owner: str
    path: tuple[str | int, ...]


def links(rule: Rule) -> Iterable[Link]:
    """What one rule says of others: by counting them, being kept open by them, holding their messages back."""
    for nth, name in enumerate(rule.measure.rules):
        yield Link(name, rule.id, rule.id, ("measure", "rules", nth))
    for nth, name in enumerate(rule.keep_open_while):
        yield Link(name, rule.id, rule.id, ("keep_open_while", nth))
    for nth, name in enumerate(rule.inhibits):
        yield Link(rule.id, name, rule.id, ("inhibits", nth))


def in_order(rules: Sequence[Rule]) -> tuple[list[str], list[list[str]]]:
    """(ids, dependencies first and else as written; circles, each once). Linear in rules and links.

    A `families` rule waits for all it counts through one gate per set of families it leaves out.
    """
    known = {rule.id for rule in rules}
    after: dict[str, list[str]] = {rule.id: [] for rule in rules}
    for rule in rules:
        for link in links(rule):
            if link.earlier in known and link.later in known:
                after[link.earlier].append(link.later)
    _gates(rules, after)
    place = {name: nth for nth, name in enumerate(after)}
    waiting = dict.fromkeys(after, 0)
    for later in after.values():
        for name in later:
            waiting[name] += 1
    ready = [place[name] for name, count in waiting.items() if not count]
    names, done = list(after), []
    heapq.heapify(ready)
    while ready:
        name = names[heapq.heappop(ready)]
        done.append(name)
        for later_name in after[name]:
            waiting[later_name] -= 1
            if not waiting[later_name]:
                heapq.heappush(ready, place[later_name])
    stuck = {name for name, count in waiting.items() if count}
    return [name for name in done if name in known], _circles(stuck, after, known)


def _gates(rules: Sequence[Rule], after: dict[str, list[str]]) -> None:
    composite = {rule.id: rule.measure for rule in rules if isinstance(rule.measure, Families)}
    for name, measure in composite.items():
        left_out = sorted(measure.families.except_)
        gate = "gate:" + ",".join(left_out)
        if gate not in after:
            after[gate] = []
            for rule in rules:
                if rule.id not in composite and rule.family not in left_out:
                    after[rule.id].append(gate)
        after[gate].append(name)


def _circles(stuck: set[str], after: Mapping[str, Sequence[str]], known: set[str]) -> list[list[str]]:
    """One circle for each knot of rules that wait for one another."""
    onward = _going_on(stuck, after)
    found: list[list[str]] = []
    seen: set[str] = set()
    for start in onward:
        trail: list[str] = []
        name = start
        while name not in seen:
            seen.add(name)
            trail.append(name)
            name = onward[name]
        if name in trail:
            found.append([one for one in trail[trail.index(name) :] if one in known])
    return found


def _going_on(stuck: set[str], after: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each stuck rule that lies in a circle or leads to one, and the next on the way there."""
    before: dict[str, list[str]] = {name: [] for name in stuck}
    left = dict.fromkeys(stuck, 0)
    for name in stuck:
        for later in after[name]:
            if later in stuck:
                before[later].append(name)
                left[name] += 1
    ends = [name for name, count in left.items() if not count]
    while ends:
        for earlier in before[ends.pop()]:
            left[earlier] -= 1
            if not left[earlier]:
                ends.append(earlier)
    live = [name for name in after if name in stuck and left[name]]
    return {name: next(one for one in after[name] if left.get(one)) for name in live}
