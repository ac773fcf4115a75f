"""What a text may say: everything known at one moment, handed over ready by the pipeline.

Nothing here is computed; `situation`, `select` and `compose` only read it. Two moments with equal facts give
equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import EMPTY, AlertState, Evidence, Level, Observation, RuleText, Texts, Transition

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """One episode of one rule: its state, public number, the words of its rule, evidence and history.

    `evidence` belongs to the newest transition, `history` holds all of the episode, oldest first. `approved`
    is False while a rule of mode `approve` waits for a person; `waiting_since` says from when, and `agreed` up to
    which level readers may hear of it. `keys` are the
    readable names of the `by` values ("corridor" -> {"fr": "Kayes, Diéma, Bamako"}), where they have any.
    """

    state: AlertState
    text: RuleText
    number: int = 0
    revision: int = 1
    evidence: Evidence | None = None
    history: tuple[Transition, ...] = ()
    approved: bool = True
    waiting_since: datetime | None = None
    agreed: Level = Level.CRISIS
    keys: Mapping[str, Texts] = field(default_factory=lambda: EMPTY)

    @property
    def shown(self) -> bool:
        """Whether readers may hear of it at all."""
        return self.approved and self.text.mode != "shadow"


@dataclass(frozen=True, slots=True)
class SourceState:
    """How fresh one source is. `expected_every_s` is its cadence; `good_at` the last reading that vouches."""

    id: str
    title: str
    expected_every_s: float
    good_at: datetime | None = None
    tried_at: datetime | None = None
    indicators: tuple[str, ...] = ()
    off: bool = False  # switched off on purpose; named on the status page, not in every digest
    note: Texts = field(default_factory=lambda: EMPTY)  # e.g. when the next release is due


@dataclass(frozen=True, slots=True)
class Correction:
    """What we said and what is so, per language, as a person or the ladder wrote it; item 9 of the digest."""

    at: datetime
    number: int
    said: Texts
    so: Texts
    cause: Texts = field(default_factory=lambda: EMPTY)
    unchanged: Texts = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Record:
    """Our hits and misses over a stretch of days. `live` is False for a replay: rules written afterwards."""

    start: datetime
    end: datetime
    live: bool
    impacts: int
    hits: int
    misses: int
    false_alarms: int
    days_at_alert: float
    lead_days: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """The one level shown in subjects, page and badge; `level` is None when it is unclear."""

    level: Level | None
    at: datetime
    causes: tuple[str, ...] = ()  # rule ids that hold it there, or that make it unclear

    @property
    def clear(self) -> bool:
        return self.level is not None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known at `now`.

    `base` is the public address without a slash at its end. `alerts`: every episode that is open, blind,
    lapsed or awaits approval, and those closed or withdrawn since `since`. `since`: the moment of the
    previous edition, or None; `previous`: the situation it told. `rules`: the words of every loaded rule, for
    titles and limits. `readings`: rule id -> what it reads now, open or not (its highest key, where it has
    `by`). `watched`: indicator id -> stretches in which reports of it would have reached us; where an
    indicator is absent, only weeks with a report are known. `unknown_rules`: ids of rules whose reading is
    not known now. `observations`: visible as of now, newest 60 days at least. `indicators_shown`: ids in the
    order of item 5. `effects`: ids of rules, or of indicators, whose quiet an alert names ("not reported so
    far"). `words`: attribute -> value -> what people read instead of it (product -> petrol -> essence).
    `gap`: the hour of an edition that was never sent. `bot`: its name for links, without @; empty where there is none.

    `memo` keeps what was worked out of these facts for the next variant; a copy with other facts starts empty.
    """

    now: datetime
    base: str
    geography: Geography
    indicators: Indicators
    alerts: tuple[AlertFacts, ...] = ()
    since: datetime | None = None
    previous: Situation | None = None
    rules: Mapping[str, RuleText] = field(default_factory=lambda: EMPTY)
    readings: Mapping[str, Evidence] = field(default_factory=lambda: EMPTY)
    watched: Mapping[str, tuple[tuple[datetime, datetime], ...]] = field(default_factory=lambda: EMPTY)
    unknown_rules: frozenset[str] = frozenset()
    observations: tuple[Observation, ...] = ()
    indicators_shown: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    sources: tuple[SourceState, ...] = ()
    corrections: tuple[Correction, ...] = ()
    record: Record | None = None
    gap: datetime | None = None
    bot: str = ""
    exercise: bool = False
    words: Mapping[str, Mapping[str, Texts]] = field(default_factory=lambda: EMPTY)
    memo: dict[object, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What `make` gives, worked out once for these facts: all variants of an edition share them."""
        if key not in self.memo:
            self.memo[key] = make()
        return cast("T", self.memo[key])
