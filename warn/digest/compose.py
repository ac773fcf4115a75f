"""Facts into messages: one function per kind of text. All pure, all byte-stable."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment

from warn.digest.facts import AlertFacts, Correction, Facts
from warn.digest.variants import Variant
from warn.model import Message


def compose_alert(
    env: Environment, facts: Facts, alert: AlertFacts, variant: Variant, also: Sequence[AlertFacts] = ()
) -> Message:
    """An opening, raise, ease or reminder; `also` are other alerts that moved in the same tick."""
    raise NotImplementedError


def compose_update(env: Environment, facts: Facts, alert: AlertFacts, variant: Variant) -> Message:
    """The same level with new evidence: takes the place of the message sent at `alert.state.since`."""
    raise NotImplementedError


def compose_superseded(env: Environment, facts: Facts, alert: AlertFacts, variant: Variant) -> Message:
    """What the earlier message becomes once the alert has moved on; says which level and when."""
    raise NotImplementedError


def compose_all_clear(env: Environment, facts: Facts, alert: AlertFacts, variant: Variant) -> Message:
    """The end of an alert, naming what stays open."""
    raise NotImplementedError


def compose_correction(
    env: Environment, facts: Facts, alert: AlertFacts, variant: Variant, correction: Correction | None = None
) -> Message:
    """What we said and what is so; built from the two newest transitions where nobody wrote a text."""
    raise NotImplementedError


def compose_blind(env: Environment, facts: Facts, alerts: Sequence[AlertFacts], variant: Variant) -> Message:
    """We no longer know: one message for all alerts that turned blind (or lapsed) in one tick.

    With no alert at all: the whole service reads nothing.
    """
    raise NotImplementedError


def compose_sighted(
    env: Environment, facts: Facts, alerts: Sequence[AlertFacts], variant: Variant
) -> Message:
    """We know again; the time between is not reconstructed."""
    raise NotImplementedError


def compose_digest(env: Environment, facts: Facts, variant: Variant, picture: bytes | None = None) -> Message:
    """The daily, evening or weekly edition in the order of readers.md."""
    raise NotImplementedError


def compose_person(
    env: Environment, facts: Facts, text: str, variant: Variant, *, level: int, drill: bool = False
) -> Message:
    """Words of an administrator, marked as written by a person; with `drill` a marked test of every channel."""
    raise NotImplementedError


def telegram_body(message: Message, *, edits: bool = False) -> bytes:
    """The JSON a Telegram parcel carries: parts, buttons, silent, edits."""
    raise NotImplementedError
