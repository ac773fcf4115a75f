"""Whether plain words ask to leave: the whole message, or a word somewhere in a sentence about something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from warn.reading.words import fold_word

Wish = Literal["leave", "perhaps", ""]

ALONE: Final = frozenset({
    "arret", "arrete", "arrete tout", "arreter", "arretez", "arretez tout", "cancel", "desabonne", "desabonnement",
    "desabonner", "desabonnez moi", "desinscription", "desinscrire", "end", "fin", "je me desabonne",
    "je veux me desabonner", "me desabonner", "me desinscrire", "opt out", "quit", "quitter", "se desabonner",
    "se desinscrire", "stop", "stop all", "stop tout", "stopper", "stoppez", "tout arreter", "unsubscribe",
    "unsubscribe me",
})  # fmt: skip
"""Folded; said alone, each asks for nothing else."""
WITHIN: Final = re.compile(
    r"\b(stop\w*|arret\w*|unsubscri\w+|desabonn\w+|desinscri\w+)\b"
)  # not the end of a war
POLITE: Final = re.compile(r"\b(svp|stp|s il (vous|te) plait|merci|please|pls|thanks|thank you)\b")


def wish(words: Sequence[str]) -> Wish:
    """`leave`: as the command, at once. `perhaps`: to be asked back, for erased settings do not come back."""
    said = " ".join(re.findall(r"[^\W_]+", " ".join(map(fold_word, words))))
    bare = " ".join(POLITE.sub(" ", said).split())
    if bare in ALONE or (bare and set(bare.split()) <= ALONE):
        return "leave"
    return "perhaps" if WITHIN.search(bare) else ""
