"""Whom an administrator's words are for, by the preferences that also decide about alerts."""

from __future__ import annotations

from warn.model import Preferences


def hears(who: Preferences, level: int, lang: str) -> bool:
    """Whether words of this level and language ("": every language) come to this reader at once."""
    if who.immediate_from is None or level < max(who.least_level, who.immediate_from):
        return False
    return not lang or who.lang == lang
