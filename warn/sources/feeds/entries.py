"""What feeds wrap around their words: markup, boilerplate, dates, ids."""

from __future__ import annotations

import calendar
import hashlib
import html
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any, Final

import feedparser

from warn.rows import plain

LEAD: Final = 1_000
AHEAD: Final = timedelta(days=1)
FARTHEST_BACK: Final = timedelta(days=14)
TAIL: Final = re.compile(
    r"(?:The post .{0,300} (?:appeared first|first appeared) on |"
    r"(?:L[’']article|Cet article) .{0,300} est apparu en premier sur ).*$",
    re.DOTALL,
)


def words(markup: Any) -> str:
    """The words of a title or lead without their markup."""
    said = str(markup or "")[: 20 * LEAD]
    if "<" in said:
        stripper = _Stripper()
        stripper.feed(said)
        stripper.close()
        said = " ".join(stripper.pieces)
    return plain(" ".join(html.unescape(said).split()))


def lead_of(entry: Any, title: str, drop: Sequence[str]) -> str:
    """The summary, short, without what the outlet's software adds to each."""
    said = words(entry.get("summary"))
    for boilerplate in drop:
        said = said.replace(boilerplate, " ")
    said = TAIL.sub("", said).strip()
    return "" if said == title else said[:LEAD]


def link_of(entry: Any) -> str:
    """The article's address if it is one, without the marks of campaigns."""
    link = re.sub(r"([?&])utm_[^#]*", "", plain(entry.get("link") or ""))[:1000]
    return link if link.lower().startswith(("http://", "https://")) else ""


def key_of(entry: Any, feed: str) -> str:
    """The outlet's own id of the article, which stays when its title or address is corrected."""
    name = plain(entry.get("id") or "") or link_of(entry) or words(entry.get("title"))
    return f"{feed or 'feed'}:{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:20]}"


def published_at(entry: Any) -> datetime | None:
    for name in ("published_parsed", "updated_parsed"):
        moment = dict.get(entry, name)  # feedparser's own `get` warns, and takes one date for the other
        if moment is not None:
            try:
                return datetime.fromtimestamp(calendar.timegm(moment), UTC)
            except (ValueError, OverflowError, OSError, TypeError):
                continue
    return None


def reach_of(entries: Sequence[Any], now: datetime) -> datetime | None:
    """How far back a body speaks: to its oldest entry, if they stand newest first (a pinned one deceives)."""
    dates = [published_at(entry) for entry in entries]
    known = [date for date in dates if date is not None]
    ordered = all(later >= earlier - AHEAD for later, earlier in pairwise(known))
    if not known or not ordered or len(known) < len(dates):
        return None
    return max(known[-1], now - FARTHEST_BACK)


def oldest_of(content: bytes) -> datetime | None:
    """The day of the oldest entry of a body; None where there is none."""
    dates = [published_at(entry) for entry in parsed(content).entries]
    return min((date for date in dates if date is not None), default=None)


def parsed(content: bytes) -> Any:
    """Handed over as a stream: feedparser would take bytes for the name of a file and open it."""
    try:
        return feedparser.parse(io.BytesIO(content), response_headers={"content-type": "application/xml"})
    except (
        ValueError,
        OverflowError,  # a character reference beyond all characters
        LookupError,
        AttributeError,
        TypeError,
        KeyError,
        IndexError,
        RecursionError,
    ) as error:
        # feedparser's fallback for broken markup has defects of its own
        return feedparser.FeedParserDict(bozo=True, bozo_exception=error, entries=[], feed={}, version="")


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)
