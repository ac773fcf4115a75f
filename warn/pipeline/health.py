"""How the sources are: what administrators are told, by `warn sources`, the log and the readiness address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warn.digest.freshness import RECENT, WEEKS, Drop, Standing, drop, standing
from warn.model import Poll
from warn.source import Source
from warn.store import Tx, polls


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source that is on. `tried` and `good`: the newest poll, and the newest that gave an answer."""

    id: str
    standing: Standing
    tried: Poll | None
    good: Poll | None
    drop: Drop | None

    @property
    def trouble(self) -> str:
        """One line for an administrator, or nothing."""
        if self.drop is not None:
            found, usual = self.drop.found, self.drop.usual
            return f"answers, but finds nothing any more: {found} in three days, usually {usual:g} a day"
        if self.tried is not None and self.standing in {"overdue", "silent"}:
            since = f"since {self.good.at:%Y-%m-%d %H:%M}" if self.good is not None else "ever"
            return f"{self.standing}, nothing read {since}: {self.tried.outcome}, {self.tried.message}"[:300]
        return ""


def healths(tx: Tx, sources: Iterable[Source], now: datetime) -> dict[str, SourceHealth]:
    """Of each of these sources, by id."""
    newest = polls.newest_polls(tx)
    found: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for name, at, count in polls.yields(tx, now - RECENT - WEEKS):
        found[name].append((at, count))
    told = {}
    for source in sources:
        tried, good = newest.get(source.id, (None, None))
        told[source.id] = SourceHealth(
            source.id,
            standing(source.expected_every.total_seconds(), good.at if good else None, now),
            tried,
            good,
            drop(found[source.id], now),
        )
    return told
