"""`--sweep rises_to.alert=1..5`: the same history under one number after another."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from pydantic import ValidationError

from warn.documents import asks, did_you_mean
from warn.errors import UsageError
from warn.model import Level, Observation
from warn.rules.durations import parse_duration
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule
from warn.study.audience import READERS, episodes, messages, news_of
from warn.study.score import Impact, score
from warn.study.trial import Trial

MOST_RUNS: Final = 200
_RANGE = re.compile(r"(-?[0-9.]+?)([wdhm]?)\.\.(-?[0-9.]+?)([wdhm]?)(?:\.\.([0-9.]+)([wdhm]?))?")
_INNER: Final = ("state", "families")
"""Measures whose words stand one level further in."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One key and the values it takes. `rule`: only there; empty: in every rule that has the key."""

    rule: str
    path: tuple[str, ...]
    values: tuple[str | float, ...]

    @property
    def name(self) -> str:
        return ".".join((self.rule, *self.path) if self.rule else self.path)


def axis_of(text: str, rules: Sequence[LoadedRule]) -> Axis:
    """`over=7d,14d`, `rises_to.alert=1..5`, `convoy-attacks.clears_after=2d..14d..2d`, or a UsageError."""
    name, equals, written = text.partition("=")
    if not equals or not written.strip():
        raise UsageError(
            f"--sweep {text} gives no values.",
            "Write rises_to.alert=1..5 or over=7d,14d,21d.",
            french=(
                f"--sweep {text} ne donne pas de valeurs.",
                "Écrivez rises_to.alert=1..5 ou over=7d,14d,21d.",
            ),
        )
    steps = tuple(name.strip().split("."))
    known = {loaded.id for loaded in rules}
    rule, path = (steps[0], steps[1:]) if steps[0] in known and len(steps) > 1 else ("", steps)
    axis = Axis(rule, path, tuple(_values(written, text)))
    if not any(_place(loaded.rule, path) for loaded in rules if rule in {"", loaded.id}):
        raise _nowhere(axis, rules)
    return axis


def runs(axes: Sequence[Axis]) -> list[dict[str, str | float]]:
    """Every combination, the first axis slowest. More than 200 are refused: nobody reads such a table."""
    count = math.prod(len(axis.values) for axis in axes)
    if count > MOST_RUNS:
        raise _too_many(count)
    names = [axis.name for axis in axes]
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*(a.values for a in axes))]


def sweep(
    trial: Trial,
    observations: Sequence[Observation],
    axes: Sequence[Axis],
    impacts: Sequence[Impact],
    level: int,
    progress: Callable[[int, int, str], None] = lambda _done, _of, _word: None,
) -> list[dict[str, Any]]:
    """One entry for each combination: its values, the score, days at each level, messages a week.

    A combination that makes a rule impossible (a crisis easier to reach than an alert) is not run; its entry says why
    under `fault`.
    """
    combinations = runs(axes)
    found = []
    for nth, values in enumerate(combinations):
        progress(nth, len(combinations), _said(values))
        found.append({"values": values, **_one(trial, observations, axes, values, impacts, level)})
    progress(len(combinations), len(combinations), "")
    return found


def _one(
    trial: Trial,
    observations: Sequence[Observation],
    axes: Sequence[Axis],
    values: Mapping[str, str | float],
    impacts: Sequence[Impact],
    level: int,
) -> dict[str, Any]:
    try:
        rules = [_varied(loaded, axes, values) for loaded in trial.rules]
    except (ValidationError, _OrderError) as wrong:
        return {"fault": _why(wrong)}
    varied = replace(trial, rules=rules)
    told = varied.run(observations).told
    news = news_of(episodes(told), rules)
    return {
        "score": score(varied.issues(told, Level(level)), impacts, level, trial.start, trial.end),
        "messages_per_week": {
            name: messages(news, who, trial.start, trial.end)["per_week"] for name, who in READERS.items()
        },
    }


class _OrderError(ValueError):
    """A ladder whose numbers do not climb."""


def _why(wrong: ValidationError | _OrderError) -> str:
    return wrong.errors()[0]["msg"] if isinstance(wrong, ValidationError) else str(wrong)


def _varied(loaded: LoadedRule, axes: Sequence[Axis], values: Mapping[str, str | float]) -> LoadedRule:
    body: dict[str, Any] | None = None
    for axis in axes:
        place = _place(loaded.rule, axis.path) if axis.rule in {"", loaded.id} else None
        if place is not None:
            body = body or loaded.rule.model_dump(by_alias=True, exclude_unset=True)
            _set(body, place, values[axis.name])
    if body is None:
        return loaded
    rule = Rule.model_validate(body)
    numbers = [number if rule.rising else -number for number in rule.ladder.values()]
    if any(b <= a for a, b in itertools.pairwise(numbers)):
        raise _OrderError(f"{rule.id}: {', '.join(f'{k.word} {v:g}' for k, v in rule.ladder.items())}")
    if rule.eases_after > rule.clears_after:
        rule = rule.model_copy(update={"eases_after": rule.clears_after})
    return replace(loaded, rule=rule)


