"""Lengths of time as analysts write them (`14d`, `48h`, `30m`, `1h30m`) and as people read them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

UNIT_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60}
LONGEST = timedelta(days=3660)
PATTERN = r"^([0-9]{1,5}w)?([0-9]{1,5}d)?([0-9]{1,5}h)?([0-9]{1,5}m)?$"
_WRITTEN = re.compile(r"(?:([0-9]{1,5})w)?(?:([0-9]{1,5})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,5})m)?")
_SLIPS = {
    "j": "d", "jr": "d", "jour": "d", "jours": "d", "day": "d", "days": "d",
    "s": "w", "sem": "w", "semaine": "w", "semaines": "w", "week": "w", "weeks": "w",
    "heure": "h", "heures": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "min": "m", "mn": "m", "minute": "m", "minutes": "m",
}  # fmt: skip
_FOREIGN = re.compile(r"([0-9]+)[\s\u00a0\u202f]*([A-Za-z]+)")


def parse_duration(text: str) -> timedelta:
    """`1h30m` -> 90 minutes. Zero carries a unit too (`0h`). ValueError says what can be written."""
    found = _WRITTEN.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"{text!r} is not a length of time; write '14d', '48h', '30m' or '1h30m'")
    parts = zip(UNIT_SECONDS.values(), found.groups(), strict=True)
    length = timedelta(seconds=sum(seconds * int(number or 0) for seconds, number in parts))
    if length > LONGEST:
        raise ValueError(f"{text!r} is longer than ten years")
    return length


def meant(text: str) -> str:
    """What a slip was to say (`14j` -> `14d`, `2 semaines` -> `2w`), or nothing where it cannot be told."""
    found = _FOREIGN.findall(text)
    if not found or _FOREIGN.sub("", text).strip():
        return ""
    units = [(number, _SLIPS.get(unit.lower(), unit.lower())) for number, unit in found]
    if any(unit not in UNIT_SECONDS for _, unit in units):
        return ""
    guess = "".join(number + unit for number, unit in units)
    return guess if _WRITTEN.fullmatch(guess) else ""


def short(length: timedelta) -> str:
    """`14d`, `48h`, `1h30m`: the form an analyst would write. Two days and less are told in hours."""
    minutes = round(length.total_seconds() / 60)
    if minutes > 2880 and minutes % 1440 == 0:
        return f"{minutes // 1440}d"
    hours, rest = divmod(minutes, 60)
    return (f"{hours}h" if hours or not rest else "") + (f"{rest}m" if rest else "")


def in_words(length: timedelta, lang: str) -> str:
    """`14 jours`, `48 h`, `1 h 30`: days from three days on, else hours; no-break spaces throughout."""
    minutes = round(length.total_seconds() / 60)
    if minutes > 2880:
        days, rest = divmod(minutes, 1440)
        word = "jours" if lang == "fr" else "days"
        return f"{days}\u00a0{word}" + (f" {in_words(timedelta(minutes=rest), lang)}" if rest else "")
    hours, rest = divmod(minutes, 60)
    if hours and rest:
        return f"{hours}\u00a0h\u00a0{rest:02d}" + ("" if lang == "fr" else "\u00a0min")
    return f"{rest}\u00a0min" if rest else f"{hours}\u00a0h"


def _read(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    text = str(value)
    try:
        return parse_duration(text)
    except ValueError as error:
        raise PydanticCustomError(
            "duration", "{said}", {"said": str(error), "written": text, "meant": meant(text)}
        ) from None


Duration = Annotated[
    timedelta,
    BeforeValidator(_read),
    PlainSerializer(short, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": PATTERN, "minLength": 2, "examples": ["14d", "48h", "30m", "1h30m"]}
    ),
]
"""A length of time in YAML; a `timedelta` in Python."""
