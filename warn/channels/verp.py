"""The envelope's sender, one for each delivery: a bounce then says by its address alone which one it was (VERP)."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Sequence

_MAC_CHARS = 10
_FORM = re.compile(rf"b\+(\d{{1,18}})\.([a-z2-7]{{{_MAC_CHARS}}})@", re.IGNORECASE)


def verp(key: str, delivery: int, domain: str) -> str:
    """`b+<delivery>.<mac>@<domain>`; the mac keeps strangers from reporting bounces that were none."""
    return f"b+{delivery}.{_mac(key, delivery)}@{domain}"


def read_verp(keys: Sequence[str], text: str) -> int | None:
    """The delivery that the first of our envelope senders in `text` names; None where none is ours."""
    for found in _FORM.finditer(text):
        delivery, mac = int(found.group(1)), found.group(2).lower()
        if any(hmac.compare_digest(_mac(key, delivery), mac) for key in keys):
            return delivery
    return None


def _mac(key: str, delivery: int) -> str:
    digest = hmac.digest(key.encode(), b"warn bounce 1\0" + str(delivery).encode(), "sha256")
    return b32encode(digest[:10]).decode("ascii").lower()[:_MAC_CHARS]
