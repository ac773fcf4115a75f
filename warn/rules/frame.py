"""The history a rule set looks at: rows of each indicator as arrays, their places, incidents and coverage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from warn.geo import Geography, Spots, inside, near, nearest_corridor, spots, zone_of
from warn.incidents import Columns, Incidents, Joined, columns
from warn.indicators import Indicators
from warn.model import By, Coverage, Observation, Poll, SourceFacts
from warn.moments import span
from warn.rules.coverage import Known, Looked, Watched, complete, looked, watched_by
from warn.rules.filters import Filtered
from warn.rules.lost import Chain, Loss, Losses, chains, losses, standing
from warn.rules.rule import Rule
from warn.rules.series import all_known

Mask = NDArray[np.bool_]
Found = TypeVar("Found")
WEEK = 7 * 86_400_000_000
"""How long a level stays fresh whose indicator is not in the registry."""


@dataclass(frozen=True, eq=False)  # without slots: what is worked out once is kept
class Keys:
    """The `by` values of rows: `codes` index `names`, -1 where a row lacks one."""

    names: tuple[By, ...]
    codes: NDArray[np.int64]

    def rows(self, key: By) -> NDArray[np.int64]:
        """Those of one key, in order."""
        return self._rows(self.code(key))

    def code(self, key: By) -> int:
        return self._places.get(key, -2)

    @cached_property
    def keyless(self) -> NDArray[np.int64]:
        """Those that lack one."""
        return self._rows(-1)

    @cached_property
    def _places(self) -> Mapping[By, int]:
        return {name: n for n, name in enumerate(self.names)}

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.codes, kind="stable")
        return order, self.codes[order]

    def _rows(self, code: int) -> NDArray[np.int64]:
        order, codes = self._sorted
        first, last = codes.searchsorted((code, code + 1))
        return order[first:last]

    def each(self, which: NDArray[np.int64]) -> Iterator[tuple[By, NDArray[np.int64]]]:
        """Some of the rows by their keys, in the order of the keys, each in the order given."""
        if not len(which):
            return
        ordered = which[np.argsort(self.codes[which], kind="stable")]
        cuts = np.flatnonzero(np.diff(self.codes[ordered])) + 1
        for part in np.split(ordered, cuts):
            yield self.names[int(self.codes[part[0]])], part


class Frame:
    """Rows of one indicator; what is costly is worked out once, when first asked for."""

    def __init__(self, indicator: str, rows: Columns, geography: Geography) -> None:
        self.indicator = indicator
        self.geography = geography
        self.columns = rows
        self._asked: dict[object, Any] = {}
        self._last: tuple[object, Any] = (None, None)

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

    def grown(self, added: Iterable[Observation], lost: Mapping[int, Observation]) -> Frame | None:
        """With rows that became known after all others, and some lost since; None where it has to be built anew."""
        new = columns(added)
        if len(new) and len(self.columns) and new.known[0] <= self.columns.known[-1]:
            return None
        other = Frame(self.indicator, self.columns.grown(new, lost), self.geography)
        if "spots" in self.__dict__:
            more = spots(self.geography, new.rows)
            both = ((getattr(self.spots, name), getattr(more, name)) for name in Spots.__slots__)
            other.spots = Spots(*(np.concatenate(pair) for pair in both))
        if "joined" in self.__dict__:
            if not self.joined.grow(other.columns, list(lost)):
                return None
            other.joined = self.joined
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
    def joined(self) -> Joined:
        return Joined(self.columns)

    @cached_property
    def incidents(self) -> Incidents:
        return self.joined.table

    @cached_property
    def corridor(self) -> NDArray[np.int64]:
        """The nearest road of each row, -1 where it is not known to the town."""
        return nearest_corridor(self.spots)

    def once(self, name: object, work: Callable[[], Found]) -> Found:
        """What rules ask of these rows in the same words is worked out once."""
        if name not in self._asked:
            self._asked[name] = work()
        found: Found = self._asked[name]
        return found

    def again(self, name: object, work: Callable[[], Found]) -> Found:
        """The same, kept only until something else is asked: what the alerts of one rule share, one after another."""
        if self._last[0] != name:
            self._last = name, work()
        found: Found = self._last[1]
        return found

    def having(self, measure: Filtered) -> Mask:
        """Rows with the attributes asked for."""
        return self.once(("having", _where(measure)), lambda: self._having(measure))

    def nearness(self, measure: Filtered) -> NDArray[np.int8]:
        """CONFIRMED (2), UNCONFIRMED (1) or NOT_NEAR (0) for each row; all are near where nothing is asked."""
        return self.once(("near", _spec(measure)), lambda: self._nearness(measure))

    def passing(self, measure: Filtered, by: Sequence[str]) -> NDArray[np.int64]:
        """Rows that pass the filters and have all keys, in the order in which they occurred."""
        asked = ("passing", _where(measure), _spec(measure), measure.min_grade, tuple(sorted(by)))
        return self.once(asked, lambda: self._passing(measure, by))

    def _passing(self, measure: Filtered, by: Sequence[str]) -> NDArray[np.int64]:
        mask = self.having(measure) & (self.nearness(measure) == 2) & (self.keys(by).codes >= 0)
        if measure.min_grade is not None:
            mask &= self.columns.graded(measure.min_grade)
        found = np.flatnonzero(mask)
        return found[np.argsort(self.columns.occurred[found], kind="stable")]

    def incidents_near(self, measure: Filtered) -> NDArray[np.int8]:
        """The same of incidents: as near as the nearest of their reports."""
        return self.once(
            ("incidents near", _spec(measure)), lambda: self.incidents.most(self.nearness(measure))
        )

    def incidents_having(self, measure: Filtered) -> Mask:
        """Incidents of which one report has the attributes asked for."""
        return self.once(
            ("incidents having", _where(measure)), lambda: self.incidents.some(self.having(measure))
        )

    def keys(self, by: Sequence[str]) -> Keys:
        """The `by` values of each row."""
        return self.once(("keys", tuple(sorted(by))), lambda: self._keys(sorted(by)))

    def incident_keys(self, by: Sequence[str]) -> Keys:
        """The key of an incident is that of its first report that has one: it belongs to one road only."""
        return self.once(("incident keys", tuple(sorted(by))), lambda: self._incident_keys(by))

    def _having(self, measure: Filtered) -> Mask:
        mask = np.ones(len(self.columns), dtype=np.bool_)
        for name, values in measure.where.items():
            wanted = frozenset(values)
            mask &= np.array(
                [row.attributes.get(name, "") in wanted for row in self.columns.rows], dtype=np.bool_
            )
        if measure.inside:
            mask &= inside(self.geography, self.spots, measure.inside)
        return mask

    def _nearness(self, measure: Filtered) -> NDArray[np.int8]:
        if measure.near is None:
            return np.full(len(self.columns), 2, dtype=np.int8)
        spec = measure.near if isinstance(measure.near, str) else measure.near.spec()
        return near(self.geography, self.spots, zone_of(self.geography, spec))

    def _keys(self, by: Sequence[str]) -> Keys:
        if not by:
            return Keys(((),), np.zeros(len(self.columns), dtype=np.int64))
        named = list(zip(*(self._named(name) for name in by), strict=True))
        names = sorted({values for values in named if all(values)})
        place = {values: n for n, values in enumerate(names)}
        codes = np.array([place.get(values, -1) for values in named], dtype=np.int64)
        return Keys(tuple(tuple(zip(by, values, strict=True)) for values in names), codes)

    def _incident_keys(self, by: Sequence[str]) -> Keys:
        rows, found = self.keys(by), self.incidents
        if not len(found):
            return Keys(rows.names, np.zeros(0, dtype=np.int64))
        codes = rows.codes[found.members]
        nowhere = len(codes)
        first = np.minimum.reduceat(np.where(codes >= 0, np.arange(nowhere), nowhere), found.offsets[:-1])
        return Keys(rows.names, np.append(codes, -1)[first])

    def _named(self, name: str) -> list[str]:
        if name == "corridor":
            ids = [*(corridor.id for corridor in self.geography.corridors), ""]
            return [ids[i] for i in self.corridor]
        if name == "place":
            return [row.place for row in self.columns.rows]
        return [row.attributes.get(name, "") for row in self.columns.rows]


def _where(measure: Filtered) -> tuple[object, ...]:
    return tuple(sorted(measure.where.items())), measure.inside


def _spec(measure: Filtered) -> str:
    return repr(measure.near)


class History:
    """Frames by indicator, and since when each indicator counts as watched."""

    def __init__(self, indicators: Indicators, geography: Geography, sources: Sequence[SourceFacts]) -> None:
        self.indicators = indicators
        self.geography = geography
        self.sources = tuple(sources)
        self.rows: dict[str, list[Observation]] = {}
        self.frames: dict[str, Frame] = {}
        self.polls: dict[str, list[Poll]] = {}
        self.records: tuple[Coverage, ...] = ()
        self._places: dict[str, dict[tuple[str, datetime], int]] = {}
        self._losses: dict[tuple[str, ...], tuple[tuple[Frame, ...], Losses]] = {}
        self._looked: dict[str, Looked] = {}
        self._watched: dict[str, Watched] = {}
        self._known: dict[tuple[str, int, int], Known] = {}

    def load(
        self, observations: Iterable[Observation], polls: Iterable[Poll], coverage: Iterable[Coverage]
    ) -> frozenset[str]:
        """Replaces everything; the answer names the indicators of which anything changed."""
        rows: dict[str, list[Observation]] = {}
        for observation in observations:
            rows.setdefault(observation.indicator, []).append(observation)
        changed = {name for name in {*rows, *self.rows} if rows.get(name) != self.rows.get(name)}
        for name in changed:
            self._replace(name, rows.get(name, []))
        return frozenset(changed | self._look(polls, coverage))

    def update(
        self, observations: Iterable[Observation], polls: Iterable[Poll], coverage: Iterable[Coverage]
    ) -> frozenset[str]:
        """Adds what is new: rows, or known rows that were superseded since; polls and coverage after the others."""
        changed: dict[str, dict[tuple[str, datetime], Observation]] = {}
        for row in observations:
            changed.setdefault(row.indicator, {})[row.ref, row.known_at] = row
        for name, new in changed.items():
            rows = self.rows.setdefault(name, [])
            place = self._places.setdefault(name, {})
            for n in range(len(place), len(rows)):
                place[rows[n].ref, rows[n].known_at] = n
            again = {place[key]: row for key, row in new.items() if key in place}
            added = [row for key, row in new.items() if key not in place]
            rows = [*rows, *added]
            for n, row in again.items():
                rows[n] = row
            if again or len(place) + len(added) != len(rows) or not self._grow(name, added):
                self._replace(name, rows)
            self.rows[name] = rows
        return frozenset(changed.keys() | self._look_on(polls, coverage))

    def _grow(self, name: str, added: Sequence[Observation]) -> bool:
        frame = self.frames.get(name)
        grown = None if frame is None else frame.grown(added, {})
        if grown is not None:
            self.frames[name] = grown
        return grown is not None

    def _replace(self, name: str, rows: list[Observation]) -> None:
        """Another list of rows for one indicator; where it only grew, so does what was worked out of it."""
        frame = self.frames.pop(name, None)
        self._places.pop(name, None)
        self.rows[name] = rows
        if not rows:
            del self.rows[name]
        elif frame is not None and (grown := _grown(frame, rows)) is not None:
            self.frames[name] = grown

    def replaced(
        self, indicators: Indicators, geography: Geography, sources: Sequence[SourceFacts]
    ) -> History:
        """The same rows and polls for other files; what does not depend on places is not worked out again."""
        other = History(indicators, geography, sources)
        other.rows, other.records = dict(self.rows), self.records
        other.polls = {name: list(found) for name, found in self.polls.items()}
        other.frames = {name: frame.moved(geography) for name, frame in self.frames.items()}
        return other

    def alike(self, other: History, rule: Rule) -> bool:
        """Whether the same rows make the same of a rule: as fresh, and as much watched."""
        names = rule.measure.indicators
        return self.sources == other.sources and all(
            self.stale(n, rule) == other.stale(n, rule) for n in names
        )

    def frame(self, indicator: str) -> Frame:
        if indicator not in self.frames:
            self.frames[indicator] = Frame(indicator, columns(self.rows.get(indicator, [])), self.geography)
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

    def losses(self, names: Sequence[str]) -> Losses:
        """All that these indicators lost."""
        frames = tuple(self.frame(name) for name in names)
        known = self._losses.get(tuple(names))
        if known is None or known[0] != frames:
            found = Losses.of(loss for frame in frames for loss in frame.losses)
            known = self._losses[tuple(names)] = (frames, found)
        return known[1]

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
            self._watched[indicator] = watched_by(indicator, self.sources, self._seen, self.records)
        return self._watched[indicator]

    def _seen(self, facts: SourceFacts) -> Looked:
        if facts.id not in self._looked:
            self._looked[facts.id] = looked(facts, self.polls.get(facts.id, ()))
        return self._looked[facts.id]

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
        turned = {s.id for s in self.sources if by_source.get(s.id) != self.polls.get(s.id)}
        self.polls = by_source
        self._looked = {name: seen for name, seen in self._looked.items() if name not in turned}
        return self._touched(turned, tuple(coverage))

    def _look_on(self, polls: Iterable[Poll], coverage: Iterable[Coverage]) -> set[str]:
        new: dict[str, list[Poll]] = {}
        for poll in sorted(polls, key=lambda p: p.at):
            new.setdefault(poll.source, []).append(poll)
        for name, found in new.items():
            self.polls.setdefault(name, []).extend(found)
        for facts in self.sources:
            if facts.id in new and facts.id in self._looked:
                self._looked[facts.id] = self._looked[facts.id].more(looked(facts, new[facts.id]))
        return self._touched(new.keys(), (*self.records, *coverage))

    def _touched(self, turned: Collection[str], records: tuple[Coverage, ...]) -> set[str]:
        touched = {name for s in self.sources if s.id in turned for name in s.lag_s}
        if records != self.records:
            touched |= {*self.rows, *self._watched}
        self.records = records
        self._watched = {name: seen for name, seen in self._watched.items() if name not in touched}
        self._known = {key: known for key, known in self._known.items() if key[0] not in touched}
        return touched


def _grown(frame: Frame, rows: Sequence[Observation]) -> Frame | None:
    """The frame with what is new in these rows; None where anything else became of them."""
    place = {(row.ref, row.known_at): n for n, row in enumerate(frame.columns.rows)}
    added, lost = [], {}
    for row in rows:
        n = place.pop((row.ref, row.known_at), None)
        if n is None:
            added.append(row)
        elif row is not (old := frame.columns.rows[n]) and row != old:
            if old.superseded_at is not None or replace(row, superseded_at=None) != old:
                return None
            lost[n] = row
    return None if place else frame.grown(added, lost)
