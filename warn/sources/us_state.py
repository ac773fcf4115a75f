"""American travel advisories: RSS of the Department of State, all countries in one feed.

Terms: public domain. No key; asked every half hour. The feed lags the site by hours to days and carries
some dates in the future; its country tags are not ISO, so that the country is found by its English name in
the title. Embassies confirm, they do not lead.
"""

from __future__ import annotations

import calendar
import hashlib
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import feedparser

from warn.fetching import form
from warn.geo import fold
from warn.model import Observation
from warn.rows import plain
from warn.source import Body, Context, Http, Parsed, Source

ADDRESS: Final = "https://travel.state.gov/_res/rss/TAsTWs.xml"
TITLE: Final = re.compile(
    r"\s*(?P<country>.{1,80}?)(?:\s+Travel Advisory)?\s*[-–—]\s*Level\s*(?P<level>[1-4])\b", re.IGNORECASE
)
LARGEST: Final = 5_000_000


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    address = str(options.get("us_state_url") or ADDRESS)
    return (await http.get(address, expect="xml", conditional=False),)  # the level is told anew each day


def parse(content: bytes, context: Context) -> Parsed:
    """The country's level of today, and the advisory that set it. Without an area, those of all countries."""
    kind = form(content)
    if kind == "html":
        return Parsed("blocked", message="a web page came instead of the feed")
    if kind != "xml" or len(content) > LARGEST:
        return Parsed(
            "schema_changed" if content.strip() else "error", message=f"{kind} came instead of a feed"
        )
    entries = feedparser.parse(
        io.BytesIO(content), response_headers={"content-type": "application/xml"}
    ).entries
    advisories = [
        (entry, match) for entry in entries if (match := TITLE.match(plain(entry.get("title") or "")))
    ]
    if not advisories:
        return Parsed("schema_changed" if entries else "error", message="no entry says a level")
    home = fold(context.area.country.get("en", "")) if context.area is not None else ""
    ours = [(entry, match) for entry, match in advisories if not home or fold(match["country"]) == home]
    if not ours:
        return Parsed("no_data", message=f"{len(advisories)} advisories, none for this country")
    newest: dict[str, tuple[Any, re.Match[str]]] = {}
    for entry, match in sorted(
        ours, key=lambda pair: _published(pair[0]) or datetime.min.replace(tzinfo=UTC)
    ):
        newest[fold(match["country"])] = (entry, match)
    found = tuple(o for entry, match in newest.values() for o in _told(entry, match, context.now))
    return Parsed(
        "ok", found, ", ".join(f"{m['country']} level {m['level']}" for _, m in newest.values())[:200]
    )


def _told(entry: Any, match: re.Match[str], now: datetime) -> list[Observation]:
    """A standing level is reported once a day; an advisory dated in the future is told as a level only."""
    country, level = plain(match["country"]), int(match["level"])
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    link = plain(entry.get("link") or "")
    common: dict[str, Any] = {
        "known_at": now,
        "source": "us_state",
        "origins": ("US State Department",),
        "grade": "A1",
        "place": country,
        "precision": "country",
        "url": link if link.startswith("https://") else "",
    }
    slug = fold(country).replace(" ", "-")
    found = [
        Observation("travel_advice_level", today, value=level, key=f"level:{slug}:{today:%Y-%m-%d}", **common)
    ]
    published = _published(entry)
    if level > 1 and published is not None and published <= now:
        mark = hashlib.sha256(f"{level} {published.isoformat()}".encode()).hexdigest()[:16]
        title = plain(entry.get("title") or "")[:300]
        said = {"level": str(level)}
        found.append(
            Observation(
                "travel_advice",
                published,
                title=title,
                attributes=said,
                key=f"change:{slug}:{mark}",
                **common,
            )
        )
    return found


def _published(entry: Any) -> datetime | None:
    moment = dict.get(entry, "published_parsed")
    try:
        return datetime.fromtimestamp(calendar.timegm(moment), UTC) if moment is not None else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


SOURCE: Final = Source(
    id="us_state",
    title="US travel advisories",
    indicators=("travel_advice", "travel_advice_level"),
    every=timedelta(minutes=30),
    lag=timedelta(hours=6),
    terms="Public domain, U.S. Department of State.",
    homepage="https://travel.state.gov",
    fetch=fetch,
    parse=parse,
)
