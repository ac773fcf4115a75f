"""Preferences as JSON text; what an older version did not know takes its default, the unknown is left out."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from warn.model import Level, Preferences

LEVELS = {"least_level", "immediate_from"}
TIMES = {"digest_at", "quiet_from", "quiet_until"}
NAMES = tuple(one.name for one in fields(Preferences))


def to_text(preferences: Preferences) -> str:
    return json.dumps({name: _plain(getattr(preferences, name)) for name in NAMES}, ensure_ascii=False)


@lru_cache(maxsize=4096)
def from_text(text: str) -> Preferences:
    """Most subscribers share a few sets of preferences, hence the memory.

    A time zone that this machine cannot load counts as the default: its reader is told at the city's hours, and nobody
    else's alerts or bulletins fail because of it.
    """
    stored: dict[str, Any] = json.loads(text)
    return Preferences(**{name: _value(name, stored[name]) for name in NAMES if name in stored})


def _plain(value: Any) -> Any:
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, Level):
        return int(value)
    return list(value) if isinstance(value, tuple) else value


def _value(name: str, stored: Any) -> Any:
    if stored is None:
        return None
    if name in LEVELS:
        return Level(stored)
    if name in TIMES:
        return time.fromisoformat(stored)
    if name == "timezone":
        return stored if _loads(stored) else Preferences().timezone
    return tuple(stored) if isinstance(stored, list) else stored


def _loads(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
