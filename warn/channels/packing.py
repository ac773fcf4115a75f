"""A composed message as the bytes that wait in the outbox: fixed when enqueued, the same in every retry."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from quopri import encodestring

from warn.model import Message, Placeholder

Buttons = tuple[tuple[str, str], ...]
_LONGEST_LINE = 998  # RFC 5321, 4.5.3.1.6
_PLAIN = SMTP.clone(max_line_length=0, cte_type="8bit")


@dataclass(frozen=True, slots=True)
class ChatBody:
    """What a parcel of form 'telegram' carries; `buttons` are (label, callback data or https address)."""

    parts: tuple[str, ...]
    buttons: Buttons = ()
    silent: bool = False
    kind: str = ""
    subject: str = ""


def pack_telegram(message: Message) -> bytes:
    """JSON of a ChatBody; `message.text` stands in where no parts were made."""
    body = {
        "kind": message.kind,
        "subject": message.subject,
        "parts": list(message.parts or (message.text,)),
        "buttons": [list(button) for button in message.buttons],
        "silent": message.silent,
    }
    return json.dumps(body, ensure_ascii=False, sort_keys=True).encode()


def unpack_telegram(body: bytes) -> ChatBody:
    """What `pack_telegram` wrote."""
    loaded = json.loads(body)
    return ChatBody(
        parts=tuple(loaded["parts"]),
        buttons=tuple((label, target) for label, target in loaded.get("buttons", ())),
        silent=bool(loaded.get("silent")),
        kind=str(loaded.get("kind", "")),
        subject=str(loaded.get("subject", "")),
    )


def pack_email(message: Message, *, sender: str, reply_to: str = "", name: str = "") -> bytes:
    """RFC 5322 bytes without To, Date, Message-ID and list headers, which the channel adds for each reader.

    Plain text first, then HTML, then the picture it shows; boundaries come from the content, so the same message gives
    the same bytes. The placeholder is never folded or encoded.
    """
    whole = EmailMessage(policy=_PLAIN)
    whole["From"] = Address(name, addr_spec=sender) if name else sender
    whole["Subject"] = message.subject
    if reply_to:
        whole["Reply-To"] = reply_to
    whole["Content-Language"] = message.lang
    if not message.html:
        _text(whole, message.text, "plain")
        return _joined(whole)
    whole.make_alternative()
    plain = MIMEPart(policy=_PLAIN)
    _text(plain, message.text, "plain")
    whole.attach(plain)
    whole.attach(_rich(message))
    _name_boundaries(whole, message)
    return _joined(whole)


def _rich(message: Message) -> MIMEPart:
    """The HTML, together with the picture where it shows one."""
    page = MIMEPart(policy=_PLAIN)
    _text(page, message.html, "html")
    if message.picture is None:
        return page
    shown = re.search(r"cid:([^\"'\s>)]+)", message.html)
    name = shown.group(1) if shown else "picture"
    picture = MIMEPart(policy=_PLAIN)
    picture.set_content(message.picture, "image", "png", disposition="inline", cid=f"<{name}>", filename="warn.png")
    both = MIMEPart(policy=_PLAIN)
    both.make_related()
    both.attach(page)
    both.attach(picture)
    return both


def _text(part: MIMEPart, text: str, subtype: str) -> None:
    """As it is where lines are short enough; else quoted-printable that keeps the placeholder whole on its own line."""
    raw = text.replace("\r\n", "\n").encode()
    short = all(len(line) < _LONGEST_LINE for line in raw.split(b"\n"))
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "8bit" if short else "quoted-printable"
    seat = Placeholder.encode()
    encoded = raw if short else (b"=\n" + seat + b"=\n").join(encodestring(piece) for piece in raw.split(seat))
    part.set_payload(encoded.decode("ascii", "surrogateescape"))


def _name_boundaries(whole: EmailMessage, message: Message) -> None:
    seed = hashlib.sha256(f"{message.subject}\0{message.text}\0{message.html}".encode()).hexdigest()[:24]
    for number, part in enumerate(part for part in whole.walk() if part.is_multipart()):
        part.set_boundary(f"=_warn_{number}_{seed}")


def _joined(whole: EmailMessage) -> bytes:
    whole["MIME-Version"] = "1.0" if "MIME-Version" not in whole else whole["MIME-Version"]
    return whole.as_bytes()
