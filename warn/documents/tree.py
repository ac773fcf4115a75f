"""Text to tree in one pass over libyaml's events: linear, without recursion, whatever the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from warn.documents.fault import BREAK, Fault, Spot
from warn.documents.slips import (
    MARKS,
    comma_fault,
    lone_quote,
    make,
    runs_over_keys,
    said,
    scalar_fault,
    syntax_fault,
    text_faults,
    with_plain_spaces,
)

DEEPEST = 20
Kind = Literal["scalar", "map", "list"]
Path = Sequence[str | int]
_NUMBER = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:[eE][-+]?[0-9]{1,2})?"
)
_MOST_SYNTAX_FAULTS = 20
_QUOTES = ('"', "'")
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place. `value` is plain Python (str, int, float, bool, None, list, dict).

    `start` and `end` are character offsets in the text. `pairs` of a map, `items` of a list.
    """

    kind: Kind
    value: Any
    spot: Spot
    start: int
    end: int
    text: str = ""
    plain: bool = False
    pairs: tuple[tuple[Node, Node], ...] = ()
    items: tuple[Node, ...] = ()

    def get(self, key: str | int) -> Node | None:
        """The value under a key, or the item at a place."""
        if isinstance(key, int):
            return self.items[key] if 0 <= key < len(self.items) else None
        return next((value for name, value in self.pairs if name.text == key), None)

    def key(self, name: str) -> Node | None:
        """The key itself."""
        return next((key for key, _ in self.pairs if key.text == name), None)


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its tree and the faults of its spelling; no tree where nothing could be read."""

    file: str
    text: str
    root: Node | None
    faults: tuple[Fault, ...] = ()
    left_out: tuple[int, ...] = ()  # lines of entries that could not be parsed at all

    @property
    def data(self) -> Any:
        """The whole file as plain Python."""
        return None if self.root is None else self.root.value

    @property
    def lines(self) -> list[str]:
        return BREAK.split(self.text)

    def find(self, path: Path) -> Node | None:
        """The node at a path such as ('rules', 0, 'measure'), if it stands."""
        node = self.root
        for step in path:
            node = node.get(step) if node is not None else None
        return node

    def spot(self, path: Path, *, key: bool = False) -> Spot:
        """Where the value at a path stands (or its key). Steps that are not in the text are passed over.

        So a fault of a missing key points at the map it should stand in, and names that a validator puts
        into its paths (the kind of a union) do no harm.
        """
        node, name = self.root, None
        for step in path:
            inner = node.get(step) if node is not None else None
            if node is not None and inner is not None:
                name = node.key(step) if isinstance(step, str) else None
                node = inner
        chosen = name if key and name is not None else node
        return Spot(1, 1) if chosen is None else chosen.spot

    def inside(self, node: Node, offset: int, length: int = 1) -> Spot:
        """The place of a character of the text, by its offset from the start of a node."""
        before = self.text[: node.start + offset]
        breaks = list(BREAK.finditer(before, max(0, node.start)))
        if not breaks:
            return Spot(node.spot.line, node.spot.column + offset, length)
        return Spot(node.spot.line + len(breaks), len(before) - breaks[-1].end() + 1, length)

    def source(self, node: Node) -> str:
        """A node as it is written, quotes and all."""
        return self.text[node.start : node.end]

    def fault(self, code: str, spot: Spot, english: tuple[str, str], french: tuple[str, str]) -> Fault:
        """A fault of this file; each language gives (message, suggestion)."""
        return make(self.file, spot, code, english, french)


def read(text: str, file: str) -> Document:
    """The tree of a file and every fault of its spelling. Never raises, whatever the text.

    Where one entry of a list cannot be parsed, it is told and left out, and the others are read all the same.
    """
    text = text.removeprefix("\ufeff")
    stops, remarks = text_faults(text, file)
    if stops:
        return Document(file, text, None, (*stops, *remarks))
    broken: list[Fault] = []
    rest = with_plain_spaces(text)
    for _ in range(_MOST_SYNTAX_FAULTS):
        builder = _Builder(file, rest)
        try:
            root = builder.run()
        except yaml.YAMLError as error:
            quote = next((fault for fault in builder.faults if fault.code == "unclosed-quote"), None)
            broken.append(quote or syntax_fault(error, rest, file))
        else:
            told = {fault.line for fault in broken}
            beside = [fault for fault in remarks if fault.line not in told]
            return Document(file, text, root, (*broken, *beside, *builder.faults), tuple(told))
        shorter = _without(rest, broken[-1].line)
        if shorter == rest:
            break
        rest = shorter
    return Document(file, text, None, tuple(broken), tuple(fault.line for fault in broken))


def _without(text: str, number: int) -> str:
    """The text with the list entry of a line blanked out, so that all others keep their place."""
    lines = text.splitlines(keepends=True)
    first = next((line for line in lines if re.match(r" *- ", line)), None)
    if first is None:
        return text
    mark = first[: first.index("-")] + "- "
    start = next((i for i in range(min(number, len(lines)) - 1, -1, -1) if lines[i].startswith(mark)), None)
    if start is None:
        return text
    later = (i for i in range(start + 1, len(lines)) if _begins(lines[i], mark))
    end = next(later, len(lines))
    blank = [re.sub("[^\r\n\x85\u2028\u2029]", " ", line) for line in lines[start:end]]
    return "".join([*lines[:start], *blank, *lines[end:]])


def _begins(line: str, mark: str) -> bool:
    """Whether a line starts the next entry, or stands outside the list."""
    indent = len(line) - len(line.lstrip(" "))
    return line.startswith(mark) or (bool(line.strip()) and line[indent] != "#" and indent < len(mark) - 2)


@dataclass(slots=True)
class _Frame:
    """A map or list whose end has not come yet."""

    kind: Kind
    event: Any
    nodes: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Builder:
    """Reads events one by one; what cannot stand becomes a fault, and the tree goes on without it."""

    file: str
    text: str
    faults: list[Fault] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    root: Node | None = None
    lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = BREAK.split(self.text)

    def run(self) -> Node | None:
        documents = 0
        for event in yaml.parse(self.text, Loader=yaml.CBaseLoader):
            if isinstance(event, yaml.ScalarEvent):
                self.scalar(event)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                if len(self.stack) >= DEEPEST:
                    self.tell("too-deep", event)
                    return None
                self.refuse_marks(event)
                kind: Kind = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
                self.stack.append(_Frame(kind, event))
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self.close(event)
            elif isinstance(event, yaml.AliasEvent):
                self.alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.tell("several-documents", event)
                    break
        return self.root

    def scalar(self, event: Any) -> None:
        self.refuse_marks(event)
        plain = event.style is None or event.style == ""
        text, spot = event.value, _spot(event)
        fault = scalar_fault(text, self.file, spot) if plain else None
        if fault is None and (text[:1] in MARKS or text[-1:] in MARKS):
            fault = lone_quote(text, self.file, *_ends(event, plain=plain))
        if fault is not None:
            self.faults.append(fault)
        last = event.end_mark.line  # from 0
        if not plain and last >= spot.line and event.style in _QUOTES:
            if runs_over_keys(self.lines, spot.line - 1, last):
                self.faults.append(said(self.file, Spot(spot.line, spot.column), "unclosed-quote"))
        value = _value(text) if plain else text
        self.add(Node("scalar", value, spot, event.start_mark.index, event.end_mark.index, text, plain))

    def alias(self, event: Any) -> None:
        self.tell("alias", event)
        self.add(Node("scalar", None, _spot(event), event.start_mark.index, event.end_mark.index))

    def refuse_marks(self, event: Any) -> None:
        if event.anchor is not None:
            self.tell("alias", event)
        if event.tag is not None:
            self.tell("tag", event)

    def add(self, node: Node) -> None:
        if self.stack:
            self.stack[-1].nodes.append(node)
        else:
            self.root = node

    def close(self, event: Any) -> None:
        frame = self.stack.pop()
        begun = frame.event
        spot, start, end = _spot(begun, event), begun.start_mark.index, event.end_mark.index
        if frame.kind == "list":
            items = tuple(frame.nodes)
            self.add(Node("list", [item.value for item in items], spot, start, end, items=items))
            return
        pairs = self.pairs(frame)
        self.add(Node("map", {key.text: value.value for key, value in pairs}, spot, start, end, pairs=pairs))

    def pairs(self, frame: _Frame) -> tuple[tuple[Node, Node], ...]:
        """Keys and values; duplicates and keys that are no words are told and left out."""
        pairs: dict[str, tuple[Node, Node]] = {}
        last = ""
        if self.is_template(frame):
            spot = _spot(frame.event)
            self.faults.append(said(self.file, Spot(spot.line, spot.column, 2), "unquoted-template"))
            return ()
        for key, value in zip(frame.nodes[::2], frame.nodes[1::2], strict=True):
            if key.kind != "scalar":
                self.faults.append(said(self.file, key.spot, "key-not-text"))
            elif frame.event.flow_style and self.cut_by_comma(key, value):
                self.mend(pairs, last, key)
            elif key.text in pairs:
                first = pairs[key.text][0].spot.line
                self.faults.append(said(self.file, key.spot, "duplicate-key", key=key.text, line=first))
            else:
                pairs[key.text] = (key, value)
                last = key.text
        return tuple(pairs.values())

    def is_template(self, frame: _Frame) -> bool:
        """`{{ value }}` without quotes reads as a set with a set for its key."""
        start = frame.event.start_mark.index
        return self.text.startswith("{{", start) and frame.event.flow_style

    def cut_by_comma(self, key: Node, value: Node) -> bool:
        """Whether a "key" between { } is but the rest of a text after a comma."""
        return value.value is None and value.plain and ":" not in self.text[key.end : value.end]

    def mend(self, pairs: dict[str, tuple[Node, Node]], last: str, rest: Node) -> None:
        """Tells of a comma that cut a number or text in two, once; the number goes on as it was meant."""
        if last not in pairs:
            if (
                not self.text.startswith("{{", rest.start - 2)
                and self.text[: rest.start].rstrip()[-2:] != "{{"
            ):
                self.faults.append(said(self.file, rest.spot, "missing-colon"))
            return
        name, whole = pairs[last]
        fault = comma_fault(self.file, whole.spot, whole.text, rest.text)
        told = {(other.line, other.column) for other in self.faults}
        if (fault.line, fault.column) not in told:
            self.faults.append(fault)
        if fault.code == "decimal-comma":
            text = f"{whole.text}.{rest.text}"
            number = Node("scalar", float(text), whole.spot, whole.start, rest.end, text, plain=True)
            pairs[last] = (name, number)

    def tell(self, code: str, event: Any) -> None:
        self.faults.append(said(self.file, _spot(event), code))


def _value(text: str) -> str | int | float | bool | None:
    """An unquoted word as YAML 1.2 reads it: `on`, `no` and dates stay words, 010 is no number."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        return text
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def _ends(event: Any, *, plain: bool) -> tuple[Spot, Spot]:
    """Of a text its first and its last character; of one over several lines after | or > its beginning."""
    start, end = event.start_mark, event.end_mark
    if event.style in {"|", ">"}:
        return (Spot(start.line + 1, start.column + 1),) * 2
    quote = 0 if plain else 1
    return Spot(start.line + 1, start.column + 1 + quote), Spot(end.line + 1, max(1, end.column - quote))


def _spot(event: Any, last: Any = None) -> Spot:
    """Where an event begins; its length goes to the end of its first line at most."""
    start, end = event.start_mark, (last or event).end_mark
    length = end.column - start.column if end.line == start.line else 1
    return Spot(start.line + 1, start.column + 1, max(1, length))
