"""A composed mail as RFC 5322 bytes, the same for every reader of its variant.

All of it is seven-bit, so that no relay has a reason to recode (and thereby unsign) it. The one thing that differs per
reader, the link token, stands in the bytes whole: no soft line break ever falls inside it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, parseaddr
from itertools import groupby
from typing import Final

from warn.model import Message, Placeholder

CRLF: Final = b"\r\n"
WIDTH: Final = 76
_WHOLE: Final = re.compile(f"({re.escape(Placeholder)})")
_LIST_ID: Final = re.compile(r"<[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+>")
_NO_LABEL: Final = re.compile(r"[^a-z0-9]+")
_PRINTABLE: Final = frozenset(range(33, 127)) - {61}


def mail_bytes(message: Message, sender: str, at: datetime, list_id: str, *, reply_to: str = "") -> bytes:
    """Bytes without To, Message-ID, List-Unsubscribe and Return-Path, which the channel adds per reader.

    `sender` and `reply_to` are header values ("Alertes Bamako <alertes@example.org>"), `list_id` the list's name. The
    model's Placeholder stands wherever the reader's own token goes. Equal messages give equal bytes.
    """
    headers = [
        _header("From", _mailbox(sender)),
        _header("Subject", _one_line(message.subject)),
        _header("Date", format_datetime(at)),
        *([_header("Reply-To", _mailbox(reply_to))] if reply_to else []),
        _header("List-Id", list_name(list_id, sender)),
        _header("Auto-Submitted", "auto-generated"),
        _header("Precedence", "bulk"),
        _header("Content-Language", message.lang),
        _header("MIME-Version", "1.0"),
    ]
    return CRLF.join(headers) + CRLF + _body(message)


def list_name(name: str, sender: str) -> str:
    """A List-Id as RFC 2919 asks: `<name.domain>`; one that is already in angle brackets stays as it is."""
    if found := _LIST_ID.search(name):
        return found.group()
    label = _NO_LABEL.sub("-", name.casefold()).strip("-") or "warn"
    domain = parseaddr(_one_line(sender))[1].rpartition("@")[2] or "localhost"
    return f"<{label}.{domain}>"


def _body(message: Message) -> bytes:
    plain = _part("text/plain; charset=utf-8", _quoted(message.text))
    if not message.html:
        return plain
    html = _part("text/html; charset=utf-8", _quoted(message.html))
    if message.picture is not None:
        html = _multipart("related", [html, _picture(message.picture)], '; type="text/html"')
    return _multipart("alternative", [plain, html])


def _part(kind: str, body: bytes, encoding: str = "quoted-printable") -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


def _picture(png: bytes) -> bytes:
    head = b'Content-ID: <picture>\r\nContent-Disposition: inline; filename="carte.png"\r\n'
    body = base64.encodebytes(png).replace(b"\n", CRLF)
    return head + _part("image/png", body, "base64")


def _multipart(kind: str, pieces: list[bytes], more: str = "") -> bytes:
    """The boundary is a hash of what it parts, so that it is stable and cannot occur inside."""
    boundary = "=_" + hashlib.sha256(kind.encode() + b"".join(pieces)).hexdigest()[:40]
    mark = b"--" + boundary.encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}\r\n\r\n'.encode()
    inner = b"".join(mark + CRLF + piece.rstrip(CRLF) + CRLF for piece in pieces)
    return head + inner + mark + b"--" + CRLF


def _header(name: str, value: str) -> bytes:
    return f"{name}: {_encoded(name, value)}".encode("ascii")


def _encoded(name: str, value: str) -> str:
    """Folded to 76 columns; only what is not ASCII is encoded."""
    charset = "us-ascii" if value.isascii() else "utf-8"
    return Header(value, charset, maxlinelen=WIDTH, header_name=name).encode(linesep="\r\n")


def _mailbox(value: str) -> str:
    """A name outside ASCII is encoded, an address never is."""
    name, address = parseaddr(_one_line(value))
    if not name:
        return address
    if not name.isascii():
        return f"{Header(name, 'utf-8').encode()} <{address}>"
    quoted = name.replace("\\", "").replace('"', "")
    return f'"{quoted}" <{address}>'


def _one_line(value: str) -> str:
    """No header can be smuggled in by a line break."""
    return " ".join(value.split())


def _quoted(text: str) -> bytes:
    """Quoted-printable (RFC 2045, 6.7) whose soft breaks never fall inside the reader's token."""
    lines = text.rstrip("\n").split("\n")
    runs = groupby(lines, key=lambda line: Placeholder in line)
    return CRLF.join(_held(run) if holds else _plain(run) for holds, run in runs) + CRLF


def _plain(lines: Iterable[str]) -> bytes:
    return binascii.b2a_qp("\n".join(lines).encode(), istext=True).replace(b"\n", CRLF)


def _held(lines: Iterable[str]) -> bytes:
    return CRLF.join(b"=\r\n".join(_pieces(line)) for line in lines)


def _pieces(line: str) -> Iterator[bytes]:
    current = b""
    atoms = [atom for chunk in _WHOLE.split(line) if chunk for atom in _atoms(chunk)]
    for nth, atom in enumerate(atoms):
        last = nth == len(atoms) - 1
        kept = _hex(atom) if last and atom in {b" ", b"\t"} else atom
        if current and len(current) + len(kept) > WIDTH - 1:
            yield current
            current = b""
        current += kept
    yield current


def _atoms(chunk: str) -> list[bytes]:
    if chunk == Placeholder:
        return [chunk.encode("ascii")]
    return [
        bytes([byte]) if byte in _PRINTABLE or byte == 32 else _hex(bytes([byte]))
        for byte in chunk.encode("utf-8")
    ]


def _hex(byte: bytes) -> bytes:
    return f"={byte[0]:02X}".encode("ascii")
