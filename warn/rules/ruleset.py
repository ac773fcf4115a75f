"""The rules in service: validated, in the order in which they run, each knowing where it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import EMPTY, RuleText, Texts
from warn.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule and where it stands. `digest` changes with anything in it; `judges` only with how it judges."""

    rule: Rule
    file: str
    line: int
    digest: str
    judges: str

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def at(self) -> str:
        """file:line, as evidence and `explain` name it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of a folder, dependencies first. Frozen: a reload makes another."""

    rules: tuple[LoadedRule, ...] = ()
    indicators: Indicators = field(default_factory=Indicators)
    places: Geography | None = None
    by_id: Mapping[str, LoadedRule] = field(default_factory=lambda: EMPTY)

    def __iter__(self) -> Iterator[LoadedRule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def __getitem__(self, name: str) -> LoadedRule:
        return self.by_id[name]

    def get(self, name: str) -> LoadedRule | None:
        return self.by_id.get(name)

    def text(self, name: str) -> RuleText:
        """What a rule says to people."""
        return rule_text(self.by_id[name].rule)

    def titles(self) -> Mapping[str, Texts]:
        """What each rule is called, by id."""
        return {name: loaded.rule.title for name, loaded in self.by_id.items()}

    def texts(self) -> Mapping[str, RuleText]:
        """The same for all rules, by id."""
        return {name: rule_text(loaded.rule) for name, loaded in self.by_id.items()}


def rule_text(rule: Rule) -> RuleText:
    """Advice is keyed by kind of reader: resident, ngo, press. A composite without a family has none ("")."""
    return RuleText(
        id=rule.id,
        title=rule.title,
        family=rule.family or "",
        message=rule.message,
        expect=rule.expect,
        advice=_advice(rule),
        certainty=rule.certainty,
        valid_for_s=rule.valid_for.total_seconds(),
        mode=rule.mode,
        core=rule.core,
        sudden=rule.sudden,
        thresholds={level.word: number for level, number in rule.ladder.items()},
        clears_after_s=rule.clears_after.total_seconds(),
        indicators=tuple(rule.measure.indicators),
        place=_place(rule),
    )


def _advice(rule: Rule) -> Mapping[str, Texts]:
    lines = rule.advice.lines() if rule.advice is not None else {}
    return {
        lang: {"resident": said.residents, "ngo": said.ngo, "press": said.press}
        for lang, said in lines.items()
    }


def _place(rule: Rule) -> str:
    """The name of the area or place a rule is about, as its `near` says it."""
    near: Any = getattr(rule.measure, "near", None)
    if near is None or isinstance(near, str):
        return near or ""
    return str(near.place or near.corridor or "")
