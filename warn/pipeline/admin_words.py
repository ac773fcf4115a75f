"""What administrators are written, in French and English; they read identifiers and UTC, not the prose of readers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from warn.digest.languages import pick
from warn.digest.typography import typeset
from warn.model import Level, Texts
from warn.speech import LEVEL_WORDS

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "fr": {
            "alert": "N° {number}, {title} ({rule}) : {level} {n}/4",
            "asked": (
                "{alert}, attend un accord depuis le {since}.\n"
                "/approve {number} {level} l'envoie, /deny {number} {level} le refuse."
            ),
            "asked edited": (
                "{alert}, du seul fait de la modification des règles, attend un accord depuis le {since}.\n"
                "/approve {number} {level} l'envoie, /deny {number} {level} le refuse."
            ),
            "again": "Deuxième demande. {text}",
            "dropped": "{alert} : personne n'a répondu, rien n'est envoyé.",
            "escalated": (
                "{alert}, ouverte ou relevée le {since}, sans réponse depuis {after}.\n"
                "/ack {number} si quelqu'un s'en occupe. {page}"
            ),
            "orphan": (
                "La règle {rule} n'existe plus ou distingue autrement ses alertes. Encore ouvertes : {alerts}.\n"
                "/approve rule:{rule} les retire et corrige ce qui a été dit, /deny rule:{rule} les laisse."
            ),
            "daily": "Bulletin",
            "evening": "Bulletin du soir",
            "weekly": "Bulletin hebdomadaire",
            "undelivered": (
                "{what} du {day} : l'envoi à {reader} ({channel}) a été abandonné. {why}.\n/dead le montre."
            ),
            "undelivered, many": (
                "{what} du {day} : {count} envois ({channel}) ont été abandonnés. {why}.\n/dead les montre."
            ),
            "edit": "Les fichiers des règles ont changé et sont en service.",
            "waits": "Attendent un accord, du seul fait de cette modification : {names}.",
            "no history": "Aucun fait récent ne permet de dire ce que cela aurait changé.",
            "unused": "Les règles modifiées ne sont pas utilisées, les précédentes restent. {error}",
        },
        "en": {
            "alert": "No. {number}, {title} ({rule}): {level} {n}/4",
            "asked": (
                "{alert}, waits for approval since {since}.\n"
                "/approve {number} {level} sends it, /deny {number} {level} refuses it."
            ),
            "asked edited": (
                "{alert}, by the edit of the rules alone, waits for approval since {since}.\n"
                "/approve {number} {level} sends it, /deny {number} {level} refuses it."
            ),
            "again": "Asked again. {text}",
            "dropped": "{alert}: nobody answered, nothing is sent.",
            "escalated": (
                "{alert}, opened or raised {since}, without an answer for {after}.\n"
                "/ack {number} when somebody sees to it. {page}"
            ),
            "orphan": (
                "The rule {rule} is gone, or tells its alerts apart in another way. Still open: {alerts}.\n"
                "/approve rule:{rule} withdraws them and corrects what was told, /deny rule:{rule} leaves them."
            ),
            "daily": "Bulletin",
            "evening": "Evening bulletin",
            "weekly": "Weekly bulletin",
            "undelivered": (
                "{what} of {day}: sending to {reader} ({channel}) was given up. {why}.\n/dead shows it."
            ),
            "undelivered, many": (
                "{what} of {day}: {count} messages ({channel}) were given up. {why}.\n/dead shows them."
            ),
            "edit": "The files of the rules have changed and are in service.",
            "waits": "Waiting for approval, because of this edit alone: {names}.",
            "no history": "There are no recent facts to say what this would have changed.",
            "unused": "The edited rules are not used, the former ones stay. {error}",
        },
    }
)


def phrase(lang: str, key: str, **words: object) -> str:
    """One phrase, filled in and set as its language is."""
    lang = lang if lang in WORDS else "en"
    return typeset(WORDS[lang][key].format(**words), lang)


def alert_name(lang: str, number: int, rule: str, title: Texts, level: Level) -> str:
    """`No. 4, Fuel shortage (fuel-shortage): alert 3/4`."""
    word = LEVEL_WORDS["fr" if lang == "fr" else "en"][level]
    return phrase(lang, "alert", number=number, title=pick(title, lang), rule=rule, level=word, n=int(level))


def when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
