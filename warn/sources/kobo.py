"""Field reports from KoboToolbox: approved submissions of the forms in rules/forms.

Terms: the operator's own data. Token in `kobo_token`, server in `kobo_url`. Asked every quarter of an hour, at most
1,000 submissions a page (larger limits are clipped). The last month is read anew each time, since approvals, edits and
deletions come later; edits keep their number, a deletion shows only by what is no longer there. Reports never vouch:
that nobody wrote says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from warn.fetching import document, judged, stop
from warn.rows import CellError, plain
from warn.rows.cells import number
from warn.rows.foreign import stamp
from warn.source import Body, Context, Http, Parsed, Source
from warn.sources.forms import Form, Submission, settled, told
from warn.sources.forms.asking import Page, every_form, paged, since, whole, with_forms
from warn.sources.forms.reading import flat

SERVER: Final = "https://kf.kobotoolbox.org"
PAGE: Final = 1000
MOST_PAGES: Final = 20
APPROVED: Final = "validation_status_approved"


def configured(forms: Sequence[Form]) -> Source:
    """The source for these forms; without a form that names its asset it stays off."""
    return with_forms(SOURCE, forms, [form for form in forms if form.kobo], _pages, _parsed)


async def _pages(form: Form, http: Http, options: Mapping[str, Any]) -> list[Body]:
    server = str(options.get("kobo_url") or SERVER).rstrip("/")
    newer = json.dumps({"_submission_time": {"$gt": f"{since(options):%Y-%m-%dT%H:%M:%S}"}})
    page = Page(
        address=f"{server}/api/v2/assets/{form.kobo}/data.json",
        headers={"Authorization": f"Token {options.get('kobo_token')}"},
        params=lambda start: {
            "limit": str(PAGE),
            "start": str(start),
            "sort": '{"_id":1}',
            "query": newer,
        },
        size=PAGE,
        most=MOST_PAGES,
        counted=b'"_submission_time"',
    )
    return await paged(http, form, page)


def parse(content: bytes, context: Context) -> Parsed:
    """Without the rules folder no question means anything."""
    return judged(partial(_parsed, ()), content, context)


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
    read = told(SOURCE.id, [one for one in submissions if one is not None], forms, context)
    return whole(read, context, rows=len(rows))


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
    fetch=partial(every_form, (), _pages),
    parse=parse,
    needs=("kobo_token",),
    uses=("kobo_url", "reporter_keys"),
    vouches=False,
    republish=False,
    settle=settled,
    off_by_default="no file of rules/forms names its KoBo asset under kobo:",
)
