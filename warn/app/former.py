"""The rules that were last judged by: an edit is told from them, also one that was made while nothing ran.

    former.resume(work, settings)   # before the first evaluation of a process
    former.adopt(work, known)       # at a reload

They are kept in one file beside the secret, written once an evaluation by them is stored. A kill before that repeats
the comparison, which finds nothing new to say of alerts that were told.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from warn.app import build, knowing
from warn.errors import WarnError
from warn.pipeline.knowledge import Knowledge
from warn.pipeline.work import Work
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule
from warn.settings import Settings
from warn.store import alerts

log = logging.getLogger("warn.rules")
NAME = "rules-in-force.json"


def adopt(work: Work, known: Knowledge) -> Knowledge:
    """Other rules over the same history, alerts and timers; what only the edit causes waits. Answers the former."""
    former = work.knowledge
    facts = [source.facts() for source in work.sources.values()]
    work.engine = work.engine.replaced(known.rules.rules, known.indicators, known.geography, facts)
    removed = {one.id: one for one in former.rules if known.rules.get(one.id) is None}
    work.knowledge = replace(known, gone=_told(work, known, {**former.gone, **removed}))
    return former


def resume(work: Work, settings: Settings) -> Knowledge | None:
    """Compares the rules read at a start with those last judged by; answers these where they differ."""
    kept = _Kept(settings.var / NAME)
    work.settled = kept.keep
    said = kept.read()
    if said is None:
        return None
    gone = _told(work, work.knowledge, _loaded(said.get("gone", {})))
    if said.get("digest") == work.knowledge.digest:
        work.knowledge = replace(work.knowledge, gone=gone)
        return None
    try:
        former = knowing.knowledge_of(said["files"])
    except (WarnError, KeyError, TypeError) as error:  # of another version of the program
        log.warning("the rules last judged by cannot be read any more, so that no edit is told: %s", error)
        return None
    known = work.knowledge
    work.knowledge = replace(former, gone=gone)
    work.engine = build.engine(former, work.sources)
    return adopt(work, known)


@dataclass(slots=True)
class _Kept:
    """`written`: what the file holds, so that it is written at an edit only."""

    path: Path
    written: tuple[str, tuple[str, ...]] | None = field(default=None)

    def keep(self, known: Knowledge) -> None:
        now = known.digest, tuple(sorted(known.gone))
        if now == self.written:
            return
        said = {
            "digest": known.digest,
            "files": dict(known.files),
            "gone": {name: _dumped(one) for name, one in known.gone.items()},
        }
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            draft.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            log.error("%s cannot be written: %s", self.path, error.strerror)  # noqa: TRY400  # the line says it
            return
        self.written = now

    def read(self) -> dict[str, Any] | None:
        try:
            said = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(said, dict):
            return None
        self.written = str(said.get("digest")), tuple(sorted(said.get("gone", {})))
        return said


def _told(work: Work, known: Knowledge, removed: Mapping[str, LoadedRule]) -> dict[str, LoadedRule]:
    """Those of the removed rules that ever had an alert: its page and our record outlive the rule."""
    with work.store.read() as tx:
        told = alerts.rules_told(tx)
    return {name: one for name, one in removed.items() if name in told and known.rules.get(name) is None}


def _dumped(one: LoadedRule) -> dict[str, Any]:
    rule = one.rule.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {"rule": rule, "file": one.file, "line": one.line, "digest": one.digest, "judges": one.judges}


def _loaded(said: Mapping[str, Any]) -> dict[str, LoadedRule]:
    found = {}
    for name, one in said.items():
        try:
            found[name] = LoadedRule(**{**one, "rule": Rule.model_validate(one["rule"])})
        except (ValidationError, KeyError, TypeError) as error:
            log.warning("the removed rule %s cannot be read any more: %s", name, error)
    return found
