"""One poll of one source against a web server of ours, as the service makes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from warn.fetching import Collected, Fetcher, Manners, collect_one
from warn.source import Source, Validators

from tests.sources.knowing import context

NOW = datetime(2025, 10, 15, 12, tzinfo=UTC)


async def ask(
    source: Source,
    options: Mapping[str, Any],
    validators: Mapping[str, Validators] | None = None,
    now: datetime = NOW,
) -> Collected:
    known = context(now)
    fetcher = Fetcher(Manners(pace_s=0, backoff_s=0, attempts=1, read_s=2, allow_private=True))
    try:
        return await collect_one(source, fetcher, known, {"area": known.area, **options}, validators or {})
    finally:
        await fetcher.close()
