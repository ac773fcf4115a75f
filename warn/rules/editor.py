"""For people who write rules in an editor: the JSON Schema that completes and explains, and a rule to start from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import TypeAdapter

from warn.geo import Geography
from warn.indicators import Indicators
from warn.rules.filters import Filtered
from warn.rules.measures import MEASURES
from warn.rules.rule import LANGUAGES, Rule, Timing

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
"""The draft that editors' YAML plug-ins understand best."""
_NAMED: Final = frozenset(MEASURES) - {"state", "ratio", "rules", "families"}
"""Measures whose key is followed by names of indicators."""


def json_schema(indicators: Indicators, places: Geography | None = None) -> dict[str, Any]:
    """The schema of a file of rules, with this folder's indicators, areas, corridors and regions to choose from."""
    rule = TypeAdapter(Rule).json_schema(ref_template="#/definitions/{model}")
    timing = TypeAdapter(Timing).json_schema(ref_template="#/definitions/{model}")
    definitions: dict[str, Any] = {**rule.pop("$defs", {}), **timing.pop("$defs", {})}
    definitions |= {"Rule": rule, "Timing": timing}
    for node in _nodes(definitions):
        node.pop("discriminator", None)
    for cls in MEASURES.values():
        _complete(
            definitions.get(cls.__name__, {}),
            cls.kind,
            indicators,
            places,
            filtered=issubclass(cls, Filtered),
        )
    _enum(definitions["Pair"]["properties"], ("on", "off"), _names(indicators))
    for key in ("title", "message", "expect"):
        texts = rule["properties"][key]
        texts["properties"] = {lang: {"type": "string"} for lang in LANGUAGES}
        texts["required"] = list(LANGUAGES)
    return {
        "$schema": DRAFT,
        "title": "Rules of warn",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "defaults": {"$ref": "#/definitions/Timing", "description": "For every rule of this file."},
            "rules": {"type": "array", "items": {"$ref": "#/definitions/Rule"}, "description": "The rules."},
        },
        "definitions": definitions,
    }


def skeleton(kind: str = "count", lang: str = "en") -> str:
    """A commented rule of a measure to start from; it passes the check but for its indicator and its scenario."""
    measure = MEASURES[kind if kind in MEASURES else "count"]
    note = _NOTES["fr" if lang == "fr" else "en"]
    ladder, *clears_at = _LADDERS.get(kind, _RISES).split("\n")
    quiet = "".join(f"\n{line:<38} # {note['quiet']}" for line in clears_at)
    numbers = f"{ladder:<34} # {note['numbers']}{quiet}"
    fill = {**note, "kind": measure.kind, "measure": measure.example, "ladder": numbers}
    text = _SKELETON
    for name, words in fill.items():
        text = text.replace(f"<{name}>", words)
    return text


def _complete(
    schema: dict[str, Any], kind: str, indicators: Indicators, places: Geography | None, *, filtered: bool
) -> None:
    """The names of this folder as choices of one measure."""
    properties = schema.get("properties", {})
    if kind in _NAMED:
        _enum(properties, (kind,), _names(indicators))
    if places is not None and filtered:
        areas = list(places.zones)
        near = properties["near"]
        near["anyOf"] = [{"type": "string", "enum": areas}, {"$ref": "#/definitions/Near"}]


def _names(indicators: Indicators) -> dict[str, Any]:
    one = {"type": "string", "enum": [indicator.id for indicator in indicators]}
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


def _enum(properties: dict[str, Any], keys: tuple[str, ...], choices: Mapping[str, Any]) -> None:
    for key in keys:
        kept = {name: properties[key][name] for name in ("description", "title") if name in properties[key]}
        properties[key] = {**kept, **choices}


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in list(value.values()):
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


_RISES: Final = "rises_to: {tension: 1, alert: 2, crisis: 4}"
_FALLS: Final = "falls_to: {tension: 0.60, alert: 0.35, crisis: 0.15}\n    clears_at: 0.70"
_LADDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "mean": _FALLS,
        "min": "falls_to: {tension: 12, alert: 8, crisis: 4}\n    clears_at: 16",
        "state": "rises_to: {alert: 1}",
        "rules": "rises_to: {alert: 1, crisis: 2}",
        "families": "rises_to: {alert: 2, crisis: 3}",
        "ratio": "rises_to: {tension: 1.2, alert: 1.6, crisis: 2.5}\n    clears_at: 1.1",
        "latest": "rises_to: {tension: 900, alert: 1200, crisis: 2000}\n    clears_at: 800",
        "max": "rises_to: {tension: 900, alert: 1200, crisis: 2000}\n    clears_at: 800",
        "median": "rises_to: {tension: 2, alert: 6, crisis: 12}\n    clears_at: 1",
        "change": "rises_to: {tension: 15, alert: 30, crisis: 60}\n    clears_at: 10",
        "anomaly": "rises_to: {tension: 1, alert: 2, crisis: 3}\n    clears_at: 0.5",
        "silence": "rises_to: {tension: 72, alert: 168}\n    clears_at: 48",
        "days_until": "falls_to: {tension: 7, alert: 2}\n    clears_at: 10",
        "sum": "rises_to: {tension: 1000, alert: 5000, crisis: 20000}\n    clears_at: 500",
    }
)
_SKELETON: Final = """\
# yaml-language-server: $schema=schema.json
rules:
  - id: my-rule                        # <id>
    title: {fr: "Titre", en: "Title"}
    family: supply                     # attack, supply, price, power, services, displacement, posture, politics, media
    why: "..."                         # <why>
    measure: <measure>
    <ladder>
    clears_after: 3d                   # <clears>
    mode: approve                      # <mode>
    message:                           # <message>
      fr: "Valeur : {{ value }} (seuil : {{ threshold }})."
      en: "Value: {{ value }} (threshold: {{ threshold }})."
    expect:                            # <expect>
      fr: "effet possible dans les semaines à venir"
      en: "an effect is possible in the coming weeks"
    advice:
      fr: {residents: "...", ngo: "...", press: "..."}
      en: {residents: "...", ngo: "...", press: "..."}
      reviewed_by: ""                  # <reviewed>
"""
_NOTES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "en": {
            "id": "permanent: alerts are known by it",
            "why": "the reason for the numbers",
            "numbers": "when each level is reached",
            "quiet": "from where on it is quiet",
            "clears": "how long it must be quiet before it closes",
            "mode": "shadow, approve or live",
            "message": "why it fired, in one sentence",
            "expect": "mechanism, never a countdown",
            "reviewed": "who read the advice over; then reviewed_on",
        },
        "fr": {
            "id": "permanent : l'alerte est connue par lui",
            "why": "la raison des nombres",
            "numbers": "quand chaque niveau est atteint",
            "quiet": "à partir d'où c'est calme",
            "clears": "combien de temps de calme avant la fermeture",
            "mode": "shadow, approve ou live",
            "message": "pourquoi elle se déclenche, en une phrase",
            "expect": "le mécanisme, jamais un compte à rebours",
            "reviewed": "qui a relu les conseils ; puis reviewed_on",
        },
    }
)
