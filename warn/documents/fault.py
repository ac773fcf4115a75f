"""What a fault is, and the line with a caret under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""Where libyaml begins a new line."""
WIDEST = 68


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is written: line and column count from 1, `length` in characters."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a person wrote that cannot stand, where it stands, and what to write instead.

    `message` and `suggestion` are English; `french` holds the same two in French (empty: English serves).
    A warning is shown and stops nothing.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    suggestion: str = ""
    severity: Severity = "error"
    length: int = 1
    french: tuple[str, str] = ("", "")

    def said(self, lang: str) -> tuple[str, str]:
        """(message, suggestion) in French or English."""
        return self.french if lang == "fr" and self.french[0] else (self.message, self.suggestion)


def excerpt(lines: Sequence[str], spot: Spot | Fault) -> tuple[str, str]:
    """The line of a fault, cut to what fits around its column, and the caret line that goes below it."""
    line = lines[spot.line - 1] if 0 < spot.line <= len(lines) else ""
    line = re.sub("[\\x00-\\x1f\\ud800-\\udfff]", " ", line)
    start = spot.column - 1
    fits = len(line) <= WIDEST + 8
    left = 0 if fits or start + min(spot.length, 20) <= WIDEST else start - 30
    cut = line[left:] if len(line) - left <= WIDEST + 8 else _whole_words(line[left : left + WIDEST])
    shown = ("... " if left else "") + cut
    begin = start - left + (4 if left else 0)
    return shown, " " * begin + "^" * max(1, min(spot.length, len(shown) - begin))


def _whole_words(text: str) -> str:
    """Cut at the last space of its second half, where there is one; what was left open is not shown."""
    space = text.rfind(" ", WIDEST // 2)
    return text[: space if space > 0 else len(text)].rstrip(" ,}") + " ..."
