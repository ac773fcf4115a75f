"""Observations that partners send to us: POST /inbound, signed with a shared secret.

Terms are the sender's own. The body is JSON with the names of the observation file: one row, a list of rows,
`{"observations": [...]}`, or JSON Lines. Who sends may not say under which source a row stands nor since when it was
known: that is now. It vouches for nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, NoReturn

from warn.errors import SourceError
from warn.fetching import document, ground_for, judged, stop, words_of
from warn.model import Observation, Refused
from warn.rows import RowError, observation_from, plain
from warn.source import Body, Context, Http, Parsed, Source

MOST_ROWS: Final = 10_000
OURS: Final = ("source", "known_at", "superseded_at")


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    """Never asked."""
    del http, options
    _nothing_to_ask()


def _nothing_to_ask() -> NoReturn:
    raise SourceError("error", "nothing can be asked here: partners send it to /inbound")


def parse(content: bytes, context: Context) -> Parsed:
    """Good rows are taken, bad ones set aside and told to the sender with their number."""
    return judged(_parsed, content, context)


def _parsed(content: bytes, context: Context) -> Parsed:
    rows = _rows(content)
    if len(rows) > MOST_ROWS:
        stop("error", f"more than {MOST_ROWS} rows; send them in parts")
    ground = replace(ground_for(context), source="webhook")
    found: list[Observation] = []
    refused: list[Refused] = []
    for line, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            refused.append(Refused("not a row with the names of the columns", plain(row)[:80], line))
            continue
        said = {name: value for name, value in row.items() if name not in OURS}
        try:
            found.append(observation_from({**said, "known_at": context.now}, ground))
        except RowError as error:
            refused += [Refused(str(slip), plain(row)[:80], line) for slip in error.slips]
    message = f"{len(rows)} rows, {len(found)} taken" + (
        f"; row {refused[0].line}: {refused[0].reason}" if refused else ""
    )
    outcome = "ok" if found else "schema_changed" if refused else "no_data"
    return Parsed(outcome, tuple(found), message[:300], tuple(refused))  # type: ignore[arg-type]  # one of three words


def _rows(content: bytes) -> list[Any]:
    lines = [line for line in words_of(content).splitlines() if line.strip()]
    if len(lines) > 1 and all(
        line.lstrip().startswith("{") and line.rstrip().endswith("}") for line in lines
    ):
        return [json.loads(line) for line in lines]
    answer = document(content)
    if isinstance(answer, Mapping) and "observations" in answer:
        answer = answer["observations"]
    return answer if isinstance(answer, list) else [answer]


SOURCE: Final = Source(
    id="webhook",
    title="Sent by partners",
    indicators=(),
    every=timedelta(days=1),
    lag=timedelta(0),
    terms="Whatever the senders say.",
    homepage="",
    fetch=fetch,
    parse=parse,
    vouches=False,
    pushed=True,
    needs=("webhook_secret",),
)
