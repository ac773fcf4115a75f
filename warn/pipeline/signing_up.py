"""Subscribing by mail: asked for on the page, confirmed by a link in a mail.

What is answered never depends on whether an address is known: that is told to its mailbox alone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from warn import links
from warn.digest.subscribing import Sender, confirmation, reminder
from warn.model import Message, Preferences
from warn.pipeline.post import pack
from warn.pipeline.work import Work
from warn.store import Tx, outbox, subscribers, throttle
from warn.store.outbox import NewDelivery, Rendering
from warn.store.subscribers import Subscriber

HOUR = timedelta(hours=1)
LETTERS_A_DAY = 3  # to one address, whoever asks
PRIORITY = 2
DOTLESS = ("gmail.com", "googlemail.com")  # one provider, whose mailboxes ignore dots


@dataclass(frozen=True, slots=True)
class Wish:
    """One use of the form. `network` tells visitors apart for the limit alone, and is kept as a keyed hash."""

    address: str
    preferences: Preferences
    network: str


def ask(tx: Tx, work: Work, wish: Wish, most: int, now: datetime) -> bool:
    """Queues the letter that belongs to the address, if any does; False: too many from that network.

    A letter is composed for every address, so that also the time an answer takes says little.
    """
    if not throttle.allowed(tx, _mark(work, "network", wish.network), most, HOUR, now):
        return False
    again = _mark(work, "address", work.vault.mark("email", _mailbox(wish.address)))
    often = not throttle.allowed(tx, again, LETTERS_A_DAY, timedelta(days=1), now)
    if often or subscribers.is_suppressed(tx, work.vault, "email", wish.address):
        _letter(work, Subscriber("nobody", "email", "pending", wish.preferences, now), now)
        return True
    known = subscribers.add_pending(tx, work.vault, "email", wish.address, wish.preferences, now)
    if known.state == "paused":
        subscribers.ask_back(tx, known.id)
        known = replace(known, state="pending")
    _queue(tx, work, known, _letter(work, known, now), now)
    return True


def over(tx: Tx, work: Work, wish: Wish, most: int, now: datetime) -> bool:
    """Asked before `ask`, without writing: a flood from one network keeps nobody else from the database."""
    return throttle.spent(tx, _mark(work, "network", wish.network), most, now)


def asked(work: Work, token: str, now: datetime) -> str:
    """The subscriber that a confirmation link stands for; raises LinkError."""
    return str(links.read(work.keys, "confirm", token, now).get("subscriber", ""))


def _letter(work: Work, known: Subscriber, now: datetime) -> Message:
    sender = Sender(work.knowledge.geography.area, work.voice.base)
    templates = work.voice.templates
    if known.state == "active":
        return reminder(templates, sender, known.preferences)
    until = now + links.CONFIRM
    link = f"{sender.base}/c/{_token(work, known.id, until)}"
    return confirmation(templates, sender, known.preferences, link, until)


def _token(work: Work, subscriber: str, until: datetime) -> str:
    """Ends in a letter or digit, so that mail programs which make links of plain text take it whole."""
    tokens = (
        links.sign(work.keys, "confirm", {"subscriber": subscriber, "n": n}, until) for n in itertools.count()
    )
    return next(token for token in tokens if token[-1].isalnum())


def _queue(tx: Tx, work: Work, known: Subscriber, letter: Message, now: datetime) -> None:
    body = pack(letter, "email", work.voice, now)
    rendering = Rendering(form="email", body=body, subject=letter.subject, kind=letter.kind)
    delivery = NewDelivery(
        idem_key=outbox.letter_key(letter.kind, known.id, now),
        channel="email",
        recipient=known.id,
        rendered_id=outbox.enqueue_rendered(tx, rendering, now),
        priority=PRIORITY,
        due=now,
        expires_at=now + links.CONFIRM,
        lane=f"email:{known.id}:letter",  # holds up no alert, and no alert holds it up
    )
    outbox.enqueue(tx, [delivery], now)


def _mailbox(address: str) -> str:
    """What many addresses of one mailbox share, which is not to be flooded: no tag, no dots where they do not count."""
    local, at, domain = address.casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in DOTLESS:
        return f"{local.replace('.', '')}{at}{DOTLESS[0]}"
    return f"{local}{at}{domain}"


def _mark(work: Work, kind: str, text: str) -> str:
    return links.keyed(work.keys, f"sign-up {kind} {text}").hex()
