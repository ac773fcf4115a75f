"""How many must say the same before any of it counts: three reporters, whatever way each of them wrote.

One report alone could give its author away, or be one person's invention. Marks change with the month, so that
one person has two of them across its end: the two sides are counted apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from warn.model import Observation

LEAST: Final = 3
WITHIN: Final = timedelta(hours=48)
Matter = tuple[object, ...]


def matter(report: Observation) -> Matter:
    """What a report is about: those of one matter, from one month, keep each other company."""
    about = tuple(sorted(report.attributes.items()))
    return (report.indicator, about, report.place, report.occurred_at.year, report.occurred_at.month)


def in_company(reports: Iterable[Observation]) -> tuple[tuple[Observation, ...], ...]:
    """Those about which at least three reporters wrote within two days of each other, by what they are about."""
    by_matter: defaultdict[Matter, list[Observation]] = defaultdict(list)
    for report in reports:
        by_matter[matter(report)].append(report)
    found = (_kept(sorted(some, key=lambda one: one.occurred_at)) for some in by_matter.values())
    return tuple(some for some in found if some)


def settled(
    new: Sequence[Observation], _recent: Sequence[Observation], _now: datetime
) -> tuple[Observation, ...]:
    """What a form server's answers come to: those in company, all of one matter known at one moment.

    The server is asked for the whole month each time, so that those who are alone now come again.
    """
    together = in_company(new)
    return tuple(
        replace(one, known_at=max(other.known_at for other in some)) for some in together for one in some
    )


def _kept(reports: Sequence[Observation]) -> tuple[Observation, ...]:
    """Reports in order of time; a window of two days slides over them."""
    kept: dict[int, None] = {}
    authors: Counter[tuple[str, ...]] = Counter()
    end = 0
    for first, start in enumerate(reports):
        while end < len(reports) and reports[end].occurred_at - start.occurred_at <= WITHIN:
            authors[reports[end].origins] += 1
            end += 1
        if len(authors) >= LEAST:
            kept.update(dict.fromkeys(range(max(first, next(reversed(kept), first)), end)))
        authors[start.origins] -= 1
        if not authors[start.origins]:
            del authors[start.origins]
    return tuple(reports[n] for n in kept)
