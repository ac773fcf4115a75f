"""Reads what comes back: notices of non-delivery (RFC 3464) and complaints (RFC 5965). Whatever the bytes, it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.message import EmailMessage, Message
from typing import cast

from warn.channels.redact import without_addresses
from warn.channels.verp import read_verp

LARGEST = 2_000_000
COMPLAINT = "complaint"
_UNWANTED = frozenset(
    {"abuse", "fraud", "opt-out", "opt-out-list"}
)  # other reports judge a message, or praise it
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_WORD = re.compile(r"[\w-]*")
_RECIPIENT = ("final-recipient", "original-recipient")
_OURS = ("delivered-to", "x-original-to", "to", "envelope-to")


@dataclass(frozen=True, slots=True)
class Bounce:
    """`status` is an RFC 3463 code, or 'complaint'; `delivery` None where the notice names none of ours."""

    delivery: int | None
    status: str
    said: str


def read_dsn(raw: bytes, keys: Sequence[str]) -> Bounce | None:
    """What this message reports; None where it reports no failure (a success, a delay, an answer of a person)."""
    message = cast("EmailMessage", message_from_bytes(raw[:LARGEST], policy=policy.compat32))
    delivery = _delivery(message, raw, keys)
    if reports := _parts(message, "message/feedback-report"):
        unwanted = any(
            _word(field, "feedback-type") in _UNWANTED for one in reports for field in _nested(one)
        )
        return Bounce(delivery, COMPLAINT, "the reader reported it as unwanted") if unwanted else None
    for group in _groups(message):
        if _word(group, "action") == "failed":
            said = _value(group, "diagnostic-code")
            names = [_value(group, name).rpartition(";")[2].strip() for name in _RECIPIENT]
            hidden = without_addresses(said[:1000], *names)[:300]
            return Bounce(delivery, _status(_value(group, "status"), said), hidden)
    return None


def _delivery(message: Message, raw: bytes, keys: Sequence[str]) -> int | None:
    """From the address the notice was sent to, else from what it quotes of our message."""
    addressed = " ".join(_value(message, name) for name in _OURS)
    found = read_verp(keys, addressed)
    return found if found is not None else read_verp(keys, raw[:LARGEST].decode("latin-1"))


def _groups(message: Message) -> Iterator[Message]:
    """The groups of fields of every delivery status part: one for the message, one for each recipient.

    The international form (RFC 6533) is not taken apart by the library: its first group stands as headers, the others
    as the text that follows.
    """
    for part in _parts(message, "message/delivery-status"):
        yield from _nested(part)
    for part in _parts(message, "message/global-delivery-status"):
        for first in _nested(part):
            yield first
            rest = re.split(r"\r?\n(?:[ \t]*\r?\n)+", str(first.get_payload()))
            yield from (message_from_string(fields, policy=policy.compat32) for fields in rest)


def _parts(message: Message, kind: str) -> list[Message]:
    return [part for part in message.walk() if part.get_content_type() == kind]


def _nested(part: Message) -> list[Message]:
    """What a part of type message/* is made of; nothing where it is no such thing after all."""
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _value(message: Message, name: str) -> str:
    """As text, whatever the header holds."""
    return " ".join(str(value) for value in message.get_all(name, [])).strip()


def _word(message: Message, name: str) -> str:
    """The first word of a field, without the comment that may follow it."""
    found = _WORD.match(_value(message, name).lower())
    return found.group() if found else ""


def _status(given: str, said: str) -> str:
    """The diagnostic often knows more than a bare 5.0.0, and where it names a policy, that is the reason."""
    stated, known = _STATUS.search(given), _STATUS.search(said)
    if stated and known is None:
        return stated.group(1)
    if stated and known and not stated.group(1).endswith(".0.0") and not known.group(1).startswith("5.7."):
        return stated.group(1)
    return known.group(1) if known else "5.0.0"
