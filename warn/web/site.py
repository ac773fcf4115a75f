"""The page: what stands now, each alert, each day's bulletin, and what the links in a message lead to.

Works without JavaScript, sets no cookie, asks nothing of any third party. Reading never changes anything: to stop
takes a POST, because scanners follow links.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from warn.digest.charts import road_map, timeline
from warn.digest.edition import edition
from warn.digest.facts import Facts
from warn.digest.frame import SLIM
from warn.digest.languages import render, words
from warn.digest.pages import alert_page
from warn.digest.phrases import level_meaning, level_tag
from warn.digest.variants import Variant
from warn.errors import StoreError
from warn.model import Level
from warn.pipeline.facts import gather
from warn.pipeline.health import healths
from warn.rules.say import say
from warn.store import alerts
from warn.web import personal, subscribing
from warn.web.headers import Guarded
from warn.web.inbound import inbound
from warn.web.pages import Site, lang_of, page, site_of

LONGEST = 9  # digits of an alert's number: what any database can be asked for


def application(site: Site) -> Starlette:
    """All addresses; French at the root, English below /en."""
    routes = [
        Route("/healthz", _alive),
        Route("/readyz", _ready),
        Route("/style.css", _style),
        inbound(site.work, site.clock, site.judge),
        *subscribing.routes(),
        *personal.routes(),
    ]
    for prefix in ("", "/en"):
        routes += [
            Route(prefix or "/", _status),
            Route(f"{prefix}/a/{{number}}", _alert),
            Route(f"{prefix}/bulletins/{{day}}", _bulletin),
            Route(f"{prefix}/methode", _method),
        ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(GZipMiddleware, minimum_size=1000), Middleware(Guarded)],
        exception_handlers={HTTPException: _missing, StoreError: _away},
    )
    app.state.site = site
    return app


def _facts(site: Site, at: datetime) -> Facts:
    work = site.work()
    with work.store.read() as tx:
        return gather(tx, work, at)


async def _status(request: Request) -> Response:
    site, lang = site_of(request), lang_of(request)
    facts = await asyncio.to_thread(_facts, site, site.clock())
    return await asyncio.to_thread(_drawn, request, facts, lang, "status.html")


def _drawn(request: Request, facts: Facts, lang: str, name: str) -> Response:
    env = site_of(request).work().voice.templates
    w = words(env, lang)
    variant = Variant("email", lang, "resident", edition="daily", edition_at=facts.now)
    levels = [(level, level_tag(w, level), level_meaning(w, level)) for level in Level]
    context = {
        "e": edition(facts, variant, w),
        "map": road_map(env, facts, lang),
        "timeline": timeline(env, facts, lang),
        "timeline_slim": timeline(env, facts, lang, SLIM),
        "levels": levels,
    }
    return page(request, name, context)


async def _bulletin(request: Request) -> Response:
    """The edition of one day as it stood at six in the city, or now where that is still to come."""
    site, lang = site_of(request), lang_of(request)
    try:
        day = date.fromisoformat(request.path_params["day"])
    except ValueError:
        raise HTTPException(404) from None
    zone = ZoneInfo(site.work().knowledge.geography.area.timezone)
    at = datetime.combine(day, time(6), zone).astimezone(UTC)
    now = site.clock()
    if at > now + timedelta(days=1) or not await asyncio.to_thread(_lived, site, at):
        raise HTTPException(404)
    facts = await asyncio.to_thread(_facts, site, min(at, now))
    return await asyncio.to_thread(_drawn, request, facts, lang, "bulletin.html")


def _lived(site: Site, at: datetime) -> bool:
    """Whether this service judged anything by then: it has no bulletin of a day before it began."""
    with site.work().store.read() as tx:
        first = alerts.first_tick(tx)
    return first is not None and first <= at + timedelta(days=1)


async def _alert(request: Request) -> Response:
    site, lang = site_of(request), lang_of(request)
    given = str(request.path_params["number"])
    if not (given.isascii() and given.isdecimal() and len(given) <= LONGEST):
        raise HTTPException(404)
    number = int(given)
    found = await asyncio.to_thread(_episode, site, number, lang)
    if found is None:
        raise HTTPException(404)
    return page(request, "alert.html", found)


def _episode(site: Site, number: int, lang: str) -> dict[str, object] | None:
    """One alert for the public: shadow rules and what still waits for a person have no page."""
    work = site.work()
    with work.store.read() as tx:
        episode = alerts.episode(tx, number)
        if episode is None or work.knowledge.text_of(episode.rule) is None:
            return None
        facts = gather(tx, work, episode.closed_at or site.clock(), since=episode.opened_at)
    alert = next((one for one in facts.alerts if one.number == number and one.shown), None)
    if alert is None:
        return None
    w = words(work.voice.templates, lang)
    return {"alert": alert, "facts": facts, "p": alert_page(facts, alert, w)}


async def _method(request: Request) -> Response:
    site = site_of(request)
    known = site.work().knowledge
    rules = [text for text in known.texts.values() if text.mode != "shadow"]
    w = words(site.work().voice.templates, lang_of(request))
    titles = known.rules.titles()
    said = {
        one.id: say(known.rules[one.id].rule, w.lang, known.indicators, known.geography, titles)
        for one in rules
    }
    levels = [(level, level_tag(w, level), level_meaning(w, level)) for level in Level]
    sources = sorted(site.work().sources.values(), key=lambda source: source.title)
    return page(request, "method.html", {"rules": rules, "said": said, "levels": levels, "sources": sources})


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _ready(request: Request) -> Response:
    """Whether the database answers, judging goes on and messages leave.

    The newest tick is at most a quarter of an hour old, and each channel's outbox was looked at within the minute.
    """
    site = site_of(request)

    def newest() -> tuple[datetime | None, dict[str, str]]:
        with site.work().store.read() as tx:
            found = healths(tx, site.work().sources.values(), site.clock())
            return alerts.last_tick(tx), {name: one.trouble for name, one in found.items() if one.trouble}

    tick, trouble = await asyncio.to_thread(newest)
    fresh = tick is not None and site.clock() - tick < timedelta(minutes=15)
    stuck = list(site.stuck())
    ready = fresh and not stuck
    last = tick.isoformat() if tick else None
    body = {"ready": ready, "last_evaluation": last, "stuck": stuck, "sources": sorted(trouble)}
    return JSONResponse(body, 200 if ready else 503)


async def _style(request: Request) -> Response:
    text = render(site_of(request).work().voice.templates, "web/style.css", "en")
    return Response(text, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


async def _missing(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return page(request, "missing.html", {"status": status}, status)


async def _away(request: Request, _error: Exception) -> Response:
    """The database does not answer: said as such, never as calm."""
    return page(request, "missing.html", {"status": 503}, 503)
