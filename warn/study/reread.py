"""What another lexicon or another list of feeds would have made of the texts that were kept.

Only texts that once gave an observation were kept, and of them the title: what a new lexicon would find in a text
that the old one passed over cannot be known, and is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from warn.model import Observation
from warn.reading import Reader, read, to_observations

FEEDS = "feeds"


@dataclass(frozen=True, slots=True)
class Outlet:
    """What of an entry of feeds.yaml matters to texts already read."""

    grade: str
    read: bool


@dataclass(frozen=True, slots=True)
class Library:
    """One folder's way of reading: its words and names, and its feeds by id."""

    reader: Reader
    outlets: Mapping[str, Outlet]


def reread(
    observations: Iterable[Observation], old: Library, new: Library
) -> tuple[list[Observation], list[dict[str, Any]]]:
    """The observations as the new folder would have them, and each title that is read otherwise.

    A text is read again only where both readings are of the same title: an indicator the old lexicon finds in it and
    the new does not is dropped, one that only the new finds is added. Rows of files are a curator's and stay.
    """
    kept: list[Observation] = []
    otherwise: dict[str, dict[str, Any]] = {}
    seen: set[tuple[str, str]] = set()
    for stored in observations:
        feed = stored.key.partition(":")[0] if stored.source == FEEDS else ""
        if feed and not _still_read(feed, old, new):
            continue
        row = _graded(stored, feed, old, new)
        before, after = (_found(row, library.reader) for library in (old, new))
        lost, gained = before.keys() - after.keys(), after.keys() - before.keys()
        if lost or gained:
            otherwise.setdefault(
                row.title, {"title": row.title, "lost": sorted(lost), "gained": sorted(gained)}
            )
        if feed and row.indicator in lost:
            continue
        kept.append(row)
        stem = row.key.partition("#")[0]
        for name in sorted(gained) if feed else ():
            if (stem, name) not in seen:
                seen.add((stem, name))
                kept.append(
                    replace(after[name], known_at=row.known_at, source=row.source, key=f"{stem}#{name}")
                )
    return kept, list(otherwise.values())


def _still_read(feed: str, old: Library, new: Library) -> bool:
    """A feed that was taken out or switched off brings nothing; one that neither knows is left alone."""
    outlet = new.outlets.get(feed)
    return outlet.read if outlet is not None else feed not in old.outlets


def _graded(row: Observation, feed: str, old: Library, new: Library) -> Observation:
    """A report that bears its outlet's grade takes the outlet's new one."""
    before, after = old.outlets.get(feed), new.outlets.get(feed)
    if before is None or after is None or row.grade != before.grade or "claim" in row.attributes:
        return row
    return replace(row, grade=after.grade)


def _found(row: Observation, reader: Reader) -> Mapping[str, Observation]:
    if not row.title:
        return {}
    reading = read(row.title, reader=reader, published=row.known_at.date(), url=row.url)
    found: Sequence[Observation] = to_observations(
        reading, source=row.source, known_at=row.known_at, title=row.title, url=row.url
    )
    return {one.indicator: one for one in found}
