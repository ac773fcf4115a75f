"""Field reports from ODK Central: approved submissions of the forms in rules/forms, by OData.

Terms: the operator's own data. Server in `odk_url`, account in `odk_user` and `odk_password` (a viewer of the project
is enough). Asked every quarter of an hour, 250 submissions a page, the last month anew each time. Deleted ones and
those not approved, or approved no more, are left out. Reports never vouch: that nobody wrote says nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from warn.fetching import document, judged, stop
from warn.rows import plain
from warn.rows.foreign import stamp
from warn.source import Body, Context, Http, Parsed, Source
from warn.sources.forms import Form, Submission, settled, told
from warn.sources.forms.asking import Page, every_form, paged, since, whole, with_forms
from warn.sources.forms.reading import flat

PAGE: Final = 250
MOST_PAGES: Final = 40
REFUSED: Final = ("401", "403")
NONE_NAMED: Final = "no file of rules/forms names its project and form under odk:"


def configured(forms: Sequence[Form]) -> Source:
    """The source for these forms; without a form that ODK keeps it stays off."""
    return with_forms(SOURCE, forms, [form for form in forms if form.odk is not None], _pages, _parsed)


async def _pages(form: Form, http: Http, options: Mapping[str, Any]) -> list[Body]:
    assert form.odk is not None
    server = str(options.get("odk_url") or "").rstrip("/")
    account = f"{options.get('odk_user')}:{options.get('odk_password')}".encode()
    newer = f"__system/submissionDate gt {since(options):%Y-%m-%dT%H:%M:%S.000Z}"
    page = Page(
        address=f"{server}/v1/projects/{form.odk.project}/forms/{quote(form.odk.form, safe='')}.svc/Submissions",
        headers={"Authorization": f"Basic {base64.b64encode(account).decode()}"},
        params=lambda skip: {
            "$top": str(PAGE),
            "$skip": str(skip),
            "$count": "true",
            "$filter": newer,
            "$expand": "*",
        },
        size=PAGE,
        most=MOST_PAGES,
        counted=b'"__id"',
    )
    return await paged(http, form, page)


def parse(content: bytes, context: Context) -> Parsed:
    """Without the rules folder no question means anything."""
    return judged(partial(_parsed, ()), content, context)


def _parsed(forms: Sequence[Form], content: bytes, context: Context) -> Parsed:
    answer = document(content)
    if isinstance(answer, Mapping) and "message" in answer and "value" not in answer:
        refused = plain(answer.get("code", "")).startswith(REFUSED)
        message = f"ODK says: {plain(answer['message'])[:120]}"
        stop("blocked" if refused else "error", f"{message}; check WARN_SOURCE__ODK_USER, project and form")
    if isinstance(answer, Mapping) and "token" in answer and "value" not in answer:
        return Parsed("no_data", message="a session token, not submissions")
    rows = answer.get("value") if isinstance(answer, Mapping) else None
    if isinstance(answer, list) and all(isinstance(row, Mapping) and "xmlFormId" in row for row in answer):
        return Parsed("no_data", message="a list of forms, not of submissions")
    if not isinstance(rows, list):
        stop("schema_changed", "no list 'value'")
    submissions = [_submission(row) for row in rows if not _deleted(row)]
    if None in submissions:
        stop("schema_changed", "submissions without __id or __system")
    read = told(SOURCE.id, [one for one in submissions if one is not None], forms, context)
    return whole(read, context, rows=len(rows))


def _deleted(row: Any) -> bool:
    system = row.get("__system") if isinstance(row, Mapping) else None
    return isinstance(system, Mapping) and bool(system.get("deletedAt"))


def _submission(row: Any) -> Submission | None:
    """The approval is the last thing that happens to a submission, hence its time is that of the last change."""
    system = row.get("__system") if isinstance(row, Mapping) else None
    if not isinstance(system, Mapping) or "__id" not in row or "submissionDate" not in system:
        return None
    reporter = system.get("submitterId") or system.get("submitterName") or ""
    changed = system.get("updatedAt")
    return Submission(
        id=plain(row["__id"]),
        form="",
        approved=system.get("reviewState") == "approved",
        submitted_at=stamp(system["submissionDate"]),
        approved_at=stamp(changed) if changed else None,
        answers={**flat(row), "_submitted_by": plain(reporter)},
    )


SOURCE: Final = Source(
    id="odk",
    title="Field reports (ODK)",
    indicators=(),
    every=timedelta(minutes=15),
    lag=timedelta(hours=6),
    terms="The operator's own reports; never published singly.",
    homepage="https://getodk.org",
    fetch=partial(every_form, (), _pages),
    parse=parse,
    needs=("odk_url", "odk_user", "odk_password"),
    uses=("reporter_keys",),
    vouches=False,
    republish=False,
    settle=settled,
    off_by_default=NONE_NAMED,
)
