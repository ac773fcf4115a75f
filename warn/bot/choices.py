"""The settings a reader changes by taps: what each is called, what it may be, what a tap makes of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from types import MappingProxyType
from typing import Any

from warn.bot.texts import LANGUAGES, Translate
from warn.model import FAMILIES, Level, Preferences, ReaderKind, Texts

Option = tuple[str, str]  # (label, value)

_KINDS: Mapping[str, ReaderKind] = MappingProxyType({"resident": "resident", "ngo": "ngo", "press": "press"})
_HOURS = ("05", "06", "07", "08", "12", "18", "20")
_QUIET = ("22-06", "21-07", "23-05")
_ZONES = (
    "Africa/Bamako",
    "Europe/Paris",
    "Africa/Dakar",
    "Africa/Libreville",
    "America/New_York",
    "Asia/Shanghai",
)
_NAMES = MappingProxyType({"fr": "Français", "en": "English", "bm": "Bamanankan"})
_OFF = "none"
LONGEST = 50  # bytes of a name: a button carries 64 with what it is for


@dataclass(frozen=True, slots=True)
class Ground:
    """What a reader may choose among: roads as (id, names), towns, languages in which there are messages."""

    roads: Sequence[tuple[str, Texts]] = ()
    towns: Sequence[str] = ()
    languages: Sequence[str] = LANGUAGES

    def offers(self, name: str) -> bool:
        """Whether there is anything to choose in this field."""
        return bool({"corridors": self.roads, "places": self.towns}.get(name, True))


NOTHING = Ground()


@dataclass(frozen=True, slots=True)
class Field:
    """`several`: a tap adds or takes away one of many, and the list stays open."""

    show: Callable[[Preferences, Translate, Ground], str]
    options: Callable[[Preferences, Translate, Ground], Sequence[Option]]
    change: Callable[[Preferences, str], Preferences]
    several: bool = False


def lines(preferences: Preferences, say: Translate, ground: Ground) -> str:
    """All settings, a line each."""
    return "\n".join(
        f"{say(preferences.lang, f'field.{name}')}\u00a0: {item.show(preferences, say, ground)}"
        for name, item in FIELDS.items()
        if ground.offers(name)
    )


def changed(
    preferences: Preferences, name: str, value: str, ground: Ground, say: Translate
) -> Preferences | None:
    """What a tap makes of the preferences; None where it names nothing there is (an old or forged button)."""
    item = FIELDS.get(name)
    if item is None or value not in {option for _, option in item.options(preferences, say, ground)}:
        return None
    return item.change(preferences, value)


def _levels(preferences: Preferences, say: Translate, *, first: int, off: bool) -> list[Option]:
    options = [(say(preferences.lang, f"level.{number}"), str(number)) for number in range(first, 5)]
    return [*options, (say(preferences.lang, "none"), _OFF)] if off else options


def _at_once(preferences: Preferences, say: Translate, _ground: Ground) -> str:
    level = preferences.immediate_from
    return say(preferences.lang, f"level.{int(level)}" if level else "none")


def _set_at_once(preferences: Preferences, value: str) -> Preferences:
    return replace(preferences, immediate_from=None if value == _OFF else Level(int(value)))


def _digest(preferences: Preferences, say: Translate, _ground: Ground) -> str:
    at = preferences.digest_at
    return f"{at:%H:%M}" if at else say(preferences.lang, "none")


def _set_digest(preferences: Preferences, value: str) -> Preferences:
    return replace(preferences, digest_at=None if value == _OFF else time(int(value)))


def _quiet(preferences: Preferences, say: Translate, _ground: Ground) -> str:
    start, end = preferences.quiet_from, preferences.quiet_until
    return f"{start:%H:%M}-{end:%H:%M}" if start and end else say(preferences.lang, "none")


def _set_quiet(preferences: Preferences, value: str) -> Preferences:
    if value == _OFF:
        return replace(preferences, quiet_from=None, quiet_until=None)
    start, end = (time(int(hour)) for hour in value.split("-"))
    return replace(preferences, quiet_from=start, quiet_until=end)


def _marked(label: str, *, chosen: bool) -> str:
    return f"✓ {label}" if chosen else label


def _toggled(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    """`all` empties the list, which means everything."""
    if value == "all":
        return ()
    return tuple(sorted(set(values) ^ {value}))


def _families(preferences: Preferences, say: Translate, _ground: Ground) -> list[Option]:
    chosen, lang = preferences.families, preferences.lang
    every = (_marked(say(lang, "all"), chosen=not chosen), "all")
    return [
        every,
        *((_marked(say(lang, f"family.{name}"), chosen=name in chosen), name) for name in FAMILIES),
    ]


def _roads(preferences: Preferences, say: Translate, ground: Ground) -> list[Option]:
    chosen, lang = preferences.corridors, preferences.lang
    every = (_marked(say(lang, "all"), chosen=not chosen), "all")
    return [
        every,
        *(
            (_marked(texts.get(lang, texts["fr"]), chosen=name in chosen), name)
            for name, texts in ground.roads
        ),
    ]


def _towns(preferences: Preferences, say: Translate, ground: Ground) -> list[Option]:
    chosen = preferences.places
    every = (_marked(say(preferences.lang, "all"), chosen=not chosen), "all")
    typed = {name for name in chosen if len(name.encode()) <= LONGEST}  # on the page; can be taken away here
    towns = sorted({*ground.towns, *typed})
    return [every, *((_marked(name, chosen=name in chosen), name) for name in towns)]


def _named(names: tuple[str, ...], titles: Mapping[str, str], every: str) -> str:
    return ", ".join(titles.get(name, name) for name in names) or every


def _flag(name: str) -> Field:
    """Yes or no."""

    def show(preferences: Preferences, say: Translate, _ground: Ground) -> str:
        return say(preferences.lang, "yes" if getattr(preferences, name) else "no")

    def options(preferences: Preferences, say: Translate, _ground: Ground) -> list[Option]:
        return [(say(preferences.lang, "yes"), "yes"), (say(preferences.lang, "no"), "no")]

    def change(preferences: Preferences, value: str) -> Preferences:
        flag: dict[str, Any] = {name: value == "yes"}
        return replace(preferences, **flag)

    return Field(show, options, change)


FIELDS: Mapping[str, Field] = MappingProxyType({
    "kind": Field(
        lambda p, say, _: say(p.lang, f"kind.{p.kind}"),
        lambda p, say, _: [(say(p.lang, f"kind.{kind}"), kind) for kind in _KINDS],
        lambda p, value: replace(p, kind=_KINDS[value]),
    ),
    "lang": Field(
        lambda p, _say, _: _NAMES.get(p.lang, p.lang),
        lambda _p, _say, ground: [(_NAMES.get(lang, lang), lang) for lang in ground.languages],
        lambda p, value: replace(p, lang=value),
    ),
    "immediate": Field(_at_once, lambda p, say, _: _levels(p, say, first=2, off=True), _set_at_once),
    "least": Field(
        lambda p, say, _: say(p.lang, f"level.{max(1, int(p.least_level))}"),
        lambda p, say, _: _levels(p, say, first=1, off=False),
        lambda p, value: replace(p, least_level=Level(int(value))),
    ),
    "digest": Field(
        _digest,
        lambda p, say, _: [*((f"{hour}:00", hour) for hour in _HOURS), (say(p.lang, "none"), _OFF)],
        _set_digest,
    ),
    "evening": _flag("evening"),
    "weekly": _flag("weekly"),
    "quiet": Field(
        _quiet,
        lambda p, say, _: [*((f"{span[:2]}:00-{span[3:]}:00", span) for span in _QUIET), (say(p.lang, "none"), _OFF)],
        _set_quiet,
    ),
    "families": Field(
        lambda p, say, _: _named(p.families, {n: say(p.lang, f"family.{n}") for n in FAMILIES}, say(p.lang, "all")),
        _families,
        lambda p, value: replace(p, families=_toggled(p.families, value)),
        several=True,
    ),
    "corridors": Field(
        lambda p, say, ground: _named(
            p.corridors, {name: texts.get(p.lang, texts["fr"]) for name, texts in ground.roads}, say(p.lang, "all")
        ),
        _roads,
        lambda p, value: replace(p, corridors=_toggled(p.corridors, value)),
        several=True,
    ),
    "places": Field(
        lambda p, say, _: ", ".join(p.places) or say(p.lang, "all"),
        _towns,
        lambda p, value: replace(p, places=_toggled(p.places, value)),
        several=True,
    ),
    "zone": Field(
        lambda p, _say, _: p.timezone,
        lambda _p, _say, _: [(zone, zone) for zone in _ZONES],
        lambda p, value: replace(p, timezone=value),
    ),
    "text": _flag("text_only"),
    "embassy": _flag("embassy_notices"),
})  # fmt: skip
"""In the order shown."""
