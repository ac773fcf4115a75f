"""Asks a described service: its tables one after the other, each page by page, with the key where it belongs."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from warn.errors import SourceError
from warn.fetching import form, outcome_of
from warn.rows import plain
from warn.rows.cells import empty
from warn.source import Body, Http
from warn.sources.generic.bodies import Opened, Unreadable, opened
from warn.sources.generic.reading import records_of
from warn.sources.generic.schema import Described, Pages, Table
from warn.sources.generic.values import at

USUAL: Final = timedelta(days=90)
BLANK: Final = re.compile(r"\{([a-z0-9_]+)\}")
KNOWN: Final = frozenset({"iso2", "iso3", "fips", "m49", "gw", "today", "since", "now_unix", "since_unix"})


@dataclass(frozen=True, slots=True)
class Asking:
    """What goes along with every request."""

    headers: Mapping[str, str]
    query: Mapping[str, str]


async def fetch(described: Described, http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    """Every page of every table; a table that does not come is told and stops no other."""
    asking = await _entitled(described, http, options)
    bodies: list[Body] = []
    for table in described.tables:
        try:
            async for body in _pages(described, table, asking, http, options):
                bodies.append(body)  # noqa: PERF401  # what came before a failing page is kept
        except SourceError as error:
            bodies.append(Body(b"", part=table.id, outcome=outcome_of(error), message=str(error)))
    return tuple(bodies)


async def _entitled(described: Described, http: Http, options: Mapping[str, Any]) -> Asking:
    """The key where the service wants it, or the token that it buys."""
    if described.key is None:
        return Asking({}, {})
    secret = str(options.get(f"key_{described.key.name}") or "")
    if not secret:
        return Asking({}, {})
    if described.token is not None:
        return Asking({"Authorization": f"Bearer {await _token(described, secret, http)}"}, {})
    written = described.key.write.replace("{key}", secret)
    if described.key.header:
        return Asking({described.key.header: written}, {})
    return Asking({}, {described.key.query or described.key.name: written})


async def _token(described: Described, secret: str, http: Http) -> str:
    assert described.token is not None
    headers = {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
    body = await http.get(
        described.token.address,
        headers=headers,
        form_data=described.token.form,
        expect="json",
        conditional=False,
    )
    try:
        found = at(json.loads(body.content), described.token.field)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, str) or not found.isascii() or not found.isprintable():
        raise SourceError("blocked", "no token was given", "Check the key.")
    return found


async def _pages(
    described: Described, table: Table, asking: Asking, http: Http, options: Mapping[str, Any]
) -> AsyncIterator[Body]:
    """Until a short or empty page, or none that follows; a page that comes again means paging is not heeded."""
    blanks = _blanks(table, options)
    address = filled(table.address, blanks)
    query = {name: filled(text, blanks) for name, text in table.query.items()} | dict(asking.query)
    pages = described.pages
    turn: dict[str, str] | None = _opening(pages)
    seen: set[int] = set()
    for nth in range(pages.most if pages else 1):
        body = await http.get(
            address,
            headers=asking.headers,
            params={**query, **(turn or {})},
            part=f"{table.id} {nth + 1}" if nth else table.id,
            conditional=False,
            answers=described.answers,
        )
        _heed_status(body)
        if hash(body.content) in seen:
            return
        seen.add(hash(body.content))
        yield body
        if pages is None:
            return
        address, turn = _next(pages, table, body, nth, address)
        if turn is None:
            return
        if pages.by == "link":
            query = dict(asking.query)
    most = pages.most if pages else 1
    yield replace(
        body, content=b"", part=f"{table.id} rest", outcome="error", message=f"more than {most} pages"
    )


def _heed_status(body: Body) -> None:
    """A status that may be an answer is one only with JSON behind it, which the parser understands."""
    if body.status == 200 or body.not_modified or form(body.content) == "json":
        return
    said = f": {plain(body.content[:80].decode('utf-8', 'replace'))}" if body.content.strip() else ""
    outcome = "blocked" if body.status in {401, 403, 407, 429, 451} else "error"
    raise SourceError(outcome, f"{body.url}: answered {body.status}{said}")


def _opening(pages: Pages | None) -> dict[str, str]:
    if pages is None:
        return {}
    sized = {pages.count: str(pages.size)} if pages.count else {}
    match pages.by:
        case "offset":
            return {**sized, pages.at: "0"}
        case "page":
            return {**sized, pages.at: str(pages.first)}
        case _:
            return sized


def _next(
    pages: Pages, table: Table, body: Body, nth: int, address: str
) -> tuple[str, dict[str, str] | None]:
    """Where the next page is, and what to ask there; None where this was the last."""
    try:
        found = opened(body.content)
    except Unreadable:
        return address, None
    rows = len(records_of(table, found) or ())
    sized = {pages.count: str(pages.size)} if pages.count else {}
    match pages.by:
        case "offset":
            return address, {**sized, pages.at: str((nth + 1) * pages.size)} if rows >= pages.size else None
        case "page":
            following = {**sized, pages.at: str(pages.first + nth + 1)}
            return address, following if rows >= pages.size else None
        case "cursor":
            cursor = _follows(pages, found)
            return address, {**sized, pages.at: cursor} if rows and cursor else None
        case "link":
            link = _follows(pages, found)
            return (_kept(link, address), {}) if rows and link else (address, None)


def _follows(pages: Pages, found: Opened) -> str:
    value = at(found.tree, pages.next)
    return "" if empty(value) else plain(value)


def _kept(link: str, address: str) -> str:
    """Followed on the same host only, and by https where we came by it: our key goes along."""
    here, there = urlsplit(address), urlsplit(link)
    if there.hostname not in {None, here.hostname}:
        raise SourceError("error", f"the next page is on another host, {plain(there.hostname)[:80]}")
    return urlunsplit((here.scheme, here.netloc, there.path or here.path, there.query, ""))


def _blanks(table: Table, options: Mapping[str, Any]) -> Mapping[str, str]:
    area, now = options.get("area"), options["now"]
    since: datetime = now - (table.looks_back or USUAL)
    return {
        **(dict(area.codes) if area is not None else {}),
        "today": f"{now:%Y-%m-%d}",
        "since": f"{since:%Y-%m-%d}",
        "now_unix": str(int(now.timestamp())),
        "since_unix": str(int(since.timestamp())),
    }


def filled(text: str, blanks: Mapping[str, str]) -> str:
    """An address or a parameter with its {blanks}. Raises SourceError where one is not known."""

    def said(match: re.Match[str]) -> str:
        if match[1] not in blanks:
            raise SourceError(
                "error",
                f"nothing is known for {{{match[1]}}}",
                "Country codes stand in rules/area.yaml under codes.",
            )
        return blanks[match[1]]

    return BLANK.sub(said, text)
