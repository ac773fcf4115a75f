"""Lint of what rules say: both languages, variables the measure gives, our own voice, and never a countdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from warn.documents import Fault, Spot
from warn.rules.checked import Checked, Folder, Path
from warn.rules.rule import LANGUAGES
from warn.rules.sentences import tell
from warn.rules.wording import faults_in
from warn.speech import Problem, check

_LANGUAGE: Final = {"fr": ("French", "français"), "en": ("English", "anglais"), "bm": ("Bambara", "bambara")}
_TEXT: Final = {
    "title": ("title", "titre"),
    "message": ("message", "message"),
    "expect": ("text of 'expect'", "texte de « expect »"),
    "advice": ("advice", "conseil"),
}
_SPELLED: Final = (
    "une|un|deux|trois|quatre|cinq|six|sept|huit|dix|douze|quinze|vingt|trente|"
    "one|two|three|four|five|seven|eight|nine|ten|twelve|fifteen|twenty|thirty"
)
_LENGTH: Final = re.compile(
    rf"(?<![\w.])(?:\d+(?:\s?(?:à|to|-|et|or|ou)\s?\d+)?|(?:{_SPELLED})(?=\s))[\s\u00a0\u202f-]*"
    r"(?:heures?|h|jours?|j|semaines?|mois|hours?|days?|weeks?|months?)(?!\w)",
    re.IGNORECASE,
)
_PLURAL: Final = re.compile(r"\{\{\s*value\s*\}\}[\s\u00a0]+([^\W\d_]{2,}[sx])(?!\w)")
_NO_PLURAL: Final = frozenset(
    {"fois", "mois", "dans", "des", "les", "plus", "prix", "times", "is", "was", "has"}
)
_SINGLE: Final = re.compile(r"\{+([^{}]+)\}+")
_AFTER_ALL = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def languages(one: Checked, _: Folder) -> Iterator[Fault]:
    """Every text stands in French and English."""
    for key in ("title", "message", "expect"):
        if key in one.touched or not one.stands(key):
            continue
        for lang in LANGUAGES:
            if not getattr(one.rule, key).get(lang):
                spot = one.spot(key, key=True)
                yield tell(
                    one.document, spot, "missing-language", language=_LANGUAGE[lang], text=_called(key)
                )


def variables(one: Checked, _: Folder) -> Iterator[Fault]:
    """Variables the measure gives, and nothing of Jinja's language beyond what `speech` prints."""
    gives = _gives(one)
    for key in ("message", "expect"):
        for lang, text in getattr(one.rule, key).items():
            if "{" not in text:
                continue
            for problem in check(text, gives):
                yield _refused(one, (key, lang), lang, problem, gives)


def braces(one: Checked, _: Folder) -> Iterator[Fault]:
    """`{ value }` between single braces would be printed as it stands."""
    for key in ("message", "expect"):
        for lang, text in getattr(one.rule, key).items():
            for found in _SINGLE.finditer(_AFTER_ALL.sub(lambda tag: " " * len(tag[0]), text)):
                if not any(problem.kind == "syntax" for problem in check(text)):
                    spot = _inside(one, (key, lang), found.start(), len(found[0]))
                    words = {"language": _name(lang), "text": _called(key), "name": found[1].strip()}
                    yield tell(one.document, spot, "single-braces", **words)


def _gives(one: Checked) -> tuple[str, ...]:
    extra = ("corridor",) if "corridor" in one.rule.by else ()
    return (*one.rule.measure.variables, *extra)


def _refused(one: Checked, path: Path, lang: str, problem: Problem, gives: Sequence[str]) -> Fault:
    spot = _inside(one, path, problem.offset, problem.length)
    key = str(path[0])
    words = {"language": _name(lang), "text": _called(key), "name": problem.word}
    if problem.kind != "unknown-variable":
        code = "template-syntax" if problem.kind == "syntax" else "template"
        return tell(one.document, spot, code, **words)
    more = ("", "")
    if problem.word == "corridor":
        more = (
            "\n'corridor' exists only in a rule with 'by: [corridor]'.",
            "\n« corridor » n'existe que dans une règle avec « by: [corridor] ».",
        )
    return tell(one.document, spot, "message-variable", **words, gives=", ".join(gives), more=more)


