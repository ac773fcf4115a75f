"""Runs the scenarios of `rules/tests` at virtual time; what fails is said in sentences."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from warn.documents import Document
from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import AlertState, By, Coverage, Observation, Poll, SourceFacts, Transition
from warn.rows import CellError, Ground, RowError, ground_of, moment, observation_from, revised
from warn.rules.durations import parse_duration
from warn.rules.evaluate import Engine
from warn.rules.measures import Families
from warn.rules.ruleset import LoadedRule
from warn.study.expected import Expected, Found, differences, expected_from
from warn.study.scenario_words import Faults, said

Render = Callable[[Transition, AlertState, Mapping[str, Any]], str]
"""(transition, state after it, the `reader` of the scenario) -> the message's text as that reader gets it."""

KEYS = ("name", "rule", "polls", "coverage", "observations", "expect", "every", "note")
TICK = timedelta(minutes=5)
LONGEST = timedelta(days=800)


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario. `failures` are sentences with what was expected and what was found; none: it passed."""

    file: str
    name: str
    rule: str
    line: int
    failures: tuple[str, ...] = ()
    steps: int = 0

    @property
    def passed(self) -> bool:
        return not self.failures


@dataclass(frozen=True, slots=True)
class Bench:
    """What every scenario is run with."""

    rules: Sequence[LoadedRule]
    indicators: Indicators
    geography: Geography
    sources: Sequence[SourceFacts]
    render: Render | None
    lang: str = "en"

    @property
    def ground(self) -> Ground:
        return ground_of(self.geography, self.indicators, now=None)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario as data. Without polls and coverage everything counts as watched."""

    rule: str
    observations: tuple[Observation, ...]
    polls: tuple[Poll, ...]
    coverage: tuple[Coverage, ...]
    expect: tuple[Expected, ...]
    every: timedelta

    def ticks(self) -> list[datetime]:
        """Every five minutes, and whenever a row becomes known or is superseded, as live; up to the last question."""
        turns = [t for o in self.observations for t in (o.known_at, o.superseded_at) if t is not None]
        asked = [e.at for e in self.expect]
        start, end = min([*turns, *asked]), max(asked)
        regular = [start + n * self.every for n in range((end - start) // self.every + 1)]
        return sorted({*regular, *asked, *(t for t in turns if t <= end)})


def run_scenarios(
    documents: Sequence[tuple[str, Document | Any]],
    rules: Sequence[LoadedRule],
    indicators: Indicators,
    geography: Geography,
    sources: Sequence[SourceFacts],
    render: Render | None = None,
    lang: str = "en",
    only: Collection[str] = (),
) -> list[ScenarioResult]:
    """`documents`: (file name, the document read from it, or the plain list it holds). `only` these rules' scenarios.

    A malformed scenario is a failure, not an error.
    """
    bench = Bench(rules, indicators, geography, sources, render, lang)
    return [
        _run(file, line, data, bench)
        for file, document in documents
        for line, data in _entries(document)
        if not only or (isinstance(data, Mapping) and data.get("rule") in only)
    ]


def results_text(results: Sequence[ScenarioResult], lang: str = "en") -> Iterator[str]:
    """A line for each file, what failed below it at its line, and a summary."""
    for file, group in groupby(results, key=lambda one: one.file):
        found = list(group)
        bad = [one for one in found if not one.passed]
        yield f"{said(lang, 'failed' if bad else 'ok')}  {file}  {len(found) - len(bad)}/{len(found)}"
        for one in bad:
            yield f"  {file}:{one.line}: {one.name} ({one.rule})"
            yield from (f"    {line}" for failure in one.failures for line in failure.splitlines())
    failed = sum(not one.passed for one in results)
    asked = sum(one.steps for one in results)
    files = len({one.file for one in results})
    yield said(lang, "summary", passed=len(results) - failed, failed=failed, asked=asked, files=files)


def scenarios_of(documents: Iterable[tuple[str, Document | Any]]) -> frozenset[str]:
    """Ids of the rules that have a scenario, for the lint."""
    return frozenset(
        str(data["rule"])
        for _, document in documents
        for _, data in _entries(document)
        if isinstance(data, Mapping) and "rule" in data
    )


def _entries(document: Document | Any) -> Iterator[tuple[int, Any]]:
    if not isinstance(document, Document):
        yield from ((0, data) for data in (document if isinstance(document, list) else [document]))
    elif document.root is None:
        yield 1, None
    else:
        nodes = document.root.items if document.root.kind == "list" else (document.root,)
        yield from ((node.spot.line, node.value) for node in nodes)


def _run(file: str, line: int, data: Any, bench: Bench) -> ScenarioResult:
    name, rule = (str(data.get(key, "")) if isinstance(data, Mapping) else "" for key in ("name", "rule"))
    faults = Faults(bench.lang)
    scenario = _read(data, bench, faults)
    if scenario is None or faults:
        return ScenarioResult(file, name, rule, line, tuple(faults))
    failures = [
        failure
        for found, expected in _found(scenario, bench)
        for failure in differences(expected, found, bench.render, bench.lang)
    ]
    return ScenarioResult(file, name, rule, line, tuple(failures), len(scenario.expect))


def _found(scenario: Scenario, bench: Bench) -> Iterator[tuple[Found, Expected]]:
    """How the alert stood whenever the scenario asks."""
    needed = _needed(scenario.rule, bench.rules)
    engine = Engine(needed, bench.indicators, bench.geography, bench.sources)
    ticks = scenario.ticks()
    watched = scenario.coverage
    if not watched and not scenario.polls:
        watched = (Coverage("scenario", (), ticks[0] - LONGEST, ticks[-1]),)
    engine.load(scenario.observations, scenario.polls, watched)
    states: tuple[AlertState, ...] = ()
    told: dict[By, Transition] = {}
    done = 0
    for expected in sorted(scenario.expect, key=lambda e: e.at):
        upto = ticks.index(expected.at) + 1
        if upto > done:
            outcome = engine.advance(states, ticks[done:upto])
            states, done = outcome.states, upto
            told |= {t.by: t for t in outcome.transitions if t.rule == scenario.rule}
        by = expected.by if expected.by is not None else _only(states, scenario.rule, told)
        state = next(
            (s for s in states if (s.rule, s.by) == (scenario.rule, by)), AlertState(scenario.rule, by)
        )
        yield Found(state, told.get(by)), expected


def _only(states: Sequence[AlertState], rule: str, told: Mapping[By, Transition]) -> By:
    """Of several alerts of one rule the highest, if the scenario names none."""
    mine = [s for s in states if s.rule == rule]
    best = max(mine, key=lambda s: (s.level, s.changed_at is not None), default=None)
    return best.by if best is not None else next(iter(told), ())


def _needed(name: str, rules: Sequence[LoadedRule]) -> list[LoadedRule]:
    """The rule and all it depends on, in their order."""
    by_id = {loaded.rule.id: loaded for loaded in rules}
    todo, needed = [name], set()
    while todo:
        found = by_id.get(todo.pop())
        if found is None or found.rule.id in needed:
            continue
        needed.add(found.rule.id)
        todo += [*found.rule.measure.rules, *found.rule.keep_open_while]
        if isinstance(found.rule.measure, Families):
            todo += list(by_id)
    return [loaded for loaded in rules if loaded.rule.id in needed]


def _read(data: Any, bench: Bench, faults: Faults) -> Scenario | None:
    if not isinstance(data, Mapping):
        faults.tell("not a scenario")
        return None
    _unknown(data, KEYS, said(faults.lang, "the scenario"), faults)
    ids = [loaded.rule.id for loaded in bench.rules]
    rule = str(data.get("rule", ""))
    if rule not in ids:
        faults.tell("no rule", rule=rule, meant=_meant(rule, ids, faults.lang))
    observations = [
        o for n, row in enumerate(_list(data, "observations", faults), 1) for o in _row(row, n, bench, faults)
    ]
    polls = [p for entry in _list(data, "polls", faults) for p in _polls(entry, bench, faults)]
    coverage = [c for entry in _list(data, "coverage", faults) for c in _coverage(entry, faults)]
    expect = [e for entry in _list(data, "expect", faults) for e in expected_from(entry, faults)]
    if not expect:
        faults.tell("nothing expected")
    every = _every(data.get("every"), faults)
    if faults:
        return None
    return Scenario(rule, revised(observations), tuple(polls), tuple(coverage), tuple(expect), every)


def _row(row: Any, n: int, bench: Bench, faults: Faults) -> Iterator[Observation]:
    if not isinstance(row, Mapping):
        faults.tell("row not a mapping", n=n)
        return
    try:
        yield observation_from({"key": f"row-{n}", **row}, bench.ground)
    except RowError as error:
        faults.extend(said(faults.lang, "row", n=n, slip=slip) for slip in error.slips)


def _polls(entry: Any, bench: Bench, faults: Faults) -> Iterator[Poll]:
    if not isinstance(entry, Mapping):
        faults.tell("polls form")
        return
    _unknown(entry, ("source", "from", "to", "every", "outcome"), "polls", faults)
    source, ids = str(entry.get("source", "")), [s.id for s in bench.sources]
    if source not in ids:
        faults.tell("no source", source=source, meant=_meant(source, ids, faults.lang))
    try:
        start, end = moment(entry.get("from")), moment(entry.get("to"))
        every = parse_duration(str(entry.get("every", "1h")))
    except ValueError as error:
        faults.tell("polls", source=source, error=error)
        return
    if every < timedelta(minutes=1) or end - start > LONGEST:
        faults.tell("polls too many", source=source, days=LONGEST.days)
        return
    outcome = entry.get("outcome", "ok")
    for n in range((end - start) // every + 1):
        yield Poll(source, start + n * every, outcome)


def _coverage(entry: Any, faults: Faults) -> Iterator[Coverage]:
    if not isinstance(entry, Mapping):
        faults.tell("coverage form")
        return
    _unknown(entry, ("indicators", "from", "to"), "coverage", faults)
    names = entry.get("indicators") or ()
    try:
        start, end = moment(entry.get("from")), moment(entry.get("to"), "end")
    except CellError as error:
        faults.tell("coverage", error=error)
        return
    yield Coverage("scenario", (names,) if isinstance(names, str) else tuple(map(str, names)), start, end)


def _every(written: Any, faults: Faults) -> timedelta:
    if written is None:
        return TICK
    try:
        every = parse_duration(str(written))
    except ValueError as error:
        faults.tell("every", error=error)
        return TICK
    return max(every, timedelta(minutes=1))


def _list(data: Mapping[str, Any], key: str, faults: Faults) -> Sequence[Any]:
    found = data.get(key) or ()
    if isinstance(found, list | tuple):
        return found
    faults.tell("not a list", key=key)
    return ()


def _unknown(data: Mapping[str, Any], known: Sequence[str], where: str, faults: Faults) -> None:
    for key in (key for key in data if key not in known):
        faults.tell("key of", where=where, key=key, meant=_meant(str(key), known, faults.lang))


def _meant(name: str, known: Iterable[str], lang: str) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return said(lang, "meant", guess=close[0]) if close else ""
