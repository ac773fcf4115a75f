"""Text that came from outside is hostile: what it may look like, how long it may be, what it may not link to."""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

WIDTH: Final = 68
JOINER: Final = "\u2060"
"""Invisible and without width: breaks the patterns by which mail programs and Telegram make links of their own."""

_BREAKS: Final = re.compile(r"[\s\x85\u2028\u2029]+")
_KEPT_SPACE: Final = "\u00a0"
_BRACES: Final = re.compile(r"\{(?=\{)")
"""Nothing from outside may hold `model.Placeholder`, which becomes the reader's own token on the way out."""
_SCHEME: Final = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,15}):/{1,}")
_ADDRESS: Final = re.compile(r"(?<=[^\s.,;:!?…])([.\u3002\uff0e\uff61])(?=[^\W\d_]{2}|[^\W\x00-\x7f])")
"""Before the last part of a name, in whatever script: two letters, or one of another alphabet than ours."""
_NUMBERED: Final = re.compile(r"(?<!\d)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(?=\d{1,3}(?!\d))")
_PHONE: Final = re.compile(r"\+?\(?\d(?:[\s.\-/()]{0,2}\d){6,}")
"""Seven digits or more, however they are grouped: less is nobody's number."""
_PAIR: Final = re.compile(r"\+|\d\D{0,2}\d(?=\D{0,2}\d)")
_COMMAND: Final = re.compile(r"(?<![\w<])([/@#$])(?=\w)")
_TAG: Final = re.compile(r"<[^>]*>")
_STOP: Final = re.compile(r"(?<=[.!?])\s+")
_SENTENCE: Final = re.compile(r"(?<=[.;!?])\s+")


def clean(text: str, limit: int = 200) -> str:
    """One line without control, bidirectional or invisible characters and without anything that becomes a link."""
    return defang(plain(text, limit))


@lru_cache(maxsize=8192)
def plain(text: str, limit: int = 200) -> str:
    """One line without control, bidirectional or invisible characters, cut at a word."""
    one_line = _BREAKS.sub(lambda found: _KEPT_SPACE if found[0] == _KEPT_SPACE else " ", text)
    kept = "".join(c for c in one_line if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return cut(unicodedata.normalize("NFC", _BRACES.sub("{ ", kept)).strip(), limit)


def defang(text: str) -> str:
    """The same to the eye, but no address, telephone number, mention, tag or command in it can be tapped."""
    text = _SCHEME.sub(rf"\1:{JOINER}/{JOINER}/", text)
    text = _ADDRESS.sub(rf"\1{JOINER}", text)
    text = _NUMBERED.sub(rf"\1.{JOINER}\2.{JOINER}\3.{JOINER}", text)
    text = _PHONE.sub(lambda found: _PAIR.sub(rf"\g<0>{JOINER}", found[0]), text)
    return _COMMAND.sub(rf"\1{JOINER}", text)


def cut(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, cut at a space where there is one, and marked."""
    if units(text) <= limit:
        return text
    while units(text) > limit - 1:
        text = text[:-1]
    head, space, _ = text.rpartition(" ")
    return (head if space and len(head) > limit // 2 else text).rstrip(" ,;:.") + "…"


def fitting(head: str, said: Sequence[str], limit: int) -> str:
    """`head - phrase` with the first phrase that fits; a phrase is whole or left out, never cut."""
    whole = (f"{head} - {phrase}" for phrase in said if phrase)
    return next((line for line in whole if units(line) <= limit), cut(head, limit))


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def first_sentence(text: str) -> str:
    """Up to the first full stop, semicolon, exclamation or question mark."""
    head = _SENTENCE.split(text, maxsplit=1)[0]
    return head[:-1].rstrip() + "." if head.endswith(";") else head


def opening(text: str, limit: int) -> str:
    """As many whole sentences as fit, at least one."""
    said, *rest = _STOP.split(text)
    for sentence in rest:
        if units(f"{said} {sentence}") > limit:
            break
        said = f"{said} {sentence}"
    return said


def visible(markup: str) -> str:
    """What is left of Telegram markup after entity parsing."""
    return html.unescape(_TAG.sub("", markup))


def wrap(text: str, indent: str = "", first: str | None = None) -> str:
    """Lines of at most 68 columns; no-break spaces hold, addresses stay whole however long they are."""
    start = indent if first is None else first
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def item(text: str, mark: str = "- ") -> str:
    """One entry of a plain list, its further lines hanging under its first word."""
    return wrap(text, indent=" " * (len(mark) or 2), first=mark)


def bare(address: str) -> str:
    """An address as a forwarded text shows it."""
    return address.removeprefix("https://").removeprefix("http://")


def parts(blocks: Sequence[Sequence[str]], limit: int) -> tuple[str, ...]:
    """Blocks of marked-up lines into messages of at most `limit` visible units; a line is never split.

    A block stays together where it fits into a message of its own.
    """
    done: list[str] = []
    for block in blocks:
        whole = "\n".join(block)
        if done and _fits(done[-1], "\n\n" + whole, limit):
            done[-1] += "\n\n" + whole
        elif units(visible(whole)) <= limit:
            done.append(whole)
        else:
            done.extend(_lines_into_parts(block, limit))
    return tuple(done)


def _lines_into_parts(lines: Iterable[str], limit: int) -> list[str]:
    done: list[str] = [""]
    for line in lines:
        if done[-1] and not _fits(done[-1], "\n" + line, limit):
            done.append("")
        done[-1] += ("\n" if done[-1] else "") + line
    return done


def _fits(before: str, more: str, limit: int) -> bool:
    return units(visible(before + more)) <= limit
