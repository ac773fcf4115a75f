"""The page: what stands now, each alert, each day's bulletin, and what the links in a message lead to.

Works without JavaScript, sets no cookie, asks nothing of any third party. Reading never changes anything: to stop
takes a POST, because scanners follow links.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from warn import links
from warn.digest.charts import road_map, timeline
from warn.digest.edition import edition
from warn.digest.facts import Facts
from warn.digest.languages import render, words
from warn.digest.pages import alert_page
from warn.digest.phrases import level_meaning, level_tag
from warn.digest.variants import Variant
from warn.errors import StoreError
from warn.model import Level
from warn.pipeline.facts import gather
from warn.pipeline.health import healths
from warn.pipeline.work import Work
from warn.rules.say import say
from warn.store import alerts, subscribers
from warn.web.headers import Guarded
from warn.web.inbound import inbound

LANGS = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Site:
    """What the page speaks from. `work` answers the present one, which a reload replaces; `clock` is now."""

    work: Callable[[], Work]
    clock: Callable[[], datetime]


def application(site: Site) -> Starlette:
    """All addresses; French at the root, English below /en."""
    routes = [
        Route("/healthz", _alive),
        Route("/readyz", _ready),
        Route("/style.css", _style),
        inbound(site.work, site.clock),
        Route("/u/{token}", _leave, methods=["GET", "POST"]),
        Route("/r/{token}", _preferences, methods=["GET"]),
    ]
    for prefix in ("", "/en"):
        routes += [
            Route(prefix or "/", _status),
            Route(f"{prefix}/a/{{number:int}}", _alert),
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


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def _lang(request: Request) -> str:
    return "en" if request.url.path == "/en" or request.url.path.startswith("/en/") else "fr"


def _page(
    request: Request, name: str, context: Mapping[str, object], status: int = 200, lang: str = ""
) -> Response:
    lang = lang or _lang(request)
    path = request.url.path.removeprefix("/en") or "/"
    env = _site(request).work().voice.templates
    body = render(
        env,
        f"web/{name}",
        lang,
        elsewhere=path if lang == "en" else f"/en{path if path != '/' else ''}",
        home="/en" if lang == "en" else "/",
        prefix="/en" if lang == "en" else "",
        **context,
    )
    return Response(body, status, media_type="text/html")


def _facts(site: Site, at: datetime) -> Facts:
    work = site.work()
    with work.store.read() as tx:
        return gather(tx, work, at)


async def _status(request: Request) -> Response:
    site, lang = _site(request), _lang(request)
    facts = await asyncio.to_thread(_facts, site, site.clock())
    return await asyncio.to_thread(_drawn, request, facts, lang, "status.html")


def _drawn(request: Request, facts: Facts, lang: str, name: str) -> Response:
    env = _site(request).work().voice.templates
    w = words(env, lang)
    variant = Variant("email", lang, "resident", edition="daily", edition_at=facts.now)
    levels = [(level, level_tag(w, level), level_meaning(w, level)) for level in Level]
    context = {
        "e": edition(facts, variant, w),
        "map": road_map(env, facts, lang),
        "timeline": timeline(env, facts, lang),
        "levels": levels,
    }
    return _page(request, name, context)


async def _bulletin(request: Request) -> Response:
    """The edition of one day as it stood at six in the city, or now where that is still to come."""
    site, lang = _site(request), _lang(request)
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
    site, lang = _site(request), _lang(request)
    number = int(request.path_params["number"])
    found = await asyncio.to_thread(_episode, site, number, lang)
    if found is None:
        raise HTTPException(404)
    return _page(request, "alert.html", found)


def _episode(site: Site, number: int, lang: str) -> dict[str, object] | None:
    """One alert for the public: shadow rules and what still waits for a person have no page."""
    work = site.work()
    with work.store.read() as tx:
        episode = alerts.episode(tx, number)
        if episode is None or episode.rule not in work.knowledge.texts:
            return None
        facts = gather(tx, work, episode.closed_at or site.clock(), since=episode.opened_at)
    alert = next((one for one in facts.alerts if one.number == number and one.shown), None)
    if alert is None:
        return None
    w = words(work.voice.templates, lang)
    return {"alert": alert, "facts": facts, "p": alert_page(facts, alert, w)}


async def _method(request: Request) -> Response:
    site = _site(request)
    known = site.work().knowledge
    rules = [text for text in known.texts.values() if text.mode != "shadow"]
    w = words(site.work().voice.templates, _lang(request))
    said = {one.id: say(known.rules[one.id].rule, w.lang, known.indicators, known.geography) for one in rules}
    levels = [(level, level_tag(w, level), level_meaning(w, level)) for level in Level]
    sources = sorted(site.work().sources.values(), key=lambda source: source.title)
    return _page(request, "method.html", {"rules": rules, "said": said, "levels": levels, "sources": sources})


async def _leave(request: Request) -> Response:
    """GET shows a button, POST stops at once; the mail program's one-click POST is the same address (RFC 8058)."""
    site = _site(request)
    subscriber = _reader(site, request)
    if request.method == "GET":
        found = await asyncio.to_thread(_known, site, subscriber)
        return _page(request, "leave.html", {"done": found is None}, lang=found or "fr")
    await asyncio.to_thread(_erase, site, subscriber)
    return _page(request, "leave.html", {"done": True}, lang="fr")


async def _preferences(request: Request) -> Response:
    site = _site(request)
    subscriber = _reader(site, request)
    found = await asyncio.to_thread(_subscriber, site, subscriber)
    lang = found.preferences.lang if found else "fr"
    context = {"found": found, "token": request.path_params["token"]}
    return _page(request, "preferences.html", context, lang=lang if lang in LANGS else "fr")


def _reader(site: Site, request: Request) -> str:
    try:
        return links.read_reader_token(site.work().keys, str(request.path_params["token"]))
    except links.LinkError:
        raise HTTPException(404) from None


def _subscriber(site: Site, subscriber: str) -> subscribers.Subscriber | None:
    with site.work().store.read() as tx:
        return subscribers.get(tx, subscriber)


def _known(site: Site, subscriber: str) -> str | None:
    found = _subscriber(site, subscriber)
    return None if found is None else found.preferences.lang if found.preferences.lang in LANGS else "fr"


def _erase(site: Site, subscriber: str) -> None:
    with site.work().store.write() as tx:
        subscribers.erase(tx, subscriber)


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _ready(request: Request) -> Response:
    """Whether the database answers and judging goes on: the newest tick is at most a quarter of an hour old."""
    site = _site(request)

    def newest() -> tuple[datetime | None, dict[str, str]]:
        with site.work().store.read() as tx:
            found = healths(tx, site.work().sources.values(), site.clock())
            return alerts.last_tick(tx), {name: one.trouble for name, one in found.items() if one.trouble}

    tick, trouble = await asyncio.to_thread(newest)
    fresh = tick is not None and site.clock() - tick < timedelta(minutes=15)
    body = {"ready": fresh, "last_evaluation": tick.isoformat() if tick else None, "sources": sorted(trouble)}
    return JSONResponse(body, 200 if fresh else 503)


async def _style(request: Request) -> Response:
    text = render(_site(request).work().voice.templates, "web/style.css", "en")
    return Response(text, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


async def _missing(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _page(request, "missing.html", {"status": status}, status)


async def _away(request: Request, _error: Exception) -> Response:
    """The database does not answer: said as such, never as calm."""
    return _page(request, "missing.html", {"status": 503}, 503)
