"""The values that every stage hands to the next. Frozen, without behaviour beyond what their fields imply.

All datetimes are aware UTC. Words are those of the README's glossary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Literal

EMPTY: Mapping[str, Any] = MappingProxyType({})


class Level(IntEnum):
    """How bad; 1 to 4 are CAP's Minor, Moderate, Severe and Extreme."""

    CALM = 0
    WATCH = 1
    TENSION = 2
    ALERT = 3
    CRISIS = 4

    @property
    def word(self) -> str:
        return self.name.lower()


LEVELS: Mapping[str, Level] = MappingProxyType({level.word: level for level in Level})
FAMILIES = ("attack", "supply", "price", "power", "services", "displacement", "posture", "politics", "media")
PRECISIONS = ("point", "town", "cercle", "region", "country")
Precision = Literal["point", "town", "cercle", "region", "country"]

OUTCOMES = ("ok", "no_data", "blocked", "embargoed", "not_released", "schema_changed", "error")
Outcome = Literal["ok", "no_data", "blocked", "embargoed", "not_released", "schema_changed", "error"]
Texts = Mapping[str, str]  # language code -> text


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one indicator, with the time it happened and the time we could know it.

    `origins` are who said it first (agency, ministry, reporter network), never the site that copied it.
    `grade` is the Admiralty code: reliability A-F, credibility 1-6. `key` is unique within `source`; the same key with
    other content is a revision: the older row then has `superseded_at`.
    """

    indicator: str
    occurred_at: datetime
    known_at: datetime
    value: float = 1.0
    low: float | None = None
    high: float | None = None
    superseded_at: datetime | None = None
    stored_at: datetime | None = None
    source: str = ""
    origins: tuple[str, ...] = ()
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    precision: Precision = "country"
    grade: str = "F6"
    incident: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    title: str = ""
    url: str = ""
    key: str = ""

    @property
    def ref(self) -> str:
        """Names this observation in evidence; the same in every database and every clock."""
        return f"{self.source}:{self.key}"


@dataclass(frozen=True, slots=True)
class Poll:
    """One reading of one source. Only outcomes `ok` and `no_data` vouch for the time they looked at.

    `reaches_back_to`: how far back the body spoke, where it says so; else back to the previous good poll.
    `parts`: for a source of many feeds, which of them answered (True) and which did not.
    """

    source: str
    at: datetime
    outcome: Outcome
    message: str = ""
    reaches_back_to: datetime | None = None
    parts: Mapping[str, bool] = field(default_factory=lambda: EMPTY)
    found: int = 0
    refused: int = 0
    took_s: float = 0.0

    @property
    def good(self) -> bool:
        return self.outcome in {"ok", "no_data"}


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that was set aside, and why; counted and shown by `warn sources`."""

    reason: str
    excerpt: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """A statement that `indicators` (empty: all) were really being watched by `source` from `start` to `end`."""

    source: str
    indicators: tuple[str, ...]
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the engine must know of a source: how late it speaks of each indicator (seconds), and whether it vouches.

    `core_parts`: the feeds of which half must have answered for a moment to count as covered.
    """

    id: str
    lag_s: Mapping[str, float]
    vouches: bool = True
    core_parts: tuple[str, ...] = ()


TransitionKind = Literal[
    "opened", "raised", "updated", "eased", "closed", "blind", "sighted", "lapsed",
    "withdrawn", "corrected", "edited", "reminded",
]  # fmt: skip
AlertStatus = Literal["closed", "open", "blind", "lapsed"]
By = tuple[tuple[str, str], ...]  # sorted (name, value) pairs; () where the rule has no `by`


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a transition happened, complete enough that `explain` only prints it.

    `value` is what the message says (a number in the measure's unit); `lo`, `hi` the interval it is known to lie in
    (None: unbounded). `threshold` is the number of the level that was met or left. `counted` and `not_counted` name
    observations by ref. `tree` is the measure with every number, JSON-serialisable.
    """

    value: float | None
    lo: float | None
    hi: float | None
    threshold: float | None
    thresholds: Mapping[str, float]
    unit: str = ""
    counted: tuple[str, ...] = ()
    not_counted: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    grade: str = ""
    place: str = ""
    corridor: str = ""
    days: float | None = None
    tree: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    rule_at: str = ""  # file:line
    rule_hash: str = ""

    @property
    def known(self) -> bool:
        return self.lo is not None and self.lo == self.hi


