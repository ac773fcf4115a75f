"""Who shares a text: messages are rendered once per variant, never per subscriber."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from warn.model import ChannelId, Level, ReaderKind


@dataclass(frozen=True, slots=True)
class Variant:
    """Everything about a reader that changes the bytes of a message; equal variants get equal bytes.

    `edition` is empty for an alert. `edition_at` is the moment an edition was due, `next_at` when the next
    one is (None: none is coming). `late`: sent more than a quarter of an hour after it was due, and says so.
    """

    channel: ChannelId
    lang: str
    kind: ReaderKind
    text_only: bool = False
    least_level: Level = Level.TENSION
    families: tuple[str, ...] = ()
    corridors: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    embassy_notices: bool = False
    group: bool = False
    edition: str = ""  # daily | evening | weekly
    edition_at: datetime | None = None
    next_at: datetime | None = None
    late: bool = False

    @property
    def pictured(self) -> bool:
        """A mail that may carry the composite picture."""
        return self.channel == "email" and not self.text_only
