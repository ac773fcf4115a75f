# ruff: noqa: E501  # a table of sentences is read best with one to a line
"""What the lint says, in English and French: (message, what is allowed or what to type)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from warn.documents import Document, Fault, Spot, asks, filled_in
from warn.documents.shape_said import SAID as SHAPES
from warn.documents.slips import SAID as SLIPS
from warn.documents.slips import Pair

WARNINGS: Final = frozenset(
    {
        "advice-unreviewed",
        "no-scenario",
        "change-alone",
        "stale-shorter-than-cadence",
        "hard-plural",
        "no-message",
        "placeholder",
        "unknown-attribute",
        "lone-quote",
    }
)
"""Told, and stopping nothing."""

SAID: Final[Mapping[str, tuple[Pair, Pair]]] = MappingProxyType(
    {
        "unknown-top-key": (
            ("unknown key '{key}' at the top of a file of rules{meant}", "Allowed here: rules, defaults."),
            ("clé inconnue « {key} » en tête d'un fichier de règles{meant}", "Admises ici : rules, defaults."),
        ),
        "no-rules": (
            ("no 'rules:' stands above this", "A file of rules begins with 'rules:' on a line of its own; each rule follows as '- id: ...'."),
            ("il n'y a pas de « rules: » au-dessus", "Un fichier de règles commence par « rules: » sur sa propre ligne ; chaque règle suit en « - id: ... »."),
        ),
        "rules-not-a-list": (
            ("'rules:' must be followed by a list", "Each rule begins with '- id: ...' on a line of its own."),
            ("« rules: » doit être suivi d'une liste", "Chaque règle commence par « - id: ... » sur sa propre ligne."),
        ),
        "defaults-not-a-map": (
            ("'defaults:' must be a set of 'name: value'", "For example: defaults: {clears_after: 7d}"),
            ("« defaults: » doit être une suite de « nom: valeur »", "Par exemple : defaults: {clears_after: 7d}"),
        ),
        "rule-not-a-map": (
            ("a rule begins with '- id: ...' and has its keys below", "'warn rules new' prints one to start from."),
            ("une règle commence par « - id: ... » et ses clés suivent", "« warn rules new » en donne une pour commencer."),
        ),
        "duplicate-id": (
            ("the id '{id}' is taken: {where}", "Ids are permanent and belong to one rule; choose another."),
            ("l'identifiant « {id} » est pris : {where}", "Un identifiant est permanent et n'a qu'une règle ; prenez-en un autre."),
        ),
        "unknown-indicator": (
            ("unknown indicator '{name}'{meant}", "Indicators are listed in rules/indicators.yaml."),
            ("indicateur inconnu « {name} »{meant}", "La liste des indicateurs est dans rules/indicators.yaml."),
        ),
        "context-only": (
            ("'{name}' is context and never counted", "It appears in the digest's line on the authorities; choose another indicator."),
            ("« {name} » n'est que contexte et n'est jamais compté", "Il paraît dans la ligne du bulletin sur les autorités ; prenez un autre indicateur."),
        ),
        "indicator-kind": (
            ("'{measure}' cannot measure '{name}', which is of kind {kind}", "It measures indicators of kind {wanted}."),
            ("« {measure} » ne mesure pas « {name} », qui est de genre {kind}", "Elle mesure des indicateurs de genre {wanted}."),
        ),
        "unknown-place": (
            ("unknown place '{name}'{meant}", "{where}"),
            ("lieu inconnu « {name} »{meant}", "{where}"),
        ),
        "unknown-rule": (
            ("unknown rule '{name}'{meant}", "Name the id of another rule of this folder."),
            ("règle inconnue « {name} »{meant}", "Donnez l'identifiant d'une autre règle de ce dossier."),
        ),
        "cycle": (
            ("these rules wait for one another: {circle}", "Take one name out of a rules, keep_open_while or inhibits list."),
            ("ces règles s'attendent l'une l'autre : {circle}", "Retirez un nom d'une liste rules, keep_open_while ou inhibits."),
        ),
        "window-shorter-than-cadence": (
            ("a window of {over} is shorter than the {every} between two readings of '{name}'", "It would be empty most of the time; take at least {every}."),
            ("une fenêtre de {over} est plus courte que les {every} entre deux relevés de « {name} »", "Elle serait vide presque toujours ; prenez au moins {every}."),
        ),
        "stale-shorter-than-cadence": (
            ("stale after {stale}, yet '{name}' comes every {every}{lag}", "It would be unknown between two readings; take at least {least}."),
            ("périmé après {stale}, or « {name} » arrive tous les {every}{lag}", "Il serait inconnu entre deux relevés ; prenez au moins {least}."),
        ),
        "ladder": (
            ("a rule has exactly one of rises_to and falls_to", "rises_to: a level is reached at or above its number; falls_to: at or below."),
            ("une règle a soit rises_to, soit falls_to", "rises_to : un niveau est atteint à son nombre ou au-dessus ; falls_to : à son nombre ou au-dessous."),
        ),
        "calm-in-ladder": (
            ("'calm' is no level to reach", "Levels: watch, tension, alert, crisis."),
            ("« calm » n'est pas un niveau à atteindre", "Niveaux : watch, tension, alert, crisis."),
        ),
        "non-monotone": (
            ("'{level}' at {number} lies on the wrong side of '{below}' at {other}", "In {ladder} each higher level needs a {more} number than the one before."),
            ("« {level} » à {number} est du mauvais côté de « {below} » à {other}", "Dans {ladder}, chaque niveau plus haut demande un nombre plus {more}."),
        ),
        "unreachable-level": (
            ("'{level}' at {number} can never be reached: the measure goes {bound}", "Choose a number the measure can take."),
            ("« {level} » à {number} ne peut jamais être atteint : la mesure va {bound}", "Choisissez un nombre que la mesure peut prendre."),
        ),
        "always-reached": (
            ("'{level}' at {number} is always reached: the measure goes {bound}", "An alert that is always open says nothing; choose a number beyond the usual."),
            ("« {level} » à {number} est toujours atteint : la mesure va {bound}", "Une alerte toujours ouverte ne dit rien ; choisissez un nombre au-delà de l'ordinaire."),
        ),
        "clears-at-side": (
            ("clears_at {clears} is on the alarm side: it would close an alert still open", "At {x} the level is '{level}' ({number}), yet {yet} and would close it. This rule opens at {open}: close it {beyond}, e.g. 'clears_at: {better}'."),
            ("clears_at {clears} est du côté de l'alerte : il fermerait une alerte en cours", "À {x} le niveau est « {level} » ({number}), mais {yet} et la fermerait. La règle s'ouvre à {open} : fermez-la {beyond}, par exemple « clears_at: {better} »."),
        ),
        "eases-after": (
            ("eases_after {eases} is longer than clears_after {clears}", "An alert would close before it could ease; shorten the one or lengthen the other."),
            ("eases_after {eases} dépasse clears_after {clears}", "L'alerte se fermerait avant de pouvoir s'alléger ; raccourcissez l'un ou allongez l'autre."),
        ),
        "named-twice": (
            ("'{name}' is named twice", "Delete one of the two; nothing counts for more by being named again."),
            ("« {name} » est nommé deux fois", "Effacez l'un des deux ; rien ne compte davantage d'être répété."),
        ),
        "unknown-attribute": (
            ("reports of '{indicator}' are not known to say a '{name}'{meant}", "{known}A report without it does not count here. Where a source brings it, list it under 'attributes:' in indicators.yaml."),
            ("les faits de « {indicator} » ne portent pas de « {name} » connu{meant}", "{known}Un fait qui n'en a pas ne compte pas ici. Si une source l'apporte, inscrivez-le sous « attributes: » dans indicators.yaml."),
        ),
        "filters-exclude": (
            ("no place is both there and in {regions}", "'near' and 'in' must both hold; delete one of them, or choose a region the distance reaches."),
            ("aucun lieu n'est à la fois là et dans {regions}", "« near » et « in » doivent valoir ensemble ; effacez l'un des deux, ou prenez une région à cette distance."),
        ),
        "change-alone": (
            ("no rule watches '{name}' itself beside its change", "A lasting shock becomes the new normal and this rule falls silent; add a rule with latest, median or ratio and a fixed number."),
            ("aucune règle ne suit « {name} » lui-même à côté de son évolution", "Un choc durable devient la norme et cette règle se tait ; ajoutez-en une avec latest, median ou ratio et un nombre fixe."),
        ),
        "origins-from-one-source": (
            ("{origins} origins are asked of '{name}', which only one organisation publishes", "They can never come; ask for a grade instead: confirmed_by: {grade: B2}"),
            ("{origins} origines sont demandées pour « {name} », que publie une seule organisation", "Elles ne viendront jamais ; demandez plutôt une cote : confirmed_by: {grade: B2}"),
        ),
        "field-needs-approval": (
            ("this rule rests on field reports alone: it needs 'mode: approve', or must stop at tension", "Reports from the ground can be forged; a person must agree before readers are told."),
            ("cette règle ne repose que sur des relevés de terrain : il lui faut « mode: approve », ou s'arrêter à tension", "Des relevés de terrain se falsifient ; une personne doit donner son accord avant l'envoi."),
        ),
        "missing-language": (
            ("the {language} {text} is missing", "Every text stands in French and in English."),
            ("il manque {text} {language}", "Chaque texte existe en français et en anglais."),
        ),
        "message-variable": (
            ("the {language} {text} uses '{name}', which this measure does not give", "It gives: {gives}.{more}"),
            ("{text} {language} emploie « {name} », que cette mesure ne donne pas", "Elle donne : {gives}.{more}"),
        ),
        "template": (
            ("the {language} {text} uses '{name}', which a rule's text may not", 'Allowed: {{ value }}, {{ value | plural("one", "many") }}, number, percent, date, hour, and if with a comparison.'),
            ("{text} {language} emploie « {name} », ce que le texte d'une règle ne peut pas", 'Admis : {{ value }}, {{ value | plural("un", "plusieurs") }}, number, percent, date, hour, et if avec une comparaison.'),
        ),
        "template-syntax": (
            ("the {language} {text} cannot be read: {name}", "Every {{ needs its }} and every {% if %} its {% endif %}."),
            ("{text} {language} est illisible ({name})", "À chaque {{ son }}, à chaque {% if %} son {% endif %}."),
        ),
        "single-braces": (
            ("the {language} {text} has '{name}' between single braces, which readers would see as it stands", "Write {{ {name} }}, with two braces on each side."),
            ("{text} {language} a « {name} » entre accolades simples, que les lecteurs verraient telles quelles", "Écrivez {{ {name} }}, avec deux accolades de chaque côté."),
        ),
        "no-value": (
            ("the key '{key}' has no value", "Write one behind the colon, or delete the line."),
            ("la clé « {key} » n'a pas de valeur", "Écrivez-en une après le deux-points, ou effacez la ligne."),
        ),
        "placeholder": (
            ("'{key}' still has the dots of a rule to start from", "Write the text, or delete the key where it may be left out."),
            ("« {key} » a encore les points d'une règle à compléter", "Écrivez le texte, ou effacez la clé là où elle peut manquer."),
        ),
        "hard-plural": (
            ("the {language} {text} says '{name}' also when there is one", 'Write {{ value | plural("{one}", "{name}") }}.'),
            ("{text} {language} dit « {name} » même quand il n'y en a qu'un", 'Écrivez {{ value | plural("{one}", "{name}") }}.'),
        ),
        "countdown": (
            ("'{name}' in what is expected is a countdown", 'Say the mechanism and no date: "irregular deliveries in the coming weeks".'),
            ("« {name} » dans ce qui est attendu est un compte à rebours", "Dites le mécanisme, sans échéance : « livraisons irrégulières dans les semaines à venir »."),
        ),
        "wording": (
            ("our own voice never says '{name}': {why}", "Write: {say}."),
            ("notre voix ne dit jamais « {name} » : {why}", "Écrivez : {say}."),
        ),
        "no-message": (
            ("this rule has no message", "Readers would get its title alone; say in a sentence why it fired."),
            ("cette règle n'a pas de message", "Les lecteurs n'auraient que son titre ; dites en une phrase pourquoi elle se déclenche."),
        ),
        "no-scenario": (
            ("no scenario tests '{id}'", "Add one to rules/tests/: what happens, and what must be said when."),
            ("aucun scénario n'éprouve « {id} »", "Ajoutez-en un dans rules/tests/ : ce qui arrive, et ce qui doit être dit quand."),
        ),
        "advice-unreviewed": (
            ("nobody has reviewed this advice", "Add 'reviewed_by:' and 'reviewed_on:' once someone has."),
            ("personne n'a relu ces conseils", "Ajoutez « reviewed_by: » et « reviewed_on: » après relecture."),
        ),
        "missing-key": SHAPES["missing-key"],
    }
)  # fmt: skip


def tell(document: Document, spot: Spot, code: str, **words: Any) -> Fault:
    """A fault in both languages; a pair fills the blank of each, `meant` becomes the question."""
    if isinstance(words.get("meant"), str):
        words["meant"] = asks(words["meant"])
    english, french = SAID[code]
    told = document.fault(
        _PUBLIC.get(code, code), spot, filled_in(english, words, 0), filled_in(french, words, 1)
    )
    if code not in WARNINGS:
        return told
    return Fault(
        told.file,
        told.line,
        told.column,
        told.code,
        told.message,
        told.suggestion,
        "warning",
        told.length,
        told.french,
    )


_PUBLIC: Final = {
    "unknown-top-key": "unknown-key",
    "no-rules": "missing-key",
    "rules-not-a-list": "not-a-list",
    "defaults-not-a-map": "not-a-map",
    "rule-not-a-map": "not-a-map",
    "calm-in-ladder": "unknown-level",
    "template-syntax": "template",
}
"""Codes that readers know under a more general name."""
_ELSEWHERE: Final = ("geography", "lexicon", "unknown-source")
"""Codes of the folder's other files, which say their sentences themselves."""
CODES: Final = tuple(
    dict.fromkeys([*SLIPS, *SHAPES, *(_PUBLIC.get(code, code) for code in SAID), *_ELSEWHERE])
)
"""Every code a fault can bear."""
