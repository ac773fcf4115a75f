# ruff: noqa: E501  # a table of sentences is read best with one to a line
"""What is said of a value that has not the shape it should have: (message, suggestion) in English and French."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from warn.documents.slips import SAID as SLIPS
from warn.documents.slips import Pair

SAID: Final[Mapping[str, tuple[Pair, Pair]]] = MappingProxyType(
    {
        "unknown-key": (
            ("unknown key '{key}'{meant}", "Allowed here: {allowed}."),
            ("clé inconnue « {key} »{meant}", "Admises ici : {allowed}."),
        ),
        "missing-key": (
            ("the key '{key}' is missing", "Add '{key}:' here; 'warn rules new' shows a complete rule."),
            ("il manque la clé « {key} »", "Ajoutez ici « {key}: » ; « warn rules new » montre une règle complète."),
        ),
        "duration": (
            ("'{written}' is not a length of time{meant}", "Units: w weeks, d days, h hours, m minutes; '14d', '48h', '30m', '1h30m'."),
            ("« {written} » n'est pas une durée{meant}", "Unités : w semaines, d jours, h heures, m minutes ; « 14d », « 48h », « 30m », « 1h30m »."),
        ),
        "unknown-level": (
            ("unknown level '{written}'{meant}", "Levels: watch, tension, alert, crisis (and calm, which is none)."),
            ("niveau inconnu « {written} »{meant}", "Niveaux : watch, tension, alert, crisis (et calm, qui n'en est pas un)."),
        ),
        "not-allowed": (
            ("'{written}' is not allowed for '{key}'{meant}", "Allowed: {allowed}."),
            ("« {written} » n'est pas admis pour « {key} »{meant}", "Admis : {allowed}."),
        ),
        "measure": (
            ("a measure is named by exactly one key{meant}", "One of: {allowed}."),
            ("une mesure est nommée par une clé et une seule{meant}", "Au choix : {allowed}."),
        ),
        "decimal-comma": SLIPS["decimal-comma"],
        "not-true-or-false": (
            ("'{written}' is neither true nor false", "Write true or false."),
            ("« {written} » n'est ni true ni false", "Écrivez true (oui) ou false (non)."),
        ),
        "not-a-number": (
            ("'{written}' is not a number", "Write digits, with a point before decimals."),
            ("« {written} » n'est pas un nombre", "Écrivez des chiffres, avec un point avant les décimales."),
        ),
        "out-of-range": (
            ("{written} is out of range for '{key}'", "It must be {limit}."),
            ("{written} est hors limites pour « {key} »", "Il faut {limit}."),
        ),
        "not-a-name": (
            ("'{written}' cannot be a name here", "Lower-case letters, digits and hyphens, beginning with a letter."),
            ("« {written} » ne peut pas être un nom ici", "Minuscules sans accent, chiffres et traits d'union, une lettre d'abord."),
        ),
        "length": (
            ("'{key}' is too short or too long", "It takes {limit}."),
            ("« {key} » est trop court ou trop long", "Il faut {limit}."),
        ),
        "not-a-grade": (
            ("'{written}' is not a grade", "A letter from A to E and a digit from 1 to 5, such as B2; F and 6 are never good enough."),
            ("« {written} » n'est pas une cote", "Une lettre de A à E et un chiffre de 1 à 5, comme B2 ; F et 6 ne suffisent jamais."),
        ),
        "not-text": (
            ("'{key}' must be a text", 'Write it between straight quotes: "..."'),
            ("« {key} » doit être un texte", 'Écrivez-le entre guillemets droits : "..."'),
        ),
        "not-a-date": (
            ("'{written}' is not a date", "Write 2025-10-07."),
            ("« {written} » n'est pas une date", "Écrivez 2025-10-07."),
        ),
        "not-a-list": (
            ("'{key}' must be a list", "Write [one, two]."),
            ("« {key} » doit être une liste", "Écrivez [un, deux]."),
        ),
        "not-a-map": (
            ("'{key}' must be a set of 'name: value'", "Write {name: value, other: value}."),
            ("« {key} » doit être une suite de « nom: valeur »", "Écrivez {nom: valeur, autre: valeur}."),
        ),
    }
)  # fmt: skip
OTHER: Final[tuple[Pair, Pair]] = (("'{key}': {said}", ""), ("« {key} » : {said}", "(message en anglais)"))
"""For what none of them fits."""