def _place(rule: Rule, path: Sequence[str]) -> tuple[str, ...] | None:
    """Where a key stands in a rule, or would: `over` means the measure's; None where the rule cannot have it."""
    if path[0] in Rule.model_fields and path[0] != "measure":
        if path[0] in {"rises_to", "falls_to"}:
            ladder = rule.model_dump(by_alias=True)[path[0]]
            return tuple(path) if ladder and len(path) == 2 and path[1] in ladder else None
        return tuple(path) if len(path) == 1 else None
    rest = tuple(path[1:] if path[0] == "measure" else path)
    measure = rule.measure.model_dump(by_alias=True)
    for start in ((), *((inner,) for inner in _INNER if inner in measure)):
        node: Any = measure
        for step in (*start, *rest):
            node = node.get(step, _NOTHING) if isinstance(node, Mapping) else _NOTHING
        if rest and node is not _NOTHING and not isinstance(node, Mapping):
            return ("measure", *start, *rest)
    return None


_NOTHING: Final = object()


def _set(body: dict[str, Any], path: Sequence[str], value: str | float) -> None:
    for step in path[:-1]:
        body = body.setdefault(step, {})
    body[path[-1]] = value


def _values(written: str, text: str) -> Iterator[str | float]:
    for part in written.split(","):
        bounds = _RANGE.fullmatch(part.strip())
        if bounds:
            yield from _between(bounds, text)
        else:
            yield _value(part.strip(), text)


def _between(bounds: re.Match[str], text: str) -> Iterator[str | float]:
    """`1..5`, `0.2..0.6..0.1`, `7d..28d..7d`; without a step it is one unit of the last place written."""
    first, unit, last, until, by, step_unit = bounds.groups()
    try:
        low, high = Decimal(first), Decimal(last)
        step = Decimal(by) if by else Decimal(1).scaleb(min(_places(low), _places(high)))
    except InvalidOperation:
        raise _bad(text, bounds[0]) from None
    if {unit, until} - {until} or (by and step_unit != unit) or step <= 0 or high < low:
        raise _bad(text, bounds[0])
    if (count := int((high - low) / step) + 1) > MOST_RUNS:
        raise _too_many(count)
    while low <= high:
        yield f"{low}{unit}" if unit else float(low)
        low += step


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return min(0, exponent) if isinstance(exponent, int) else 0


def _value(word: str, text: str) -> str | float:
    try:
        return float(word) if math.isfinite(float(word)) else _refuse(text, word)
    except ValueError:
        pass
    try:
        parse_duration(word)
    except ValueError:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", word):
            raise _bad(text, word) from None
    return word


def _refuse(text: str, word: str) -> float:
    raise _bad(text, word)


def _too_many(count: int) -> UsageError:
    return UsageError(
        f"These sweeps ask for {count} runs; at most {MOST_RUNS} are made.",
        "Give fewer values, or one sweep at a time.",
        french=(
            f"Ces variations demandent {count} essais ; au plus {MOST_RUNS} sont faits.",
            "Donnez moins de valeurs, ou une variation à la fois.",
        ),
    )


def _bad(text: str, word: str) -> UsageError:
    return UsageError(
        f"--sweep {text}: '{word}' is neither a number, a length of time nor a range.",
        "Write 1..5, 0.2..0.6..0.1, 7d,14d,21d or 7d..28d..7d.",
        french=(
            f"--sweep {text} : « {word} » n'est ni un nombre, ni une durée, ni un intervalle.",
            "Écrivez 1..5, 0.2..0.6..0.1, 7d,14d,21d ou 7d..28d..7d.",
        ),
    )


def _nowhere(axis: Axis, rules: Sequence[LoadedRule]) -> UsageError:
    known = sorted({key for loaded in rules for key in _keys(loaded.rule)})
    english, french = asks(did_you_mean(".".join(axis.path), known))
    return UsageError(
        f"--sweep {axis.name}: no rule chosen has this key{english}.",
        "For example rises_to.alert, over, clears_after, measure.confirmed_by.origins.",
        french=(
            f"--sweep {axis.name} : aucune règle choisie n'a cette clé{french}.",
            "Par exemple rises_to.alert, over, clears_after, measure.confirmed_by.origins.",
        ),
    )


def _keys(rule: Rule) -> Iterator[str]:
    body = rule.model_dump(by_alias=True)
    yield from (key for key in body if key not in {"measure", "rises_to", "falls_to"})
    for ladder in ("rises_to", "falls_to"):
        yield from (f"{ladder}.{level}" for level in body[ladder] or ())
    yield from body["measure"]


def _said(values: Mapping[str, str | float]) -> str:
    return ", ".join(f"{name}={v:g}" if isinstance(v, float) else f"{name}={v}" for name, v in values.items())
