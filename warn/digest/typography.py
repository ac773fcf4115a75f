"""How numbers, days and French punctuation are written. Local time exists here and nowhere before.

French puts a no-break space before : ; ? ! % and the closing guillemet, after the opening one, and between a
number and its unit. Dates are those of the area: a forwarded message must carry its own day and hour.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

NBSP: Final = "\u00a0"
_LOCALES: Final = {"fr": "fr", "en": "en_GB"}
_BEFORE: Final = re.compile(r"[ \u202f](?=[:;?!%»])")
_AFTER: Final = re.compile(r"(?<=«)[ \u202f]")
_THOUSANDS: Final = re.compile(r"(?<=\d)[ \u202f](?=\d{3}(?!\d))")
_UNITS: Final = re.compile(
    r"(?<=\d)[ \u202f](?=(?:FCFA|XOF|USD|EUR|h|min|km|kg|litres?|jours?|semaines?|mois|ans|fois|t)\b)"
)


def typeset(text: str, lang: str) -> str:
    """The same words with the spaces that French printing asks for; so do languages that fall back on French."""
    if lang == "en":
        return text
    for spaces in (_BEFORE, _AFTER, _THOUSANDS, _UNITS):
        text = spaces.sub(NBSP, text)
    return text


@lru_cache(maxsize=4096)
def number(value: float, lang: str, digits: int = 1) -> str:
    """At most `digits` decimals, thousands apart: `2 000`, `0,6`; English `2,000`, `0.6`."""
    pattern = "#,##0." + "#" * digits if digits else "#,##0"
    return format_decimal(value, format=pattern, locale=_locale(lang)).replace("\u202f", NBSP)


def percent(share: float, lang: str) -> str:
    text = number(100 * share, lang, 0)
    return f"{text}%" if lang == "en" else f"{text}{NBSP}%"


def day_short(day: date, lang: str) -> str:
    """`15/9`; English `15 Sept`."""
    return _date(day, "d MMM", lang) if lang == "en" else f"{day.day}/{day.month}"


def day_month(day: date, lang: str) -> str:
    """`1er octobre`; English `1 October`."""
    return _first(_date(day, "d MMMM", lang), lang).replace(" ", NBSP if lang == "fr" else " ")


def day_brief(day: date, lang: str) -> str:
    """`8 oct.`, for subjects; English `8 Oct`."""
    return _first(_date(day, "d MMM", lang), lang)


def day_full(day: date, lang: str) -> str:
    """`mercredi 8 octobre 2025`; English `Wednesday 8 October 2025`."""
    return _first(_date(day, "EEEE d MMMM y", lang), lang)


def day_named(day: date, lang: str) -> str:
    """`mercredi 8 octobre`; English `Wednesday 8 October`."""
    return _first(_date(day, "EEEE d MMMM", lang), lang)


def weekday_short(day: date, lang: str) -> str:
    """`lundi 15/9`; English `Monday 15 Sept`."""
    return f"{_date(day, 'EEEE', lang)} {day_short(day, lang)}"


def day_of(text: str) -> date | None:
    """A day written as ISO 8601; nothing for anything else that came from outside."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def weekday(day: date, lang: str) -> str:
    """`mardi`; English `Tuesday`."""
    return _date(day, "EEEE", lang)


def weekday_named(number: int, lang: str) -> str:
    """Monday is 0: `lundi`; English `Monday`."""
    return weekday(date(2024, 1, 1 + number), lang)


def hour(at: datetime | time, lang: str) -> str:
    """`6 h`, `6 h 05`; English `6 am`, `6:05 am`."""
    if lang != "en":
        return f"{at.hour}{NBSP}h" + (f"{NBSP}{at.minute:02}" if at.minute else "")
    if not at.minute and at.hour in {0, 12}:
        return "noon" if at.hour else "midnight"
    minute = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minute} {'am' if at.hour < 12 else 'pm'}"


def local(at: datetime, timezone: str) -> datetime:
    return at.astimezone(ZoneInfo(timezone))


def days_between(earlier: datetime, later: datetime) -> int:
    """Whole days gone by; 0 within the same 24 hours."""
    return max(0, (later - earlier) // timedelta(days=1))


def capital(text: str) -> str:
    """A first letter as at the beginning of a sentence, the rest untouched."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """The same sentence after a colon; an abbreviation keeps its capitals, and so does "I"."""
    return text if not text[1:2].islower() else text[:1].lower() + text[1:]


def _first(text: str, lang: str) -> str:
    return re.sub(r"\b1(?= [a-zéû])", "1er", text) if lang == "fr" else text


def _date(day: date, pattern: str, lang: str) -> str:
    return _formatted(day, pattern, lang)


@lru_cache(maxsize=4096)
def _formatted(day: date, pattern: str, lang: str) -> str:
    return format_date(day, pattern, locale=_locale(lang))


@lru_cache(maxsize=16)
def _locale(lang: str) -> Locale:
    """Names of months come from the CLDR; a language it does not know writes them in French."""
    wanted = _LOCALES.get(lang, lang)
    try:
        return Locale.parse(wanted)
    except (UnknownLocaleError, ValueError):
        return Locale.parse("fr")


FILTERS: Final = {
    "number": number,
    "percent": percent,
    "day_short": day_short,
    "day_month": day_month,
    "day_brief": day_brief,
    "day_full": day_full,
    "day_named": day_named,
    "hour": hour,
    "capital": capital,
    "uncapital": uncapital,
    "typeset": typeset,
}
