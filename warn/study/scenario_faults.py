"""What is wrong in the files of `rules/tests`, with its place, for `warn rules check`: no scenario is run for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from warn.documents import Document, Fault, asks, did_you_mean
from warn.documents.durations import parse_duration
from warn.documents.tree import Node
from warn.model import LEVELS, OUTCOMES, TransitionKind
from warn.rows import COLUMNS, CellError, moment
from warn.study.expected import EVIDENCE, MESSAGE, READER, STATES, says_nothing
from warn.study.expected import KEYS as EXPECTED
from warn.study.scenarios import KEYS

Path = tuple[str | int, ...]
Pair = tuple[str, str]
POLLS: Final = ("source", "from", "to", "every", "outcome")
COVERAGE: Final = ("indicators", "from", "to")
TIMES: Final = ("occurred_at", "known_at", "superseded_at")
LISTS: Final = ("polls", "coverage", "observations", "expect")
NEEDED: Final = ("name", "rule", "expect")


@dataclass(frozen=True, slots=True)
class Known:
    """The names that scenarios may use."""

    rules: Collection[str]
    indicators: Collection[str]
    sources: Collection[str]


def scenario_faults(document: Document, known: Known) -> tuple[Fault, ...]:
    """Every fault of one file, in its order."""
    faults = list(document.faults)
    if document.root is None:
        return tuple(faults)
    if document.root.kind != "list":
        faults.append(document.fault("not-a-list", document.root.spot, *_WHOLE))
        return tuple(faults)
    for nth, node in enumerate(document.root.items):
        faults += _scenario(document, (nth,), node, known)
    return tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))


def _scenario(document: Document, at: Path, node: Node, known: Known) -> Iterator[Fault]:
    if node.kind != "map":
        yield document.fault("not-a-map", node.spot, *_ENTRY)
        return
    yield from _keys(document, at, node, KEYS)
    for name in NEEDED:
        if node.get(name) is None:
            yield document.fault(
                "missing-key", node.pairs[0][0].spot if node.pairs else node.spot, *_missing(name)
            )
    rule = node.get("rule")
    if rule is not None:
        yield from _name(document, rule, known.rules, "unknown-rule", _RULE)
    if (every := node.get("every")) is not None:
        yield from _duration(document, every)
    for name in LISTS:
        entries = node.get(name)
        if entries is None:
            continue
        if entries.kind != "list":
            yield document.fault("not-a-list", entries.spot, *_LIST)
            continue
        for nth, entry in enumerate(entries.items):
            yield from _entry(document, name, (*at, name, nth), entry, known)
        if name == "expect" and not entries.items:
            yield document.fault("length", entries.spot, *_NOTHING)


def _entry(document: Document, kind: str, at: Path, node: Node, known: Known) -> Iterator[Fault]:
    if node.kind != "map":
        yield document.fault("not-a-map", node.spot, *_MAP)
        return
    allowed = {"polls": POLLS, "coverage": COVERAGE, "observations": COLUMNS, "expect": EXPECTED}[kind]
    times = {"polls": ("from", "to"), "coverage": ("from", "to"), "observations": TIMES, "expect": ("at",)}[
        kind
    ]
    yield from _keys(document, at, node, allowed)
    for name in times:
        if (when := node.get(name)) is not None:
            yield from _moment(document, when)
    match kind:
        case "observations":
            yield from _observation(document, node, known)
        case "polls":
            yield from _polls(document, node, known)
        case "coverage":
            for one in _listed(node.get("indicators")):
                yield from _name(document, one, known.indicators, "unknown-indicator", _INDICATOR)
        case _:
            yield from _expected(document, at, node)


def _observation(document: Document, node: Node, known: Known) -> Iterator[Fault]:
    for name in ("indicator", "occurred_at"):
        if node.get(name) is None:
            yield document.fault("missing-key", node.spot, *_missing(name))
    if (indicator := node.get("indicator")) is not None:
        yield from _name(document, indicator, known.indicators, "unknown-indicator", _INDICATOR)


def _polls(document: Document, node: Node, known: Known) -> Iterator[Fault]:
    if (source := node.get("source")) is not None:
        yield from _name(document, source, known.sources, "unknown-source", _SOURCE)
    if (every := node.get("every")) is not None:
        yield from _duration(document, every)
    if (outcome := node.get("outcome")) is not None:
        yield from _word(document, outcome, OUTCOMES)


def _expected(document: Document, at: Path, node: Node) -> Iterator[Fault]:
    if node.get("at") is None:
        yield document.fault("missing-key", node.spot, *_missing("at"))
    for name, words in (("state", STATES), ("reason", get_args(TransitionKind))):
        if (found := node.get(name)) is not None:
            yield from _word(document, found, words)
    level = node.get("level")
    if level is not None and level.value not in {*LEVELS, 0, 1, 2, 3, 4}:
        yield from _word(document, level, (*LEVELS, "0", "1", "2", "3", "4"))
    for name, words in (("evidence", EVIDENCE), ("message", MESSAGE)):
        found = node.get(name)
        if found is not None and found.kind == "map":
            yield from _keys(document, (*at, name), found, words)
        elif found is not None:
            yield document.fault("not-a-map", found.spot, *_MAP)

    if isinstance(node.value, dict) and node.get("at") is not None and says_nothing(node.value):
        yield document.fault("length", node.spot, *_NOTHING)
    message = node.get("message")
    reader = message.get("reader") if message is not None else None
    if reader is not None and reader.kind == "map":
        yield from _keys(document, (*at, "message", "reader"), reader, tuple(READER))
        for name, options in READER.items():
            if options and (found := reader.get(name)) is not None:
                yield from _word(document, found, options)


def _keys(document: Document, _at: Path, node: Node, allowed: Sequence[str]) -> Iterator[Fault]:
    for key, _ in node.pairs:
        if key.text not in allowed:
            english, french = asks(did_you_mean(key.text, allowed))
            yield document.fault(
                "unknown-key",
                key.spot,
                (f"unknown key '{key.text}'{english}", f"Allowed here: {', '.join(allowed)}."),
                (f"clé inconnue « {key.text} »{french}", f"Admises ici : {', '.join(allowed)}."),
            )


def _name(
    document: Document, node: Node, known: Collection[str], code: str, said: tuple[Pair, Pair]
) -> Iterator[Fault]:
    if node.text in known:
        return
    (english, remedy), (french, conseil) = said
    guess = asks(did_you_mean(node.text, tuple(known)))
    yield document.fault(
        code,
        node.spot,
        (f"{english} '{node.text}'{guess[0]}", remedy),
        (f"{french} « {node.text} »{guess[1]}", conseil),
    )


def _word(document: Document, node: Node, allowed: Sequence[str]) -> Iterator[Fault]:
    if node.text in allowed:
        return
    english, french = asks(did_you_mean(node.text, allowed))
    yield document.fault(
        "not-allowed",
        node.spot,
        (f"'{node.text}' is not allowed here{english}", f"One of: {', '.join(allowed)}."),
        (f"« {node.text} » n'est pas admis ici{french}", f"Au choix : {', '.join(allowed)}."),
    )


def _moment(document: Document, node: Node) -> Iterator[Fault]:
    try:
        moment(node.text)
    except CellError:
        yield document.fault(
            "not-a-date",
            node.spot,
            (
                f"'{node.text}' is not a moment",
                "Write 2025-09-14 or 2025-09-14T08:00Z; a time needs its zone.",
            ),
            (
                f"« {node.text} » n'est pas un moment",
                "Écrivez 2025-09-14 ou 2025-09-14T08:00Z ; l'heure veut son fuseau.",
            ),
        )


def _duration(document: Document, node: Node) -> Iterator[Fault]:
    try:
        parse_duration(node.text)
    except ValueError:
        yield document.fault(
            "duration",
            node.spot,
            (f"'{node.text}' is not a length of time", "Write '14d', '48h', '30m' or '1h30m'."),
            (f"« {node.text} » n'est pas une durée", "Écrivez « 14d », « 48h », « 30m » ou « 1h30m »."),
        )


def _listed(node: Node | None) -> Sequence[Node]:
    if node is None:
        return ()
    return node.items if node.kind == "list" else (node,)


def _missing(name: str) -> tuple[Pair, Pair]:
    return (
        (f"the key '{name}' is missing", "The shipped scenarios show the form."),
        (f"il manque la clé « {name} »", "Les scénarios livrés montrent la forme."),
    )


_WHOLE: Final[Any] = (
    ("a file of scenarios is a list", "Each scenario begins with '- name: ...'."),
    ("un fichier de scénarios est une liste", "Chaque scénario commence par « - name: ... »."),
)
_ENTRY: Final[Any] = (
    ("a scenario is a set of 'name: value'", "It has name, rule, observations and expect."),
    ("un scénario est une suite de « nom: valeur »", "Il a name, rule, observations et expect."),
)
_LIST: Final[Any] = (
    ("a list is expected here", "Write [one, two]."),
    ("une liste est attendue ici", "Écrivez [un, deux]."),
)
_MAP: Final[Any] = (
    ("a set of 'name: value' is expected here", "Write {name: value}."),
    ("une suite de « nom: valeur » est attendue ici", "Écrivez {nom: valeur}."),
)
_NOTHING: Final[Any] = (
    ("nothing is expected, so nothing can fail", "Say at which moment what must stand."),
    ("rien n'est attendu, donc rien ne peut échouer", "Dites à quel moment ce qui doit être."),
)
_RULE: Final = (
    ("unknown rule", "Name the id of a rule of this folder."),
    ("règle inconnue", "Donnez l'identifiant d'une règle de ce dossier."),
)
_INDICATOR: Final = (
    ("unknown indicator", "Indicators are listed in rules/indicators.yaml."),
    ("indicateur inconnu", "La liste des indicateurs est dans rules/indicators.yaml."),
)
_SOURCE: Final = (
    ("unknown source", "'warn sources' lists them."),
    ("source inconnue", "« warn sources » les donne."),
)
