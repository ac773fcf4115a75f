"""Signed links: what an address in a mail or a chat proves. Pure: `now` is given.

`keys` is the rotation list, newest first: the first signs, all of them verify. Three kinds of token:

- *purpose tokens* (itsdangerous) carry a small payload with its expiry: confirming an address;
- the *reader token* never expires and has exactly the length of `model.Placeholder`, so that it takes the
  placeholder's seat in bytes rendered long before. One token serves unsubscribe and preferences alike; it
  holds an opaque subscriber id, never an address;
- the *join code* leads from a page to a chat, where 64 characters are all there is: id, expiry and MAC in 48.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode, b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from itsdangerous import BadData, URLSafeSerializer

from warn.errors import WarnError
from warn.model import Placeholder

WINDOW = timedelta(minutes=5)
CONFIRM = timedelta(hours=48)
JOIN = timedelta(minutes=15)
LONGEST_CODE = 58  # Telegram allows 64 after ?start=, of which a word and a hyphen say what is asked for
REPORTER = "reporter-"  # how every reporter's mark begins
LOT = f"{REPORTER}0"  # and one drawn by lot, which stands for nobody any more; no mark has a 0

_LENGTHS = "abcdefghijklmnopqrstuvwxyz0123456789"  # the first character says how long the id is: 1 to 36
_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{len(_LENGTHS)}}}")


class LinkError(WarnError):
    """A link that does not prove what it says; `kind` is 'bad' or 'expired'."""

    def __init__(self, kind: Literal["bad", "expired"], message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.kind = kind


def sign(
    keys: Sequence[str], purpose: str, payload: Mapping[str, Any], expires: datetime | None = None
) -> str:
    """A url-safe token for `payload` (JSON values) and one purpose ("confirm"), until `expires` (None: for ever)."""
    sealed: dict[str, Any] = {"p": dict(payload)}
    if expires is not None:
        sealed["e"] = int(expires.timestamp())
    return _serializer(keys, purpose).dumps(sealed)


def read(keys: Sequence[str], purpose: str, token: str, now: datetime) -> Mapping[str, Any]:
    """The payload of a token of this purpose; raises LinkError."""
    try:
        sealed = _serializer(keys, purpose).loads(token)
    except BadData as error:
        raise LinkError("bad", "This link is not one of ours.", "Ask for a new one.") from error
    if not isinstance(sealed, dict) or not isinstance(sealed.get("p"), dict):
        raise LinkError("bad", "This link is not one of ours.", "Ask for a new one.")
    if "e" in sealed and now.timestamp() >= sealed["e"]:
        raise LinkError("expired", "This link has expired.", "Ask for a new one.")
    payload: Mapping[str, Any] = sealed["p"]
    return payload


def reader_token(keys: Sequence[str], subscriber: str) -> str:
    """The token of `subscriber` (1 to 36 of A-Z a-z 0-9 _ -), exactly as long as the placeholder.

    Length, id, then as much MAC as fits: at least 32 characters of base32, which are 160 bits. It ends in a letter
    or digit and holds no run of dots, so that mail programs which make links of plain text take it whole.
    """
    if not _ID.fullmatch(subscriber):
        raise ValueError(f"a subscriber id is 1 to {len(_LENGTHS)} of A-Z a-z 0-9 _ -, not {subscriber!r}")
    return _LENGTHS[len(subscriber) - 1] + subscriber + _mac(keys[0], subscriber)


def read_reader_token(keys: Sequence[str], token: str) -> str:
    """The subscriber id the token stands for; raises LinkError. Every key is tried, in constant time each."""
    length = _LENGTHS.find(token[:1]) + 1 if token else 0
    subscriber, mac = token[1 : 1 + length], token[1 + length :]
    whole = length > 0 and len(token) == len(Placeholder) and _ID.fullmatch(subscriber) and mac.isascii()
    known = [hmac.compare_digest(_mac(key, subscriber), mac) for key in keys] if whole else []
    if not any(known):
        raise LinkError("bad", "This link is not one of ours.", "Use the link of a newer message.")
    return subscriber


def join_code(keys: Sequence[str], subscriber: str, expires: datetime) -> str:
    """Of A-Z a-z 0-9 _ -, fit for `t.me/BOT?start=`: seconds, 16 bytes of MAC, id (at most 23)."""
    said = int(expires.timestamp()).to_bytes(4, "big") + subscriber.encode("ascii")
    code = _packed(said[:4] + _join_mac(keys[0], said) + said[4:])
    if len(code) > LONGEST_CODE:
        raise ValueError(f"the subscriber id {subscriber!r} is too long for a code")
    return code


def read_join_code(keys: Sequence[str], code: str, now: datetime) -> str:
    """The subscriber id the code stands for; raises LinkError. That it is used once is the caller's to see to."""
    sealed = _unpacked(code)
    said, mac = sealed[:4] + sealed[20:], sealed[4:20]
    known = [hmac.compare_digest(_join_mac(key, said), mac) for key in keys]
    if not any(known):
        raise LinkError("bad", "This link is not one of ours.", "Ask for a new one.")
    if now.timestamp() >= int.from_bytes(said[:4], "big"):
        raise LinkError("expired", "This link has expired.", "Ask for a new one.")
    return said[4:].decode("ascii")


