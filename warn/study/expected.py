"""What a scenario expects of an alert at a moment, and how what was found differs from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from warn.model import LEVELS, AlertState, By, Level, ReaderKind, Transition, TransitionKind
from warn.rows import CellError, moment
from warn.study.scenario_words import Faults, said

STATES = ("closed", "open", "blind", "lapsed")
KEYS = ("at", "state", "level", "reason", "by", "evidence", "message")
MESSAGE = ("reader", "contains", "lacks")
READER: Mapping[str, Sequence[str]] = {
    "lang": (),
    "channel": ("telegram", "email"),
    "kind": get_args(ReaderKind),
}
"""What a reader of a message may be said to be, and the words for it; none: any."""
EVIDENCE = (
    "value", "lo", "hi", "threshold", "unit", "grade", "place", "corridor", "days", "origins", "counted", "not_counted",
)  # fmt: skip
Render = Callable[[Transition, AlertState, Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of `expect`; what is None is not asked."""

    at: datetime
    state: str | None
    level: Level | None
    reason: str | None
    by: By | None
    evidence: Mapping[str, Any]
    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """How the alert stood, and the last thing told of it."""

    state: AlertState
    last: Transition | None


def expected_from(entry: Any, faults: Faults) -> Iterator[Expected]:
    if not isinstance(entry, Mapping) or "at" not in entry:
        faults.tell("needs at")
        return
    here = f"expect at {entry['at']}"
    known = {"": KEYS, "evidence": EVIDENCE, "message": MESSAGE}
    for part, keys in known.items():
        found = entry if not part else entry.get(part) or {}
        if not isinstance(found, Mapping):
            faults.tell("not a mapping", here=here, part=part)
            return
        for key in (key for key in found if key not in keys):
            faults.tell("unknown key", here=here, key=key, allowed=", ".join(keys))
    if says_nothing(entry):
        faults.tell("expects nothing", here=here)
    if entry.get("reason") not in {None, *get_args(TransitionKind)}:
        faults.tell("reason", here=here, reason=entry["reason"], allowed=", ".join(get_args(TransitionKind)))
    level = entry.get("level")
    if entry.get("state") not in {None, *STATES}:
        faults.tell("state", here=here, state=entry["state"], allowed=", ".join(STATES))
    if level is not None and (level not in LEVELS and level not in range(5)):
        faults.tell("level", here=here, level=level, allowed=", ".join(LEVELS))
        return
    try:
        at = moment(entry["at"])
    except CellError as error:
        faults.append(f"{here}: {error}")
        return
    by = entry.get("by")
    yield Expected(
        at=at,
        state=entry.get("state"),
        level=None if level is None else LEVELS[level] if isinstance(level, str) else Level(level),
        reason=entry.get("reason"),
        by=tuple(sorted((str(k), str(v)) for k, v in by.items())) if isinstance(by, Mapping) else None,
        evidence=entry.get("evidence") or {},
        message=entry.get("message") or {},
    )


def says_nothing(entry: Mapping[str, Any]) -> bool:
    """Whether an expectation, or the message in it, is such that it cannot fail."""
    message = entry.get("message")
    silent = isinstance(message, Mapping) and not any(message.get(key) for key in ("contains", "lacks"))
    return silent or not any(entry.get(key) is not None for key in KEYS if key not in {"at", "by"})


def differences(expected: Expected, found: Found, render: Render | None, lang: str = "en") -> Iterator[str]:
    """Sentences, one for each thing that is not as it should be."""
    here = f"{expected.at:%Y-%m-%dT%H:%MZ}"
    state, last = found.state, found.last
    history = said(lang, "nothing told")
    if last is not None:
        history = said(lang, "last", kind=last.kind, at=f"{last.at:%Y-%m-%dT%H:%MZ}", why=last.why)
    where = {"here": here, "history": history}
    if expected.state is not None and state.status != expected.state:
        yield said(lang, "expected state", wanted=expected.state, found=state.status, **where)
    if expected.level is not None and state.level != expected.level:
        yield said(lang, "expected level", wanted=_level(expected.level), found=_level(state.level), **where)
    if expected.reason is not None and (last is None or last.kind != expected.reason):
        yield said(lang, "expected reason", wanted=expected.reason, **where)
    if expected.evidence and last is None:
        yield said(lang, "no evidence", **where)
    elif last is not None:
        for name, value in expected.evidence.items():
            there = getattr(last.evidence, name)
            if not _same(value, there):
                shown = {"name": name, "wanted": _say(value, lang), "found": _say(there, lang)}
                yield said(lang, "expected evidence", **shown, **where)
    if expected.message:
        yield from _message(here, expected.message, found, render, lang)


def _message(
    here: str, expected: Mapping[str, Any], found: Found, render: Render | None, lang: str
) -> Iterator[str]:
    if found.last is None:
        yield said(lang, "no message", here=here)
        return
    if render is None:
        yield said(lang, "no rendering", here=here)
        return
    text = render(found.last, found.state, expected.get("reader") or {})
    for wanted in _texts(expected.get("contains")):
        if _spaced(wanted) not in _spaced(text):
            yield said(lang, "lacks", here=here, text=wanted, message=text)
    for unwanted in _texts(expected.get("lacks")):
        if _spaced(unwanted) in _spaced(text):
            yield said(lang, "contains", here=here, text=unwanted, message=text)


def _spaced(text: str) -> str:
    """No keyboard of an analyst has the no-break space of French typography: here it is as good as a space."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _texts(written: Any) -> Sequence[str]:
    return [written] if isinstance(written, str) else [str(one) for one in written or ()]


def _same(wanted: Any, there: Any) -> bool:
    if isinstance(wanted, int | float) and isinstance(there, int | float):
        return math.isclose(wanted, there, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(wanted, list | tuple):
        return sorted(map(str, wanted)) == sorted(map(str, there or ()))
    return bool(wanted == there)


def _say(value: Any, lang: str) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or said(lang, "none")
    return (
        said(lang, "unknown") if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    )


def _level(level: Level) -> str:
    return f"{int(level)} ({level.word})"
