"""How faults are printed: for people with the line and a caret, for programs as rows, and one explained at length."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from warn.documents import Fault, excerpt
from warn.documents.fault import BREAK
from warn.rules.codes import EXPLAINED

WIDTH = 70
INDENT = "     "
ECHOES = 3


def render(faults: Sequence[Fault], texts: Mapping[str, str], lang: str = "en") -> str:
    """All faults in order, each with its line; then what became of the files. `texts`: file -> what it says."""
    lines = {file: BREAK.split(text.removeprefix("\ufeff")) for file, text in texts.items()}
    shown, more = _without_echoes(faults, lang)
    blocks = [_block(fault, lines.get(fault.file, []), lang) for fault in shown]
    return "\n\n".join([*blocks, *more, _end(faults, len(texts), lang)]) + "\n"


def rows(faults: Sequence[Fault]) -> list[dict[str, Any]]:
    """The same for `--json`: file, line, column, code, severity, message, suggestion (English)."""
    return [
        {
            "file": fault.file,
            "line": fault.line,
            "column": fault.column,
            "code": fault.code,
            "severity": fault.severity,
            "message": fault.message,
            "suggestion": fault.suggestion,
        }
        for fault in faults
    ]


def explain(code: str, lang: str = "en") -> str:
    """What a code means, why it matters, and an example put right; "" for a code that does not exist."""
    found = EXPLAINED.get(code)
    if found is None:
        return ""
    title, why = found.french if lang == "fr" else found.english
    wrong, right = ("Faux", "Juste") if lang == "fr" else ("Wrong", "Right")
    parts = [f"{code}: {title}", *textwrap.wrap(why, 76, break_on_hyphens=False)]
    colon = "\u00a0:" if lang == "fr" else ":"
    if found.wrong:
        parts += ["", f"{wrong}{colon}", textwrap.indent(found.wrong, "    ")]
    if found.right:
        parts += ["", f"{right}{colon}", textwrap.indent(found.right, "    ")]
    return "\n".join(parts) + "\n"


def _without_echoes(faults: Sequence[Fault], lang: str) -> tuple[list[Fault], list[str]]:
    """Every error; of warnings of one code the first three, and a line that counts the others."""
    seen: Counter[str] = Counter()
    shown = []
    for fault in faults:
        seen[fault.code] += fault.severity == "warning"
        if fault.severity == "error" or seen[fault.code] <= ECHOES:
            shown.append(fault)
    more = "... et {} autres de ce genre" if lang == "fr" else "... and {} more of the kind"
    return shown, [f"{more.format(n - ECHOES)}  [{code}]" for code, n in seen.items() if n > ECHOES]


def _block(fault: Fault, lines: Sequence[str], lang: str) -> str:
    message, suggestion = fault.said(lang)
    shown, caret = excerpt(lines, fault)
    mark = _WARNING[lang == "fr"] if fault.severity == "warning" else ""
    block = [f"{fault.file}:{fault.line}:{fault.column}: {mark}{message}"]
    if fault.line <= len(lines):
        block += [f"{fault.line:>4} | {shown}", f"     | {caret}"]
    wrapped = [line for part in suggestion.split("\n") for line in _wrapped(part)] or [""]
    wrapped[-1] = f"{wrapped[-1]}  [{fault.code}]".lstrip()
    return "\n".join([*block, *(INDENT + line for line in wrapped)])


_WARNING = ("warning: ", "avertissement\u00a0: ")


def _wrapped(text: str) -> list[str]:
    """Lines of at most 70; a last line of one short word goes back up to the line before it."""
    lines = textwrap.wrap(text, WIDTH, break_on_hyphens=False, break_long_words=False)
    if len(lines) > 1 and len(lines[-1]) < 9 and len(lines[-2]) + len(lines[-1]) < WIDTH + 5:
        lines[-2:] = [f"{lines[-2]} {lines[-1]}"]
    return lines


def _end(faults: Sequence[Fault], files: int, lang: str) -> str:
    """What happened to the running service, which is what a nervous person wants to know."""
    errors = [fault for fault in faults if fault.severity == "error"]
    warnings = len(faults) - len(errors)
    french = lang == "fr"
    if not errors:
        said = _clean(files, warnings, french=french)
        return said if not faults else f"{said}\n{_ask(faults[0].code, french=french)}"
    where = len({fault.file for fault in errors})
    code = next((f.code for f in errors if f.code == "clears-at-side"), errors[0].code)
    return f"{_broken(len(errors), where, warnings, french=french)}\n{_ask(code, french=french)}"


def _broken(errors: int, files: int, warnings: int, *, french: bool) -> str:
    if french:
        rest = f" (et {_many(warnings, 'avertissement')})" if warnings else ""
        state = "Il n'est pas chargé" if files == 1 else "Rien n'est chargé"
        told = f"{_many(errors, 'faute')} dans {_many(files, 'fichier')}{rest}. {state}"
        return f"{told}\u00a0; les règles en service ne changent pas."
    rest = f" (and {_many(warnings, 'warning')})" if warnings else ""
    state = "It has not been loaded" if files == 1 else "Nothing has been loaded"
    told = f"{_many(errors, 'fault')} in {_many(files, 'file')}{rest}. {state}"
    return f"{told}; the rules now running are unchanged."


def _clean(files: int, warnings: int, *, french: bool) -> str:
    if french:
        rest = _many(warnings, "avertissement") if warnings else "aucune remarque"
        return f"Aucune faute dans {_many(files, 'fichier')}, {rest}."
    rest = _many(warnings, "warning") if warnings else "no remarks"
    return f"No fault in {_many(files, 'file')}, {rest}."


def _ask(code: str, *, french: bool) -> str:
    lead = "Comprendre une faute\u00a0:" if french else "Explain a fault:"
    return f"{lead} warn rules check --explain {code}"


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 or (number == 0 and word in {'fault', 'warning', 'file'}) else ''}"
