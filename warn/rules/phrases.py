"""The phrases of which a rule's sentence is made, per language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PHRASES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "fr": {
            "stop": "\u00a0; ", "and": "et", "or": "ou", "a_road": "d'un axe", "of": "de {place}",
            "rises": "dès {value}", "from one": "dès {one}", "falls": "à {value} ou moins",
            "count": "{name}", "sum": "en tout ({name})", "latest": "({name}, dernier relevé)",
            "mean": "({name}, moyenne)", "median": "({name}, médiane)",
            "min": "({name}, plus bas relevé)", "max": "({name}, plus haut relevé)",
            "change": "d'évolution ({name}, contre la norme sur {back})",
            "ratio": "fois ({of} sur {to})",
            "anomaly": "écart à l'ordinaire ({name})|écarts à l'ordinaire ({name})",
            "spike": "fois le rythme des {before} d'avant ({name})",
            "silence": "heure sans nouvelles ({name})|heures sans nouvelles ({name})",
            "days_until": "(jours avant l'échéance\u00a0: {name})",
            "state": "tant que dure\u00a0: {name} (oublié après {expires})",
            "rules": "règle au niveau {level} ou plus ({name})|règles au niveau {level} ou plus ({name})",
            "families": "famille d'indicateurs au niveau {level} ou plus|"
            "familles d'indicateurs au niveau {level} ou plus",
            "confirmed": " (confirmation exigée)", "over": " en {over}", "in": " dans {regions}",
            "near": " à moins de {km}\u00a0km {place}", "near_area": " dans la zone «\u00a0{area}\u00a0»",
            "reports": "{n} relevés", "origins": "{n} origines", "enough": ", inconnu sous {asked}",
            "held": ", tenu {held}", "nothing": "rien sur des faits non confirmés",
            "at_most": "{level} au plus sur des faits non confirmés",
            "eases": "s'allège {after} après", "closes": "se ferme au plus tôt {total} après le retour au calme",
            "closes_last": "se ferme au plus tôt {total} après le dernier fait",
            "quiet_below": " ({value} ou moins)", "quiet_above": " ({value} ou plus)",
            "kept": ", jamais tant que l'alerte {rules} est ouverte", "quoted": "«\u00a0{title}\u00a0»",
            "lost": "perdue de vue après {after} sans nouvelles", "per": "une alerte par {by}",
            "by corridor": "axe", "by place": "lieu", "by product": "produit", "by commodity": "denrée",
            "again": "rappelée après {every}, puis de plus en plus rarement", "every": "rappelée toutes les {every}",
            "escalates": "sans réponse après {after}, dite à {to}", "admins": "l'administration",
            "live": "", "approve": "une personne donne d'abord son accord",
            "shadow": "notée seulement, dite à personne",
        },
        "en": {
            "stop": "; ", "and": "and", "or": "or", "a_road": "of a road", "of": "of {place}",
            "rises": "at {value} or more", "from one": "at {one}", "falls": "at {value} or less",
            "count": "{name}", "sum": "in all ({name})", "latest": "({name}, newest report)",
            "mean": "({name}, mean)", "median": "({name}, median)",
            "min": "({name}, lowest report)", "max": "({name}, highest report)",
            "change": "change ({name}, against the norm of {back})",
            "ratio": "({of} divided by {to})", "anomaly": "deviations from the usual ({name})",
            "spike": "times the rate of the {before} before ({name})",
            "silence": "hours without news ({name})", "days_until": "(days before the date: {name})",
            "state": "while under way: {name} (forgotten after {expires})",
            "rules": "rules at {level} or above ({name})",
            "families": "families of indicators at {level} or above",
            "confirmed": " (confirmed)", "over": " in {over}", "in": " in {regions}",
            "near": " within {km}\u00a0km {place}", "near_area": " in the area '{area}'",
            "reports": "{n} reports", "origins": "{n} origins", "enough": ", unknown below {asked}",
            "held": ", held for {held}", "nothing": "nothing on unconfirmed reports",
            "at_most": "{level} at most on unconfirmed reports",
            "eases": "eases {after} after", "closes": "closes {total} after it turned quiet at the earliest",
            "closes_last": "closes {total} after the last event at the earliest",
            "quiet_below": " ({value} or less)", "quiet_above": " ({value} or more)",
            "kept": ", never while the alert {rules} is open", "quoted": "'{title}'",
            "lost": "lost from sight after {after} without news", "per": "one alert per {by}",
            "by corridor": "road", "by place": "place", "by product": "product", "by commodity": "foodstuff",
            "again": "told again after {every}, then ever more rarely", "every": "told again every {every}",
            "escalates": "after {after} without an answer told to {to}", "admins": "the administrators",
            "live": "", "approve": "a person must agree first",
            "shadow": "only logged, told to nobody",
        },
    }
)  # fmt: skip
"""Named after the measures and parts of a rule that they tell of."""
