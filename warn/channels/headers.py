"""What one reader's mail says that no other's does: headers put before bytes rendered long ago. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

from warn.channel import Parcel
from warn.channels.dkim import Field, Signer, hashed, relaxed
from warn.errors import DeliveryError
from warn.mailboxes import in_ascii
from warn.model import Placeholder

_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f<>\"(),;:\\]")
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
_SEAT = Placeholder.encode()
_FRAMES = 64


@dataclass(frozen=True, slots=True)
class Frame:
    """One variant made ready for many readers: `head` and `text` are cut where the reader's token goes.

    Line ends are CRLF and leading dots doubled, as they travel. `fields` are those of the head that a signature covers;
    `present` their names and all others'. `hashes` are the pieces of the canonical text.
    """

    head: tuple[bytes, ...]
    text: tuple[bytes, ...]
    present: frozenset[str]
    fields: tuple[Field, ...]
    canonical: tuple[bytes, ...]


def wired(
    parcel: Parcel, *, sender: str, web_address: str, list_name: str, signer: Signer | None = None
) -> bytes:
    """The whole message for this reader as it goes over the wire, final dot included.

    The Message-ID hangs on the key: sent twice, it is the same message. RFC 8058 wants HTTPS for one click; without it
    only the plain List-Unsubscribe stands.
    """
    frame = _frame(parcel.body)
    token = parcel.token.encode() or _SEAT
    shared = _shared(
        frame.present, sender, list_name, parcel.priority, parcel.form, parcel.created_at, parcel.subject
    )
    own = [*shared, *_personal(parcel, domain_of(sender), web_address)]
    head = "".join(
        [f"{name}: {value}\r\n" for name, value in own if name.lower() not in frame.present]
    ).encode()
    if signer is not None:
        named = [(name.lower(), value) for name, value in own]
        fields = [Field(name, relaxed(value.encode())) for name, value in named if name not in frame.present]
        head = signer.header([*fields, *frame.fields], hashed(frame.canonical, token)) + head
    return b"".join((head, token.join(frame.head), b"\r\n", token.join(frame.text), b".\r\n"))


@lru_cache(maxsize=4096)
def mailbox(address: str) -> str:
    """The address fit for an envelope and a header, its domain in ASCII; raises DeliveryError 'dead'."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or _UNSAFE.search(address):
        raise DeliveryError("dead", "This is not an e-mail address.", code="address")
    try:
        return f"{local}@{in_ascii(domain)}"
    except UnicodeError as error:
        raise DeliveryError("dead", "This is not an e-mail address.", code="address") from error


def domain_of(sender: str) -> str:
    """Of `a@b` or of `Name <a@b>`."""
    return sender.rpartition("@")[2].strip("> ")


def bare(sender: str) -> str:
    """The address alone of `Name <a@b>`."""
    return sender.rpartition("<")[2].strip("> ")


@lru_cache(maxsize=_FRAMES)
def _frame(body: bytes) -> Frame:
    """Once for each variant: the same bytes come with every reader of it."""
    head, _, text = _LINE_ENDS.sub(b"\r\n", body).partition(b"\r\n\r\n")
    lines = [line for line in re.split(rb"\r\n(?![ \t])", head) if line and not _invalid(line)]
    fields = tuple(Field(_name(line), relaxed(line.partition(b":")[2])) for line in lines)
    if text and not text.endswith(b"\r\n"):
        text += b"\r\n"
    return Frame(
        head=tuple(b"".join(line + b"\r\n" for line in lines).split(_SEAT)),
        text=tuple(re.sub(rb"(?m)^\.", b"..", text).split(_SEAT)),
        present=frozenset(field.name for field in fields),
        fields=fields,
        canonical=relaxed_text(text),
    )


def relaxed_text(text: bytes) -> tuple[bytes, ...]:
    """The body as RFC 6376, 3.4.4 wants it hashed, cut where tokens go: they hold no white space."""
    text = re.sub(rb"[ \t]+", b" ", text).replace(b" \r\n", b"\r\n")
    text = re.sub(rb"(?:\r\n)+\Z", b"", text)
    return tuple((text + b"\r\n" if text else b"").split(_SEAT))


def _invalid(line: bytes) -> bool:
    """A List-Id is a name in angle brackets (RFC 2919); one that is not makes way for ours."""
    return _name(line) == "list-id" and b"<" not in line


def _name(line: bytes) -> str:
    return line.partition(b":")[0].strip().lower().decode("ascii", "replace")


def _personal(parcel: Parcel, domain: str, web_address: str) -> Iterator[tuple[str, str]]:
    yield "To", mailbox(parcel.address)
    yield "Message-ID", f"<{hashlib.sha256(parcel.key.encode()).hexdigest()[:40]}@{domain}>"
    if parcel.token:
        yield "List-Unsubscribe", f"<{web_address}/u/{parcel.token}>"
        if web_address.startswith("https://"):
            yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


@lru_cache(maxsize=256)
def _shared(
    present: frozenset[str], sender: str, list_name: str, priority: int, form: str, at: datetime, subject: str
) -> tuple[tuple[str, str], ...]:
    """What the readers of one variant have in common, where the bytes do not say it already."""
    domain, name = domain_of(sender), _list_name(list_name)
    headers = {
        "From": sender,
        "Date": format_datetime(at),
        "List-Id": f"<{name}.{domain}>",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "Feedback-ID": f"p{priority}:{form}:warn:{name}",
    }
    missing = {name: value for name, value in headers.items() if name.lower() not in present}
    if "subject" not in present:  # encoding it is the dearest of all
        missing["Subject"] = Header(_one_line("Subject", subject), "utf-8", maxlinelen=900).encode()
    return tuple((name, _one_line(name, value)) for name, value in missing.items())


def _list_name(text: str) -> str:
    """An operator's name is free text."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower() or "warn"


def _one_line(name: str, value: str) -> str:
    """Nobody's text may start a header of its own."""
    if "\r" in value or "\n" in value:
        raise DeliveryError("dead", f"The header {name} would hold a line break.", code="header")
    return value
