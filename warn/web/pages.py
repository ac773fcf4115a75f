"""What every page is made with: the site it speaks from, its language, and its frame."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from warn.digest.languages import Words, render, words
from warn.pipeline.work import Work

LANGS = ("fr", "en")
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class Site:
    """What the page speaks from. `work` answers the present one, which a reload replaces; `clock` is now.

    `mail`: whether mail leaves from here, so that people can sign up for it. `sign_ups`: how many an hour from one
    network. `judge` is awaited when something new was pushed to us. `stuck`: channels by which nothing is sent.
    """

    work: Callable[[], Work]
    clock: Callable[[], datetime]
    mail: bool = False
    sign_ups: int = 5
    judge: Callable[[], Awaitable[None]] | None = None
    stuck: Callable[[], Sequence[str]] = tuple


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def lang_of(request: Request) -> str:
    return "en" if request.url.path == "/en" or request.url.path.startswith("/en/") else "fr"


def words_of(request: Request, lang: str = "") -> Words:
    return words(site_of(request).work().voice.templates, lang or lang_of(request))


def page(
    request: Request, name: str, context: Mapping[str, object], status: int = 200, lang: str = ""
) -> Response:
    return _framed(request, name, context, status, lang or lang_of(request), _elsewhere(request))


def own_lang(request: Request, lang: str) -> str:
    """The reader's language, unless they ask for the other one by `?lang=`."""
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGS else lang if lang in LANGS else "fr"


def own_page(request: Request, name: str, context: Mapping[str, object], status: int, lang: str) -> Response:
    """A page behind a reader's own link, kept by no cache."""
    lang = own_lang(request, lang)
    answer = _framed(request, name, context, status, lang, f"?lang={'fr' if lang == 'en' else 'en'}")
    answer.headers.update(PRIVATE)
    return answer


def _elsewhere(request: Request) -> str:
    """The same page in the other language."""
    path = request.url.path.removeprefix("/en") or "/"
    return path if lang_of(request) == "en" else f"/en{path if path != '/' else ''}"


def _framed(
    request: Request, name: str, context: Mapping[str, object], status: int, lang: str, elsewhere: str
) -> Response:
    site = site_of(request)
    voice = site.work().voice
    english = lang == "en"
    body = render(
        voice.templates,
        f"web/{name}",
        lang,
        elsewhere=elsewhere,
        home="/en" if english else "/",
        prefix="/en" if english else "",
        open_to_all=site.mail or bool(voice.bot),
        **context,
    )
    return Response(body, status, media_type="text/html")
