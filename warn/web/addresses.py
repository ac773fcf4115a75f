"""Which text is an e-mail address that we would write to."""

from __future__ import annotations

import re
import unicodedata

from warn.channels.headers import mailbox
from warn.errors import DeliveryError

LONGEST, LONGEST_LOCAL = 254, 64
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)


def address_of(text: str) -> str | None:
    """As it will be written to, its domain in ASCII; None for what is none.

    Stricter than the standards: quoted parts, comments, bare hosts and numbers in brackets are nobody's, and letters
    outside ASCII before the @ reach few mailboxes.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if len(plain) > LONGEST:
        return None
    try:
        address = mailbox(plain)
    except DeliveryError:
        return None
    local, _, domain = address.rpartition("@")
    fits = len(local) <= LONGEST_LOCAL and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)
    return address if fits and len(address) <= LONGEST else None
