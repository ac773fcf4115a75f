"""The files of a rules folder that are not rules: what is wrong in each, with file, line and column."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from warn import geo
from warn.documents import Document, Fault, asks, did_you_mean, shape_faults
from warn.documents import read as read_yaml
from warn.geo import Geography
from warn.indicators import Indicators
from warn.reading import Reader, load_lexicon
from warn.reading.lexicon import LexiconFile
from warn.reading.names import place_names
from warn.study.scenario_faults import Known, scenario_faults


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Centre(_Strict):
    """The middle of the city."""

    lat: float
    lon: float


class Country(_Strict):
    """Names and codes of the country."""

    name: dict[str, str]
    codes: dict[str, str | int]


class Sides(_Strict):
    """The country with its borders."""

    west: float
    south: float
    east: float
    north: float


class Money(_Strict):
    """The currency."""

    code: str
    name: str


class AreaFile(_Strict):
    """area.yaml."""

    id: str
    name: dict[str, str]
    centre: Centre
    timezone: str
    country: Country
    neighbours: list[str] = []
    box: Sides
    currency: Money | None = None


class DigestFile(_Strict):
    """digest.yaml: what a bulletin shows."""

    indicators: list[str] = []
    effects: list[str] = []
    words: dict[str, dict[str, dict[str, str]]] = {}


def geography(texts: Mapping[str, str], shown: str) -> tuple[Geography | None, tuple[Fault, ...]]:
    """Places, roads and names, or every fault of their files."""
    faults = [fault for name in geo.FILES if name in texts for fault in _form(name, texts[name])]
    bad = {fault.file for fault in faults}
    sound = {name: text for name, text in texts.items() if name in geo.FILES and name not in bad}
    if "area.yaml" in bad:
        return None, _below(shown, faults)
    found, more = geo.inspect(sound)
    return (None if bad or more else found), _below(shown, [*faults, *more])


def reader(
    texts: Mapping[str, str], shown: str, places: Geography | None
) -> tuple[Reader | None, tuple[Fault, ...]]:
    """The reader of free text, or every fault of its words."""
    file = f"{shown}/lexicon.yaml"
    document = read_yaml(texts["lexicon.yaml"], file)
    shape, faults = _shaped(LexiconFile, document)
    if shape is None:
        return None, tuple(faults)
    words, told = load_lexicon(texts["lexicon.yaml"], file)
    if words is None or places is None:
        return None, told
    return Reader(words, place_names(places.gazetteer, words)), told


def bulletin(
    texts: Mapping[str, str], shown: str, indicators: Indicators, rules: Collection[str]
) -> tuple[DigestFile, tuple[Fault, ...]]:
    """What bulletins show, and every fault of digest.yaml."""
    name = "digest.yaml"
    if name not in texts:
        return DigestFile(), ()
    document = read_yaml(texts[name], f"{shown}/{name}")
    found, faults = _shaped(DigestFile, document)
    faults += _unknown(document, found, indicators, rules)
    return found or DigestFile(), tuple(faults)


def scenarios(documents: Iterable[Document], known: Known) -> tuple[Fault, ...]:
    """Every fault of rules/tests/*.yaml: a scenario that cannot run protects nothing."""
    return tuple(fault for document in documents for fault in scenario_faults(document, known))


def _form(name: str, text: str) -> Iterator[Fault]:
    """Whether a file of places can be read at all, told with its place."""
    if name.endswith(".geojson"):
        try:
            json.loads(text)
        except json.JSONDecodeError as bad:
            yield Fault(
                name, bad.lineno, bad.colno, "geography", f"not JSON: {bad.msg}",
                "Correct it here, or take the shipped file.",
                french=(f"pas du JSON : {bad.msg}", "Corrigez ici, ou reprenez le fichier livré."),
            )  # fmt: skip
    elif name == "area.yaml":
        yield from _shaped(AreaFile, read_yaml(text, name))[1]
    elif name == "places.yaml":
        yield from read_yaml(text, name).faults


def _shaped(model: type[Any], document: Document) -> tuple[Any, list[Fault]]:
    faults = list(document.faults)
    if document.root is None:
        return None, faults
    try:
        return model.model_validate(document.data if document.data is not None else {}), faults
    except ValidationError as error:
        return None, faults + shape_faults(error, model, document, ())


def _unknown(
    document: Document, found: DigestFile | None, indicators: Indicators, rules: Collection[str]
) -> list[Fault]:
    if found is None:
        return []
    names = [one.id for one in indicators]
    told = []
    for key, known in (("indicators", names), ("effects", [*names, *rules])):
        for nth, name in enumerate(getattr(found, key)):
            if name not in known:
                english, french = asks(did_you_mean(name, known))
                told.append(
                    document.fault(
                        "unknown-indicator",
                        document.spot((key, nth)),
                        (f"unknown indicator '{name}'{english}", _LISTED[0]),
                        (f"indicateur inconnu « {name} »{french}", _LISTED[1]),
                    )
                )
    return told


_LISTED: Final = (
    "Indicators are listed in rules/indicators.yaml.",
    "La liste des indicateurs est dans rules/indicators.yaml.",
)


def _below(shown: str, faults: list[Fault]) -> tuple[Fault, ...]:
    """Told with the folder before the name, once each."""
    return tuple(dict.fromkeys(replace(fault, file=f"{shown}/{fault.file}") for fault in faults))
