"""Newspapers, radios and agencies by RSS, Atom and RDF; which ones stands in rules/feeds.yaml.

Terms: headline and link only, with the outlet's name; each outlet's own rights. One request a second for each host,
every ten minutes; most answer conditional requests; after an outage their older pages are read, where there are any.
News of an attack on a road comes hours to a day after it, hence the lag. Titles and leads are read by `warn.reading`:
what it does not understand is not an observation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching import challenged, form, outcome_of
from warn.model import Observation, Refused
from warn.reading import Reading, read, to_observations
from warn.source import Body, Context, Http, Parsed, Source
from warn.sources.feeds.entries import AHEAD, key_of, lead_of, link_of, parsed, published_at, reach_of, words
from warn.sources.feeds.listing import Feed, check, load
from warn.sources.feeds.missed import NOTE, note, noted, older
from warn.sources.feeds.stories import settle

__all__ = ["SOURCE", "Feed", "check", "configured", "entries_of", "load", "parse"]

AT_ONCE: Final = 6
LARGEST: Final = 5_000_000
MOST_ENTRIES: Final = 500
UNNAMED: Final = "does not name the country or a place of it"  # what `read` says of such a text
UNKNOWN: Final = Feed(id="feed", url="https://unknown.invalid", outlet="unknown")


def configured(feeds: Sequence[Feed]) -> Source:
    """The source for these feeds; those marked core decide what counts as covered."""
    asked = tuple(feed for feed in feeds if not feed.off)
    return replace(
        SOURCE,
        fetch=partial(fetch_feeds, asked),
        parse=partial(parse_feed, {feed.id: feed for feed in asked}),
        core_parts=tuple(feed.id for feed in asked if feed.core),
    )


async def fetch_feeds(feeds: Sequence[Feed], http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    """All feeds, a few at once; one that does not come is told and stops no other."""
    now: datetime = options["now"]
    read_at = noted(http.recall(NOTE))
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(feed: Feed) -> list[Body]:
        async with gate:
            try:
                newest = await http.get(feed.url, part=feed.id, expect="xml")
            except SourceError as error:
                return [Body(b"", part=feed.id, outcome=outcome_of(error), message=str(error))]
            missed = await older(feed, newest, read_at.get(feed.id), http, now)
            read_at[feed.id] = now
            return [newest, *missed]

    bodies = [body for some in await asyncio.gather(*map(ask, feeds)) for body in some]
    http.note(NOTE, note(read_at))
    return tuple(bodies)


def parse(content: bytes, context: Context) -> Parsed:
    """A body of which we do not know which feed it is, as `warn sources parse` has it."""
    return parse_feed({}, content, context)


def parse_feed(feeds: Mapping[str, Feed], content: bytes, context: Context) -> Parsed:
    """Every entry through the reader of free text; entries without a day are set aside."""
    trouble = _not_a_feed(content)
    if trouble:
        return trouble
    document = parsed(content)
    entries = document.entries[:MOST_ENTRIES]
    if not entries:
        return _nothing(document)
    feed = feeds.get(context.part.partition(" ")[0]) or _unknown(document)
    found: list[Observation] = []
    refused: list[Refused] = []
    for entry in entries:
        told = _told(entry, feed, context)
        if isinstance(told, Refused):
            refused.append(told)
        else:
            found += told
    message = f"{len(entries)} entries, {len(found)} observations"
    if document.bozo:
        message += "; the XML is damaged"
    if len(refused) == len(entries):
        return Parsed("schema_changed", message=f"{message}; {refused[0].reason}", refused=tuple(refused))
    reach = None if document.bozo else reach_of(entries, context.now)
    return Parsed("ok", tuple(found), message, tuple(refused), reach)


def entries_of(content: bytes) -> tuple[Any, ...] | Parsed:
    """The entries of a body, for sources that read feeds in their own way; or why there are none."""
    trouble = _not_a_feed(content)
    if trouble:
        return trouble
    document = parsed(content)
    return tuple(document.entries[:MOST_ENTRIES]) or _nothing(document)


def _not_a_feed(content: bytes) -> Parsed | None:
    if len(content) > LARGEST:
        return Parsed("error", message=f"larger than {LARGEST // 1_000_000} MB")
    match form(content):
        case "html":
            why = "a challenge page" if challenged(content) else "a web page"
            return Parsed("blocked", message=f"{why} came instead of a feed")
        case "empty":
            return Parsed("error", message="an empty body")
        case "xml":
            return None
        case other:
            return Parsed("schema_changed", message=f"{other} came instead of a feed")


def _nothing(document: Any) -> Parsed:
    if document.bozo:
        why = " ".join(str(document.get("bozo_exception", "")).split())[:100]
        return Parsed("error", message=f"broken XML without entries ({why})")
    if not document.version:
        return Parsed("schema_changed", message="XML that is no feed")
    return Parsed("no_data", message="a feed without entries")


def _unknown(document: Any) -> Feed:
    return UNKNOWN.model_copy(update={"outlet": words(document.feed.get("title"))[:100] or UNKNOWN.outlet})


def _told(entry: Any, feed: Feed, context: Context) -> Sequence[Observation] | Refused:
    title = words(entry.get("title"))[:500]
    if not title:
        return Refused("an entry without a title", words(entry.get("summary"))[:80])
    published = published_at(entry)
    if published is None:
        return Refused("an entry without a date", title[:80])
    if published > context.now + AHEAD:
        return Refused(f"dated {published:%Y-%m-%d}, in the future", title[:80])
    if context.lexicon is None:
        return ()
    return to_observations(
        _graded(_read(entry, title, min(published, context.now).date(), feed, context), feed),
        source=SOURCE.id,
        known_at=context.now,
        title=title,
        url=link_of(entry),
        key=key_of(entry, feed.id),
    )


def _read(entry: Any, title: str, published: date, feed: Feed, context: Context) -> Reading:
    """A paper of the country need not name it; its texts are read as if they did, unless they name another."""
    said = partial(
        read,
        title,
        reader=context.lexicon,
        published=published,
        lang=feed.lang,
        outlet=feed.outlet,
        url=link_of(entry),
    )
    lead = lead_of(entry, title, feed.drop)
    reading = said(lead)
    if reading.why_not != UNNAMED or not feed.local or context.area is None:
        return reading
    return said(f"{lead}\n{context.area.country.get(feed.lang, '')}")


def _graded(reading: Reading, feed: Feed) -> Reading:
    """Where a text names nobody better, the outlet's own grade stands; never for a party's claim."""
    findings = (
        replace(finding, grade=feed.grade) if finding.grade == "F6" and not finding.claim else finding
        for finding in reading.findings
    )
    return replace(reading, findings=tuple(findings))


async def _none_set(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    del http, options
    raise SourceError("error", "no feeds are set", "List them in rules/feeds.yaml.")


SOURCE: Final = Source(
    id="feeds",
    title="News feeds",
    indicators=(
        "convoy_attack", "convoy_arrival", "convoy_disruption", "blockade_declared", "blockade_lifted",
        "road_block", "checkpoint", "logistics_suspension", "logistics_resumption", "fuel_shortage_report",
        "fuel_recovery_report", "attack_military", "attack_civilian", "base_captured", "abduction",
        "mine_ied", "military_operation", "threat_statement", "food_price_report", "fuel_price_report",
        "fuel_price_official", "fuel_price_informal", "power_cut_report", "power_hours", "school_closure",
        "school_reopening", "health_shortage", "humanitarian_access", "flight_suspension",
        "flight_resumption", "displacement_report", "embassy_departure", "travel_advice", "negotiation",
        "truce", "truce_broken", "truce_end", "government_measure", "curfew", "media_restriction",
        "demonstration", "official_statement",
    ),
    every=timedelta(minutes=10),
    lag=timedelta(hours=6),
    terms="Headline and link, with the outlet's name; rights stay with each outlet.",
    homepage="",
    fetch=_none_set,
    parse=parse,
    settle=settle,
)  # fmt: skip
