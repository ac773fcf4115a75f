"""The rules folder: texts to knowledge, or every fault in it. Knows no database and no channel, and starts soon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from warn import indicators
from warn.app import folders, judging
from warn.documents import Fault
from warn.documents import read as read_yaml
from warn.errors import ConfigError
from warn.pipeline.knowledge import Knowledge
from warn.rules import wording
from warn.rules.load import ids_in, load_documents
from warn.rules.undisturbed import undisturbed
from warn.settings import Settings
from warn.source import Source
from warn.sources import SOURCES, configured
from warn.sources import check as check_sources
from warn.study.scenario_faults import Known
from warn.study.scenarios import scenarios_of

OTHER_FILES = frozenset(
    {
        "area.yaml",
        "places.yaml",
        "indicators.yaml",
        "lexicon.yaml",
        "wording.yaml",
        "feeds.yaml",
        "sources.yaml",
        "digest.yaml",
    }
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules folder came to: the knowledge, or every reason why there is none."""

    knowledge: Knowledge | None
    faults: tuple[Fault, ...]


def judge_folder(texts: Mapping[str, str], shown: str = "rules") -> Judgement:
    """All files of a rules folder (name -> text), whole or not at all; faults name them below `shown`.

    What can be judged without a broken file is judged all the same, so that one look tells as much as possible.
    """
    with undisturbed():
        return _judged(texts, shown)


def _judged(texts: Mapping[str, str], shown: str) -> Judgement:
    registry, faults = indicators.load(_required(texts, "indicators.yaml"), f"{shown}/indicators.yaml")
    words, more = wording.load(texts.get("wording.yaml", "wording: []"), f"{shown}/wording.yaml")
    geography, places = judging.geography(texts, shown)
    _required(texts, "lexicon.yaml")
    reader, lexicon = judging.reader(texts, shown, geography)
    faults = (*faults, *more, *places, *lexicon)
    if registry is None or words is None:
        return Judgement(None, faults)
    asked = check_sources(texts, shown, registry.by_id)
    sources = {} if _errors(asked) else every_source(texts)
    ruled = [read_yaml(text, f"{shown}/{name}") for name, text in texts.items() if may_hold_rules(name)]
    tested = [read_yaml(text, f"{shown}/{name}") for name, text in texts.items() if _may_hold_scenarios(name)]
    rules, more = load_documents(
        ruled,
        indicators=registry,
        places=geography,
        wording=words,
        sources=[source.facts() for source in sources.values()],
        scenarios=scenarios_of((one.file, one) for one in tested),
    )
    ids = ids_in(ruled)
    choice, shows = judging.bulletin(texts, shown, registry, ids)
    tried = judging.scenarios(tested, Known(ids, registry.by_id, sources or SOURCES))
    faults = (*faults, *asked, *more, *shows, *tried)
    if rules is None or geography is None or reader is None or _errors(faults):
        return Judgement(None, faults)
    known = Knowledge(
        rules=rules,
        indicators=registry,
        geography=geography,
        reader=reader,
        texts=rules.texts(),
        files=texts,
        effects=tuple(choice.effects),
        shown=tuple(choice.indicators),
        words=choice.words,
    )
    return Judgement(known, faults)


def _errors(faults: Iterable[Fault]) -> bool:
    return any(fault.severity == "error" for fault in faults)


def may_hold_rules(name: str) -> bool:
    """YAML at the top of the folder, but for the files that hold something else."""
    return "/" not in name and name.endswith((".yaml", ".yml")) and name not in OTHER_FILES


def _may_hold_scenarios(name: str) -> bool:
    return name.startswith("tests/") and name.endswith((".yaml", ".yml"))


def every_source(texts: Mapping[str, str]) -> Mapping[str, Source]:
    """All sources there are, as the rules folder configures them, on or off."""
    return configured(texts)


def knowledge_of(texts: Mapping[str, str], shown: str = "rules") -> Knowledge:
    """The same for callers that cannot go on without."""
    judged = judge_folder(texts, shown)
    if judged.knowledge is None:
        errors = [fault for fault in judged.faults if fault.severity == "error"]
        first, more = errors[0], len(errors) - 1
        at = f"{first.file}:{first.line}:{first.column}"
        raise ConfigError(
            f"The rules cannot be used: {at}: {first.message}" + (f" (and {more} more)" if more else ""),
            "`warn rules check` shows every fault.",
            french=(
                f"Règles inutilisables : {at} : {first.said('fr')[0]}"
                + (f" (et {more} de plus)" if more else ""),
                "`warn rules check` montre chaque faute.",
            ),
        )
    return judged.knowledge


def _required(texts: Mapping[str, str], name: str) -> str:
    if name not in texts:
        raise ConfigError(
            f"{name} is missing from the rules folder.", "`warn init DIR` writes a complete one."
        )
    return texts[name]


def read_rules(settings: Settings) -> Knowledge:
    """The rules folder as it lies on disk now."""
    return knowledge_of(folders.rules_texts(folders.rules_folder(settings.rules)))
