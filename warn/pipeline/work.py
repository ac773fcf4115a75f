"""What the pipeline works with: handed over whole by `app`; the knowledge in it is replaced whole at a reload."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment

from warn.model import EMPTY, Observation
from warn.pipeline.knowledge import Knowledge
from warn.rules.evaluate import Engine
from warn.source import Source
from warn.store import Store
from warn.store.vault import Vault
from warn.study.score import Impact

Draw = Callable[[Sequence[str]], Sequence[bytes]]
"""Several SVG to as many PNG."""


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
