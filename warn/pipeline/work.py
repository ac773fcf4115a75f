"""What the pipeline works with: handed over whole by `app`; the knowledge in it is replaced whole at a reload."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment

from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import EMPTY, Observation, RuleText, Texts
from warn.reading import Reader
from warn.rules.evaluate import Engine
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule, RuleSet, rule_text
from warn.source import Source
from warn.store import Store
from warn.store.vault import Vault
from warn.study.score import Impact

Draw = Callable[[Sequence[str]], Sequence[bytes]]
"""Several SVG to as many PNG."""


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


@dataclass(frozen=True, slots=True)
class Voice:
    """How messages are made: templates, the sender's name and addresses, who draws (None: no pictures)."""

    templates: Environment
    base: str
    sender: str = ""
    reply_to: str = ""
    list_id: str = "warn"
    bot: str = ""  # its name for links, without @
    draw: Draw | None = None
    exercise: bool = False


@dataclass(slots=True)
class Work:
    """One service's or command's working set. `approves`: what waits for a person is approved at once (replay).

    `settled` is told after each evaluation by what was judged. `admins`: group -> Telegram ids; `lang` is the
    language they are written to in.
    """

    store: Store
    vault: Vault
    knowledge: Knowledge
    engine: Engine
    voice: Voice
    keys: tuple[str, ...]
    sources: Mapping[str, Source] = field(default_factory=lambda: EMPTY)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: EMPTY)
    observations: list[Observation] = field(default_factory=list)
    mark: int = 0
    approves: bool = False
    settled: Callable[[Knowledge], None] | None = None
    admins: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: EMPTY)
    lang: str = "fr"
    impacts: tuple[Impact, ...] = ()
