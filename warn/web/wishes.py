"""The preferences of a subscriber as a form: what may be chosen, and what a filled-in form makes of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from functools import cache
from typing import Any, get_args
from zoneinfo import available_timezones

from warn.digest.languages import Words
from warn.digest.phrases import family_name, level_meaning, level_tag
from warn.digest.text import plain
from warn.digest.typography import hour
from warn.geo import Geography
from warn.model import FAMILIES, Level, Preferences, ReaderKind
from warn.web.forms import Form, one

MOST_PLACES = 20
NONE = "none"
LANGUAGES: Mapping[str, str] = {"fr": "Français", "en": "English"}
ZONES = (
    "Africa/Bamako", "Africa/Abidjan", "Africa/Dakar", "Africa/Libreville", "America/New_York", "Asia/Shanghai",
    "Europe/Brussels", "Europe/London", "Europe/Paris",
)  # fmt: skip
"""Offered; any other name of the time zone database may be typed."""


class WrongError(ValueError):
    """A field holds what cannot be taken; the text is what it holds, for the reader to see."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of what may be chosen, as a form offers it."""

    value: str
    label: str
    chosen: bool


Reading = Callable[[Form, Preferences, Geography], Preferences]


def read(
    form: Form, before: Preferences, geography: Geography, fields: Iterable[str] = ()
) -> tuple[Preferences, dict[str, str]]:
    """What the form makes of the preferences, and field -> what is wrong with it; what is wrong changes nothing."""
    wanted, wrong = before, {}
    for name in fields or FIELDS:
        try:
            wanted = FIELDS[name](form, wanted, geography)
        except WrongError as error:
            wrong[name] = plain(str(error), 80)
    return wanted, wrong


def choices(who: Preferences, geography: Geography, w: Words) -> dict[str, Any]:
    """Everything a template offers, with what is chosen now."""
    kinds = {"resident": w._("Resident"), "ngo": w._("NGO"), "press": w._("Press")}
    often = "weekly" if who.weekly else "daily" if who.digest_at is not None else NONE
    editions = {"daily": w._("Every day"), "weekly": w._("Every Monday"), NONE: w._("No bulletin")}
    at_once = NONE if who.immediate_from is None else str(int(who.immediate_from))
    return {
        "kind": _marked(kinds, {who.kind}),
        "lang": _marked({**LANGUAGES, who.lang: LANGUAGES.get(who.lang, who.lang)}, {who.lang}),
        "timezone": who.timezone,
        "zones": ZONES,
        "bulletin": _marked(editions, {often}),
        "hour": _hours(who.digest_at or time(6), w),
        "evening": who.evening,
        "immediate": _marked({**_levels(w), NONE: w._("None at once")}, {at_once}),
        "least": _marked(_levels(w), {str(int(max(who.least_level, Level.WATCH)))}),
        "quiet_from": _hours(who.quiet_from, w, none=w._("no hour")),
        "quiet_until": _hours(who.quiet_until, w, none=w._("no hour")),
        "families": _marked({name: family_name(w, name) for name in FAMILIES}, set(who.families)),
        "corridors": _marked({one.id: one.name(w.lang) for one in geography.corridors}, set(who.corridors)),
        "places": ", ".join(who.places),
        "text_only": who.text_only,
        "embassy_notices": who.embassy_notices,
    }


def _marked(labels: Mapping[str, str], chosen: set[str]) -> list[Choice]:
    return [Choice(value, label, value in chosen) for value, label in labels.items()]


def _levels(w: Words) -> dict[str, str]:
    tags = {level: f"{level_tag(w, level)}{w._(': ')}{level_meaning(w, level)}" for level in Level}
    return {str(int(level)): text for level, text in tags.items() if level is not Level.CALM}


def _hours(at: time | None, w: Words, none: str = "") -> list[Choice]:
    """Whole hours, and the present one where it is none."""
    times = sorted({*(time(n) for n in range(24)), *([at] if at else [])})
    labels = {one.isoformat("minutes"): hour(one, w.lang) for one in times}
    chosen = at.isoformat("minutes") if at else NONE
    return _marked({**({NONE: none} if none else {}), **labels}, {chosen})


def _time(form: Form, name: str) -> time:
    said = one(form, name)
    try:
        return time.fromisoformat(said if len(said) == len("06:00") else "")
    except ValueError:
        raise WrongError(said) from None


def _level(form: Form, name: str) -> Level:
    said = one(form, name)
    if said not in {"1", "2", "3", "4"}:
        raise WrongError(said)
    return Level(int(said))


