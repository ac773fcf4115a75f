"""Field reports from KoboToolbox: approved submissions of the forms in rules/forms.

Terms: the operator's own data. Token in `kobo_token`, server in `kobo_url`. Asked every quarter of an hour, at most
1,000 submissions a page (larger limits are clipped). The last month is read anew each time, since approvals and edits
come later; edits keep their number. Reports never vouch: that nobody wrote says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching import document, judged, outcome_of, stop
from warn.rows import CellError, plain
from warn.rows.cells import number
from warn.rows.foreign import stamp
from warn.source import Body, Context, Http, Parsed, Source
from warn.sources.forms import Form, Submission, settled, told
from warn.sources.forms.reading import flat

SERVER: Final = "https://kf.kobotoolbox.org"
PAGE: Final = 1000
MOST_PAGES: Final = 20
LOOKS_BACK: Final = timedelta(days=31)
APPROVED: Final = "validation_status_approved"


def configured(forms: Sequence[Form]) -> Source:
    """The source for these forms; without a form that names its asset it stays off."""
    asked = tuple(form for form in forms if form.kobo)
    why = "" if asked else "no file of rules/forms names its KoBo asset under kobo:"
    return replace(
        SOURCE,
        indicators=tuple(dict.fromkeys(a.indicator for form in asked or forms for a in form.answers)),
        fetch=partial(fetch_forms, asked),
        parse=partial(parse_forms, tuple(forms)),
        off_by_default=why,
    )


async def fetch_forms(forms: Sequence[Form], http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    if not options.get("reporter_keys"):
        raise SourceError("error", "there is no key to hide reporters by", "Set WARN_SECRET.")
    bodies: list[Body] = []
    for form in forms:
        try:
            bodies += await _pages(form, http, options)
        except SourceError as error:
            bodies.append(Body(b"", part=form.id, outcome=outcome_of(error), message=str(error)))
    return tuple(bodies)


async def _pages(form: Form, http: Http, options: Mapping[str, Any]) -> list[Body]:
    """By `start`, since the address of the next page may be http."""
    server = str(options.get("kobo_url") or SERVER).rstrip("/")
    since = (options["now"] - LOOKS_BACK).strftime("%Y-%m-%dT%H:%M:%S")
    bodies: list[Body] = []
    for nth in range(MOST_PAGES):
        body = await http.get(
            f"{server}/api/v2/assets/{form.kobo}/data.json",
            headers={"Authorization": f"Token {options.get('kobo_token')}"},
            params={
                "limit": str(PAGE),
                "start": str(nth * PAGE),
                "sort": '{"_id":1}',
                "query": json.dumps({"_submission_time": {"$gt": since}}),
            },
            part=f"{form.id} {nth + 1}" if nth else form.id,
            expect="json",
            conditional=False,
        )
        bodies.append(body)
        if body.content.count(b'"_submission_time"') < PAGE:
            break
    return bodies


def parse(content: bytes, context: Context) -> Parsed:
    """Without the rules folder no question means anything."""
    return parse_forms((), content, context)


def parse_forms(forms: Sequence[Form], content: bytes, context: Context) -> Parsed:
    return judged(partial(_parsed, forms), content, context)


def _parsed(forms: Sequence[Form], content: bytes, context: Context) -> Parsed:
    answer = document(content)
    if isinstance(answer, Mapping) and "detail" in answer and "results" not in answer:
        stop("blocked", f"KoBo says: {plain(answer['detail'])[:100]}; check the token and the form's uid")
    if isinstance(answer, Mapping) and "asset_type" in answer:
        return Parsed("no_data", message="a form's definition, not its submissions")
    rows = answer.get("results") if isinstance(answer, Mapping) else answer
    if not isinstance(rows, list):
        stop("schema_changed", "no list 'results'")
    if rows and all(isinstance(row, Mapping) and "asset_type" in row for row in rows):
        return Parsed("no_data", message="a list of forms, not of submissions")
    submissions = [_submission(row) for row in rows]
    if None in submissions:
        stop("schema_changed", "submissions without _id or _submission_time")
    return told(SOURCE.id, [one for one in submissions if one is not None], forms, context)


def _submission(row: Any) -> Submission | None:
    if not isinstance(row, Mapping) or "_id" not in row or "_submission_time" not in row:
        return None
    status = row.get("_validation_status")
    uid = status.get("uid") if isinstance(status, Mapping) else status
    return Submission(
        id=plain(row["_id"]),
        form=plain(row.get("_xform_id_string") or ""),
        approved=uid == APPROVED,
        submitted_at=stamp(row["_submission_time"]),
        approved_at=_moment(status.get("timestamp")) if isinstance(status, Mapping) else None,
        answers=flat(row),
    )


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(number(value), UTC)
    except (CellError, ValueError, OverflowError, OSError):
        return None


SOURCE: Final = Source(
    id="kobo",
    title="Field reports (KoBo)",
    indicators=(),
    every=timedelta(minutes=15),
    lag=timedelta(hours=6),
    terms="The operator's own reports; never published singly.",
    homepage="https://www.kobotoolbox.org",
    fetch=partial(fetch_forms, ()),
    parse=parse,
    needs=("kobo_token",),
    uses=("kobo_url", "reporter_keys"),
    vouches=False,
    republish=False,
    settle=settled,
    off_by_default="no file of rules/forms names its KoBo asset under kobo:",
)
