"""Reports of humanitarian organisations on the country: ReliefWeb, OCHA; their titles are read, never their texts.

Terms: metadata are free to reuse, contents belong to each publisher, hence title and link. The API (1,000 calls a day)
wants an approved `reliefweb_appname`; without one the country's RSS feed is read. Reports sum up days to weeks, so
that their silence says nothing of an event: this source vouches for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching import Record, document, form, judged, listed, opened
from warn.fetching.answers import is_home
from warn.fetching.headlines import Headline, read_all
from warn.rows import CellError
from warn.rows.foreign import link, stamp, text
from warn.source import Body, Context, Http, Parsed, Source
from warn.sources.feeds import SOURCE as FEEDS
from warn.sources.feeds import entries_of
from warn.sources.feeds.entries import key_of, link_of, published_at, words
from warn.sources.feeds.stories import settle

API: Final = "https://api.reliefweb.int/v2/reports"
FEED: Final = "https://reliefweb.int/country/{iso3}/rss.xml"
FIELDS: Final = ("title", "date.created", "url_alias", "source.name", "primary_country.iso3", "country.iso3")
LOOKS_BACK: Final = timedelta(days=14)
SERIAL: Final = re.compile(r"(?:\bno\.?|\bn[o°º]\.?|#)\s*\d+", re.IGNORECASE)
"""An issue's number: "Flash update No. 3" counts nothing and denies nothing."""


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    area, appname = options.get("area"), str(options.get("reliefweb_appname") or "")
    iso3 = area.codes.get("iso3", "").lower() if area is not None else ""
    if not iso3:
        raise SourceError("error", "no country code is set", "rules/area.yaml: country.codes.iso3.")
    if not appname:
        address = str(options.get("reliefweb_feed_url") or FEED).format(iso3=iso3)
        return (await http.get(address, expect="xml"),)
    since = options["now"].astimezone(UTC) - LOOKS_BACK
    asked = {
        "appname": appname,
        "limit": "200",
        "sort[]": "date.created:desc",
        "filter[operator]": "AND",
        "filter[conditions][0][field]": "country.iso3",
        "filter[conditions][0][value]": iso3,
        "filter[conditions][1][field]": "date.created",
        "filter[conditions][1][value][from]": since.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
    }
    asked |= {f"fields[include][{nth}]": name for nth, name in enumerate(FIELDS)}
    address = str(options.get("reliefweb_url") or API)
    return (await http.get(address, params=asked, expect="json", conditional=False),)


def parse(content: bytes, context: Context) -> Parsed:
    return judged(_parsed, content, context)


def _parsed(content: bytes, context: Context) -> Parsed:
    if form(content) == "json":
        reports = [_of_report(row) for _, row in listed(document(content), "data") if _ours(row, context)]
    else:
        entries = entries_of(opened(content, ".xml"))
        if isinstance(entries, Parsed):
            return entries
        reports = [_of_entry(entry) for entry in entries]
    found, refused = read_all(reports, SOURCE.id, context)
    message = f"{len(reports)} reports, {len(found)} observations"
    if reports and len(refused) == len(reports):
        return Parsed("schema_changed", message=f"{message}; {refused[0].reason}", refused=refused)
    return Parsed("ok" if found else "no_data", found, message, refused)


def _ours(row: Record, context: Context) -> bool:
    """A report names its countries; where it does not, the question that was asked has chosen it."""
    fields = _fields(row)
    said = [fields.get("primary_country"), *_list(fields.get("country"))]
    codes = [code for one in said if isinstance(one, dict) and (code := text(one.get("iso3")))]
    return not codes or any(is_home(code, context, "iso3") for code in codes)


def _of_report(row: Record) -> Headline:
    fields = _fields(row)
    names = [text(one.get("name")) for one in _list(fields.get("source")) if isinstance(one, dict)]
    dates = fields.get("date")
    title = words(fields.get("title") or fields.get("name"))[:500]  # disasters have names
    return Headline(
        key=text(row.get("id")) or title,
        title=title,
        published=_moment(dates.get("created") if isinstance(dates, dict) else None),
        url=link(fields.get("url_alias")) or link(fields.get("url")),
        outlet=names[0] if names else "ReliefWeb",
        own=True,
        grade="B3",
        said=SERIAL.sub("", title),
    )


def _of_entry(entry: Any) -> Headline:
    title = words(entry.get("title"))[:500]
    outlet = words(entry.get("author"))[:100] or "ReliefWeb"
    return Headline(
        key=key_of(entry, "rss"),
        title=title,
        published=published_at(entry),
        url=link_of(entry),
        outlet=outlet,
        own=True,
        grade="B3",
        said=SERIAL.sub("", title),
    )


def _fields(row: Record) -> Mapping[str, Any]:
    fields = row.get("fields")
    return fields if isinstance(fields, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _moment(value: Any) -> datetime | None:
    try:
        return stamp(value) if value else None
    except CellError:
        return None


SOURCE: Final = Source(
    id="reliefweb",
    title="ReliefWeb reports",
    indicators=FEEDS.indicators,
    every=timedelta(hours=1),
    lag=timedelta(days=7),
    terms="Title and link by ReliefWeb (OCHA); contents belong to their publishers.",
    homepage="https://reliefweb.int",
    fetch=fetch,
    parse=parse,
    vouches=False,
    uses=("reliefweb_appname",),
    settle=settle,
)
