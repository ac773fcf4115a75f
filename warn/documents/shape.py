"""What pydantic found wrong, told to people: where it stands, what is allowed, what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from warn.documents.fault import Fault, Spot
from warn.documents.shape_said import OTHER, SAID
from warn.documents.slips import Pair
from warn.documents.tree import Document

Loc = Sequence[str | int]


def shape_faults(
    error: ValidationError, model: type[BaseModel], document: Document, base: Loc
) -> list[Fault]:
    """One fault per place of a model that was validated from the part of a document at `base`.

    Where a value may have one of several forms, pydantic tells of each; the first one for a place is told. What was
    told already as a slip of spelling on the same line is not told again as its consequence.
    """
    errors = [dict(one) for one in error.errors(include_url=False)]
    faults = [_fault(one, model, document, tuple(base)) for one in errors if not _is_other_arm(one, errors)]
    spelled = {fault.line for fault in document.faults if fault.code in _EMPTYING}
    first: dict[tuple[int, int, str], Fault] = {}
    for fault in faults:
        place = (fault.line, fault.column, fault.message if fault.code == "missing-key" else "")
        if fault.line not in spelled:
            first.setdefault(place, fault)
    return list(first.values())


_EMPTYING = frozenset(
    {"alias", "tag", "curly-quotes", "unquoted-comma", "unquoted-template", "key-not-text", "missing-colon"}
)
"""Slips that leave something else than what was meant in their place."""


def _is_other_arm(one: Mapping[str, Any], errors: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an error only says that a map is no word, where another tells what is wrong inside the map."""
    loc = tuple(one["loc"])
    if not loc or not isinstance(one["input"], Mapping) or not _is_mark(str(loc[-1])):
        return False
    return any(other is not one and tuple(other["loc"])[: len(loc) - 1] == loc[:-1] for other in errors)


def did_you_mean(word: str, known: Sequence[str], *, closest: float = 0.6) -> str:
    """The nearest known word, or nothing where none is near; capitals do not count."""
    folded = {one.lower(): one for one in known}
    found = difflib.get_close_matches(word.lower(), list(folded), 1, closest)
    return folded[found[0]] if found else ""


def asks(guess: str) -> Pair:
    """The question to append to a message, in English and French."""
    return (f" (did you mean '{guess}'?)", f" (vouliez-vous « {guess} » ?)") if guess else ("", "")


def _fault(one: dict[str, Any], model: type[BaseModel], document: Document, base: Loc) -> Fault:
    path, allowed = text_path(model, one["loc"])
    on_key = one["type"] == "extra_forbidden" or one["loc"][-1:] == ("[key]",)
    spot = document.spot((*base, *path), key=on_key)
    if one["type"] == "missing":
        spot = _head(document, (*base, *path[:-1]))
    code, words = _words(one, path, allowed)
    if code == "measure" and isinstance(one["input"], Mapping):
        spot = document.spot((*base, *path), key=True)
    english, french = SAID.get(code, OTHER)
    return document.fault(code, spot, filled_in(english, words, 0), filled_in(french, words, 1))


def _head(document: Document, path: Loc) -> Spot:
    """Where a map begins: its first key."""
    node = document.find(path)
    return node.pairs[0][0].spot if node is not None and node.pairs else document.spot(path)


