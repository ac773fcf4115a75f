"""How much one person may ask of the bot, and what it remembers for a few minutes. No clock of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

_T = TypeVar("_T")
_MANY = 10_000


@dataclass(slots=True)
class Buckets:
    """A bucket of `size` tokens for each person, refilled over `per_s` seconds; empty means silence."""

    size: float = 10.0
    per_s: float = 60.0
    _levels: dict[int, tuple[float, float]] = field(default_factory=dict)  # person -> (tokens, at)

    def take(self, person: int, now_s: float) -> bool:
        tokens, at = self._levels.get(person, (self.size, now_s))
        tokens = min(self.size, tokens + (now_s - at) * self.size / self.per_s)
        allowed = tokens >= 1
        self._levels[person] = (tokens - 1 if allowed else tokens, now_s)
        if len(self._levels) > _MANY:
            self._levels = {
                key: value for key, value in self._levels.items() if now_s - value[1] < self.per_s
            }
        return allowed


@dataclass(slots=True)
class Remembered(Generic[_T]):
    """Values that are good for `for_s` seconds."""

    for_s: float
    _values: dict[object, tuple[_T, float]] = field(default_factory=dict)

    def get(self, key: object, now_s: float) -> _T | None:
        value = self._values.get(key)
        return value[0] if value and now_s - value[1] < self.for_s else None

    def put(self, key: object, value: _T, now_s: float) -> None:
        if len(self._values) > _MANY:
            self._values = {k: v for k, v in self._values.items() if now_s - v[1] < self.for_s}
        self._values[key] = (value, now_s)

    def pop(self, key: object, now_s: float) -> _T | None:
        value = self.get(key, now_s)
        self._values.pop(key, None)
        return value
