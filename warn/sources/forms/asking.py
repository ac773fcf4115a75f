"""What asking a form server comes to, whichever it is: every form by itself, page after page, the last month anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching import judged, outcome_of
from warn.source import Body, Context, Http, Parsed, Source
from warn.sources.forms.company import WITHIN
from warn.sources.forms.listing import Form

LOOKS_BACK: Final = timedelta(days=31)
WHOLE: Final = LOOKS_BACK - WITHIN - timedelta(days=1)
"""What occurred since then is there together with all that kept it company."""

Pages = Callable[[Form, Http, Mapping[str, Any]], Awaitable[list[Body]]]
Reads = Callable[[Sequence[Form], bytes, Context], Parsed]


@dataclass(frozen=True, slots=True)
class Page:
    """How a page is asked for. `counted` stands once in each submission of an answer."""

    address: str
    headers: Mapping[str, str]
    params: Callable[[int], Mapping[str, str]]  # of the submissions that were read before
    size: int
    most: int
    counted: bytes


def with_forms(
    source: Source, forms: Sequence[Form], asked: Sequence[Form], pages: Pages, reads: Reads
) -> Source:
    """The source for these forms; where none of them is asked for it stays off."""
    return replace(
        source,
        indicators=tuple(dict.fromkeys(a.indicator for form in asked or forms for a in form.answers)),
        fetch=partial(every_form, tuple(asked), pages),
        parse=lambda content, context: judged(partial(reads, tuple(forms)), content, context),
        off_by_default="" if asked else source.off_by_default,
    )


async def every_form(
    forms: Sequence[Form], pages: Pages, http: Http, options: Mapping[str, Any]
) -> tuple[Body, ...]:
    """One form that does not come stops no other."""
    if not options.get("reporter_keys"):
        raise SourceError("error", "there is no key to hide reporters by", "Set WARN_SECRET.")
    bodies: list[Body] = []
    for form in forms:
        try:
            bodies += await pages(form, http, options)
        except SourceError as error:
            bodies.append(Body(b"", part=form.id, outcome=outcome_of(error), message=str(error)))
    return tuple(bodies)


async def paged(http: Http, form: Form, page: Page) -> list[Body]:
    """Until a page is not full. The addresses of next pages are not followed: they may be http, or elsewhere."""
    bodies: list[Body] = []
    for nth in range(page.most):
        body = await http.get(
            page.address,
            headers=page.headers,
            params=page.params(nth * page.size),
            part=f"{form.id} {nth + 1}" if nth else form.id,
            expect="json",
            conditional=False,
        )
        bodies.append(body)
        if body.content.count(page.counted) < page.size:
            return bodies
    message = f"more than {page.most * page.size} submissions in a month; the rest was not read"
    return [*bodies, Body(b"", part=f"{form.id} {page.most + 1}", outcome="error", message=message)]


def since(options: Mapping[str, Any]) -> datetime:
    """From when on submissions are asked for: approvals, edits and deletions come later than they."""
    moment: datetime = options["now"] - LOOKS_BACK
    return moment


def whole(parsed: Parsed, context: Context, *, rows: int) -> Parsed:
    """Says that all of the last weeks is in it, so that what is not was deleted or is approved no more.

    An answer without any submission says nothing of the kind: it is what a server in trouble gives, too.
    """
    return replace(parsed, complete_since=context.now - WHOLE) if rows else parsed