@dataclass(frozen=True, slots=True)
class Transition:
    """One thing that is told of one alert. `why` is a short cause in English for logs, `explain` and the timeline."""

    rule: str
    by: By
    at: datetime
    kind: TransitionKind
    level: Level
    before: Level
    evidence: Evidence
    why: str = ""
    opened_at: datetime | None = None  # identifies the episode together with rule and by


@dataclass(frozen=True, slots=True)
class AlertState:
    """Where one alert stands between ticks. `timers` is the ladder's own memory, JSON-serialisable."""

    rule: str
    by: By = ()
    status: AlertStatus = "closed"
    level: Level = Level.CALM
    opened_at: datetime | None = None
    since: datetime | None = None  # at the present level
    peak: Level = Level.CALM
    changed_at: datetime | None = None  # newest transition
    blind_since: datetime | None = None
    timers: Mapping[str, Any] = field(default_factory=lambda: EMPTY)

    @property
    def is_open(self) -> bool:
        """An episode runs, whether or not we can see it."""
        return self.status != "closed"

    @property
    def counts(self) -> bool:
        """Counted in the situation, in `rules` and `families`, and as a keeper."""
        return self.status in {"open", "blind"}


Mode = Literal["live", "approve", "shadow"]
Certainty = Literal["observed", "likely", "possible"]


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule says to people, apart from how it judges. `advice`: language -> kind of reader -> text."""

    id: str
    title: Texts
    family: str
    message: Texts
    expect: Texts
    advice: Mapping[str, Texts]
    certainty: Certainty = "likely"
    valid_for_s: float = 7 * 86400.0
    mode: Mode = "live"
    core: bool = False
    sudden: bool = False
    thresholds: Mapping[str, float] = field(default_factory=lambda: EMPTY)
    clears_after_s: float = 2 * 86400.0
    indicators: tuple[str, ...] = ()
    place: str = ""


ReaderKind = Literal["resident", "ngo", "press"]
ChannelId = Literal["telegram", "email", "webhook", "file"]


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one subscriber wants to hear, when and how. Defaults are those of readers.md."""

    kind: ReaderKind = "resident"
    lang: str = "fr"
    timezone: str = "Africa/Bamako"
    least_level: Level = Level.TENSION
    immediate_from: Level | None = Level.ALERT
    families: tuple[str, ...] = ()  # empty: all
    corridors: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    digest_at: time | None = time(6)
    evening: bool = False
    weekly: bool = False
    quiet_from: time | None = time(22)
    quiet_until: time | None = time(6)
    text_only: bool = False
    embassy_notices: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody deliveries go to. `id` is opaque; the address is resolved by the store at sending time only.

    No edition is owed from before `joined_at`, nor one of `wished` from before it was wished for. `moved_at`: when
    another hour was chosen while today's edition was still to come, or late.
    """

    id: str
    channel: ChannelId
    preferences: Preferences
    joined_at: datetime | None = None
    wished: Mapping[str, datetime] = field(default_factory=lambda: EMPTY)
    moved_at: datetime | None = None


Placeholder = "{{{READER-LINKS-TOKEN-00000000000000000000000000000000000000000000}}}"
"""Stands in rendered bytes where the reader's own link token goes; replaced by a token of the same length."""


@dataclass(frozen=True, slots=True)
class Message:
    """A composed text, once per variant, not per reader. `parts` are what a chat shows, in order.

    `subject` and `html` belong to mail; `text` is the complete plain form. `picture` is a PNG, `alt` its words.
    """

    kind: str  # alert, update, superseded, digest, all_clear, correction, blind, sighted, person, drill, confirm, known
    lang: str
    text: str
    subject: str = ""
    html: str = ""
    parts: tuple[str, ...] = ()
    picture: bytes | None = None
    alt: str = ""
    buttons: tuple[tuple[str, str], ...] = ()  # (label, opaque callback data or address)
    silent: bool = False
    exercise: bool = False
