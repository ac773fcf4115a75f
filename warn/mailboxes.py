"""Mailboxes: which spellings mean the same one, and which refusals speak of one and not of us or of the message.

Store and channels judge by this alone.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

Fault = Literal["gone", "own", "policy", ""]
OWN = " rcpt"  # ends the code of a refusal that speaks of its recipient where the code alone does not tell

GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_OWN = frozenset({"5.1.4", "5.2.0", "5.2.2"})
_TELLING = re.compile(r" (?:4\.2\.\d+|5\.2\.2)$")  # what needs no mark
_NOT_OF_ONE = frozenset({".3.", ".6.", ".7."})  # of the server, of the message, of a policy
_BARE, _VAGUE = frozenset({550, 551, 552, 553}), frozenset({"", "5.0.0", "5.1.0"})
_OF_US = re.compile(
    r"spam|block|black|denied|\bpolic|reputation|\brbl\b|\bspf\b|\bdkim\b|\bdmarc\b|virus|content|too (?:large|big)"
    r"|\bsize\b|relay|authenticat|\brate\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:doesn'?t|does not) have an? \S+ account"
    r"|\bno such (?:user|recipient|mailbox|account|address|person)"
    r"|\b(?:unknown|invalid) (?:local[ -]?part|user|recipient|mailbox)"
    r"|\b(?:user|recipient|mailbox|account|address)\b[^.;]{0,40}?\b(?:unknown|not found|unavailable|disabled|inactive"
    r"|(?:doesn'?t|does not) exist)"
    r"|\brecipient address rejected(?!.*(?:spam|block|polic|spf|dmarc|relay))"
    r"|\b(?:mailbox|inbox|account|storage|quota)\b[^.;]{0,20}\b(?:full|over quota|exceeded)"
    r"|\b(?:over|exceeded|exceeds)\b[^.;]{0,20}\bquota",
    re.IGNORECASE,
)


def spelled(address: str) -> str:
    """The same for every spelling that reaches the same mailbox: to tell addresses apart by, not to write to.

    What is no address comes back as plain text.
    """
    plain = unicodedata.normalize("NFKC", address).strip().casefold()
    local, at, domain = plain.rpartition("@")
    try:
        return f"{local}@{in_ascii(domain)}" if at else plain
    except UnicodeError:
        return plain


@lru_cache(maxsize=1024)
def in_ascii(domain: str) -> str:
    """As servers write it; raises UnicodeError for what is none."""
    if domain.isascii() and all(0 < len(label) < 64 for label in domain.split(".")):
        return domain
    return domain.encode("idna").decode("ascii")


def fault(code: int, enhanced: str, said: str, *, alone: bool) -> Fault:
    """What a refusal says of the mailbox; of one that passes nothing but 'own' matters.

    `enhanced` is the RFC 3463 code, empty where there is none. `alone`: nothing but the recipient was judged, so that a
    bare code speaks of it too. 'gone': there is no mailbox. 'own': most likely there is none, or it takes nothing; once
    is not believed. 'policy': we are not wanted.
    """
    if enhanced.startswith("5.7."):
        return "policy"
    if enhanced in GONE:
        return "gone"
    if "sender" in said.casefold() or enhanced[1:4] in _NOT_OF_ONE:
        return ""
    if enhanced in _OWN or enhanced.startswith("4.2.") or _NOBODY.search(said):
        return "own"
    vague = alone and code in _BARE and enhanced in _VAGUE
    return "own" if vague and not _OF_US.search(said) else ""


def marked(code: str) -> str:
    """`code` of a refusal that is the mailbox's own, so that it can be counted by its code alone."""
    return code if _TELLING.search(code) else code + OWN


def is_own(code: str) -> bool:
    """Whether a delivery's newest code speaks of its mailbox: full, away, or most likely not there."""
    return code.endswith(OWN) or _TELLING.search(code) is not None
