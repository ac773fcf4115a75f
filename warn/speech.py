"""What rules say, filled in: a small part of Jinja's language that can neither loop, nor call, nor reach inside.

Jinja parses; we walk its tree ourselves. Nothing an analyst (or an attacker with an analyst's file) writes is ever
compiled or run. Allowed: text, `{{ variable }}`, the filters below, and `if` with comparisons, in either form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_decimal
from jinja2 import Environment, TemplateSyntaxError, nodes

from warn.model import Level, Texts

VARIABLES: Final = (
    "value", "low", "high", "unit", "threshold", "level", "place", "corridor", "since", "origins", "grade", "days",
)  # fmt: skip
MEASURED: Final = frozenset({"value", "low", "high", "threshold"})
"""Numbers that print with the unit of their indicator."""
LONGEST: Final = 2_000
DEEPEST: Final = 40
LEVEL_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "fr": ("calme", "veille", "tension", "alerte", "crise"),
        "en": ("calm", "watch", "tension", "alert", "crisis"),
    }
)
NO_BREAK: Final = "\u00a0"
_LOCALES: Final[Texts] = MappingProxyType({"fr": "fr", "en": "en_GB"})  # others print as French does
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_JINJA = Environment(autoescape=False)  # noqa: S701  # only its parser is used; whoever prints in HTML escapes


@dataclass(frozen=True, slots=True)
class Problem:
    """What a template may not do. `kind`: syntax, too-long, forbidden, unknown-variable or unknown-filter.

    `word` is the offending name, `offset` and `length` its place in the template.
    """

    kind: str
    word: str
    offset: int = 0
    length: int = 1


def check(template: str, allowed: Collection[str] = VARIABLES) -> list[Problem]:
    """Everything a template may not do; an empty list means that `render` will print it."""
    if len(template) > LONGEST:
        return [Problem("too-long", str(LONGEST), LONGEST)]
    try:
        tree = _parsed(template)
    except TemplateSyntaxError as error:
        return [Problem("syntax", str(error.message or error), _of_line(template, error.lineno))]
    except (RecursionError, ValueError):
        return [Problem("syntax", "too deeply nested")]
    found = [_placed(template, *one) for one in _refused(tree, allowed, 0)]
    return list(dict.fromkeys(found))


def render(template: str, variables: Mapping[str, Any], lang: str, *, timezone: tzinfo = UTC) -> str:
    """The text in a language. `unit` among the variables is the printed unit; `share` makes a percentage.

    Only templates that `check` let pass may come here; anything else raises ValueError. A variable that is missing
    or None prints as "?": a message is told even where one figure is not known.
    """
    if problems := check(template):
        raise ValueError(f"template refused: {problems[0].kind} {problems[0].word!r}")
    voice = _Voice(variables, lang, timezone)
    return _spaced("".join(voice.said(node) for node in _parsed(template).body), lang)


def number(value: float, lang: str, decimals: int | None = None) -> str:
    """`2 000`, `0,35`, `1,234.5`: as the language writes it, at most two decimals unless told how many."""
    pattern = "#,##0.##" if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
    text = str(format_decimal(value, format=pattern, locale=_LOCALES.get(lang, "fr")))
    return text.replace("\u202f", NO_BREAK).replace("-", "\u2212" if lang == "en" else "-")


def percent(share: float, lang: str) -> str:
    """0.34 -> `34 %` (French) or `34%`."""
    return number(share * 100, lang, 0 if abs(share) >= 0.1 or share == 0 else None) + _percent_sign(lang)


def day(when: datetime | date, lang: str, timezone: tzinfo = UTC) -> str:
    """`14 septembre`, `1er octobre`, `14 September`: in the local time of the reader."""
    local = when.astimezone(timezone).date() if isinstance(when, datetime) else when
    text = str(format_date(local, "d MMMM", locale=_LOCALES.get(lang, "fr")))
    return re.sub(r"^1 ", "1er ", text) if lang != "en" else text


def hour(when: datetime | date, lang: str, timezone: tzinfo = UTC) -> str:
    """`6 h`, `14 h 30`, `6 am`; a bare date has no hour: "?"."""
    if not isinstance(when, datetime):
        return "?"
    local = when.astimezone(timezone)
    if lang == "en":
        pattern = "h:mm a" if local.minute else "h a"
        return str(format_time(local, pattern, locale="en_GB")).replace("\u202f", " ")
    return f"{local.hour}{NO_BREAK}h" + (f"{NO_BREAK}{local.minute:02d}" if local.minute else "")


def quantity(value: float, unit: str, lang: str) -> str:
    """A number with its printed unit: `34 %` for a share of 0.34, `2 000 FCFA le litre`, a bare `2` for counts.

    A unit may come in two forms, "citerne|citernes".
    """
    if unit == "share":
        return percent(value, lang)
    if unit == "%":
        return number(value, lang) + _percent_sign(lang)
    one, bar, many = unit.partition("|")
    word = plural(value, one, many, lang) if bar else unit
    return number(value, lang) + (f"{NO_BREAK}{word}" if word else "")


def plural(value: float, one: str, many: str, lang: str) -> str:
    """The word alone, agreeing with a number: French keeps the singular below 2, English at 1 only."""
    singular = abs(value) == 1 if lang == "en" else abs(value) < 2
    return one if singular else many


@dataclass(frozen=True, slots=True)
class _Voice:
    """Walks a checked tree with the variables of one message."""

    variables: Mapping[str, Any]
    lang: str
    timezone: tzinfo

    def said(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.TemplateData):
            return node.data
        if isinstance(node, nodes.Output):
            return "".join(self.said(one) for one in node.nodes)
        if isinstance(node, nodes.If):
            return self.branch(node)
        name = node.name if isinstance(node, nodes.Name) else ""
        return self.printed(self.value(node), measured=name in MEASURED)

    def branch(self, node: nodes.If) -> str:
        for arm in (node, *node.elif_):
            if self.value(arm.test):
                return "".join(self.said(one) for one in arm.body)
        return "".join(self.said(one) for one in node.else_)

    def value(self, node: nodes.Node) -> Any:
        match node:
            case nodes.Const():
                return node.value
            case nodes.Name():
                return self.variables.get(node.name)
            case nodes.Filter():
                return self.filtered(node)
            case nodes.CondExpr():
                chosen = node.expr1 if self.value(node.test) else node.expr2
                return "" if chosen is None else self.shown(chosen)
            case nodes.Not():
                return not self.value(node.node)
            case nodes.And():
                return self.value(node.left) and self.value(node.right)
            case nodes.Or():
                return self.value(node.left) or self.value(node.right)
            case nodes.Compare():
                return self.compared(node)
        raise ValueError(f"not allowed here: {type(node).__name__}")

    def shown(self, node: nodes.Expr) -> Any:
        """An arm of an inline `if`: a bare measured number keeps its unit there too."""
        if isinstance(node, nodes.Name) and node.name in MEASURED:
            return self.said(node)
        return self.value(node)

    def filtered(self, node: nodes.Filter) -> Any:
        value = None if node.node is None else self.value(node.node)
        kinds = (datetime, date) if node.name in _OF_TIMES else (int, float)
        if not isinstance(value, kinds):
            return None
        return FILTERS[node.name](self, value, *(self.value(arg) for arg in node.args))

    def compared(self, node: nodes.Compare) -> bool:
        left = self.value(node.expr)
        for operand in node.ops:
            right = self.value(operand.expr)
            if not _COMPARISONS[operand.op](left, right):
                return False
            left = right
        return True

    def printed(self, value: Any, *, measured: bool = False) -> str:
        if value is None:
            return "?"
        if isinstance(value, Level):
            return LEVEL_WORDS.get(self.lang, LEVEL_WORDS["fr"])[value]
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int | float):
            unit = str(self.variables.get("unit") or "") if measured else ""
            return quantity(value, unit, self.lang)
        if isinstance(value, datetime | date):
            return day(value, self.lang, self.timezone)
        if isinstance(value, list | tuple):
            return str(format_list([str(one) for one in value], locale=_LOCALES.get(self.lang, "fr")))
        return "%" if value == "share" else str(value).rpartition("|")[2]


FILTERS: Final[Mapping[str, Callable[..., str]]] = MappingProxyType(
    {
        "number": lambda voice, value, decimals=None: number(value, voice.lang, decimals),
        "percent": lambda voice, value: percent(value, voice.lang),
        "date": lambda voice, value: day(value, voice.lang, voice.timezone),
        "hour": lambda voice, value: hour(value, voice.lang, voice.timezone),
        "plural": lambda voice, value, one, many: plural(value, str(one), str(many), voice.lang),
    }
)
"""The filters of rule texts, by name: number(decimals), percent, date, hour, plural(one, many)."""
_OF_TIMES: Final = frozenset({"date", "hour"})
_NUMBERS: Final = MEASURED | {"days"}
_ARGUMENTS: Final = {"number": (0, 1), "percent": (0, 0), "date": (0, 0), "hour": (0, 0), "plural": (2, 2)}


def _ordered(test: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    """A comparison that is false, not an error, where one side is unknown or no number."""
    numbers = (int, float)
    return lambda a, b: isinstance(a, numbers) and isinstance(b, numbers) and test(a, b)


_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        "eq": lambda a, b: _plain(a) == _plain(b),
        "ne": lambda a, b: _plain(a) != _plain(b),
        "lt": _ordered(lambda a, b: a < b),
        "lteq": _ordered(lambda a, b: a <= b),
        "gt": _ordered(lambda a, b: a > b),
        "gteq": _ordered(lambda a, b: a >= b),
    }
)
_GROUPS = (
    nodes.Template, nodes.Output, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand,
    nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip


@lru_cache(maxsize=4096)
def _parsed(template: str) -> nodes.Template:
    return _JINJA.parse(template)


def _refused(node: nodes.Node, allowed: Collection[str], depth: int) -> Iterator[tuple[str, str]]:
    """(kind, word) of everything in a tree that stands outside the language."""
    if depth > DEEPEST:
        yield "forbidden", "too deeply nested"
        return
    if isinstance(node, nodes.Name):
        if node.name not in allowed:
            yield "unknown-variable", node.name
    elif isinstance(node, nodes.Const):
        if not _small(node.value):
            yield "forbidden", str(node.value)[:40]
    elif isinstance(node, nodes.Filter):
        yield from _refused_filter(node)
    elif isinstance(node, nodes.Operand) and node.op not in _COMPARISONS:
        yield "forbidden", node.op
    elif not isinstance(node, (*_GROUPS, nodes.TemplateData)):
        yield "forbidden", _SIGNS.get(type(node).__name__, type(node).__name__.lower())
        return
    for child in node.iter_child_nodes():
        yield from _refused(child, allowed, depth + 1)


def _refused_filter(node: nodes.Filter) -> Iterator[tuple[str, str]]:
    """A filter takes one variable of its kind and a few constants."""
    least, most = _ARGUMENTS.get(node.name, (0, 99))
    subject = node.node.name if isinstance(node.node, nodes.Name) else ""
    suits = subject == "since" if node.name in _OF_TIMES else subject in _NUMBERS
    constant = all(isinstance(arg, nodes.Const) for arg in node.args)
    plain = constant and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
    if node.name not in FILTERS:
        yield "unknown-filter", node.name
    elif not (plain and suits and least <= len(node.args) <= most) or (
        node.name == "number" and any(arg.as_const() not in range(7) for arg in node.args)
    ):
        yield "forbidden", node.name


_SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {"Getattr": ".", "Getitem": "[", "Call": "(", "Pow": "**", "Mul": "*", "Concat": "~", "Assign": "set"}
)
"""What stands in the text for what Jinja calls by another name."""


def _placed(template: str, kind: str, word: str) -> Problem:
    """The problem at the first place inside a tag where its word stands."""
    exact = re.compile(rf"(?<![\w.]){re.escape(word)}(?!\w)" if word.isidentifier() else re.escape(word))
    for tag in _TAG.finditer(template):
        if found := exact.search(template, tag.start() + 2, tag.end()):
            return Problem(kind, word, found.start(), len(word))
    first = _TAG.search(template)
    return Problem(kind, word, first.start() if first else 0, 2)


def _of_line(template: str, line: int) -> int:
    return sum(len(one) + 1 for one in template.split("\n")[: max(0, line - 1)])


def _small(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= 200
    return value is None or (isinstance(value, int | float) and abs(value) <= 1e9)


def _plain(value: Any) -> Any:
    return value.word if isinstance(value, Level) else value


def _percent_sign(lang: str) -> str:
    return "%" if lang == "en" else f"{NO_BREAK}%"


def _spaced(text: str, lang: str) -> str:
    """French signs keep a no-break space where a plain one was typed, so that no line begins with them."""
    if lang == "en":
        return text
    return re.sub(r"(?<=«) | (?=[:;?!%»])", NO_BREAK, text)
