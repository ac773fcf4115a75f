"""What comes back and what leads out, for the command line: bounces, and subscribers who are programs."""

from __future__ import annotations

import secrets
from datetime import datetime

from warn.app.build import open_database, secret_keys, vault
from warn.app.wording import told
from warn.channels.dsn import read_dsn
from warn.channels.webhook import make_address
from warn.errors import UsageError
from warn.model import Level, Preferences
from warn.settings import Settings
from warn.store import bounces, subscribers

FOLLOWS = {
    "gone": (
        "the address does not exist: nothing is sent there any more",
        "l'adresse n'existe pas : plus rien n'y est envoyé",
    ),
    "paused": (
        "the third in thirty days: this reader is paused",
        "le troisième en trente jours : ce lecteur est mis en pause",
    ),
    "doubted": (
        "nothing follows: so many readers are called gone that the relay may be wrong; see its settings",
        "sans suite : tant de lecteurs sont dits disparus que le relais se trompe peut-être ; voyez ses réglages",
    ),
    "counted": (
        "counted; the third in thirty days pauses this reader",
        "compté ; le troisième en trente jours met ce lecteur en pause",
    ),
    "": (
        "nothing follows: the delivery is not known, or was counted already",
        "sans suite : l'envoi est inconnu, ou déjà compté",
    ),
}


def bounce(settings: Settings, raw: bytes, now: datetime, lang: str) -> str:
    """Takes one message that came back and says what followed. A message that reports no failure changes nothing."""
    keys = secret_keys(settings)
    found = read_dsn(raw, keys)
    if found is None:
        return told(
            lang,
            "This message reports no failed delivery; nothing was changed.",
            "Ce message ne signale aucun échec d'envoi ; rien n'a changé.",
        )
    if found.delivery is None:
        return told(
            lang,
            "This message names no delivery of ours; nothing was changed.",
            "Ce message ne nomme aucun envoi de nous ; rien n'a changé.",
        )
    store = open_database(settings, upgrade=True)
    try:
        with store.write() as tx:
            result = bounces.returned(tx, found.delivery, found.status, found.said, now)
    finally:
        store.close()
    english, french = FOLLOWS[result]
    return told(
        lang,
        f"Delivery {found.delivery}, {found.status}: {english}.",
        f"Envoi {found.delivery}, {found.status} : {french}.",
    )


def add_webhook(settings: Settings, url: str, texts: str, level: int, now: datetime, lang: str = "en") -> str:
    """Subscribes a program; the secret is told once, here."""
    secret = secrets.token_urlsafe(32)
    address = make_address(url, secret, allow_private=settings.webhook.allow_private)
    if not 1 <= level <= 4:
        raise UsageError("A level is 1 to 4.", french=("Un niveau va de 1 à 4.", ""))
    wanted = Preferences(
        kind="ngo", lang=texts, least_level=Level(level), immediate_from=Level(level), digest_at=None,
        quiet_from=None, quiet_until=None, embassy_notices=True, text_only=True,
    )  # fmt: skip
    store = open_database(settings, upgrade=True)
    try:
        with store.write() as tx:
            person = subscribers.add_pending(tx, vault(settings), "webhook", address, wanted, now)
            subscribers.confirm(tx, person.id, now)
    finally:
        store.close()
    return told(
        lang,
        f"Subscriber {person.id}\nSecret {secret}\nThe secret is not shown again; `warn subscribers erase` ends it.",
        f"Abonné {person.id}\nSecret {secret}\nLe secret ne sera plus montré ; `warn subscribers erase` y met fin.",
    )
