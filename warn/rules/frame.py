"""The history a rule set looks at: rows of each indicator as arrays, their places, incidents and coverage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from warn.geo import Geography, Spots, inside, near, nearest_corridor, spots, zone_of
from warn.incidents import Columns, Incidents, columns, incidents
from warn.indicators import Indicators
from warn.model import By, Coverage, Observation, Poll, SourceFacts
from warn.moments import span
from warn.rules.coverage import Known, Watched, complete, watched
from warn.rules.filters import Filtered
from warn.rules.lost import Chain, Loss, chains, losses, standing
from warn.rules.rule import Rule
from warn.rules.series import all_known

Mask = NDArray[np.bool_]
WEEK = 7 * 86_400_000_000
"""How long a level stays fresh whose indicator is not in the registry."""


class Frame:
    """Rows of one indicator; what is costly is worked out once, when first asked for."""

    def __init__(self, indicator: str, rows: Columns, geography: Geography) -> None:
        self.indicator = indicator
        self.geography = geography
        self.columns = rows

    def standing(self, as_of: int, since: int) -> Frame:
        """The same history as it reads at `as_of`, wrong reports left out (see `lost`); joined anew."""
        rows, known, until = standing(self.columns, self.chains, as_of, since)
        part = Frame(self.indicator, self.columns.part(rows, known, until), self.geography)
        part.spots = Spots(*(getattr(self.spots, name)[rows] for name in Spots.__slots__))
        return part

    def moved(self, geography: Geography) -> Frame:
        """The same rows on another map; the incidents they tell of are the same."""
        other = Frame(self.indicator, self.columns, geography)
        for name in ("incidents", "chains", "losses"):
            if name in self.__dict__:
                other.__dict__[name] = self.__dict__[name]
        return other

    @cached_property
    def chains(self) -> tuple[Chain, ...]:
        return chains(self.columns)

    @cached_property
    def losses(self) -> tuple[Loss, ...]:
        return losses(self.columns, self.chains)

    @cached_property
    def spots(self) -> Spots:
        return spots(self.geography, self.columns.rows)

    @cached_property
    def incidents(self) -> Incidents:
        return incidents(self.columns)

    @cached_property
    def corridor(self) -> NDArray[np.int64]:
        """The nearest road of each row, -1 where it is not known to the town."""
        return nearest_corridor(self.spots)

    def having(self, measure: Filtered) -> Mask:
        """Rows with the attributes asked for."""
        mask = np.ones(len(self.columns), dtype=np.bool_)
        for name, values in measure.where.items():
            wanted = frozenset(values)
            mask &= np.array(
                [row.attributes.get(name, "") in wanted for row in self.columns.rows], dtype=np.bool_
            )
        if measure.inside:
            mask &= inside(self.geography, self.spots, measure.inside)
        return mask

    def nearness(self, measure: Filtered) -> NDArray[np.int8]:
        """CONFIRMED (2), UNCONFIRMED (1) or NOT_NEAR (0) for each row; all are near where nothing is asked."""
        if measure.near is None:
            return np.full(len(self.columns), 2, dtype=np.int8)
        spec = measure.near if isinstance(measure.near, str) else measure.near.spec()
        return near(self.geography, self.spots, zone_of(self.geography, spec))

    def keys(self, by: Sequence[str]) -> list[By | None]:
        """The `by` values of each row; None where it lacks one."""
        if not by:
            return [()] * len(self.columns)
        named = [self._named(name) for name in sorted(by)]
        return [
            None if not all(values) else tuple(zip(sorted(by), values, strict=True))
            for values in zip(*named, strict=True)
        ]

    def _named(self, name: str) -> list[str]:
        if name == "corridor":
            ids = [*(corridor.id for corridor in self.geography.corridors), ""]
            return [ids[i] for i in self.corridor]
        if name == "place":
            return [row.place for row in self.columns.rows]
        return [row.attributes.get(name, "") for row in self.columns.rows]


class History:
    """Frames by indicator, and since when each indicator counts as watched."""

    def __init__(self, indicators: Indicators, geography: Geography, sources: Sequence[SourceFacts]) -> None:
        self.indicators = indicators
        self.geography = geography
        self.sources = tuple(sources)
        self.rows: dict[str, tuple[Observation, ...]] = {}
        self.frames: dict[str, Frame] = {}
        self.polls: Mapping[str, Sequence[Poll]] = {}
        self.records: tuple[Coverage, ...] = ()
        self._watched: dict[str, Watched] = {}
        self._known: dict[tuple[str, int, int], Known] = {}

    def load(
        self, observations: Iterable[Observation], polls: Iterable[Poll], coverage: Iterable[Coverage]
    ) -> frozenset[str]:
        """Replaces everything; the answer names the indicators of which anything changed."""
        rows: dict[str, list[Observation]] = {}
        for observation in observations:
            rows.setdefault(observation.indicator, []).append(observation)
        frozen = {name: tuple(found) for name, found in rows.items()}
        changed = {name for name in {*frozen, *self.rows} if frozen.get(name) != self.rows.get(name)}
        self.rows = frozen
        for name in changed:
            self.frames.pop(name, None)
        return frozenset(changed | self._look(polls, coverage))

    def replaced(
        self, indicators: Indicators, geography: Geography, sources: Sequence[SourceFacts]
    ) -> History:
        """The same rows and polls for other files; what does not depend on places is not worked out again."""
        other = History(indicators, geography, sources)
        other.rows, other.polls, other.records = self.rows, self.polls, self.records
        other.frames = {name: frame.moved(geography) for name, frame in self.frames.items()}
        return other

    def frame(self, indicator: str) -> Frame:
        if indicator not in self.frames:
            self.frames[indicator] = Frame(indicator, columns(self.rows.get(indicator, ())), self.geography)
        return self.frames[indicator]

    def visible(self, names: Iterable[str], at: datetime) -> list[Observation]:
        """Rows of these indicators as they stood at a moment, as if nothing would ever supersede them."""
        return [
            replace(row, superseded_at=None)
            for name in names
            for row in self.rows.get(name, ())
            if row.known_at <= at and (row.superseded_at is None or row.superseded_at > at)
        ]

    def heard(self, names: Sequence[str], now: int) -> bool:
        """Whether anything was ever reported of these indicators by then; a measure of none always has data."""
        known = [self.frame(name).columns.known for name in names]
        return not names or any(len(one) and one[0] <= now for one in known)

    def losses(self, names: Iterable[str]) -> list[Loss]:
        """All that these indicators lost, by when."""
        return sorted((loss for name in names for loss in self.frame(name).losses), key=lambda one: one.at)

    def standing(self, names: Iterable[str], as_of: int, since: int) -> History:
        """This history as it reads at a moment, for these indicators; what was watched is the same."""
        other = copy(self)
        other.frames = {name: self.frame(name).standing(as_of, since) for name in names}
        return other

    def first_known(self) -> datetime | None:
        """When the first row of all became known."""
        return min((row.known_at for rows in self.rows.values() for row in rows), default=None)

    def watched(self, indicator: str) -> Watched:
        if indicator not in self._watched:
            self._watched[indicator] = watched(indicator, self.sources, self.polls, self.records)
        return self._watched[indicator]

    def known(self, names: Iterable[str], width: int, rule: Rule) -> Known:
        """When the window of so many microseconds is known for all of several indicators."""
        return all_known([self._complete(name, width, self.stale(name, rule)) for name in names])

    def stale(self, indicator: str, rule: Rule) -> int:
        """How long a level stays fresh, and how much of a window may go unwatched."""
        if rule.stale_after is not None:
            return span(rule.stale_after)
        found = self.indicators.get(indicator)
        return WEEK if found is None else span(found.stale_after)

    def _complete(self, name: str, width: int, stale: int) -> Known:
        key = (name, width, stale)
        if key not in self._known:
            self._known[key] = complete(self.watched(name), width, stale)
        return self._known[key]

    def _look(self, polls: Iterable[Poll], coverage: Iterable[Coverage]) -> set[str]:
        by_source: dict[str, list[Poll]] = {}
        for poll in sorted(polls, key=lambda p: p.at):
            by_source.setdefault(poll.source, []).append(poll)
        records = tuple(coverage)
        turned = {s.id for s in self.sources if by_source.get(s.id) != self.polls.get(s.id)}
        touched = {name for s in self.sources if s.id in turned for name in s.lag_s}
        if records != self.records:
            touched |= {*self.rows, *self._watched}
        self.polls, self.records = by_source, records
        self._watched = {name: seen for name, seen in self._watched.items() if name not in touched}
        self._known = {key: known for key, known in self._known.items() if key[0] not in touched}
        return touched
