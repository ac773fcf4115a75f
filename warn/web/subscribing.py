"""/subscribe and /c/<token>: signing up by mail, confirmed from the mailbox.

Reading never confirms, because scanners follow links.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from warn import links
from warn.digest.subscribing import agreed
from warn.model import Preferences
from warn.pipeline import signing_up
from warn.pipeline.signing_up import Wish
from warn.store import subscribers
from warn.store.subscribers import Subscriber
from warn.web.addresses import address_of
from warn.web.forms import Form, form_of, network_of, one, refuse_from_elsewhere
from warn.web.pages import PRIVATE, Site, lang_of, own_lang, own_page, page, site_of, words_of
from warn.web.wishes import SIGN_UP, choices, read

AN_HOUR = {"Retry-After": "3600"}


def routes() -> list[Route]:
    return [
        Route("/subscribe", _subscribe, methods=["GET", "POST"]),
        Route("/en/subscribe", _subscribe, methods=["GET", "POST"]),
        Route("/c/{token}", _confirm, methods=["GET", "POST"]),
    ]


async def _subscribe(request: Request) -> Response:
    """The form; posted, the same answer for every address that is one."""
    site = site_of(request)
    bot = site.work().voice.bot
    if not (site.mail or bot) or (request.method == "POST" and not site.mail):
        raise HTTPException(404)
    start = _newcomer(site, lang_of(request))
    if request.method == "GET":
        return _form(request, start, "", {})
    refuse_from_elsewhere(request)
    form = await form_of(request)
    wanted, wrong = read(form, start, site.work().knowledge.geography, SIGN_UP)
    address = address_of(one(form, "email"))
    if address is None:
        wrong["email"] = one(form, "email")[:80]
    if wrong or address is None:
        return _form(request, wanted, one(form, "email"), wrong, 422)
    return await _asked(request, form, Wish(address, wanted, network_of(request)))


async def _asked(request: Request, form: Form, wish: Wish) -> Response:
    """A program fills in every field, also the one that people do not see."""
    site = site_of(request)

    def ask() -> bool:
        work, now = site.work(), site.clock()
        with work.store.read() as tx:
            if signing_up.over(tx, work, wish, site.sign_ups, now):
                return False
        with work.store.write() as tx:
            return signing_up.ask(tx, work, wish, site.sign_ups, now)

    if not one(form, "website") and not await asyncio.to_thread(ask):
        answer = page(request, "asked.html", {"over": True, "chat": _chat(request)}, 429)
        answer.headers.update(AN_HOUR)
    else:
        answer = page(request, "asked.html", {"over": False, "chat": _chat(request)})
    answer.headers.update(PRIVATE)
    return answer


def _form(
    request: Request, who: Preferences, email: str, wrong: Mapping[str, str], status: int = 200
) -> Response:
    site = site_of(request)
    geography = site.work().knowledge.geography
    context = {
        "f": choices(who, geography, words_of(request)),
        "city": geography.area.name(lang_of(request)),
        "email": email,
        "wrong": wrong,
        "mail": site.mail,
        "chat": _chat(request),
    }
    return page(request, "subscribe.html", context, status)


def _newcomer(site: Site, lang: str) -> Preferences:
    return Preferences(lang=lang, timezone=site.work().knowledge.geography.area.timezone)


def _chat(request: Request) -> str:
    """The bot, made out for a reader of this language; empty where there is none."""
    bot = site_of(request).work().voice.bot
    return f"https://t.me/{bot}?start=read-{lang_of(request)}-resident" if bot else ""


async def _confirm(request: Request) -> Response:
    site, now = site_of(request), site_of(request).clock()
    try:
        subscriber = signing_up.asked(site.work(), str(request.path_params["token"]), now)
    except links.LinkError as error:
        if error.kind == "expired":
            return _confirmed(request, None, "over", 410)
        raise HTTPException(404) from None
    if request.method == "POST":
        found = await asyncio.to_thread(_confirmed_now, site, subscriber, now)
    else:
        found = await asyncio.to_thread(_looked_up, site, subscriber)
    if found is None or found.state not in {"pending", "active"}:
        return _confirmed(request, None, "over", 410)
    return _confirmed(request, found, "ask" if found.state == "pending" else "done")


def _confirmed_now(site: Site, subscriber: str, now: datetime) -> Subscriber | None:
    with site.work().store.write() as tx:
        subscribers.confirm(tx, subscriber, now)
        return subscribers.get(tx, subscriber)


def _looked_up(site: Site, subscriber: str) -> Subscriber | None:
    with site.work().store.read() as tx:
        return subscribers.get(tx, subscriber)


def _confirmed(request: Request, found: Subscriber | None, state: str, status: int = 200) -> Response:
    work = site_of(request).work()
    who = found.preferences if found else Preferences()
    context = {
        "state": state,
        "bulletin": who.weekly or who.digest_at is not None,
        "agreed": agreed(words_of(request, own_lang(request, who.lang)), who, work.knowledge.geography.area),
        "token": links.reader_token(work.keys, found.id) if found else "",
    }
    return own_page(request, "confirm.html", context, status, who.lang)
