"""Reads what comes back: notices of non-delivery (RFC 3464) and complaints (RFC 5965). Whatever the bytes, it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import cast

from warn.channels.redact import without_addresses
from warn.channels.verp import read_verp

LARGEST = 2_000_000
COMPLAINT = "complaint"
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
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
    if _is_complaint(message):
        return Bounce(delivery, COMPLAINT, "the reader reported it as unwanted")
    for group in _groups(message):
        if _value(group, "action").lower() == "failed":
            said = _value(group, "diagnostic-code")
            return Bounce(delivery, _status(_value(group, "status"), said), without_addresses(said[:300]))
    return None


def _delivery(message: Message, raw: bytes, keys: Sequence[str]) -> int | None:
    """From the address the notice was sent to, else from what it quotes of our message."""
    addressed = " ".join(_value(message, name) for name in _OURS)
    found = read_verp(keys, addressed)
    return found if found is not None else read_verp(keys, raw[:LARGEST].decode("latin-1"))


def _is_complaint(message: Message) -> bool:
    kinds = {part.get_content_type() for part in message.walk()}
    return "message/feedback-report" in kinds


def _groups(message: Message) -> Iterator[Message]:
    """The groups of fields of every delivery status part: one for the message, one for each recipient."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            payload = part.get_payload()
            yield from (
                (group for group in payload if isinstance(group, Message))
                if isinstance(payload, list)
                else ()
            )


def _value(message: Message, name: str) -> str:
    """As text, whatever the header holds."""
    return " ".join(str(value) for value in message.get_all(name, [])).strip()


def _status(given: str, said: str) -> str:
    """The diagnostic often knows more than a bare 5.0.0."""
    stated = _STATUS.search(given)
    if stated and not stated.group(1).endswith(".0.0"):
        return stated.group(1)
    known = _STATUS.search(said)
    return known.group(1) if known else stated.group(1) if stated else "5.0.0"
