"""A rule with a fault in one place is mended there and read on, so that one check tells of every fault at once."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from warn.documents import text_path
from warn.rules.rule import Rule

_TEXTS = {"fr": "…", "en": "…"}
_STANDING = {"title": _TEXTS, "family": None, "id": "unnamed"}


def mended(raw: Mapping[str, Any], error: ValidationError) -> tuple[Rule | None, frozenset[str]]:
    """(the rule as it may have been meant, the keys that were touched), or None where it cannot be told.

    Never loaded: it only lets the other checks see the rest of the rule.
    """
    values = copy.deepcopy(dict(raw))
    touched: set[str] = set()
    for _ in range(3):
        for one in error.errors(include_url=False):
            key = str(one["loc"][0]) if one["loc"] else ""
            touched.add(key)
            _mend(values, dict(one), key)
        try:
            return Rule.model_validate(values), frozenset(touched)
        except ValidationError as again:
            error = again
    return None, frozenset(touched)


def _mend(values: dict[str, Any], one: dict[str, Any], key: str) -> None:
    path, _ = text_path(Rule, one["loc"])
    holder = _holder(values, path[:-1])
    last = path[-1] if path else key
    meant = _meant(one, str(last))
    if isinstance(holder, dict) and meant is not None:
        holder[last] = meant
    elif isinstance(holder, dict) and last in holder and (holder is not values or key not in _STANDING):
        del holder[last]
    elif key in _STANDING:
        values[key] = _STANDING[key]
    else:
        values.pop(key, None)


def _holder(values: dict[str, Any], path: Sequence[str | int]) -> Any:
    """What holds the last step of a path."""
    node: Any = values
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def _meant(one: Mapping[str, Any], name: str) -> Any:
    """A value that will do in the place of what was written: what was meant, where it can be told."""
    if one["type"] == "missing":
        return _MISSING.get(name)
    if one["type"] == "duration":
        return one["ctx"]["meant"] or "7d"
    comma = re.fullmatch(r"\s*(-?\d+),(\d+)\s*", str(one["input"]))
    return float(f"{comma[1]}.{comma[2]}") if comma and "parsing" in one["type"] else None


_MISSING: Mapping[str, Any] = {"over": "7d", "before": "28d", "km": 35, "fr": "…", "en": "…"}
