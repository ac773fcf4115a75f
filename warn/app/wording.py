"""The language in which a command answers."""

from __future__ import annotations

from warn.digest.typography import typeset


def told(lang: str, english: str, french: str) -> str:
    return typeset(french, "fr") if lang == "fr" else english
