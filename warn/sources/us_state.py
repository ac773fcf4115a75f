"""American travel advisories and embassy alerts: feeds of the Department of State and of its post in the country.

Terms: public domain. No key; asked every half hour. The feed of advisories lags the site by hours to days and carries
some dates in the future; its country tags are not ISO, so that the country is found by its English name in the title.
The department's JSON, often behind a challenge, is asked only where the feed fails. Alerts of the embassy are read
like any headline. Embassies confirm, they do not lead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from warn.errors import SourceError
from warn.fetching import document, form, judged, listed, opened, outcome_of
from warn.fetching.headlines import Headline, read_all
from warn.geo import fold
from warn.model import Observation
from warn.rows import CellError, plain
from warn.rows.foreign import link, stamp
from warn.source import Body, Context, Http, Parsed, Source
from warn.sources.feeds import SOURCE as FEEDS
from warn.sources.feeds import entries_of
from warn.sources.feeds.entries import key_of, link_of, published_at, words

ADDRESS: Final = "https://travel.state.gov/_res/rss/TAsTWs.xml"
SECOND: Final = "https://cadataapi.state.gov/api/TravelAdvisories"
EMBASSY: Final = "https://{iso2}.usembassy.gov/category/alert/feed/"
TITLE: Final = re.compile(
    r"\s*(?P<country>.{1,80}?)(?:\s+Travel Advisory)?\s*[-–—:]\s*Level\s*(?P<level>[1-4])\b", re.IGNORECASE
)
ALERT: Final = re.compile(r"\s*[\w. ]{0,40}\balert\b[^:–—]{0,60}[:–—]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Advisory:
    country: str
    level: int
    title: str
    link: str
    published: datetime | None


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    """The embassy's feed may fail without harm; the level is told anew each day, changed or not."""
    area = options.get("area")
    bodies = [await _advisories(http, options)]
    iso2 = area.codes.get("iso2", "").lower() if area is not None else ""
    if iso2:
        address = str(options.get("us_embassy_url") or EMBASSY).format(iso2=iso2)
        try:
            bodies.append(await http.get(address, part="embassy", expect="xml"))
        except SourceError as error:
            bodies.append(Body(b"", part="embassy", outcome=outcome_of(error), message=str(error)))
    return tuple(bodies)


async def _advisories(http: Http, options: Mapping[str, Any]) -> Body:
    first, second = (
        str(options.get("us_state_url") or ADDRESS),
        str(options.get("us_state_json_url") or SECOND),
    )
    try:
        return await http.get(first, part="advisories", expect="xml", conditional=False)
    except SourceError as error:
        try:
            return await http.get(second, part="advisories", expect="json", conditional=False)
        except SourceError:
            return Body(b"", part="advisories", outcome=outcome_of(error), message=str(error))


def parse(content: bytes, context: Context) -> Parsed:
    """The country's level of today, and the advisory that set it; or what the embassy's alerts say."""
    return judged(_parsed, content, context)


def _parsed(content: bytes, context: Context) -> Parsed:
    if form(content) == "json":
        rows = [row for _, row in listed(document(content))]
        said = [(plain(row.get("Title") or ""), link(row.get("Link")), _moment(row)) for row in rows]
        return _levels(said, context)
    entries = entries_of(opened(content, ".xml"))
    if isinstance(entries, Parsed):
        return entries
    said = [(words(entry.get("title"))[:500], link_of(entry), published_at(entry)) for entry in entries]
    if context.part == "embassy" or (
        not any(TITLE.match(title) for title, _, _ in said)
        and any(ALERT.match(title) for title, _, _ in said)
    ):
        return _alerts(entries, context)
    return _levels(said, context)


def _moment(row: Mapping[str, Any]) -> datetime | None:
    try:
        return stamp(row.get("Updated") or row.get("Published") or "")
    except CellError:
        return None


def _levels(said: Iterable[tuple[str, str, datetime | None]], context: Context) -> Parsed:
    """Without an area, those of all countries; of several for one country the newest."""
    every = [
        _Advisory(plain(match["country"]), int(match["level"]), title, where, published)
        for title, where, published in said
        if (match := TITLE.match(title))
    ]
    if not every:
        return Parsed("schema_changed", message="no entry says a level")
    home = fold(context.area.country.get("en", "")) if context.area is not None else ""
    ours = [one for one in every if not home or fold(one.country) == home]
    if not ours:
        return Parsed("no_data", message=f"{len(every)} advisories, none for this country")
    newest: dict[str, _Advisory] = {}
    for one in sorted(ours, key=lambda one: one.published or datetime.min.replace(tzinfo=UTC)):
        newest[fold(one.country)] = one
    found = tuple(o for one in newest.values() for o in _told(one, context.now))
    return Parsed("ok", found, ", ".join(f"{one.country} level {one.level}" for one in newest.values())[:200])


def _alerts(entries: Sequence[Any], context: Context) -> Parsed:
    """What stands behind "Security Alert:"; where nothing in it is watched, the alert itself is advice."""
    post = context.area.codes.get("iso2", "").lower() if context.area is not None else ""
    entries = [entry for entry in entries if _is_of(link_of(entry), post)]
    if not entries:
        return Parsed("no_data", message="alerts of another post")
    behind, whole = ([_headline(entry, bare=bare) for entry in entries] for bare in (True, False))
    found, refused = read_all(behind, SOURCE.id, context)
    seen = {one.key.partition("#")[0] for one in found}
    more, _ = read_all([one for one in whole if one.key not in seen], SOURCE.id, context)
    total = (*found, *more)
    message = f"{len(entries)} alerts, {len(total)} observations"
    if len(refused) == len(entries):
        return Parsed("schema_changed", message=f"{message}; {refused[0].reason}", refused=refused)
    return Parsed("ok" if total else "no_data", total, message, refused)


def _is_of(address: str, post: str) -> bool:
    """Each post writes under its own name, ml.usembassy.gov."""
    name, _, rest = (urlsplit(address).hostname or "").partition(".")
    return not post or not rest.startswith("usembassy") or name == post


def _headline(entry: Any, *, bare: bool) -> Headline:
    title = words(entry.get("title"))[:500]
    return Headline(
        key=key_of(entry, "embassy"),
        title=title,
        published=published_at(entry),
        url=link_of(entry),
        outlet="US Embassy",
        lang="en",
        grade="A2",
        own=True,
        said=ALERT.sub("", title, count=1) if bare else title,
    )


def _told(one: _Advisory, now: datetime) -> list[Observation]:
    """A standing level is reported once a day; an advisory dated in the future is told as a level only."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    common: dict[str, Any] = {
        "known_at": now,
        "source": "us_state",
        "origins": ("US State Department",),
        "grade": "A1",
        "place": one.country,
        "precision": "country",
        "url": one.link if one.link.startswith("https://") else "",
    }
    slug = fold(one.country).replace(" ", "-")
    found = [
        Observation(
            "travel_advice_level", today, value=one.level, key=f"level:{slug}:{today:%Y-%m-%d}", **common
        )
    ]
    if one.level > 1 and one.published is not None and one.published <= now:
        mark = f"{one.published:%Y-%m-%d}:{one.level}"
        found.append(
            Observation(
                "travel_advice",
                one.published,
                title=one.title[:300],
                attributes={"level": str(one.level)},
                key=f"change:{slug}:{mark}",
                **common,
            )
        )
    return found


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
    also=tuple(name for name in FEEDS.indicators if not name.startswith("travel_advice")),
    core_parts=("advisories",),
)
