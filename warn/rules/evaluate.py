"""The one function that judges: live with one tick, in a scenario or a backtest with thousands.

    engine = Engine(ruleset.rules, indicators, geography, sources)
    engine.load(observations, polls, coverage)          # again whenever rows changed; what did not change stays built
    outcome = engine.advance(states, [now])             # states: those stored, in any order
    outcome.changed -> store; outcome.transitions -> compose

Nothing here knows which clock it runs by: the same ticks over the same rows give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import AlertState, By, Coverage, Evidence, Level, Observation, Poll, SourceFacts, Transition
from warn.moments import NEVER, Moments, micros, moment, moments
from warn.rules.build import build, cap_of, placed, reach_of
from warn.rules.corrections import Lost, View
from warn.rules.edits import fits, marked
from warn.rules.evidence import Scale, evidence_of, numbers_of, scale_of, spoken, telling
from warn.rules.explained import tree_of
from warn.rules.frame import History
from warn.rules.ladder import Climb, Move, Reading, Terms, terms_of
from warn.rules.measures import Families, Rules
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule
from warn.rules.series import NO_MOMENTS, Rungs, Series, rungs, unknown
from warn.rules.tracks import Track, Tracks, counted, counted_tree, keeper_turns, keeping, taken_back
from warn.rules.undisturbed import undisturbed
from warn.rules.walk import Marked, Path, Rest, Sleep, quiet_until, walk

AlertKey = tuple[str, By]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of ticks came to.

    `states`: every alert that has anything to remember, ordered by rule and by; `changed`: those that are not as
    they were handed in; `evaluations`: alerts times ticks judged.
    """

    states: tuple[AlertState, ...]
    changed: tuple[AlertState, ...]
    transitions: tuple[Transition, ...]
    evaluations: int = 0