def _bulletin(form: Form, who: Preferences, _geography: Geography) -> Preferences:
    often = one(form, "bulletin")
    if often == NONE:
        return replace(who, digest_at=None, weekly=False)
    if often not in {"daily", "weekly"}:
        raise WrongError(often)
    return replace(who, digest_at=_time(form, "hour"), weekly=often == "weekly")


def _immediate(form: Form, who: Preferences, _geography: Geography) -> Preferences:
    if one(form, "immediate") == NONE:
        return replace(who, immediate_from=None)
    level = _level(form, "immediate")
    return replace(who, immediate_from=level, least_level=min(level, who.least_level))


def _quiet(form: Form, who: Preferences, _geography: Geography) -> Preferences:
    if NONE in {one(form, "quiet_from"), one(form, "quiet_until")}:
        return replace(who, quiet_from=None, quiet_until=None)
    return replace(who, quiet_from=_time(form, "quiet_from"), quiet_until=_time(form, "quiet_until"))


def _kind(form: Form, who: Preferences, _geography: Geography) -> Preferences:
    said = one(form, "kind")
    found: dict[str, ReaderKind] = {kind: kind for kind in get_args(ReaderKind)}
    if said not in found:
        raise WrongError(said)
    return replace(who, kind=found[said])


def _lang(form: Form, who: Preferences, _geography: Geography) -> Preferences:
    said = one(form, "lang")
    if said not in {*LANGUAGES, who.lang}:
        raise WrongError(said)
    return replace(who, lang=said)


def _timezone(form: Form, who: Preferences, _geography: Geography) -> Preferences:
    wanted = one(form, "timezone").strip()
    known = _zones().get(wanted.casefold().replace(" ", "_"))
    if known is None:
        raise WrongError(wanted)
    return replace(who, timezone=known)


@cache
def _zones() -> Mapping[str, str]:
    """Of cities, and UTC: what a machine calls its own time is nobody's."""
    return {name.casefold(): name for name in available_timezones() if "/" in name or name == "UTC"}


def _families(form: Form, who: Preferences, _geography: Geography) -> Preferences:
    return replace(who, families=_among(form, "families", FAMILIES))


def _corridors(form: Form, who: Preferences, geography: Geography) -> Preferences:
    return replace(who, corridors=_among(form, "corridors", [one.id for one in geography.corridors]))


def _among(form: Form, name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Nothing chosen, and everything chosen, are both everything."""
    offered, said = set(known), set(form.get(name, ()))
    if said - offered:
        raise WrongError(", ".join(sorted(said - offered)))
    return () if said == offered else tuple(sorted(said))


def _places(form: Form, who: Preferences, geography: Geography) -> Preferences:
    """Names, parted by commas or on lines of their own, as the gazetteer writes them."""
    said = [name for line in form.get("places", ()) for part in line.split("\n") for name in part.split(",")]
    names = [name.strip() for name in said if name.strip()]
    if len(names) > MOST_PLACES:
        raise WrongError(f"{len(names)} > {MOST_PLACES}")
    found = {name: name if name in who.places else _town(name, geography) for name in names}
    if unknown := [name for name, town in found.items() if not town]:
        raise WrongError(", ".join(unknown))
    return replace(who, places=tuple(sorted(set(found.values()))))


def _town(name: str, geography: Geography) -> str:
    """As reports name it; empty where it is unknown, or could as well be another of that name."""
    place = geography.gazetteer.one(name)
    return place.name if place else ""


def _flag(name: str) -> Reading:
    def reading(form: Form, who: Preferences, _geography: Geography) -> Preferences:
        flag: dict[str, Any] = {name: one(form, name) == "yes"}
        return replace(who, **flag)

    return reading


FIELDS: Mapping[str, Reading] = {
    "kind": _kind,
    "lang": _lang,
    "bulletin": _bulletin,
    "timezone": _timezone,
    "evening": _flag("evening"),
    "least": lambda form, who, _: replace(who, least_level=_level(form, "least")),
    "immediate": _immediate,  # lowers the least level where it has to
    "quiet": _quiet,
    "families": _families,
    "corridors": _corridors,
    "places": _places,
    "text_only": _flag("text_only"),
    "embassy_notices": _flag("embassy_notices"),
}
"""Every preference there is; each reads its fields of the form."""
FREE = ("timezone", "places")
"""Fields that are typed."""
SIGN_UP = ("kind", "bulletin", "immediate")
"""What is asked of somebody new; the rest can be chosen later."""