def _words(one: dict[str, Any], path: Loc, allowed: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The code of a fault and what fills the blanks of its sentence; a pair where the languages differ."""
    kind, written, context = one["type"], one["input"], one.get("ctx", {})
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    words: dict[str, Any] = {"key": name, "written": _short(written), "said": one["msg"], "meant": ("", "")}
    if kind == "extra_forbidden":
        return "unknown-key", words | {
            "meant": asks(did_you_mean(name, allowed)),
            "allowed": ", ".join(allowed),
        }
    if kind == "duration":
        guess = context.get("meant") or ""
        return "duration", words | {"meant": asks(guess)}
    if kind == "level":
        word = str(context["written"])
        guess = FRENCH_LEVELS.get(word.lower(), "") or did_you_mean(word, LEVEL_WORDS)
        return "unknown-level", words | {"written": word, "meant": asks(guess)}
    if kind in {"literal_error", "enum"}:
        options = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        guess = did_you_mean(str(written), options)
        return "not-allowed", words | {"allowed": ", ".join(options), "meant": asks(guess)}
    if kind == "measure":
        kinds = [
            word.strip() for word in re.split(r",| and ", one["msg"].rpartition("one of")[2].strip(" :"))
        ]
        guess = next(filter(None, (did_you_mean(key, kinds, closest=0.7) for key in _keys(written))), "")
        return "measure", words | {"allowed": ", ".join(filter(None, kinds)), "meant": asks(guess)}
    if _NUMBERS.match(kind) and (comma := re.fullmatch(r"\s*(-?\d+),(\d+)\s*", str(written))):
        return "decimal-comma", words | {"meant": (f"{comma[1]}.{comma[2]}",) * 2}
    if kind == "string_pattern_mismatch" and context.get("pattern") == GRADE:
        return "not-a-grade", words
    code = next((code for pattern, code in _CODES if pattern.match(kind)), "value")
    return code, words | {"limit": _limit(kind, context)}


def _limit(kind: str, context: Mapping[str, Any]) -> Pair:
    """What is allowed, where a number, a length of time, a text or a list went beyond it."""
    name = next((name for name in _LIMITS if name in context), "")
    if not name:
        return "", ""
    bound = (
        context[name] if isinstance(context[name], int | float) else 0
    )  # of lengths of time pydantic gives the repr
    english, french = (form.format(f"{bound:g}") for form in _LIMITS[name])
    if not name.endswith("length"):
        return english, french
    units = _UNITS[kind.startswith("string")][bound > 1]
    return f"{english} {units[0]}", f"{french} {units[1]}"


_LIMITS: Mapping[str, Pair] = {
    "gt": ("more than {}", "plus de {}"),
    "ge": ("at least {}", "au moins {}"),
    "lt": ("less than {}", "moins de {}"),
    "le": ("at most {}", "au plus {}"),
    "min_length": ("at least {}", "au moins {}"),
    "max_length": ("at most {}", "au plus {}"),
}
_UNITS: Sequence[tuple[Pair, Pair]] = (
    (("entry", "élément"), ("entries", "éléments")),
    (("character", "caractère"), ("characters", "caractères")),
)
"""Of lists and sets, and of texts."""


GRADE = "^[A-E][1-5]$"
"""How an Admiralty code at least good enough to confirm is written."""
LEVEL_WORDS = ("calm", "watch", "tension", "alert", "crisis")
FRENCH_LEVELS = {"calme": "calm", "veille": "watch", "alerte": "alert", "crise": "crisis"}
_NUMBERS = re.compile(r"float|int|decimal|finite")
_CODES = [
    (re.compile(pattern), code)
    for pattern, code in (
        (r"missing", "missing-key"),
        (r"bool", "not-true-or-false"),
        (r"float|int|finite", "not-a-number"),
        (r"greater|less|multiple", "out-of-range"),
        (r"string_pattern", "not-a-name"),
        (r"string_too|too_short|too_long", "length"),
        (r"string", "not-text"),
        (r"date", "not-a-date"),
        (r"tuple|list", "not-a-list"),
        (r"dict|model|mapping", "not-a-map"),
    )
]


def _keys(value: Any) -> list[str]:
    return [str(key) for key in value] if isinstance(value, Mapping) else []


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def filled_in(pair: Pair, words: Mapping[str, Any], lang: int) -> Pair:
    """Message and suggestion with their words; a word may differ by language (0 English, 1 French)."""
    message, suggestion = pair
    for name, word in words.items():
        text = word[lang] if isinstance(word, tuple) else str(word)
        message = message.replace(f"{{{name}}}", text)
        suggestion = suggestion.replace(f"{{{name}}}", text)
    return message, suggestion


def text_path(model: type[BaseModel], loc: Loc) -> tuple[list[str | int], list[str]]:
    """The path of an error as it stands in the text, and the keys that are allowed where it ends.

    pydantic puts the tag of a union and marks such as `[key]` into its paths; neither stands in the text.
    """
    models: list[type[BaseModel]] = [model]
    path: list[str | int] = []
    for step in loc:
        tagged = [one for one in models if len(models) > 1 and getattr(one, "kind", None) == step]
        if tagged:
            models = tagged
            continue
        found = [inner for one in models for inner in _inner(one, step)]
        if isinstance(step, int) or found or step in _all_keys(models) or not _is_mark(str(step)):
            path.append(step)
        models = found or models
    return path, _all_keys(models)


def _is_mark(step: str) -> bool:
    """What pydantic names the arms of a union by: `[key]`, `function-before[...]`, `timedelta`."""
    return "[" in step or step in {"str", "int", "float", "timedelta", "tuple", "Near", "Repeat"}


def _inner(model: type[BaseModel], step: str | int) -> Iterator[type[BaseModel]]:
    """The models that the field of a key may hold."""
    for name, info in model.model_fields.items():
        if step == (info.alias or name):
            yield from _models(info.annotation)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _all_keys(models: Sequence[type[BaseModel]]) -> list[str]:
    names = (info.alias or name for one in models for name, info in one.model_fields.items())
    return list(dict.fromkeys(names))
