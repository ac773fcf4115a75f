"""The database and its people, for the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from warn import quarantine
from warn.app.build import marks_erased, open_database, secret_keys, vault
from warn.app.leaving import left
from warn.app.wording import told
from warn.errors import StoreError, UsageError
from warn.settings import Settings
from warn.store import Store, Tx, acts, moving, open_store, reporters, reports, restoring, subscribers
from warn.store.acts import Act
from warn.store.vault import Vault

FRENCH = {"pending": "à confirmer", "active": "actif", "paused": "en pause", "stopped": "disparu"}


def upgrade(settings: Settings, lang: str) -> str:
    store = open_database(settings, upgrade=True)
    store.close()
    return told(lang, "The tables are those of this version.", "Les tables sont celles de cette version.")


def backup(settings: Settings, target: Path, lang: str) -> str:
    """Refuses a file that exists: it may be the only good backup, or the database itself."""
    if target.exists():
        raise UsageError(
            f"{target} exists and is left as it is.",
            "Name a file that does not exist yet.",
            french=(f"{target} existe et reste tel quel.", "Nommez un fichier qui n'existe pas encore."),
        )
    store = open_database(settings)
    store.backup(target)
    store.close()
    return told(
        lang,
        f"Written and checked: {target}. It expires: delete it within 30 days.",
        f"Écrit et vérifié : {target}. À effacer sous 30 jours.",
    )


def restore(settings: Settings, source: Path, now: datetime, lang: str) -> str:
    """The database that stands there need not be readable: that may be why it is replaced."""
    store = open_store(settings.database_url, marks=partial(marks_erased, settings))
    try:
        was = _before(store)
        store.restore(source)
        with store.write() as tx:
            done = restoring.settle(tx, was, store.journal, now)
    finally:
        store.close()
    said = told(
        lang,
        f"The database is that of {source}. Erased from it again: {done.erased} who left since.",
        f"La base est celle de {source}. Effacés à nouveau : {done.erased} partis depuis.",
    )
    if not done.complete:
        said += told(
            lang,
            " Others who left since that backup are not known and may be in it again.",
            " D'autres, partis depuis cette sauvegarde, sont inconnus et peuvent y figurer encore.",
        )
    return said + told(
        lang,
        f" Deliveries that waited then and may have arrived since: {done.held}, now uncertain (`warn outbox`, "
        "in the chat /dead). Sending is paused until `warn resume`.",
        f" Envois qui attendaient alors et sont peut-être partis depuis : {done.held}, désormais incertains "
        "(`warn outbox`, dans la discussion /dead). Les envois sont en pause jusqu'à `warn resume`.",
    )


def _before(store: Store) -> restoring.Before | None:
    """None where it cannot be read any more."""
    try:
        with store.read() as tx:
            return restoring.before(tx, left(tx))
    except StoreError:
        return None


def move(settings: Settings, target: str, lang: str) -> str:
    """Everything into another, empty database; counted and compared before it is called done."""
    source = open_database(settings)
    goal = open_database(settings, target, upgrade=True)
    try:
        moved = moving.move(source, goal)
    finally:
        source.close()
        goal.close()
    rows, tables = sum(moved.values()), len(moved)
    return told(
        lang,
        f"{rows} rows of {tables} tables moved and compared. Set WARN_DATABASE to the new address and start the "
        "service again.",
        f"{rows} lignes de {tables} tables copiées et comparées. Donnez la nouvelle adresse à WARN_DATABASE et "
        "relancez le service.",
    )


def check(settings: Settings) -> list[str]:
    store = open_database(settings)
    faults = store.check()
    store.close()
    return faults


def count(settings: Settings) -> list[dict[str, Any]]:
    store = open_database(settings, upgrade=True)
    with store.read() as tx:
        found = subscribers.counts(tx)
    store.close()
    return [{"channel": c, "state": s, "count": n} for (c, s), n in sorted(found.items())]


def count_lines(rows: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    def word(state: str) -> str:
        return told(lang, state, FRENCH[state])

    return [f"{row['channel']:10} {word(row['state']):10} {row['count']}" for row in rows] or [
        told(lang, "Nobody yet.", "Personne encore.")
    ]


def export(settings: Settings, given: str, now: datetime) -> Mapping[str, Any]:
    """`given`: an id or an address, which is found by its keyed hash; also that of a reporter, or of who bounced."""
    keys = vault(settings)
    with _opened(settings) as store, store.read() as tx:
        found = subscribers.named(tx, keys, given)
        said = dict(subscribers.export(tx, keys, found)) if found is not None else {}
        address = str(said.get("address") or given)
        reporter = _reporter(settings, tx, address, now)
        shut = subscribers.suppressed(tx, keys, "email", address)
        if not (found or reporter or shut):
            raise _unknown()
        return {"address": address, "suppression": shut, **said, "reporter": reporter}


def _reporter(settings: Settings, tx: Tx, chat: str, now: datetime) -> Mapping[str, Any] | None:
    """Their place on the list, and what they reported this month and the last: older reports are nobody's."""
    known = reporters.find(tx, vault(settings), chat)
    if known is None:
        return None
    marks = quarantine.authors(secret_keys(settings), known.mark, now)
    mine = [
        {
            "state": one.state,
            "indicator": one.said.indicator,
            "value": one.said.value,
            "place": one.said.place,
            "attributes": dict(one.said.attributes),
            "occurred_at": one.said.occurred_at,
            "received_at": one.received_at,
        }
        for one in reports.by_author(tx, marks, now - timedelta(days=62))
    ]
    return {"id": known.id, "created_at": known.created_at, "reports": mine}


def erase(settings: Settings, given: str, now: datetime, lang: str) -> str:
    with _opened(settings) as store, store.write() as tx:
        subscribers.erase(tx, _named(tx, vault(settings), given))
        acts.record(tx, Act("erase", "subscriber", "cli", now))
    return told(
        lang,
        "Erased: address and preferences are gone, open deliveries are suppressed.",
        "Effacé : l'adresse et les réglages ont disparu, les envois en cours sont annulés.",
    )


def readmit(settings: Settings, address: str, now: datetime, lang: str) -> str:
    """A mailbox that bounced once, or was reported by mistake, may sign up again."""
    with _opened(settings) as store, store.write() as tx:
        if not subscribers.unsuppress(tx, vault(settings), "email", address):
            raise UsageError(
                "This address is not on the list of those that came back.",
                "Nothing was changed.",
                french=("Cette adresse n'est pas parmi celles qui sont revenues.", "Rien n'a changé."),
            )
        acts.record(tx, Act("readmit", "subscriber", "cli", now))
    return told(
        lang,
        "It may be written to again. Nobody is subscribed by this: its owner signs up on the page.",
        "On peut de nouveau lui écrire. Personne n'est abonné pour autant : son titulaire s'inscrit sur la page.",
    )


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    store = open_database(settings, upgrade=True)
    try:
        yield store
    finally:
        store.close()


def _named(tx: Tx, keys: Vault, given: str) -> str:
    found = subscribers.named(tx, keys, given)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> UsageError:
    return UsageError(
        "Nobody here has this id or address.",
        "Give the address as it was signed up with, or a chat's number.",
        french=(
            "Personne ici n'a cet identifiant ni cette adresse.",
            "Donnez l'adresse telle qu'à l'inscription, ou le numéro d'une discussion.",
        ),
    )
