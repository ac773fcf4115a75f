"""Signs mail (RFC 6376, RFC 8463), for an operator whose relay does not. The text's pieces are prepared once a variant.

`cryptography` does the arithmetic; what is ours is the form. A library that signs whole messages reads each of them
anew and is some twenty times slower.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from warn.errors import ConfigError

LEAST_BITS = 1024
COVERED = (
    "from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
    "content-transfer-encoding", "content-language", "list-id", "list-unsubscribe", "list-unsubscribe-post",
    "auto-submitted", "feedback-id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One header: its name in small letters, its value in relaxed form."""

    name: str
    value: bytes


class Signer:
    """One key for one domain, published at `<selector>._domainkey.<domain>`."""

    def __init__(self, domain: str, selector: str, pem: bytes) -> None:
        self._key = _key(pem)
        kind = "ed25519-sha256" if isinstance(self._key, Ed25519PrivateKey) else "rsa-sha256"
        self._start = f"v=1; a={kind}; c=relaxed/relaxed; d={domain}; s={selector}; h="

    def header(self, fields: Sequence[Field], text_hash: bytes) -> bytes:
        """The DKIM-Signature line. `From` is listed once more than it is there, so that nobody can add a second."""
        chosen = [one for name in COVERED for one in reversed(fields) if one.name == name]
        names = ":".join([*(one.name for one in chosen), "from"])
        value = f"{self._start}{names}; bh={base64.b64encode(text_hash).decode()}; b="
        lines = b"".join(one.name.encode() + b":" + one.value + b"\r\n" for one in chosen)
        signature = self._sign(lines + b"dkim-signature:" + value.encode())
        return f"DKIM-Signature: {_folded(value + base64.b64encode(signature).decode())}\r\n".encode()

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(data, PKCS1v15(), hashes.SHA256())
        return self._key.sign(hashlib.sha256(data).digest())


def hashed(pieces: tuple[bytes, ...], token: bytes) -> bytes:
    """SHA-256 of the canonical text with this reader's token in its places."""
    digest = _begun(pieces[0]).copy()
    for piece in pieces[1:]:
        digest.update(token)
        digest.update(piece)
    return bytes(digest.digest())


def relaxed(value: bytes) -> bytes:
    """A header's value unfolded, with single spaces (RFC 6376, 3.4.2)."""
    return b" ".join(value.split())


@lru_cache(maxsize=64)
def _begun(piece: bytes) -> Any:
    return hashlib.sha256(piece)


def _folded(value: str) -> str:
    """Broken after semicolons and colons only where white space is of no account: before a tag, and inside `b=`."""
    tags, _, signature = value.rpartition("b=")
    lines = [part.strip() for part in tags.split("; ") if part.strip()]
    pieces = re.findall(r".{1,70}", signature)
    return ";\r\n ".join([*lines, "b=" + "\r\n ".join(pieces)])


def _key(pem: bytes) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise ConfigError(
            "The DKIM key cannot be read.", "WARN_EMAIL__DKIM_KEY names a PEM file, not locked."
        ) from error
    if isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_BITS:
        return key
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise ConfigError("The DKIM key is of no use.", "It must be RSA of at least 1024 bits, or Ed25519.")
