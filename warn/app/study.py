"""What analysts run on rule files, with files read and parts built; the answers are values the command line prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warn.app import folders, knowing
from warn.app.acted import acts_on
from warn.app.heard import heard_lines
from warn.app.once import opened
from warn.app.scenario import scenario_voice
from warn.documents import Document, asks, did_you_mean
from warn.documents import read as read_yaml
from warn.errors import UsageError
from warn.pipeline.episodes import histories, state_of
from warn.pipeline.judge import refresh
from warn.rules.editor import json_schema
from warn.rules.editor import skeleton as rule_skeleton
from warn.rules.load import rule_ids
from warn.rules.measures import MEASURES
from warn.settings import Settings
from warn.store import alerts, polls
from warn.study.explain import explain, explain_text, stretches
from warn.study.scenarios import ScenarioResult, run_scenarios


def test(settings: Settings, files: Sequence[Path], lang: str) -> list[ScenarioResult]:
    """The scenarios of these files or folders, or of rules/tests; a file of rules stands for all of its rules."""
    folder = folders.rules_folder(settings.rules)
    known = knowing.knowledge_of(folders.rules_texts(folder), str(folder))
    named = {path: _document(path) for path in _scenario_files(files)}
    wanted = {name for document in named.values() for name in rule_ids({document.file: document.text})}
    documents = [(document.file, document) for document in named.values() if not _is_rules(document)]
    if not documents:
        documents = [(str(path), _document(path)) for path in _scenario_files([folder / "tests"])]
    facts = [source.facts() for source in knowing.every_source(known.files).values()]
    results = run_scenarios(
        documents,
        known.rules.rules,
        known.indicators,
        known.geography,
        facts,
        render=scenario_voice(settings, known),
        lang=lang,
        only=frozenset(wanted),
    )
    if not results:
        raise UsageError(
            "There is no scenario to run.",
            "They stand in rules/tests/*.yaml; the shipped ones show the form.",
            french=(
                "Il n'y a aucun scénario à jouer.",
                "Ils sont dans rules/tests/*.yaml ; ceux qui sont livrés montrent la forme.",
            ),
        )
    return results


def _scenario_files(paths: Sequence[Path]) -> list[Path]:
    return [one for path in paths for one in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]


def _document(path: Path) -> Document:
    return read_yaml(folders.text_of(path), str(path))


def _is_rules(document: Document) -> bool:
    return isinstance(document.data, dict) and "rules" in document.data


def result_row(result: ScenarioResult) -> dict[str, Any]:
    return {
        "file": result.file,
        "line": result.line,
        "name": result.name,
        "rule": result.rule,
        "passed": result.passed,
        "failures": list(result.failures),
    }


EMPTY_DATABASE = {
    "en": "\nThis database holds no facts yet. Those of the replay: --database var/replay.db\n",
    "fr": "\nCette base ne contient encore aucun fait. Ceux du rejeu : --database var/replay.db\n",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """The tree as data, and who was told, where that was asked."""

    data: dict[str, Any]
    heard: tuple[str, ...] = ()
    empty: bool = False

    def text(self, lang: str) -> str:
        return explain_text(self.data, lang, self.heard) + (EMPTY_DATABASE[lang] if self.empty else "")


def explain_alert(
    settings: Settings,
    target: str,
    at: datetime | None,
    reader: str | None,
    database: Path | None,
    lang: str = "en",
) -> Explained:
    """A rule by id or an alert by number, from what the database holds."""
    with opened(settings, database) as work:
        moment = at or datetime.now(UTC)
        with work.store.write() as tx:
            refresh(tx, work)
        with work.store.read() as tx:
            episodes = [e for e in alerts.episodes(tx) if e.opened_at <= moment]
            chosen = next((e for e in episodes if str(e.number) == target.lstrip("#")), None)
            if chosen is None and target not in work.knowledge.texts:
                known = ", ".join(sorted(work.knowledge.texts))
                raise UsageError(
                    f"'{target}' is neither a rule nor the number of an alert.",
                    f"Rules: {known}.",
                    french=(
                        f"« {target} » n'est ni une règle ni le numéro d'une alerte.",
                        f"Règles : {known}.",
                    ),
                )
            rule_id = chosen.rule if chosen else target
            if rule_id not in work.engine.rules:
                raise UsageError(
                    f"The rule {rule_id} is no longer in the files.",
                    f"Put it back to explain its alerts; `warn approve rule:{rule_id}` withdraws open ones.",
                    french=(
                        f"La règle {rule_id} n'est plus dans les fichiers.",
                        f"Remettez-la ; `warn approve rule:{rule_id}` retire ses alertes encore ouvertes.",
                    ),
                )
            chosen = chosen or next((e for e in reversed(episodes) if e.rule == rule_id), None)
            history = alerts.transitions(tx, number=chosen.number, until=moment) if chosen else []
            told = heard_lines(tx, work, chosen.number, reader, moment, lang) if chosen and reader else ()
            standing = {
                stored[0].transition.rule: state_of(stored).status
                for stored in histories(alerts.transitions(tx, until=moment)).values()
            }
            indicators = work.engine.rules[rule_id].measure.indicators
            facts = [source.facts() for source in work.sources.values()]
            said = (
                acts_on(tx, chosen.number, history, work.engine.rules.get(rule_id), moment) if chosen else {}
            )
            watched = stretches(indicators, facts, polls.polls(tx), polls.coverage(tx), moment)
        if work.engine.rules[rule_id].measure.shape == "alerts":
            work.engine.stand(
                rule_id, (), moment
            )  # what it counts are other alerts: they are judged up to here
        by = chosen.by if chosen else next(iter(work.engine.keys(rule_id)), ())
        data = explain(
            work.engine,
            rule_id,
            moment,
            by=by,
            state=state_of(history) if history else None,
            history=[one.transition for one in history],
            number=chosen.number if chosen else None,
            watched=watched,
            standing=standing,
        )
        return Explained(data | said, told, empty=not work.observations)


def schema(settings: Settings, *, write: bool) -> str:
    """The schema of this folder's rules: its indicators and places are the words an editor offers."""
    folder = folders.rules_folder(settings.rules)
    known = knowing.knowledge_of(folders.rules_texts(folder))
    text = json.dumps(json_schema(known.indicators, known.geography), ensure_ascii=False, indent=1) + "\n"
    if write:
        (folder / "schema.json").write_text(text, encoding="utf-8")
    return text


def skeleton(kind: str, lang: str) -> str:
    if kind not in MEASURES:
        english, french = asks(did_you_mean(kind, tuple(MEASURES)))
        raise UsageError(
            f"There is no measure '{kind}'{english}.",
            f"Measures: {', '.join(MEASURES)}.",
            french=(
                f"Il n'y a pas de mesure « {kind} »{french}.",
                f"Mesures : {', '.join(MEASURES)}.",
            ),
        )
    return rule_skeleton(kind, lang)
