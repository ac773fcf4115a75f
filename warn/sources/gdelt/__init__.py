"""World news as a machine reads it: GDELT 2.0, events every quarter of an hour and titles of the last day.

Terms: free for any use, cite the GDELT Project. No key. Files first, in English and as translated (where the French
press is): the pointer names the newest. Those missed while we or they were out are asked for in order, up to a week
back and a few hours' worth at each poll; one that is not there is asked for again for an hour, since it may be late.
The DOC search gives titles, which are read like any headline, and how much is written; it bears one request in five
seconds and says no in plain text. A machine's coding misses and misplaces too much to say that nothing happened, hence
GDELT vouches for nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching import Record, document, form, judged, listed, opened, outcome_of, stop, words_of
from warn.fetching.headlines import Headline, read_all
from warn.geo import Area
from warn.model import Observation, Outcome, Refused
from warn.rows import CellError
from warn.rows.foreign import amount, link, stamp, start_of, text
from warn.source import Body, Context, Http, Parsed, Source
from warn.sources.feeds import SOURCE as FEEDS
from warn.sources.feeds.stories import settle
from warn.sources.gdelt.events import CODED, events
from warn.sources.gdelt.quarters import AT_ONCE, STAMP, Had

FILES: Final = "https://data.gdeltproject.org/gdeltv2/"
MIRROR: Final = "https://storage.googleapis.com/data.gdeltproject.org/gdeltv2/"
POINTERS: Final[Mapping[str, str]] = {
    "english": "lastupdate.txt",
    "translation": "lastupdate-translation.txt",
}
DOC: Final = "https://api.gdeltproject.org/api/v2/doc/doc"
POINTED: Final = re.compile(
    r"^\s*\d+ ([0-9a-f]{32}) https?://\S+?/([\w.-]+\.export\.CSV\.zip)\s*$", re.MULTILINE
)
LISTING: Final = re.compile(r"\s*\d+ [0-9a-f]{32} https?://")
STAMPED: Final = re.compile(r"^\d{14}")


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    """Whatever does not come is told as a part that did not; nothing stops the rest."""
    bodies: list[Body] = []
    for stream, pointer in POINTERS.items():
        bodies += await _stream(http, options, stream, pointer)
    area = options.get("area")
    if area is not None:
        doc = str(options.get("gdelt_doc_url") or DOC)
        for part, asked in _searches(area).items():
            bodies.append(await _tried(http, doc, part, params=asked))
    return tuple(bodies)


async def _stream(http: Http, options: Mapping[str, Any], stream: str, pointer: str) -> list[Body]:
    """The newest file, checked against its sum, and those missed; from the mirror where the first host fails."""
    trouble: list[Body] = []
    for host in (str(options.get("gdelt_url") or FILES), str(options.get("gdelt_mirror_url") or MIRROR)):
        try:
            said = words_of((await http.get(f"{host}{pointer}", conditional=False, expect="csv")).content)
        except SourceError as error:
            trouble = [Body(b"", part=stream, outcome=outcome_of(error), message=str(error))]
            continue
        found = POINTED.search(said)
        if found is None:
            return [
                Body(b"", part=stream, outcome="schema_changed", message=f"{pointer} names no export file")
            ]
        return await _files(http, stream, host, found[2], found[1])
    return trouble


async def _files(http: Http, stream: str, host: str, name: str, total: str) -> list[Body]:
    """The newest first, then what was missed in order; what is noted is how far nothing is missing."""
    if not STAMPED.match(name):
        return [await _newest(http, f"{host}{name}", stream, total)]
    newest_at, rest = stamp(name[:14]), name[14:]
    had = Had.noted(http.recall(stream))
    if had.until == newest_at:
        bodies = [Body(b"", part=stream, not_modified=True)]
    else:
        bodies = [await _newest(http, f"{host}{name}", stream, total)]
    until, missing = had.until, set[datetime]()
    wanted = had.wanted(newest_at)
    for at in wanted[:AT_ONCE]:
        body = await _tried(http, f"{host}{at:{STAMP}}{rest}", f"{stream}-{at:%d%H%M}")
        bodies.append(body)
        if body.outcome == "no_data":
            missing.add(at)
        elif body.outcome != "ok":
            break
        until = max(until or at, at)
    else:
        if len(wanted) <= AT_ONCE and bodies[0].outcome in {"ok", "no_data"}:
            until = max(until or newest_at, newest_at)
            missing |= {newest_at} if bodies[0].outcome == "no_data" else set()
    if until is not None:
        http.note(stream, Had(until, frozenset(missing)).note())
    return bodies


async def _newest(http: Http, address: str, stream: str, total: str) -> Body:
    body = await _tried(http, address, stream)
    if body.content and hashlib.md5(body.content, usedforsecurity=False).hexdigest() != total:
        return replace(body, content=b"", outcome="error", message="the file differs from its sum")
    return body


async def _tried(http: Http, address: str, part: str, params: Mapping[str, str] | None = None) -> Body:
    """A quarter of an hour without its file is usual."""
    try:
        return await http.get(address, part=part, params=params, conditional=params is not None)
    except SourceError as error:
        missing = error.status == 404 and params is None
        outcome = "no_data" if missing else outcome_of(error)
        return Body(b"", part=part, outcome=outcome, message=str(error))


def _searches(area: Area) -> dict[str, dict[str, str]]:
    names = dict.fromkeys([*area.names.values(), *area.country.values()])
    plain_names = [name for name in names if name.isascii()]
    query = " OR ".join(f'"{name}"' if " " in name else name for name in plain_names)
    query = f"({query})" if len(plain_names) > 1 else query
    return {
        "articles": {
            "query": f"{query} sourcelang:french",
            "mode": "artlist",
            "format": "json",
            "maxrecords": "250",
            "timespan": "24h",
            "sort": "datedesc",
        },
        "volume": {"query": query, "mode": "timelinevolraw", "format": "json", "timespan": "14d"},
    }


def parse(content: bytes, context: Context) -> Parsed:
    """Any of its bodies, told apart by what they begin with."""
    return judged(_parsed, content, context)


def _parsed(content: bytes, context: Context) -> Parsed:
    data = opened(content, ".csv")
    if form(data) == "json":
        found = document(data)
        if isinstance(found, dict) and not found:
            return Parsed("no_data", message="no article")
        if isinstance(found, dict) and "timeline" in found:
            return _volume(found, context)
        return _articles([row for _, row in listed(found, "articles")], context)
    said = data.decode("utf-8", "replace").removeprefix("\ufeff")
    if LISTING.match(said):
        return Parsed("no_data", message="a list of files, no events")
    if said.lower().startswith("globaleventid") or said.partition("\n")[0].count("\t") in {15, 26}:
        return Parsed("no_data", message="mentions or themes of articles, no events")
    if "\t" not in said:
        stop("error", f"GDELT says: {text(said, 120)}")
    return events(said, context)


def _articles(rows: list[Record], context: Context) -> Parsed:
    found, refused = read_all(map(_headline, rows), SOURCE.id, context)
    message = f"{len(rows)} articles, {len(found)} observations"
    if rows and len(refused) == len(rows):
        return Parsed("schema_changed", message=f"{message}; {refused[0].reason}", refused=refused)
    return Parsed("ok" if found else "no_data", found, message, refused)


def _headline(row: Record) -> Headline:
    where = link(row.get("url"))
    return Headline(
        key=f"doc:{hashlib.sha256(where.encode()).hexdigest()[:20]}",
        title=text(row.get("title"), 500),
        published=_moment(row.get("seendate")),
        url=where,
        outlet=text(row.get("domain")),
    )


def _moment(said: Any) -> datetime | None:
    try:
        return stamp(said)
    except CellError:
        return None


def _volume(found: Mapping[str, Any], context: Context) -> Parsed:
    """Articles a day; of the running day and of shares of all news nothing is told."""
    days: defaultdict[datetime, float] = defaultdict(float)
    refused: list[Refused] = []
    for _, series in listed(found, "timeline"):
        points = [row for _, row in listed(series, "data")]
        counted = "norm" in (points[0] if points else {}) or "count" in text(series.get("series")).lower()
        if points and not counted:
            return Parsed("no_data", message=f"{len(points)} shares of all news, no counts")
        for row in points:
            try:
                days[start_of(stamp(row.get("date")).date())] += amount(row.get("value")) or 0.0
            except CellError as error:
                refused.append(Refused(str(error), text(row.get("date"))))
    whole = sorted(days)[1:]  # the first day is cut by the window
    told = tuple(_per_day(at, days[at], context.now) for at in whole if at + timedelta(days=1) <= context.now)
    message = f"{len(told)} days of news"
    outcome: Outcome = "schema_changed" if refused and not days else "ok" if told else "no_data"
    return Parsed(outcome, told, message, tuple(refused))


def _per_day(at: datetime, articles: float, now: datetime) -> Observation:
    return Observation(
        indicator="news_volume",
        occurred_at=at,
        known_at=now,
        value=articles,
        source="gdelt",
        origins=("GDELT",),
        grade="B2",
        url="https://www.gdeltproject.org/",
        key=f"volume:{at:%Y-%m-%d}",
    )


SOURCE: Final = Source(
    id="gdelt",
    title="GDELT world news",
    indicators=tuple(dict.fromkeys(("news_volume", *sorted(CODED), *FEEDS.indicators))),
    every=timedelta(minutes=15),
    lag=timedelta(hours=6),
    terms="GDELT Project (gdeltproject.org), free for any use with citation.",
    homepage="https://www.gdeltproject.org",
    fetch=fetch,
    parse=parse,
    vouches=False,
    core_parts=tuple(POINTERS),
    pace_s={"api.gdeltproject.org": 6.0},
    settle=settle,
)
