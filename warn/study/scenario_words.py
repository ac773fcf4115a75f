"""What a scenario that fails says, in English and French; and the list in which it is gathered."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from warn.digest.typography import typeset


class Faults(list[str]):
    """Sentences in one language, in the order in which they were found."""

    def __init__(self, lang: str = "en") -> None:
        super().__init__()
        self.lang = lang

    def tell(self, key: str, /, **gaps: object) -> None:
        self.append(said(self.lang, key, **gaps))


def said(lang: str, key: str, /, **gaps: object) -> str:
    return typeset(SAID[key][lang == "fr"], lang).format(**gaps)


SAID: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "needs at": ("expect: each needs `at`, a moment", "expect : chacun demande `at`, un moment"),
        "not a mapping": (
            "{here}: {part} is not a mapping",
            "{here} : {part} n'est pas une suite « nom: valeur »",
        ),
        "unknown key": (
            "{here}: unknown key {key!r}; it may say {allowed}",
            "{here} : clé inconnue {key!r} ; admises : {allowed}",
        ),
        "state": (
            "{here}: state {state!r} is none of {allowed}",
            "{here} : l'état {state!r} n'est aucun de {allowed}",
        ),
        "level": (
            "{here}: {level!r} is no level; write 0 to 4, or {allowed}",
            "{here} : {level!r} n'est pas un niveau ; écrivez 0 à 4, ou {allowed}",
        ),
        "nothing told": ("nothing was told yet", "rien n'a encore été dit"),
        "last": ("last: {kind} {at}, {why}", "dernière : {kind} {at}, {why}"),
        "expected state": (
            "{here}: expected the alert to be {wanted}, found it {found} ({history})",
            "{here} : l'alerte devait être {wanted}, elle est {found} ({history})",
        ),
        "expected level": (
            "{here}: expected level {wanted}, found {found} ({history})",
            "{here} : niveau {wanted} attendu, {found} trouvé ({history})",
        ),
        "expected reason": (
            "{here}: expected the last transition to be {wanted}, found {history}",
            "{here} : la dernière transition devait être {wanted}, trouvé : {history}",
        ),
        "no evidence": (
            "{here}: expected evidence, but {history}",
            "{here} : evidence attendue, mais {history}",
        ),
        "expected evidence": (
            "{here}: expected evidence {name} {wanted}, found {found} ({history})",
            "{here} : evidence {name} {wanted} attendue, {found} trouvée ({history})",
        ),
        "no message": (
            "{here}: expected a message, but nothing was told yet",
            "{here} : un message attendu, mais rien n'a encore été dit",
        ),
        "no rendering": (
            "{here}: messages cannot be rendered here",
            "{here} : les messages ne se rendent pas ici",
        ),
        "lacks": (
            "{here}: expected the message to contain {text!r}; it reads:\n{message}",
            "{here} : le message devait contenir {text!r} ; il dit :\n{message}",
        ),
        "contains": (
            "{here}: expected the message not to contain {text!r}; it reads:\n{message}",
            "{here} : le message ne devait pas contenir {text!r} ; il dit :\n{message}",
        ),
        "none": ("none", "aucune"),
        "unknown": ("unknown", "inconnue"),
        "not a scenario": (
            "a scenario is a mapping with name, rule, observations and expect",
            "un scénario est une suite « nom: valeur » : name, rule, observations et expect",
        ),
        "no rule": ("rule: there is no rule {rule!r}{meant}", "rule : il n'y a pas de règle {rule!r}{meant}"),
        "nothing expected": (
            "expect: nothing is expected, so nothing can fail",
            "expect : rien n'est attendu, donc rien ne peut échouer",
        ),
        "expects nothing": (
            "{here}: nothing is expected, so nothing can fail",
            "{here} : rien n'est attendu, donc rien ne peut échouer",
        ),
        "reason": (
            "{here}: reason {reason!r} is none of {allowed}",
            "{here} : la raison {reason!r} n'est aucune de {allowed}",
        ),
        "row not a mapping": (
            "observation {n}: is not a mapping",
            "observation {n} : n'est pas une suite « nom: valeur »",
        ),
        "row": ("observation {n}: {slip}", "observation {n} : {slip}"),
        "polls form": (
            "polls: each is {{source, from, to, every}}",
            "polls : chacun est {{source, from, to, every}}",
        ),
        "no source": (
            "polls: there is no source {source!r}{meant}",
            "polls : il n'y a pas de source {source!r}{meant}",
        ),
        "polls": ("polls of {source}: {error}", "polls de {source} : {error}"),
        "polls too many": (
            "polls of {source}: at most once a minute, and over {days} days at most",
            "polls de {source} : au plus une par minute, et sur {days} jours au plus",
        ),
        "coverage form": (
            "coverage: each is {{indicators, from, to}}",
            "coverage : chacun est {{indicators, from, to}}",
        ),
        "coverage": ("coverage: {error}", "coverage : {error}"),
        "every": ("every: {error}", "every : {error}"),
        "not a list": ("{key}: is not a list", "{key} : n'est pas une liste"),
        "key of": ("{where}: unknown key {key!r}{meant}", "{where} : clé inconnue {key!r}{meant}"),
        "the scenario": ("the scenario", "le scénario"),
        "failed": ("FAILED", "ÉCHEC"),
        "ok": ("ok", "bon"),
        "summary": (
            "{passed} passed, {failed} failed; moments asked: {asked}, files: {files}",
            "réussis : {passed}, en échec : {failed} ; moments vérifiés : {asked}, fichiers : {files}",
        ),
        "no scenario": ("no scenario", "aucun scénario"),
        "meant": (" (did you mean {guess!r}?)", " (vouliez-vous {guess!r} ?)"),
    }
)
