"""Decides what one more report of an observation means, given the versions that are stored. No database here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from warn.model import Observation


@dataclass(slots=True)
class Version:
    """One version; times as the driver writes them, which compare like times. `id` 0: not stored yet."""

    digest: bytes
    known: Any
    superseded: Any = None
    id: int = 0
    number: int = 1
    withdrawn: bool = False


@dataclass(slots=True)
class Plan:
    """What is to be written for one chunk. `closed`: id of a stored version -> when it ended."""

    stored: dict[tuple[str, str], list[Version]]
    added: list[tuple[Version, Observation]] = field(default_factory=list)
    closed: dict[int, Any] = field(default_factory=dict)
    new: int = 0
    revised: int = 0
    unchanged: int = 0

    def add(self, key: tuple[str, str], version: Version, observation: Observation) -> None:
        others = self.stored.get(key)
        if others is None:
            self.stored[key] = [version]
            self.added.append((version, observation))
            self.new += 1
        elif self._fits_in(version, others):
            version.number = max(other.number for other in others) + 1
            others.append(version)
            self.added.append((version, observation))
            self.revised += 1

    def _fits_in(self, version: Version, others: list[Version]) -> bool:
        """True when the version is to be stored; closes the one it replaces."""
        if len(others) == 1 and version.superseded is None and _says_the_same(others[0], version):
            self.unchanged += 1
            return False
        same = next(
            (o for o in others if o.digest == version.digest and o.known == version.known and _lived(o)), None
        )
        if same is not None:
            self._meet_again(same, version)
            return False
        if version.superseded is not None:
            return True
        current = next((other for other in others if other.superseded is None), None)
        if current is None:
            if any(other.withdrawn and other.digest == version.digest for other in others):
                self.unchanged += 1
                return False
            return True
        if current.digest == version.digest:
            self.unchanged += 1
            return False
        if version.known >= current.known:
            self._close(current, version.known)
        else:
            version.superseded = min(other.known for other in others if other.known > version.known)
        return True

    def _meet_again(self, same: Version, version: Version) -> None:
        """The very same row; it may only have learnt that it has ended."""
        if version.superseded is not None and same.superseded is None:
            self._close(same, version.superseded)
            self.revised += 1
        else:
            self.unchanged += 1

    def _close(self, version: Version, at: Any) -> None:
        version.superseded = at
        if version.id:
            self.closed[version.id] = at


def _says_the_same(stored: Version, version: Version) -> bool:
    """The usual case by far: a body that is read again."""
    return stored.digest == version.digest and stored.known == version.known and _lived(stored)


def _lived(version: Version) -> bool:
    """A version replaced at the very moment it became known was a slip of the file's, and may come back."""
    return version.superseded is None or version.superseded > version.known
