"""The files of the rules folder, read; replaced whole at a reload."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import EMPTY, RuleText, Texts
from warn.reading import Reader
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule, RuleSet, rule_text


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The files of the rules folder, read: what may be observed, where things are, what is judged and said.

    `gone`: removed rules that once had an alert; they judge nothing, and still say what it was.
    """

    rules: RuleSet
    indicators: Indicators
    geography: Geography
    reader: Reader
    texts: Mapping[str, RuleText]
    files: Mapping[str, str]
    effects: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    words: Mapping[str, Mapping[str, Texts]] = field(default_factory=lambda: EMPTY)
    gone: Mapping[str, LoadedRule] = field(default_factory=lambda: EMPTY)

    def rule_of(self, name: str) -> Rule | None:
        """The rule of an alert, also where it was removed and its alerts still stand."""
        loaded = self.rules.get(name) or self.gone.get(name)
        return None if loaded is None else loaded.rule

    def text_of(self, name: str) -> RuleText | None:
        """What that rule says to people."""
        if name in self.texts:
            return self.texts[name]
        return rule_text(self.gone[name].rule) if name in self.gone else None

    @property
    def digest(self) -> str:
        """A short hash of every file, kept with each tick."""
        lines = (f"{name}\0{text}" for name, text in sorted(self.files.items()))
        return hashlib.sha256("\0".join(lines).encode()).hexdigest()[:16]
