"""rules/sources.yaml: read, and every fault of it told where it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from pydantic import ValidationError

from warn.documents import Document, Fault, asks, did_you_mean, read, shape_faults
from warn.errors import ConfigError
from warn.sources.generic.asking import BLANK, KNOWN
from warn.sources.generic.schema import Described, Given, Table

FILE = "rules/sources.yaml"
Pair = tuple[str, str]


def check(
    text: str, file: str = FILE, *, indicators: Collection[str] | None = None, taken: Collection[str] = ()
) -> tuple[tuple[Described, ...], tuple[Fault, ...]]:
    """Every source that stands, and every fault. `taken`: ids that sources written as programs have."""
    document = read(text, file)
    faults = list(document.faults)
    rows = document.data.get("sources") if isinstance(document.data, dict) else None
    if not isinstance(rows, list):
        if document.root is not None:
            faults.append(document.fault("not-a-map", document.spot(()), *_WHOLE))
        return (), tuple(faults)
    found: dict[str, Described] = {}
    for nth, row in enumerate(rows):
        at = ("sources", nth)
        try:
            described = Described.model_validate(row)
        except ValidationError as error:
            faults += shape_faults(error, Described, document, at)
            continue
        if described.id in found or described.id in taken:
            faults.append(document.fault("duplicate-id", document.spot((*at, "id")), *_twice(described.id)))
        faults += _meant(described, document, at, indicators)
        found[described.id] = described
    return tuple(found.values()), tuple(faults)


def load(text: str, file: str = FILE) -> tuple[Described, ...]:
    """The same for callers that cannot go on without: ConfigError tells the first fault."""
    found, faults = check(text, file)
    first = next((fault for fault in faults if fault.severity == "error"), None)
    if first is not None:
        raise ConfigError(f"{first.file}:{first.line}:{first.column}: {first.message}.", first.suggestion)
    return found


def _meant(
    described: Described, document: Document, at: tuple[Any, ...], indicators: Collection[str] | None
) -> Iterator[Fault]:
    """What has the right form and cannot work."""
    if described.token is not None and described.key is None:
        yield document.fault("missing-key", document.spot((*at, "token"), key=True), *_TOKEN)
    for nth, table in enumerate(described.tables):
        here = (*at, "tables", nth)
        yield from _blanks(table, document, here)
        for nth_given, given in enumerate(table.gives):
            if indicators is not None:
                yield from _indicators(given, document, (*here, "gives", nth_given, "indicator"), indicators)


def _blanks(table: Table, document: Document, at: tuple[Any, ...]) -> Iterator[Fault]:
    texts = [(("address",), table.address), *((("query", name), text) for name, text in table.query.items())]
    for path, text in texts:
        for match in BLANK.finditer(text):
            if match[1] not in KNOWN:
                guess = did_you_mean(match[1], sorted(KNOWN))
                yield document.fault("not-allowed", document.spot((*at, *path)), *_blank(match[1], guess))


def _indicators(
    given: Given, document: Document, at: tuple[Any, ...], known: Collection[str]
) -> Iterator[Fault]:
    named = (
        {(): given.indicator}
        if isinstance(given.indicator, str)
        else {("map", said): name for said, name in given.indicator.map.items()}
    )
    for path, name in named.items():
        if name not in known:
            guess = did_you_mean(name, sorted(known))
            yield document.fault("unknown-indicator", document.spot((*at, *path)), *_unknown(name, guess))


_WHOLE = (
    ("this file must begin with 'sources:'", "Below it, a list of entries, each with '- id: ...'."),
    ("ce fichier doit commencer par « sources: »", "Dessous, une liste d'éléments « - id: ... »."),
)
_TOKEN = (
    ("a token is bought with a key, and no key is named", "Add key: {name: ...}."),
    ("un jeton s'obtient avec une clé, et aucune n'est nommée", "Ajoutez key: {name: ...}."),
)


def _twice(name: str) -> tuple[Pair, Pair]:
    return (
        (f"there is another source with the id '{name}'", "Give this one another id."),
        (f"une autre source porte déjà l'id « {name} »", "Donnez-en un autre à celle-ci."),
    )


def _blank(name: str, guess: str) -> tuple[Pair, Pair]:
    english, french = asks(guess)
    known = ", ".join(sorted(KNOWN))
    return (
        (f"nothing is filled in for {{{name}}}{english}", f"What can be filled in: {known}."),
        (f"rien ne remplace {{{name}}}{french}", f"Peuvent être remplacés : {known}."),
    )


def _unknown(name: str, guess: str) -> tuple[Pair, Pair]:
    english, french = asks(guess)
    return (
        (f"unknown indicator '{name}'{english}", "Indicators stand in indicators.yaml."),
        (f"indicateur inconnu « {name} »{french}", "Les indicateurs figurent dans indicators.yaml."),
    )
