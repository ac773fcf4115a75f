"""Contacts are encrypted with a key that is never in the database, and looked up by keyed hash."""

from __future__ import annotations

import hmac
import os
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from warn.errors import ConfigError, StoreError

NONCE = 12


class Vault:
    """AES-GCM for the address, HMAC-SHA256 for its mark, both keys derived from one secret of at least 32 bytes."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ConfigError(
                "The key that seals subscribers' addresses is too short.", "Run `warn secrets new`."
            )
        self._cipher = AESGCM(_derive(secret, b"warn contact"))
        self._mark_key = _derive(secret, b"warn mark")

    def seal(self, text: str, owner: str) -> bytes:
        """Bound to its owner: a sealed address moved to another row does not open."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str:
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], owner.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise StoreError(
                "A subscriber's address does not open with the present key.",
                "Put back the key that the database was written with.",
            ) from error

    def mark(self, channel: str, address: str) -> str:
        """The same for the same address in any spelling that reaches the same mailbox or chat."""
        plain = unicodedata.normalize("NFKC", address).strip().casefold()
        return hmac.digest(self._mark_key, f"{channel}\0{plain}".encode(), "sha256").hex()


def opened(vault: Vault, sealed: bytes, owner: str) -> str:
    """Empty where it does not open: what is damaged, or sealed with another key, must not hold up the rest."""
    try:
        return vault.open(sealed, owner)
    except StoreError:
        return ""


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
