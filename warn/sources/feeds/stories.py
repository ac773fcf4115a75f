"""One text on five sites is one origin: copies are found by their titles, and share who said it first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from warn.geo import fold
from warn.model import Observation

TOGETHER: Final = timedelta(hours=48)
ALIKE: Final = 0.75
FEWEST_WORDS: Final = 4


@dataclass(slots=True)
class _Story:
    words: frozenset[str]
    at: datetime
    told: list[Observation] = field(default_factory=list)

    def is_told_by(self, words: frozenset[str], observation: Observation) -> bool:
        if abs(observation.occurred_at - self.at) > TOGETHER:
            return False
        return len(self.words & words) >= ALIKE * len(self.words | words)


def settle(
    new: Sequence[Observation], recent: Iterable[Observation], now: datetime
) -> tuple[Observation, ...]:
    """`new` with the origins of the stories they copy, and those of `recent` whose story turns out to have another.

    The origin of a story is that of its best graded telling, else of the first known: an agency's text that a site
    prints without naming it carries the agency's title. Nothing is dropped.
    """
    fresh = {o.key: o for o in new}
    known = {o.key: o for o in recent if o.key not in fresh}
    first_known = {o.key: o.known_at for o in recent}
    changed: list[Observation] = []
    settled: dict[str, Observation] = dict(fresh)
    for story in _stories([*known.values(), *fresh.values()], first_known):
        best = min(story.told, key=lambda o: (o.grade, first_known.get(o.key, o.known_at), o.key))
        for observation in story.told:
            if observation.origins == best.origins:
                continue
            if observation.key in fresh:
                settled[observation.key] = replace(observation, origins=best.origins)
            else:
                changed.append(replace(observation, origins=best.origins, known_at=now))
    return (*settled.values(), *changed)


def _stories(observations: Iterable[Observation], first_known: dict[str, datetime]) -> list[_Story]:
    """Groups of tellings of one text that say the same kind of thing; short titles are never matched."""
    found: defaultdict[str, list[_Story]] = defaultdict(list)
    for observation in sorted(observations, key=lambda o: (first_known.get(o.key, o.known_at), o.key)):
        words = frozenset(fold(observation.title).split())
        if len(words) < FEWEST_WORDS:
            continue
        stories = found[observation.indicator]
        story = next((s for s in stories if s.is_told_by(words, observation)), None)
        if story is None:
            story = _Story(words, observation.occurred_at)
            stories.append(story)
        story.told.append(observation)
    return [story for stories in found.values() for story in stories if len(story.told) > 1]
