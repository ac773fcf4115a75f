"""`warn rules check`: every fault of the files, their sentences, what a fault means. Loads no more than it needs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from warn.app import folders, knowing
from warn.app.knowing import Judgement
from warn.documents import Fault
from warn.errors import UsageError
from warn.rules import faults as printed
from warn.rules.examples import INNER, KEYS
from warn.rules.filters import ConfirmedBy, Near
from warn.rules.meanings import meaning
from warn.rules.measures import MEASURES, AtLevel, Ends, Pair
from warn.rules.rule import Advice, AdviceLines, Escalation, Repeat, Rule
from warn.rules.say import say
from warn.settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """What `rules check` found in the files asked for."""

    judgement: Judgement
    faults: tuple[Fault, ...]
    texts: Mapping[str, str]

    @property
    def failed(self) -> bool:
        return any(fault.severity == "error" for fault in self.faults)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return printed.rows(self.faults)

    def text(self, lang: str) -> str:
        return printed.render(self.faults, self.texts, lang)

    def sentences(self, lang: str) -> Iterator[str]:
        known = self.judgement.knowledge
        if known is not None:
            titles = known.rules.titles()
            for loaded in known.rules:
                yield f"{loaded.id}: {say(loaded.rule, lang, known.indicators, known.geography, titles)}"


def check(settings: Settings, files: Sequence[Path]) -> Checked:
    """The whole folder is read, since rules name one another; only faults of the files asked for are told.

    A file from elsewhere is read in place of the one of the same name in the rules folder, or beside them.
    """
    folder = folders.rules_folder(settings.rules)
    if len(files) == 1 and files[0].is_dir():
        folder, files = files[0], []
    texts = folders.rules_texts(folder)
    shown = {_name_in(folder, path): str(path) for path in files}
    texts |= {_name_in(folder, path): folders.text_of(path) for path in files}
    judgement = knowing.judge_folder(texts, str(folder))
    said = {
        f"{folder}/{name}": shown.get(name, f"{folder}/{name}")
        for name in texts
        if name in shown or not files
    }
    faults = tuple(replace(fault, file=said[fault.file]) for fault in judgement.faults if fault.file in said)
    return Checked(judgement, faults, {said[full]: texts[full.removeprefix(f"{folder}/")] for full in said})


def _name_in(folder: Path, path: Path) -> str:
    """What a file is called in the folder it belongs to; one from elsewhere goes by its name, scenarios apart."""
    if path.resolve().is_relative_to(folder.resolve()):
        return path.resolve().relative_to(folder.resolve()).as_posix()
    return f"tests/{path.name}" if path.parent.name == "tests" else path.name


def explain_code(code: str, lang: str) -> str:
    text = printed.explain(code, lang) or _explain_word(code, lang)
    if not text:
        raise UsageError(
            f"There is no fault, key or measure called '{code}'.",
            "Codes of faults stand in [brackets] behind each fault.",
            french=(
                f"Aucune faute, clé ou mesure ne s'appelle « {code} ».",
                "Les codes des fautes sont entre [crochets] après chaque faute.",
            ),
        )
    return text


def _explain_word(word: str, lang: str) -> str:
    """A measure or a key of a rule: what it says of itself, and an example; "" for what is neither."""
    if word in MEASURES:
        cls = MEASURES[word]
        said = meaning(" ".join((cls.__doc__ or "").split()), lang)
        return f"{word}{_colon(lang)} {said}\n\n    measure: {cls.example}\n"
    if word in KEYS:
        said = meaning(Rule.model_fields[word].description or "", lang)
        return f"{word}{_colon(lang)} {said}\n\n{textwrap.indent(KEYS[word], '    ')}\n"
    return _explain_inner(word, lang)


def _explain_inner(word: str, lang: str) -> str:
    """A key inside a measure or inside a key of a rule, in each meaning that it has."""
    meanings: dict[str, list[str]] = {}
    for place, model in _models():
        for name, field in model.model_fields.items():
            if (field.alias or name) == word and (said := field.description):
                meanings.setdefault(meaning(said, lang), []).append(place)
    if not meanings:
        return ""
    (first, places), *more = meanings.items()
    lines = [f"{word}{_colon(lang)} {first} ({_where(places, lang)})"]
    lines += [f"  {said} ({_where(elsewhere, lang)})" for said, elsewhere in more]
    shown = [INNER.get(word, ""), *INNER.values(), *(cls.example for cls in MEASURES.values())]
    examples = [f"measure: {one}" for one in shown if one] + list(KEYS.values())
    example = next((one for one in examples if re.search(rf"\b{word}: ", one)), "")
    lines += ["", textwrap.indent(example, "    ")] if example else []
    return "\n".join(lines) + "\n"


def _colon(lang: str) -> str:
    return "\u00a0:" if lang == "fr" else ":"


def _where(places: Sequence[str], lang: str) -> str:
    most = "la plupart des mesures" if lang == "fr" else "most measures"
    return most if len(places) > 5 else ", ".join(dict.fromkeys(places))


def _models() -> Iterator[tuple[str, type[BaseModel]]]:
    """(where its keys may stand, the model that lists them)."""
    yield from MEASURES.items()
    yield "near", Near
    yield "confirmed_by", ConfirmedBy
    yield "state", Pair
    yield "families", AtLevel
    yield "ratio", Ends
    yield "escalate", Escalation
    yield "repeat_every", Repeat
    yield "advice", Advice
    yield "advice", AdviceLines