@dataclass(slots=True)
class _Run:
    """What one call of `advance` gathers."""

    ticks: list[int]
    before: dict[AlertKey, AlertState]
    unapproved: Collection[AlertKey] | None
    light: bool
    clock: Moments = field(init=False)
    states: dict[str, dict[By, AlertState]] = field(default_factory=dict)
    tracks: dict[str, dict[By, Track]] = field(default_factory=dict)
    after: dict[AlertKey, AlertState] = field(default_factory=dict)
    told: list[tuple[int, int, By, int, Transition]] = field(default_factory=list)
    evaluations: int = 0
    old: Plain | None = None

    def __post_init__(self) -> None:
        self.clock = np.array(self.ticks, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Plain:
    """What the rules before an edit say to the first tick: by alert, what is told and how it then stands."""

    told: Mapping[AlertKey, set[tuple[str, Level]]]
    states: Mapping[AlertKey, AlertState]


class Engine:
    """Holds the step functions of all rules over one history, so that the next tick need not build them again."""

    def __init__(
        self,
        rules: Sequence[LoadedRule],
        indicators: Indicators,
        geography: Geography,
        sources: Sequence[SourceFacts] = (),
    ) -> None:
        """`rules` in dependency order, as the loader gives them."""
        self.loaded = tuple(rules)
        self.rules = {loaded.rule.id: loaded.rule for loaded in rules}
        self.history = History(indicators, geography, sources)
        self._by_id = {loaded.rule.id: loaded for loaded in rules}
        self._terms: dict[str, Terms] = {name: terms_of(rule) for name, rule in self.rules.items()}
        self._scales: dict[str, Scale] = {loaded.rule.id: scale_of(loaded) for loaded in rules}
        self._series: dict[str, dict[By, Series]] = {}
        self._rungs: dict[str, dict[By, Rungs]] = {}
        self._tracks: Tracks = {}
        self._sleeps: dict[str, Sleep] = {}
        self._rests: dict[str, dict[By, Rest]] = {}
        self._same: set[str] = set()  # rules that an edit of the others left as they were
        self._edited_from: Engine | None = None

    def replaced(
        self,
        rules: Sequence[LoadedRule],
        indicators: Indicators,
        geography: Geography,
        sources: Sequence[SourceFacts] = (),
    ) -> Engine:
        """An engine of edited rules over the same history. Until it is settled it tells what only the edit causes."""
        made = Engine(rules, indicators, geography, sources)
        made.history = self.history.replaced(indicators, geography, sources)
        made._edited_from = self._edited_from or self
        made._carry(self)
        return made

    def _carry(self, old: Engine) -> None:
        """Takes over what was built for rules that measure as before, and look at nothing that may have moved.

        Other thresholds and terms leave the measure as it is: most edits are of these.
        """
        there = self.history.geography is old.history.geography
        for name, loaded in self._by_id.items():
            before = old._by_id.get(name)
            if before is None or not _measures_alike(before.rule, loaded.rule) or name not in old._series:
                continue
            if (there or not placed(loaded.rule)) and self.history.alike(old.history, loaded.rule):
                self._series[name] = old._series[name]
                if before.judges != loaded.judges:
                    continue
                self._rungs[name] = dict(old._rungs.get(name, {}))
                if not _awake(loaded.rule):
                    self._same.add(name)
                    self._rests[name] = dict(old._rests.get(name, {}))
                    if name in old._sleeps:
                        self._sleeps[name] = old._sleeps[name]

    def settle(self) -> None:
        """The first tick after an edit is stored: from now on the rules before it are forgotten."""
        self._edited_from = None

    def load(
        self,
        observations: Iterable[Observation],
        polls: Iterable[Poll] = (),
        coverage: Iterable[Coverage] = (),
    ) -> None:
        """Replaces the history. Rows in any order; only rules whose indicators changed are built anew."""
        self._take(History.load, observations, polls, coverage)

    def update(
        self,
        observations: Iterable[Observation],
        polls: Iterable[Poll] = (),
        coverage: Iterable[Coverage] = (),
    ) -> None:
        """Adds to the history: new rows and those superseded since, polls and coverage after all that is known."""
        self._take(History.update, observations, polls, coverage)

    def _take(
        self,
        take: Callable[[History, list[Observation], list[Poll], list[Coverage]], frozenset[str]],
        observations: Iterable[Observation],
        polls: Iterable[Poll],
        coverage: Iterable[Coverage],
    ) -> None:
        """The engine of the rules before an unsettled edit hears what this one hears."""
        rows = list(observations), list(polls), list(coverage)
        with undisturbed():
            for engine in (self,) if self._edited_from is None else (self._edited_from, self):
                engine.forget(take(engine.history, *rows))

    def forget(self, changed: frozenset[str]) -> None:
        """What was built of these indicators."""
        for name, rule in self.rules.items() if changed else ():
            if name in self._series and not changed.isdisjoint(rule.measure.indicators):
                for built in (self._series, self._rungs, self._rests, self._sleeps):
                    built.pop(name, None)

    def advance(
        self,
        states: Iterable[AlertState],
        ticks: Sequence[datetime],
        *,
        unapproved: Collection[AlertKey] | None = None,
        light: bool = False,
    ) -> Outcome:
        """Steps every alert at every tick, rules in order; transitions ordered by tick, rule and by.

        `unapproved`: alerts that await a person; they, and whatever an `approve` rule opens now, do not count in
        `rules` and `families`. None: everything is approved at once. `light`: transitions carry numbers, but
        neither refs nor tree (backtests).
        """
        before = {(s.rule, s.by): s for s in states}
        with undisturbed():
            return self._advanced(before, ticks, unapproved, light=light)

    def _advanced(
        self,
        before: dict[AlertKey, AlertState],
        ticks: Sequence[datetime],
        unapproved: Collection[AlertKey] | None,
        *,
        light: bool,
    ) -> Outcome:
        run = _Run(moments(ticks).tolist(), before, unapproved, light)
        if self._edited_from is not None:
            old = self._edited_from.advance(before.values(), ticks[:1], unapproved=unapproved, light=True)
            run.old = _plain(old)
        self._pass(run)
        run.told.sort(key=lambda t: t[:4])
        every = {**before, **run.after}
        return Outcome(
            states=tuple(every[key] for key in sorted(every)),
            changed=tuple(run.after[key] for key in sorted(run.after)),
            transitions=tuple(t[4] for t in run.told),
            evaluations=run.evaluations,
        )

    def evidence(self, rule_id: str, by: By, at: datetime, *, light: bool = False) -> Evidence:
        """The measure as of a moment with every number and the whole tree, whether or not anything happened.

        `light`: the numbers alone.
        """
        rule, now = self.rules[rule_id], micros(at)
        series = self._series_of(rule, self._tracks).get(by) or unknown()
        ladder = self._rungs_of(rule, by, series)
        level = ladder.reading(ladder.index(now)).sure
        return self._evidence(
            rule, by, now, Move("updated", level, level, ""), series, self._tracks, light=light
        )

    def reading(self, rule_id: str, by: By, at: datetime) -> Reading:
        """The measure at a moment through the rule's ladder."""
        ladder = self._rungs_of(self.rules[rule_id], by)
        return ladder.reading(ladder.index(micros(at)))

    def known(self, rule_id: str, at: datetime) -> bool:
        """Whether the level of every alert of the rule is determined at that moment."""
        keys = self.keys(rule_id)
        return bool(keys) and all(self.reading(rule_id, by, at).determined for by in keys)

    def keys(self, rule_id: str) -> tuple[By, ...]:
        """The `by` values of a rule that have or had anything to say; one empty tuple where it has no `by`."""
        return tuple(self._series_of(self.rules[rule_id], self._tracks))

    def series(self, rule_id: str, by: By = ()) -> Series:
        """The measure over time, for pictures."""
        return self._series_of(self.rules[rule_id], self._tracks).get(by) or unknown()

    def foresee(self, state: AlertState, at: datetime, until: datetime) -> tuple[Transition, ...]:
        """What would be told of one alert if nothing more became known and everything were watched.

        Rules that keep it open are taken to stay quiet; composites are not foreseen.
        """
        rule = self.rules.get(state.rule)
        if rule is None or isinstance(rule.measure, Rules | Families):
            return ()
        alone = Engine([self._by_id[rule.id]], self.history.indicators, self.history.geography)
        everything = Coverage("", (), at - (until - at) - timedelta(days=3660), until)
        alone.load(self.history.visible(rule.measure.indicators, at), (), [everything])
        hours = range(1, (until - at) // timedelta(hours=1) + 1)
        outcome = alone.advance([state], [at + n * timedelta(hours=1) for n in hours], light=True)
        return tuple(t for t in outcome.transitions if t.by == state.by)

    def stand(self, rule_id: str, by: By, at: datetime) -> tuple[AlertState, tuple[Transition, ...]]:
        """How an alert stands at a moment and how it came to that, judged hour by hour from the first row on."""
        first = self.history.first_known() or at
        hours = range((at - first) // timedelta(hours=1) + 1) if first < at else range(0)
        outcome = self.advance((), sorted({at, *(first + n * timedelta(hours=1) for n in hours)}), light=True)
        found = next((s for s in outcome.states if (s.rule, s.by) == (rule_id, by)), AlertState(rule_id, by))
        return found, tuple(t for t in outcome.transitions if (t.rule, t.by) == (rule_id, by))

    def _pass(self, run: _Run) -> None:
        """All rules through all ticks, in order."""
        for (name, by), state in run.before.items():
            run.states.setdefault(name, {})[by] = state
        for place, loaded in enumerate(self.loaded):
            self._advance_rule(loaded, place, run)
        self._tracks = run.tracks

    def _advance_rule(self, loaded: LoadedRule, place: int, run: _Run) -> None:
        rule = loaded.rule
        before = run.states.get(rule.id, {})
        if before and not all(fits(rule, by) for by in before):
            before = {by: state for by, state in before.items() if fits(rule, by)}
        tracks = run.tracks.setdefault(rule.id, {})
        if self._asleep(rule, before, run):
            for by, state in before.items():
                tracks[by] = Track(state, counts=_approved(rule, state, run.unapproved))
            return
        found = self._series_of(rule, run.tracks)
        for by in sorted({*found, *before}):
            state = before.get(by) or AlertState(rule.id, by)
            track = tracks[by] = Track(state, counts=_approved(rule, state, run.unapproved))
            self._step_alert(rule, place, state, found.get(by) or unknown(), track, run)
        self._lie_down(rule, before, run)

    def _asleep(self, rule: Rule, before: Mapping[By, AlertState], run: _Run) -> bool:
        """Whether nothing of a rule turned since it was last judged."""
        sleep = self._sleeps.get(rule.id)
        if sleep is None or self._by_edit(rule, run) or not run.ticks:
            return False
        if not (sleep.since <= run.ticks[0] and run.ticks[-1] < sleep.until and sleep.states == before):
            return False
        run.evaluations += sleep.alerts * len(run.ticks)
        return True

    def _lie_down(self, rule: Rule, before: Mapping[By, AlertState], run: _Run) -> None:
        """Remembers until when a rule will have nothing to tell."""
        rests = [self._rests.get(rule.id, {}).get(by) for by in run.tracks[rule.id]]
        self._sleeps.pop(rule.id, None)
        if run.ticks and not _awake(rule):
            after = {by: run.after.get((rule.id, by), state) for by, state in before.items()}
            after |= {by: run.after[rule.id, by] for by in run.tracks[rule.id] if (rule.id, by) in run.after}
            until = min((-NEVER if rest is None else rest.until for rest in rests), default=NEVER)
            self._sleeps[rule.id] = Sleep(after, run.ticks[-1], until, len(rests))

    def _step_alert(
        self, rule: Rule, place: int, state: AlertState, series: Series, track: Track, run: _Run
    ) -> None:
        by, key = state.by, (rule.id, state.by)
        by_edit, awake = self._by_edit(rule, run), _awake(rule)
        rests = self._rests.setdefault(rule.id, {})
        rest = None if awake or by_edit else rests.get(by)
        if rest is not None and run.ticks and rest.holds(state, run.ticks[0], run.ticks[-1]):
            run.evaluations += len(run.ticks)
            return
        path = Path(
            rungs=self._rungs_of(rule, by, series),
            news=series.news,
            terms=self._terms[rule.id],
            kept=keeping(rule, by, run.tracks) if rule.keep_open_while else None,
            keeper_turns=keeper_turns(rule, by, run.tracks) if rule.keep_open_while else NO_MOMENTS,
            lost=self._lost(rule, by, series, run.tracks),
            marked=self._marking(run, rule.id, by) if by_edit else None,
            clock=run.clock,
        )
        climb = Climb(state, path.terms)
        self._walk(rule, place, climb, path, series, track, run)
        after = climb.result()
        if after is not state and after != state:
            run.after[key] = after
        if not awake and run.ticks:
            rests[by] = Rest(after, run.ticks[-1], quiet_until(climb, path, run.ticks[-1]))

    def _walk(
        self, rule: Rule, place: int, climb: Climb, path: Path, series: Series, track: Track, run: _Run
    ) -> None:
        run.evaluations += len(run.ticks)
        state = climb.state
        for i, after, moves in walk(climb, path, run.ticks):
            now = run.ticks[i]
            anew = moves[0].kind in {"withdrawn", "corrected"}
            if anew or after.level != state.level or after.status != state.status:
                track.note(now, after, anew=anew)
            if run.unapproved is not None and any(m.kind == "edited" and not m.before for m in moves):
                track.counts = False
            for n, move in enumerate(moves):
                evidence = self._evidence(rule, state.by, now, move, series, run.tracks, light=run.light)
                told = Transition(
                    rule.id, state.by, moment(run.ticks[i]), move.kind, move.level, move.before, evidence, move.why,
                    after.opened_at,
                )  # fmt: skip
                run.told.append((i, place, state.by, n, told))
            state = after

    def _by_edit(self, rule: Rule, run: _Run) -> bool:
        """Whether the first tick may be of an edit's making."""
        return run.old is not None and rule.id not in self._same

    def _marking(self, run: _Run, rule: str, by: By) -> Marked:
        assert run.old is not None
        plain = run.old.told.get((rule, by), set())
        old = run.old.states.get((rule, by))
        return lambda climb, moves: marked(climb, moves, plain, old)

    def _lost(self, rule: Rule, by: By, series: Series, tracks: Tracks) -> Lost | None:
        """What the rule's reports lost, and how its history reads without that; None where nothing ever was."""
        composite = isinstance(rule.measure, Rules | Families)
        names = rule.measure.indicators
        losses = taken_back(rule, tracks, self.rules) if composite else self.history.losses(names)
        if not losses.every:
            return None
        reach = NEVER if composite else reach_of(rule.measure, rule, self.history)

        def so(as_of: int, opened: int) -> View:
            if composite:
                found = counted(rule, tracks, self.rules, as_of)
            else:
                since = -NEVER if reach >= NEVER else opened - reach
                found = build(rule, self.history.standing(names, as_of, since)).get(by) or unknown()
            (ladder,) = rungs([found], rule, cap_of(rule))
            return View(ladder, _number(self._scales[rule.id], found))

        was = View(self._rungs_of(rule, by, series), _number(self._scales[rule.id], series))
        return Lost(losses, was, so, reach)

    def _series_of(self, rule: Rule, tracks: Tracks) -> dict[By, Series]:
        if isinstance(rule.measure, Rules | Families):
            return {(): counted(rule, tracks, self.rules)}
        if rule.id not in self._series:
            self._series[rule.id] = build(rule, self.history)
        return self._series[rule.id]

    def _rungs_of(self, rule: Rule, by: By, series: Series | None = None) -> Rungs:
        if isinstance(rule.measure, Rules | Families):
            return rungs([series or self._series_of(rule, self._tracks)[()]], rule)[0]
        built = self._rungs.setdefault(rule.id, {})
        if by not in built:
            found = self._series_of(rule, self._tracks)
            asked = {key: found[key] for key in found if key not in built} if by in found else {by: unknown()}
            built.update(zip(asked, rungs(list(asked.values()), rule, cap_of(rule)), strict=True))
        return built[by]

    def _evidence(
        self, rule: Rule, by: By, now: int, move: Move, series: Series, tracks: Tracks, *, light: bool
    ) -> Evidence:
        scale = self._scales[rule.id]
        if light:
            return numbers_of(scale, series, now, move)
        if isinstance(rule.measure, Rules | Families):
            tree = counted_tree(
                rule, tracks, self.rules, now, lambda other: self.history.heard(other.measure.indicators, now)
            )
        else:
            tree = tree_of(rule.measure, rule, self.history, by, now)
        numbers = numbers_of(scale, series, now, move)
        return evidence_of(scale.loaded, self.history, by, {**tree, **move.note}, numbers)


def _approved(rule: Rule, state: AlertState, unapproved: Collection[AlertKey] | None) -> bool:
    """Whether the alert counts for others as far as persons are concerned."""
    if unapproved is None:
        return True
    return (rule.mode != "approve" or state.is_open) and (rule.id, state.by) not in unapproved


def _measures_alike(one: Rule, other: Rule) -> bool:
    """Whether the same history gives both rules the same series."""
    return (one.measure, one.by, one.stale_after) == (other.measure, other.by, other.stale_after)


def _awake(rule: Rule) -> bool:
    """Whether a rule must always be looked at, because it looks at others."""
    return bool(rule.keep_open_while) or isinstance(rule.measure, Rules | Families)


def _number(scale: Scale, series: Series) -> Callable[[int], float | None]:
    return lambda at: spoken(*telling(scale, series, at))


def _plain(outcome: Outcome) -> Plain:
    told: dict[AlertKey, set[tuple[str, Level]]] = {}
    for moved in outcome.transitions:
        told.setdefault((moved.rule, moved.by), set()).add((moved.kind, moved.level))
    return Plain(told, {(s.rule, s.by): s for s in outcome.states})
