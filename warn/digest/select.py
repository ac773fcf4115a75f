"""Who hears what and when (rules.md, semantics 6; readers.md, preferences)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from warn.model import EMPTY, Level, Preferences, Transition

Way = Literal["now", "hold", "digest", "never"]


@dataclass(frozen=True, slots=True)
class News:
    """One transition as the selection sees it. `episode` is any stable name of the episode.

    `parts`: ids of the rules a composite counts, for which it speaks. `embassy`: a notice of an embassy.
    `inhibited_by`: episodes whose rule inhibits this one. `corridor` and `places` are ids; a rule without a
    corridor or place concerns everybody.
    """

    transition: Transition
    episode: str
    family: str = ""
    corridor: str = ""
    places: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    embassy: bool = False
    inhibited_by: tuple[str, ...] = ()
    peak_told: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What one reader was last told of one episode, and how."""

    level: Level
    at: datetime
    way: Literal["now", "digest"] = "now"
    highest: Level = Level.CALM
    blind: bool = False
    blind_told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holds:
    """What holds messages back besides preferences.

    `muted`: episode -> (until, level at which this reader muted it); `silenced`: the same by an
    administrator, where the episode "*" stands for all. A rise above that level breaks through.
    """

    muted: Mapping[str, tuple[datetime, Level]] = field(default_factory=lambda: EMPTY)
    silenced: Mapping[str, tuple[datetime, Level]] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to one piece of news for one reader, with the reason `explain` prints.

    `way`: now (a message leaves), hold (until `until`; decide again then), digest (it stands in the next
    edition), never. `quiet` asks for no sound; `edits` for the earlier message to be edited instead of a new
    one.
    """

    news: News
    way: Way
    reason: str
    until: datetime | None = None
    quiet: bool = False
    edits: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one message of this tick for one reader: `lead` speaks, `also` is named in it, the rest has its reason."""

    decisions: tuple[Decision, ...]
    lead: Decision | None = None
    also: tuple[Decision, ...] = ()


def decide(
    news: Sequence[News], who: Preferences, heard: Mapping[str, Heard], now: datetime, holds: Holds
) -> Verdict:
    """Judge all news of one tick (or of an ended hold) for one reader. `heard`: episode -> what was last told."""
    raise NotImplementedError