def _called(key: str) -> tuple[str, str]:
    english, french = _TEXT.get(key, (key, key))
    return english, f"le {french}"


def _name(lang: str) -> tuple[str, str]:
    return _LANGUAGE.get(lang, (lang, lang))


def countdown(one: Checked, _: Folder) -> Iterator[Fault]:
    """What is expected has a mechanism and no date."""
    for lang, text in one.rule.expect.items():
        for found in _LENGTH.finditer(text):
            spot = _inside(one, ("expect", lang), found.start(), len(found[0]))
            yield tell(one.document, spot, "countdown", name=found[0])
        for problem in re.finditer(r"(?<![\w.])days(?!\w)(?=[^{]*\}\})", text):
            spot = _inside(one, ("expect", lang), problem.start(), 4)
            yield tell(one.document, spot, "countdown", name="{{ days }}")


def plurals(one: Checked, _: Folder) -> Iterator[Fault]:
    """`{{ value }} attaques` where the value may be 1."""
    counted = one.rule.measure.kind in {"count", "rules", "families"}
    if not counted or not one.rule.rising or min(one.rule.ladder.values(), default=2.0) > 1:
        return
    for lang, text in one.rule.message.items():
        for found in _PLURAL.finditer(text):
            word = found[1]
            if word.lower() not in _NO_PLURAL:
                spot = _inside(one, ("message", lang), found.start(1), len(word))
                words = {"language": _name(lang), "text": _called("message"), "name": word, "one": word[:-1]}
                yield tell(one.document, spot, "hard-plural", **words)


def wording(one: Checked, folder: Folder) -> Iterator[Fault]:
    """Words our own voice never uses, in every text that readers may see, and in the id."""
    for path, lang, text in _all_texts(one):
        for found in faults_in(folder.wording, text, lang):
            spot = _inside(one, path, found.start, len(found.word))
            why = (found.why.get("en", ""), found.why.get("fr", ""))
            say = found.say.get(lang) or found.say.get(
                "en", ""
            )  # in the language of the text, whoever reads this
            yield tell(one.document, spot, "wording", name=found.word, why=why, say=say)


def _all_texts(one: Checked) -> Iterator[tuple[Path, str, str]]:
    rule = one.rule
    yield ("id",), "en", rule.id
    for key in ("title", "message", "expect"):
        for lang, text in getattr(rule, key).items():
            yield (key, lang), lang, _AFTER_ALL.sub(lambda tag: " " * len(tag[0]), text)
    if rule.advice is not None:
        for lang, lines in rule.advice.lines().items():
            for kind in ("residents", "ngo", "press"):
                yield ("advice", lang, kind), lang, getattr(lines, kind)


def reviewed(one: Checked, folder: Folder) -> Iterator[Fault]:
    """Advice that nobody read over, a rule without a message, a rule that nothing tests."""
    rule = one.rule
    looked_at = "advice" in one.touched
    if (
        rule.advice is not None
        and not looked_at
        and not (rule.advice.reviewed_by and rule.advice.reviewed_on)
    ):
        yield tell(one.document, one.spot("advice", key=True), "advice-unreviewed")
    if not rule.message and rule.mode != "shadow" and "message" not in one.touched:
        yield tell(one.document, one.spot("id"), "no-message")
    if folder.scenarios is not None and rule.id not in folder.scenarios:
        yield tell(one.document, one.spot("id"), "no-scenario", id=rule.id)


def _inside(one: Checked, path: Path, offset: int, length: int) -> Spot:
    """The place of a character of a text, whether it is quoted, folded over lines or plain.

    Where the spelling in the file differs from the text (escapes, folded lines), the words are looked for.
    """
    node = one.document.find((*one.at, *path))
    if node is None or node.kind != "scalar":
        return one.spot(*path)
    source = one.document.source(node)
    lead = 0 if node.plain else 1
    if source[lead : lead + len(node.text)] == node.text:
        return one.document.inside(node, lead + offset, length)
    wanted = node.text[offset : offset + length]
    nth = node.text[:offset].count(wanted)
    at = -1
    for _ in range(nth + 1):
        at = source.find(wanted, at + 1)
    return one.document.inside(node, at, length) if at >= 0 else node.spot
