"""Contacts are encrypted with a key that is never in the database, and looked up by keyed hash."""

from __future__ import annotations

import contextlib
import hmac
import os
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from warn.errors import ConfigError, StoreError
from warn.mailboxes import spelled

NONCE = 12


class Vault:
    """AES-GCM for the address, HMAC-SHA256 for its mark, both keys derived from one secret of at least 32 bytes.

    `secrets`: newest first. The newest seals and marks; what stands under a former one opens and is found as well.
    """

    def __init__(self, *secrets: bytes) -> None:
        if not secrets or any(len(secret) < 32 for secret in secrets):
            raise ConfigError(
                "The key that seals subscribers' addresses is too short.", "Run `warn secrets new`."
            )
        self._ciphers = [AESGCM(_derive(secret, b"warn contact")) for secret in secrets]
        self._mark_keys = [_derive(secret, b"warn mark") for secret in secrets]

    def seal(self, text: str, owner: str) -> bytes:
        """Bound to its owner: a sealed address moved to another row does not open."""
        nonce = os.urandom(NONCE)
        return nonce + self._ciphers[0].encrypt(nonce, text.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str:
        return self.open_with(sealed, owner)[0]

    def open_with(self, sealed: bytes, owner: str) -> tuple[str, bool]:
        """The address, and whether it stands under the newest key."""
        for cipher in self._ciphers:
            with contextlib.suppress(InvalidTag, ValueError):
                text = cipher.decrypt(sealed[:NONCE], sealed[NONCE:], owner.encode()).decode()
                return text, cipher is self._ciphers[0]
        raise StoreError(
            "A subscriber's address does not open with the present key.",
            "Put back the key that the database was written with.",
        )

    def mark(self, channel: str, address: str) -> str:
        """The same for the same address in any spelling that reaches the same mailbox or chat."""
        return self.marks(channel, address)[0]

    def marks(self, channel: str, address: str) -> tuple[str, ...]:
        """Under each key, newest first: by which of them it was written down is not known."""
        mail = channel == "email"
        plain = spelled(address) if mail else unicodedata.normalize("NFKC", address).strip().casefold()
        said = f"{channel}\0{plain}".encode()
        return tuple([hmac.digest(key, said, "sha256").hex() for key in self._mark_keys])


def opened(vault: Vault, sealed: bytes, owner: str) -> str:
    """Empty where it does not open: what is damaged, or sealed with another key, must not hold up the rest."""
    try:
        return vault.open(sealed, owner)
    except StoreError:
        return ""


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
