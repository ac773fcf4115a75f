"""Contacts under a new key, for the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from warn.app.build import open_database, secret_keys, vault
from warn.errors import StoreError, UsageError
from warn.settings import Settings
from warn.store import Store, rotating
from warn.store.rotating import Standing

ALONE = UsageError(
    "There is one key only, so nothing is to be done.",
    "Put a new one (`warn secrets new`) before it: WARN_SECRET=NEW,OLD, where OLD is what stands in WARN_SECRET now, "
    "or in var/secret.key.",
    french=(
        "Il n'y a qu'une clé, donc rien à faire.",
        "Mettez-en une neuve devant elle (`warn secrets new`) : WARN_SECRET=NEUVE,ANCIENNE.",
    ),
)
RUNNING = StoreError(
    "A service is running on this database: had it been started with the former key alone, it could write to nobody.",
    "Restart it with both keys and add --restarted, or stop it.",
    french=(
        "Un service tourne sur cette base : lancé avec la seule ancienne clé, il n'écrirait plus à personne.",
        "Relancez-le avec les deux clés et ajoutez --restarted, ou arrêtez-le.",
    ),
)

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "renewed": "{renewed} contacts were sealed anew; {newest} stand under the newest key.",
        "lost": "{lost} open with none of the keys given: put theirs behind the others and type this again.",
        "hashed": "{hashed} reporters or addresses that came back are known by a hash alone, under the key of their "
        "day: they are found as long as it is in the list.",
        "keep": "Keep the former key at the end of the list for 30 days, until no backup needs it; links in older "
        "mails end with it.",
    },
    "fr": {
        "renewed": "{renewed} contacts ont été scellés à nouveau ; {newest} sont sous la clé la plus récente.",
        "lost": "{lost} ne s'ouvrent avec aucune des clés données : mettez la leur après les autres et recommencez.",
        "hashed": "{hashed} correspondants ou adresses revenues ne sont connus que par une empreinte, sous la clé de "
        "leur jour : on les retrouve tant qu'elle est dans la liste.",
        "keep": "Gardez l'ancienne clé en fin de liste pendant 30 jours, tant qu'une sauvegarde en dépend ; les liens "
        "des courriels plus anciens finissent avec elle.",
    },
}


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many stood under a former key, and what is left afterwards."""

    renewed: int
    left: Standing

    @property
    def lost(self) -> int:
        return self.left.lost

    def said(self, lang: str) -> str:
        told = ["renewed", *["lost"] * bool(self.lost), *["hashed"] * bool(self.left.hashed), "keep"]
        known = {
            "renewed": self.renewed,
            "newest": self.left.newest,
            "lost": self.lost,
            "hashed": self.left.hashed,
        }
        return "\n".join(WORDS[lang][name].format(**known) for name in told)


def rotate(settings: Settings, *, restarted: bool, progress: Callable[[int, int], None]) -> Rotated:
    """One transaction for each batch: what a kill leaves undone stands under the former key, and is done next time."""
    if len(secret_keys(settings)) < 2:
        raise ALONE
    store = open_database(settings, upgrade=True)
    try:
        if store.path is not None and not restarted and not store.lock_sender():
            raise RUNNING
        return _rotated(store, settings, progress)
    finally:
        store.close()


def _rotated(store: Store, settings: Settings, progress: Callable[[int, int], None]) -> Rotated:
    keys = vault(settings)
    with store.read() as tx:
        total = rotating.contacts(tx)
    done, renewed, last, more = 0, 0, "", True
    while more:
        with store.write() as tx:
            batch = rotating.renew(tx, keys, last)
        done, renewed, last, more = done + batch.seen, renewed + batch.renewed, batch.last, bool(batch.last)
        progress(done, total)
    with store.write() as tx:
        rotating.renew_traces(tx, keys)
    with store.read() as tx:
        return Rotated(renewed, rotating.standing(tx, keys))
