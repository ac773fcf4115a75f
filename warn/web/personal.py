"""What a reader's own links lead to: /r/<token> preferences, /u/<token> leaving. Reading changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from warn import links
from warn.model import EMPTY
from warn.pipeline.post import is_shared
from warn.store import aside, subscribers
from warn.store.subscribers import Subscriber
from warn.web.forms import form_of, one
from warn.web.pages import Site, own_lang, own_page, site_of, words_of
from warn.web.wishes import FREE, choices, read


def routes() -> list[Route]:
    return [
        Route("/u/{token}", _leave, methods=["GET", "POST"]),
        Route("/r/{token}", _preferences, methods=["GET", "POST"]),
    ]


async def _leave(request: Request) -> Response:
    """GET shows a button, POST stops at once; the mail program's one-click POST is the same address (RFC 8058)."""
    site, reader = site_of(request), _reader(request)
    found = await asyncio.to_thread(_subscriber, site, reader)
    lang = found.preferences.lang if found else "fr"
    if request.method == "POST":
        await aside.write(site.work().store, lambda tx: subscribers.erase(tx, reader))
        found = None
    return own_page(request, "leave.html", {"done": found is None}, 200, lang)


async def _preferences(request: Request) -> Response:
    """Everything a reader may choose, as it is; posted, as they want it."""
    site, reader = site_of(request), _reader(request)
    found = await asyncio.to_thread(_subscriber, site, reader)
    if found is None or found.state == "stopped":
        return own_page(request, "preferences.html", {"found": None}, 410, "fr")
    if request.method == "GET" or found.state == "pending":
        return _shown(request, found)
    form = await form_of(request)
    if one(form, "do") == "resume":
        return _shown(request, await asyncio.to_thread(_resumed, site, found), said="resumed")
    wanted, wrong = read(form, found.preferences, site.work().knowledge.geography)
    if wrong:
        typed = {name: one(form, name) for name in wrong if name in FREE}
        return _shown(request, replace(found, preferences=wanted), wrong=wrong, typed=typed)
    await aside.write(
        site.work().store, lambda tx: subscribers.set_preferences(tx, reader, wanted, site.clock())
    )
    return _shown(request, replace(found, preferences=wanted), said="saved")


def _shown(
    request: Request,
    found: Subscriber,
    *,
    said: str = "",
    wrong: Mapping[str, str] = EMPTY,
    typed: Mapping[str, str] = EMPTY,
) -> Response:
    """`said`: what was just done. `wrong` names fields that could not be taken, `typed` what stood in them."""
    geography = site_of(request).work().knowledge.geography
    lang = own_lang(request, found.preferences.lang)
    context = {
        "found": found,
        "f": {**choices(found.preferences, geography, words_of(request, lang)), **typed},
        "token": request.path_params["token"],
        "wrong": wrong,
        "said": said,
        "chat": _chat(site_of(request), found),
        "city": geography.area.name(lang),
    }
    return own_page(request, "preferences.html", context, 422 if wrong else 200, lang)


def _chat(site: Site, found: Subscriber) -> str:
    """Opens the bot with a code for these preferences, good for a quarter of an hour and once."""
    work = site.work()
    if not work.voice.bot or found.channel != "email" or found.state != "active":
        return ""
    code = links.join_code(work.keys, found.id, site.clock() + links.JOIN)
    return f"https://t.me/{work.voice.bot}?start=mail-{code}"


def _reader(request: Request) -> str:
    """What several people read is left and changed in the chat, by those in charge there, and by no link."""
    try:
        reader = links.read_reader_token(site_of(request).work().keys, str(request.path_params["token"]))
    except links.LinkError:
        raise HTTPException(404) from None
    if is_shared(reader):
        raise HTTPException(404)
    return reader


def _subscriber(site: Site, reader: str) -> Subscriber | None:
    """Of one who confirmed before, a letter that anybody may ask for changes nothing: paused until they say so."""
    with site.work().store.read() as tx:
        found = subscribers.get(tx, reader)
    asked_back = found is not None and found.state == "pending" and found.confirmed_at is not None
    return replace(found, state="paused") if found is not None and asked_back else found


def _resumed(site: Site, found: Subscriber) -> Subscriber:
    with site.work().store.write() as tx:
        if not subscribers.resume(tx, found.id, site.clock()):
            subscribers.confirm(tx, found.id, site.clock())
        return subscribers.get(tx, found.id) or found
