"""One plain sentence per rule, so that an analyst can read aloud what the numbers amount to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import EMPTY, Level, Texts
from warn.rules.durations import in_words
from warn.rules.filters import Filtered, Measured, Near
from warn.rules.measures import Change, Families, Ratio, Rules, Spike, State
from warn.rules.phrases import PHRASES
from warn.rules.rule import Rule
from warn.speech import LEVEL_WORDS, number, percent, plural, quantity


def say(
    rule: Rule,
    lang: str,
    indicators: Indicators,
    places: Geography | None = None,
    titles: Mapping[str, Texts] = EMPTY,
) -> str:
    """The rule as a sentence in French or English: its levels, then how it eases, closes and is lost from sight.

    Durations are added up: an event leaves its window before the wait for closing begins. `titles` by id of rule:
    what the rules it names are called; one without is named by its id.
    """
    voice = _Voice(lang if lang in PHRASES else "en", indicators, places, titles)
    parts = (
        voice.opening(rule),
        voice.other_levels(rule),
        voice.unconfirmed(rule.measure),
        voice.phrase("eases", after=voice.long(rule.eases_after)) if len(rule.ladder) > 1 else "",
        voice.closing(rule),
        voice.phrase("lost", after=voice.long(rule.lapses_after)) if rule.measure.shape != "alerts" else "",
        voice.again(rule),
        voice.escalating(rule),
        voice.phrase("per", by=voice.listed("and", [voice.trait(name) for name in rule.by]))
        if rule.by
        else "",
        voice.phrase(rule.mode),
    )
    return voice.phrase("stop").join(part for part in parts if part) + "."


@dataclass(frozen=True, slots=True)
class _Voice:
    """The phrases of one language, filled in."""

    lang: str
    indicators: Indicators
    places: Geography | None
    rules: Mapping[str, Texts]

    def phrase(self, key: str, **words: object) -> str:
        return PHRASES[self.lang][key].format(**words)

    def long(self, length: timedelta) -> str:
        return in_words(length, self.lang)

    def listed(self, link: str, words: Sequence[str]) -> str:
        """`A, B ou C`."""
        before = f"{', '.join(words[:-1])} {self.phrase(link)} " if len(words) > 1 else ""
        return before + "".join(words[-1:])

    def trait(self, name: str) -> str:
        """What alerts are told apart by; an attribute without a word of ours is named as it is written."""
        return PHRASES[self.lang].get(f"by {name}", name)

    def called(self, names: Sequence[str]) -> str:
        """Rules by their titles."""
        known = ((name, self.rules.get(name, EMPTY).get(self.lang)) for name in names)
        return self.listed(
            "or", [self.phrase("quoted", title=said) if said else name for name, said in known]
        )

    def level(self, level: Level) -> str:
        return LEVEL_WORDS[self.lang][level]

    def opening(self, rule: Rule) -> str:
        level = Level.ALERT if Level.ALERT in rule.ladder else max(rule.ladder)
        held = self.phrase("held", held=self.long(rule.holds(level))) if rule.holds(level) else ""
        value = rule.ladder[level]
        single = self.single(rule, value)
        if single:
            met = self.phrase("from one", one=single) + self.sure(rule.measure) + self.filters(rule.measure)
        else:
            met = "" if isinstance(rule.measure, State) else self.met(rule, value) + " "
            met += self.measured(rule.measure, value)
        return f"{self.level(level).capitalize()} {met}{held}"

    def single(self, rule: Rule, value: float) -> str:
        """In French "dès une attaque de convoi" for the threshold 1, where every indicator has its singular."""
        if self.lang != "fr" or value != 1 or rule.measure.kind != "count" or not rule.rising:
            return ""
        known = [self.indicators.get(name) for name in rule.measure.indicators]
        ones = [found.one.get(self.lang, "") if found else "" for found in known]
        return self.listed("or", ones) if all(ones) else ""

    def other_levels(self, rule: Rule) -> str:
        main = Level.ALERT if Level.ALERT in rule.ladder else max(rule.ladder)
        rest = ((level, value) for level, value in rule.ladder.items() if level is not main)
        return ", ".join(f"{self.level(level)} {self.met(rule, value)}" for level, value in rest)

    def met(self, rule: Rule, value: float) -> str:
        return self.phrase("rises" if rule.rising else "falls", value=self.figure(rule.measure, value))

    def figure(self, measure: Measured, value: float) -> str:
        """A threshold in the measure's own unit: percentages for shares and changes."""
        if isinstance(measure, Change):
            return percent(value / 100, self.lang)
        first = self.indicators.get(measure.indicators[0]) if measure.indicators else None
        if first is None or measure.kind not in {"latest", "mean", "median", "min", "max", "sum"}:
            return number(value, self.lang)
        unit = "share" if first.percent else self.indicators.unit_words(first.unit, self.lang)
        return quantity(value, unit, self.lang)

    def measured(self, measure: Measured, value: float) -> str:
        words: dict[str, object] = {"name": self.titles(measure.indicators, counted=measure.kind == "count")}
        match measure:
            case State():
                words |= {"name": self.titles(measure.state.on), "expires": self.long(measure.state.expires)}
            case Families():
                words |= {"level": self.level(measure.families.at)}
            case Rules():
                words |= {"level": self.level(measure.at), "name": self.called(measure.rules)}
            case Ratio():
                of, to = measure.ratio.of, measure.ratio.to
                words |= {"of": self.titles(of.indicators), "to": self.titles(to.indicators)}
            case Change():
                words |= {"back": self.long(measure.back)}
            case Spike():
                words |= {"before": self.long(measure.before)}
        one, bar, many = self.phrase(measure.kind, **words).partition("|")
        said = plural(value, one, many, self.lang) if bar else one
        return said + self.sure(measure) + self.filters(measure)

    def sure(self, measure: Measured) -> str:
        return self.phrase("confirmed") if getattr(measure, "confirmed_by", None) else ""

    def titles(self, names: Sequence[str], *, counted: bool = False) -> str:
        """`counted`: a number stands before them."""
        known = ((name, self.indicators.get(name)) for name in names)
        said = [
            (counted and found.many.get(self.lang)) or found.title.get(self.lang, name) if found else name
            for name, found in known
        ]
        return self.listed("or", [text[:1].lower() + text[1:] for text in said])

    def filters(self, measure: Measured) -> str:
        over = getattr(measure, "over", None)
        if isinstance(measure, Families):
            over = measure.families.over
        window = self.phrase("over", over=self.long(over)) if over else ""
        if not isinstance(measure, Filtered):
            return window
        inside = self.phrase("in", regions=self.listed("or", measure.inside)) if measure.inside else ""
        asked = [self.phrase("reports", n=measure.min_reports)] if measure.min_reports else []
        asked += [self.phrase("origins", n=measure.min_origins)] if measure.min_origins else []
        enough = self.phrase("enough", asked=self.listed("and", asked)) if asked else ""
        return self.near(measure.near) + inside + window + enough

    def near(self, near: str | Near | None) -> str:
        if near is None:
            return ""
        if isinstance(near, str):
            zone = self.places.zones.get(near) if self.places is not None else None
            if zone is None:
                return self.phrase("near_area", area=near)
            return self.around(zone.km, "" if zone.corridors else zone.place or near)
        named = near.corridors if isinstance(near.corridors, tuple) else ()
        return self.around(near.km, near.place or near.corridor or self.listed("or", named))

    def around(self, km: float, place: str) -> str:
        """Within so many kilometres of a place; of any road where none is named."""
        what = self.phrase("of", place=place) if place else self.phrase("a_road")
        return self.phrase("near", km=number(km, self.lang), place=what)

    def unconfirmed(self, measure: Measured) -> str:
        cap: Level | None = getattr(measure, "unconfirmed", None)
        if cap is None or not getattr(measure, "confirmed_by", None):
            return ""
        return self.phrase("nothing") if cap is Level.CALM else self.phrase("at_most", level=self.level(cap))

    def again(self, rule: Rule) -> str:
        repeat = rule.repeat_every
        if repeat is None:
            return ""
        return self.phrase("every" if repeat.backoff == 1 else "again", every=self.long(repeat.every))

    def escalating(self, rule: Rule) -> str:
        steps = (
            self.phrase("escalates", after=self.long(one.after), to=self.group(one.to))
            for one in rule.escalate
        )
        return self.phrase("stop").join(steps)

    def group(self, name: str) -> str:
        return self.phrase("admins") if name == "admins" else name

    def closing(self, rule: Rule) -> str:
        total, counted = _earliest(rule)
        said = self.phrase("closes_last" if counted else "closes", total=self.long(total))
        if rule.clears_at is not None and not counted:
            figure = self.figure(rule.measure, rule.clears_at)
            said += self.phrase("quiet_below" if rule.rising else "quiet_above", value=figure)
        if rule.keep_open_while:
            said += self.phrase("kept", rules=self.called(rule.keep_open_while))
        return said


def _earliest(rule: Rule) -> tuple[timedelta, bool]:
    """(the shortest time to closing, whether it counts from the last event).

    A count falls only as its events leave the window; where quiet means that none is left, both times add up.
    """
    over: Any = getattr(rule.measure, "over", None)
    quiet = rule.clears_at if rule.clears_at is not None else min(rule.ladder.values()) - 1
    if rule.measure.kind == "count" and over and rule.rising and quiet < 1:
        return over + rule.clears_after, True
    return rule.clears_after, False
