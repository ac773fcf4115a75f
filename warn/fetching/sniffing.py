"""What bytes are, judged by the bytes: status and content type say only what a server believes of itself."""

from __future__ import annotations

import re
from typing import Literal

Form = Literal["html", "xml", "json", "zip", "gzip", "text", "empty"]
CHALLENGES = re.compile(
    rb"just a moment|cf-challenge|challenge-platform|cf_chl_|awswaf|captcha|ddos-guard|incapsula"
    rb"|access denied|attention required|verify you are human|enable javascript and cookies|sucuri",
    re.IGNORECASE,
)
HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|script|meta)[\s>]", re.IGNORECASE)
PROLOGUE = re.compile(rb"(?:<\?xml[^>]{0,200}\?>|<!--.{0,2000}?-->|\s)*", re.DOTALL)


def form(content: bytes) -> Form:
    """What kind of thing a body begins like."""
    start = content[:4096].removeprefix(b"\xef\xbb\xbf")
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        start = start.decode("utf-16", "replace").encode()
    if start.startswith(b"PK\x03\x04"):
        return "zip"
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    prologue = PROLOGUE.match(start)
    start = start.lstrip()
    if not start:
        return "empty"
    if HTML.match(start[prologue.end() if prologue else 0 :].lstrip()) or HTML.match(start):
        return "html"
    if start.startswith(b"<"):
        return "html" if re.match(rb"<!doctype html", start, re.IGNORECASE) else "xml"
    return "json" if start[:1] in {b"{", b"["} else "text"


def challenged(content: bytes) -> bool:
    """Whether a page asks the reader to prove to be a person, or turns it away."""
    return bool(CHALLENGES.search(content[:20_000]))
