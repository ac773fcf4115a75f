"""What the pipeline works with: handed over whole by `app`; the knowledge in it is replaced whole at a reload."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment

from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import EMPTY, Observation, RuleText, Texts
from warn.reading import Reader
from warn.rules.evaluate import Engine
from warn.rules.ruleset import RuleSet
from warn.source import Source
from warn.store import Store
from warn.store.vault import Vault
from warn.study.score import Impact


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The files of the rules folder, read: what may be observed, where things are, what is judged and said."""

    rules: RuleSet
    indicators: Indicators
    geography: Geography
    reader: Reader
    texts: Mapping[str, RuleText]
    files: Mapping[str, str]
    effects: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    words: Mapping[str, Mapping[str, Texts]] = field(default_factory=lambda: EMPTY)

    @property
    def digest(self) -> str:
        """A short hash of every file, kept with each tick."""
        lines = (f"{name}\0{text}" for name, text in sorted(self.files.items()))
        return hashlib.sha256("\0".join(lines).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Voice:
    """How messages are made: templates, the sender's name and addresses, the fonts of pictures."""

    templates: Environment
    base: str
    sender: str = ""
    reply_to: str = ""
    list_id: str = "warn"
    fonts: tuple[str, ...] = ()
    pictures: bool = True
    exercise: bool = False


@dataclass(slots=True)
class Work:
    """One service's or command's working set. `approves`: what waits for a person is approved at once (replay)."""

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
    impacts: tuple[Impact, ...] = ()