def _packed(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).decode("ascii").rstrip("=")


def _unpacked(code: str) -> bytes:
    """Nothing for what is no code, and no MAC fits nothing. One code has one spelling only."""
    try:
        sealed = b64decode(code.encode("ascii") + b"=" * (-len(code) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
    return sealed if _packed(sealed) == code else b""


def _join_mac(key: str, said: bytes) -> bytes:
    return hmac.digest(key.encode(), b"warn join code 1\0" + said, "sha256")[:16]


def _mac(key: str, subscriber: str) -> str:
    wanted = len(Placeholder) - 1 - len(subscriber)
    digest = hmac.digest(key.encode(), b"warn reader token 1\0" + subscriber.encode(), "sha512")
    return (
        b32encode(digest[: -(-wanted // 8) * 5]).decode("ascii").lower()[:wanted]
    )  # five bytes are eight letters


def _serializer(keys: Sequence[str], purpose: str) -> URLSafeSerializer:
    """One salt per purpose: a confirmation never unsubscribes. itsdangerous wants the newest key last."""
    return URLSafeSerializer(
        list(reversed(keys)), salt=f"warn.{purpose}", signer_kwargs={"digest_method": hashlib.sha256}
    )


def reporter_mark(keys: Sequence[str], reporter: str, at: datetime) -> str:
    """Tells one reporter's reports of one month from another's, and nothing else; the next month it is another.

    The month's key is made from ours: who has only the database can neither find the person nor link two months.
    """
    month = hmac.digest(keys[0].encode(), f"warn reporters {at:%Y-%m}".encode(), hashlib.sha256)
    mark = hmac.digest(month, reporter.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return REPORTER + b32encode(mark).decode("ascii").lower()[:16]


def keyed(keys: Sequence[str], text: str) -> bytes:
    """32 bytes that stand for a text, the same at every reading and unforeseeable without our key."""
    said = b"warn keyed 1\0" + text.encode("utf-8", "surrogatepass")
    return hmac.digest(keys[0].encode(), said, hashlib.sha256)


def body_signature(secret: str, timestamp: str, body: bytes) -> str:
    """What a sender puts beside a body: HMAC-SHA256 over `timestamp.body`, in hex."""
    return hmac.digest(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hex()


def check_body(secrets: Sequence[str], timestamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Raises LinkError unless one of the secrets signed this body within the last five minutes.

    `timestamp`: seconds since 1970. Sent again within the window it is the same rows, which change nothing.
    """
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        raise LinkError("bad", "The timestamp is not seconds since 1970.", "Sign `timestamp.body` anew.")
    said = signature.removeprefix("sha256=").lower()
    fitting = [
        hmac.compare_digest(body_signature(secret, timestamp, body).encode(), said.encode("utf-8", "replace"))
        for secret in secrets
        if secret
    ]
    if not any(fitting):
        raise LinkError(
            "bad", "The signature does not fit the body.", "Sign `timestamp.body` with the secret."
        )
    if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise LinkError(
            "expired", "The timestamp is more than five minutes off.", "Set the clock; sign anew."
        )
