"""What one reader's mail says that no other's does: headers put before bytes rendered long ago. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from email.header import Header
from email.utils import format_datetime

from warn.channel import Parcel
from warn.errors import DeliveryError
from warn.model import Placeholder

_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f<>\"(),;:\\]")


def personal(parcel: Parcel, *, sender: str, web_address: str, list_name: str) -> bytes:
    """The whole message for this reader. The Message-ID hangs on the key: sent twice, it is the same message.

    RFC 8058 wants HTTPS for one click; without it only the plain List-Unsubscribe stands.
    """
    own = parcel.body.replace(Placeholder.encode(), parcel.token.encode()) if parcel.token else parcel.body
    head = own.replace(b"\r\n", b"\n").partition(b"\n\n")[0].lower()
    present = {line.partition(b":")[0].strip().decode("ascii", "replace") for line in head.split(b"\n")}
    missing = (
        f"{name}: {_one_line(name, value)}\r\n"
        for name, value in _headers(parcel, domain_of(sender), sender, web_address, list_name)
        if name.lower() not in present
    )
    subject = "" if "subject" in present else _subject(parcel.subject)
    return (subject + "".join(missing)).encode("utf-8") + own


def mailbox(address: str) -> str:
    """The address fit for an envelope and a header, its domain in ASCII; raises DeliveryError 'dead'."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or _UNSAFE.search(address):
        raise DeliveryError("dead", "This is not an e-mail address.", code="address")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise DeliveryError("dead", "This is not an e-mail address.", code="address") from error


def domain_of(sender: str) -> str:
    """Of `a@b` or of `Name <a@b>`."""
    return sender.rpartition("@")[2].strip("> ")


def bare(sender: str) -> str:
    """The address alone of `Name <a@b>`."""
    return sender.rpartition("<")[2].strip("> ")


def _headers(
    parcel: Parcel, domain: str, sender: str, web_address: str, list_name: str
) -> Iterator[tuple[str, str]]:
    yield "To", mailbox(parcel.address)
    yield "From", sender
    yield "Date", format_datetime(parcel.created_at)
    yield "Message-ID", f"<{hashlib.sha256(parcel.key.encode()).hexdigest()[:40]}@{domain}>"
    name = (
        re.sub(r"[^A-Za-z0-9]+", "-", list_name).strip("-").lower() or "warn"
    )  # an operator's name is free text
    yield "List-Id", f"<{name}.{domain}>"
    yield "Auto-Submitted", "auto-generated"
    yield "Precedence", "bulk"
    yield "Feedback-ID", f"p{parcel.priority}:{parcel.form}:warn:{name}"
    if parcel.token:
        yield "List-Unsubscribe", f"<{web_address}/u/{parcel.token}>"
        if web_address.startswith("https://"):
            yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def _subject(text: str) -> str:
    """Encoding it is the dearest of all headers, so it is done only where the body has none."""
    return f"Subject: {Header(_one_line('Subject', text), 'utf-8', maxlinelen=900).encode()}\r\n"


def _one_line(name: str, value: str) -> str:
    """Nobody's text may start a header of its own."""
    if "\r" in value or "\n" in value:
        raise DeliveryError("dead", f"The header {name} would hold a line break.", code="header")
    return value
