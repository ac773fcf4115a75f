"""Lint of what was left blank: keys without a value, and the dots of a rule that `warn rules new` printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from warn.documents import Fault
from warn.documents.tree import Node
from warn.rules.checked import Checked, Folder
from warn.rules.sentences import tell

_DOTS: Final = frozenset({"...", "…"})
_TEXTS: Final = ("title", "why", "message", "expect", "advice")


def values(one: Checked, _: Folder) -> Iterator[Fault]:
    """A key with nothing behind it would silently mean what it means when it is left out."""
    whole = one.document.find(one.at)
    for key, value in whole.pairs if whole is not None else ():
        if key.text not in one.touched:
            yield from (
                tell(one.document, blank.spot, "no-value", key=blank.text) for blank in _blank(key, value)
            )


def _blank(key: Node, value: Node) -> Iterator[Node]:
    """The keys without a value, at this one and inside it."""
    if value.kind == "scalar" and value.plain and not value.text:
        yield key
    for inner, held in value.pairs:
        yield from _blank(inner, held)
    for item in value.items:
        for inner, held in item.pairs:
            yield from _blank(inner, held)


def dots(one: Checked, _: Folder) -> Iterator[Fault]:
    """The first text of each key that still says what the skeleton said."""
    for name in _TEXTS:
        value = one.document.find((*one.at, name))
        left = next(_dotted(value), None) if value is not None and name not in one.touched else None
        if left is not None:
            yield tell(one.document, left.spot, "placeholder", key=name)


def _dotted(node: Node) -> Iterator[Node]:
    if node.kind == "scalar" and node.text.strip() in _DOTS:
        yield node
    for _, held in node.pairs:
        yield from _dotted(held)
