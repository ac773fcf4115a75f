"""What a feed has let go while nobody read it: after an outage its older pages, where the outlet has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from warn.errors import SourceError
from warn.source import Body, Http
from warn.sources.feeds.entries import oldest_of
from warn.sources.feeds.listing import Feed

NOTE: Final = "read"
OUTAGE: Final = timedelta(hours=6)
LONGEST: Final = timedelta(days=7)
MOST_PAGES: Final = 6
STAMP: Final = "%Y%m%dT%H%M%S"


def noted(said: str) -> dict[str, datetime]:
    """Feed -> when it was read last; what is no moment is passed over."""
    found: dict[str, datetime] = {}
    for one in said.split():
        name, _, moment = one.partition("=")
        try:
            found[name] = datetime.strptime(moment, STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue
    return found


def note(read: Mapping[str, datetime]) -> str:
    return " ".join(f"{name}={moment.astimezone(UTC):{STAMP}}" for name, moment in sorted(read.items()))


async def older(feed: Feed, newest: Body, since: datetime | None, http: Http, now: datetime) -> list[Body]:
    """Page by page back to when it was read last; none where that is not long ago or the first page reaches so far."""
    if not feed.older or since is None or now - since < OUTAGE or not newest.content:
        return []
    back_to, reached = max(since, now - LONGEST), oldest_of(newest.content)
    bodies: list[Body] = []
    for page in range(2, MOST_PAGES + 1):
        if reached is None or reached <= back_to:
            break
        try:
            body = await http.get(
                feed.url,
                params={feed.older: str(page)},
                part=f"{feed.id} {page}",
                expect="xml",
                conditional=False,
            )
        except SourceError:
            break  # beyond the last page there is none; the newest one came
        oldest = oldest_of(body.content)
        if oldest is None or oldest >= reached:
            break  # the same page again: this outlet has no others
        bodies.append(body)
        reached = oldest
    return bodies
