"""One plain sentence per rule, so that an analyst can read aloud what the numbers amount to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from warn.indicators import Indicators
from warn.model import Level
from warn.rules.durations import in_words
from warn.rules.filters import Filtered, Measured, Near
from warn.rules.measures import (
    Anomaly,
    Change,
    DaysUntil,
    Families,
    Ratio,
    Rules,
    Spike,
    State,
)
from warn.rules.rule import Rule
from warn.speech import number, percent

_LEVELS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "fr": ("Calme", "Veille", "Tension", "Alerte", "Crise"),
        "en": ("Calm", "Watch", "Tension", "Alert", "Crisis"),
    }
)


def say(rule: Rule, lang: str, indicators: Indicators | None = None) -> str:
    """The rule as a sentence in French or English: its levels from the most severe down, then how it ends.

    Durations are added up: "closes 28 days at the earliest" is the window and the wait together.
    """
    words = _French(indicators or Indicators()) if lang == "fr" else _English(indicators or Indicators())
    return words.sentence(rule)


class _English:
    """The English voice; the French one replaces its words, not its order."""

    lang = "en"

    def __init__(self, indicators: Indicators) -> None:
        self.indicators = indicators

    def sentence(self, rule: Rule) -> str:
        parts = [
            self.opening(rule),
            *self.others(rule),
            self.easing(rule),
            self.closing(rule),
            *self.ends(rule),
        ]
        return f"{self.separator()} ".join(part for part in parts if part) + "."

    def separator(self) -> str:
        return ";"

    def opening(self, rule: Rule) -> str:
        level = _main(rule)
        held = rule.holds(level)
        wait = self.held(held) if held else ""
        return f"{self.level(level)} {self.limit(rule, level)}{self.what(rule.measure)}{wait}"

    def others(self, rule: Rule) -> list[str]:
        """The other levels in short; then what unconfirmed reports reach."""
        main = _main(rule)
        rest = [(level, n) for level, n in rule.ladder.items() if level is not main]
        said = ", ".join(f"{self.level(level).lower()} {self.at(rule, n)}" for level, n in rest)
        cap: Level | None = getattr(rule.measure, "unconfirmed", None)
        limited = getattr(rule.measure, "confirmed_by", None) is not None and cap is not None
        return [said, self.unconfirmed(cap) if limited and cap is not None else ""]

    def limit(self, rule: Rule, level: Level) -> str:
        return self.at(rule, rule.ladder[level]) + " "

    def at(self, rule: Rule, value: float) -> str:
        side = "at {} or more" if rule.rising else "at {} or less"
        return side.format(self.figure(rule.measure, value))

    def figure(self, measure: Measured, value: float) -> str:
        known = [self.indicators.get(name) for name in measure.indicators]
        if (
            measure.kind in {"mean", "median", "latest", "min", "max"}
            and known
            and known[0]
            and known[0].percent
        ):
            return percent(value, self.lang)
        if measure.kind == "change":
            return percent(value / 100, self.lang)
        return number(value, self.lang)

    def level(self, level: Level) -> str:
        return _LEVELS[self.lang][level]

    def what(self, measure: Measured) -> str:
        name = self.named(measure)
        match measure:
            case State():
                said = f"while '{self.titles(measure.state.on)}' is on (forgotten after {self.long(measure.state.expires)})"
            case Families():
                said = f"families at {self.level(measure.families.at).lower()} or above"
            case Rules():
                said = f"of the rules {', '.join(measure.rules)} at {self.level(measure.at).lower()} or above"
            case Ratio():
                said = f"times: {self.named(measure.ratio.of)} over {self.named(measure.ratio.to)}"
            case Change():
                said = f"change of '{name}' against the norm of {self.long(measure.back)}"
            case Anomaly():
                said = f"deviations from the usual of '{name}'"
            case Spike():
                said = f"times as many '{name}' as in the {self.long(measure.before)} before"
            case DaysUntil():
                said = f"days before '{name}'"
            case _:
                said = {
                    "count": f"{self.confirmed(measure)}'{name}'",
                    "sum": f"in all ({self.confirmed(measure)}'{name}')",
                    "silence": f"hours without '{name}'",
                }.get(measure.kind, f"({_STATISTIC[self.lang][measure.kind]} of '{name}')")
        return said + self.where(measure)

    def confirmed(self, measure: Measured) -> str:
        return "confirmed " if getattr(measure, "confirmed_by", None) else ""

    def named(self, measure: Measured) -> str:
        return self.titles(measure.indicators)

    def titles(self, names: tuple[str, ...]) -> str:
        known = ((name, self.indicators.get(name)) for name in names)
        said = (found.title.get(self.lang, name) if found else name for name, found in known)
        return " / ".join(text[:1].lower() + text[1:] for text in said)

    def where(self, measure: Measured) -> str:
        over = getattr(measure, "over", None) or getattr(getattr(measure, "families", None), "over", None)
        window = self.window(over) if over else ""
        if not isinstance(measure, Filtered):
            return window
        return self.nearby(measure.near) + self.inside(measure.inside) + window + self.enough(measure)

    def nearby(self, near: str | Near | None) -> str:
        if near is None:
            return ""
        if isinstance(near, str):
            return f" near '{near}'"
        around = near.place or near.corridor or (near.corridors != "all" and ", ".join(near.corridors or ()))
        return f" within {number(near.km, 'en')} km of {around or 'a road'}"

    def inside(self, regions: tuple[str, ...]) -> str:
        return f" in {' or '.join(regions)}" if regions else ""

    def window(self, over: timedelta) -> str:
        return f" in {self.long(over)}"

    def enough(self, measure: Filtered) -> str:
        asked = [f"{measure.min_reports} reports"] if measure.min_reports else []
        asked += [f"{measure.min_origins} origins"] if measure.min_origins else []
        return f" (unknown below {' and '.join(asked)})" if asked else ""

    def held(self, held: timedelta) -> str:
        return f", held for {self.long(held)}"

    def unconfirmed(self, cap: Level) -> str:
        if cap is Level.CALM:
            return "nothing on unconfirmed reports"
        return f"at most {self.level(cap).lower()} on unconfirmed reports"

    def easing(self, rule: Rule) -> str:
        return f"eases {self.long(rule.eases_after)} after" if len(rule.ladder) > 1 else ""

    def closing(self, rule: Rule) -> str:
        total, counted = _earliest(rule)
        after = "the last one" if counted else "it turned quiet"
        quiet = "" if rule.clears_at is None or counted else f" ({self.quiet(rule)})"
        kept = f", not while {' or '.join(rule.keep_open_while)} is open" if rule.keep_open_while else ""
        return f"closes at the earliest {self.long(total)} after {after}{quiet}{kept}"

    def quiet(self, rule: Rule) -> str:
        figure = self.figure(rule.measure, rule.clears_at or 0.0)
        return f"at {figure} or {'less' if rule.rising else 'more'}"

    def ends(self, rule: Rule) -> list[str]:
        lost = f"lost from sight after {self.long(rule.lapses_after)} without news"
        mode = {"approve": "a person must agree first", "shadow": "only logged, told to nobody"}.get(
            rule.mode, ""
        )
        each = f"one alert per {' and '.join(rule.by)}" if rule.by else ""
        return [lost if rule.measure.shape != "alerts" else "", each, mode]

    def long(self, length: timedelta) -> str:
        return in_words(length, self.lang)


class _French(_English):
    lang = "fr"

    def separator(self) -> str:
        return "\u00a0;"

    def opening(self, rule: Rule) -> str:
        level = _main(rule)
        held = rule.holds(level)
        wait = f", tenu {self.long(held)}" if held else ""
        return f"{self.level(level)} {self.at(rule, rule.ladder[level])} {self.what(rule.measure)}{wait}"

    def at(self, rule: Rule, value: float) -> str:
        figure = self.figure(rule.measure, value)
        return f"dès {figure}" if rule.rising else f"à {figure} ou moins"

    def what(self, measure: Measured) -> str:
        name = self.named(measure)
        match measure:
            case State():
                on, forgotten = self.titles(measure.state.on), self.long(measure.state.expires)
                said = f"tant que «\u00a0{on}\u00a0» dure (oublié après {forgotten})"
            case Families():
                said = f"familles au niveau {self.level(measure.families.at).lower()} ou plus"
            case Rules():
                said = f"des règles {', '.join(measure.rules)} au niveau {self.level(measure.at).lower()} ou plus"
            case Ratio():
                said = f"fois ({self.named(measure.ratio.of)} sur {self.named(measure.ratio.to)})"
            case Change():
                said = f"d'évolution («\u00a0{name}\u00a0» contre la norme de {self.long(measure.back)})"
            case Anomaly():
                said = f"écarts à l'ordinaire de «\u00a0{name}\u00a0»"
            case Spike():
                said = f"fois plus de «\u00a0{name}\u00a0» que dans les {self.long(measure.before)} d'avant"
            case DaysUntil():
                said = f"jours avant «\u00a0{name}\u00a0»"
            case _:
                kinds: dict[str, str] = {
                    "count": f"«\u00a0{name}\u00a0»{self.confirmed(measure)}",
                    "sum": f"en tout («\u00a0{name}\u00a0»{self.confirmed(measure)})",
                    "silence": f"heures sans «\u00a0{name}\u00a0»",
                }
                said = kinds.get(measure.kind, f"({_STATISTIC['fr'][measure.kind]} de «\u00a0{name}\u00a0»)")
        return said + self.where(measure)

    def confirmed(self, measure: Measured) -> str:
        return " (confirmés)" if getattr(measure, "confirmed_by", None) else ""

    def nearby(self, near: str | Near | None) -> str:
        if near is None:
            return ""
        if isinstance(near, str):
            return f" près de «\u00a0{near}\u00a0»"
        around = near.place or near.corridor or (near.corridors != "all" and ", ".join(near.corridors or ()))
        return f" à moins de {number(near.km, 'fr')}\u00a0km de {around}" if around else self.roads(near)

    def roads(self, near: Near) -> str:
        return f" à moins de {number(near.km, 'fr')}\u00a0km d'un axe"

    def inside(self, regions: tuple[str, ...]) -> str:
        return f" dans {' ou '.join(regions)}" if regions else ""

    def window(self, over: timedelta) -> str:
        return f" en {self.long(over)}"

    def enough(self, measure: Filtered) -> str:
        asked = [f"{measure.min_reports} relevés"] if measure.min_reports else []
        asked += [f"{measure.min_origins} origines"] if measure.min_origins else []
        return f" (inconnu sous {' et '.join(asked)})" if asked else ""

    def unconfirmed(self, cap: Level) -> str:
        if cap is Level.CALM:
            return "rien sur des faits non confirmés"
        return f"au plus {self.level(cap).lower()} sur des faits non confirmés"

    def easing(self, rule: Rule) -> str:
        return f"s'allège {self.long(rule.eases_after)} après" if len(rule.ladder) > 1 else ""

    def closing(self, rule: Rule) -> str:
        total, counted = _earliest(rule)
        after = "la dernière" if counted else "le retour au calme"
        quiet = "" if rule.clears_at is None or counted else f" ({self.quiet(rule)})"
        kept = (
            f", jamais tant que {' ou '.join(rule.keep_open_while)} est ouverte"
            if rule.keep_open_while
            else ""
        )
        return f"se ferme au plus tôt {self.long(total)} après {after}{quiet}{kept}"

    def quiet(self, rule: Rule) -> str:
        figure = self.figure(rule.measure, rule.clears_at or 0.0)
        return f"à {figure} ou {'moins' if rule.rising else 'plus'}"

    def ends(self, rule: Rule) -> list[str]:
        lost = f"perdue de vue après {self.long(rule.lapses_after)} sans nouvelles"
        mode = {
            "approve": "une personne donne d'abord son accord",
            "shadow": "notée seulement, dite à personne",
        }.get(rule.mode, "")
        each = f"une alerte par {' et '.join(rule.by)}" if rule.by else ""
        return [lost if rule.measure.shape != "alerts" else "", each, mode]


_STATISTIC: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "fr": {
            "latest": "dernier relevé",
            "mean": "moyenne",
            "median": "médiane",
            "min": "plus bas",
            "max": "plus haut",
        },
        "en": {"latest": "newest", "mean": "mean", "median": "median", "min": "lowest", "max": "highest"},
    }
)


def _main(rule: Rule) -> Level:
    """The level a sentence begins with: alert where there is one, else the highest."""
    return Level.ALERT if Level.ALERT in rule.ladder else max(rule.ladder)


def _earliest(rule: Rule) -> tuple[timedelta, bool]:
    """(the shortest time to closing, whether it counts from the last event): window and wait added up.

    A count falls only when its events leave the window, so closing takes both, where quiet means none is left.
    """
    over: Any = getattr(rule.measure, "over", None)
    least = min(rule.ladder.values(), default=1.0)
    quiet = rule.clears_at if rule.clears_at is not None else least - 1
    if rule.measure.kind in {"count", "sum"} and over and rule.rising and quiet < 1:
        return over + rule.clears_after, True
    return rule.clears_after, False
