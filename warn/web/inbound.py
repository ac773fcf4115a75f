"""POST /inbound: what partners send, signed. Off (404) until a secret is set.

timestamp=$(date +%s); body='{"indicator": "road_block", "occurred_at": "2026-09-01T08:00Z", "place": "Kita"}'
signature=$(printf '%s.%s' "$timestamp" "$body" | openssl dgst -sha256 -hmac "$SECRET" -hex | sed 's/.* //')
curl -d "$body" -H "Warn-Timestamp: $timestamp" -H "Warn-Signature: sha256=$signature" https://.../inbound
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from warn import links
from warn.model import Refused
from warn.pipeline.collect import Gathered, receive
from warn.pipeline.work import Work
from warn.web.forms import body_of

LARGEST = 5_000_000
MOST_TOLD = 50


def inbound(
    work: Callable[[], Work],
    clock: Callable[[], datetime],
    judge: Callable[[], Awaitable[None]] | None = None,
) -> Route:
    """The address. What arrives is stored before the answer, and judged right after it."""

    async def take(request: Request) -> Response:
        source = work().sources.get("webhook")
        if source is None:
            raise HTTPException(404)
        body = await body_of(request, LARGEST)
        try:
            links.check_body(
                _secrets(work()),
                request.headers.get("warn-timestamp", ""),
                request.headers.get("warn-signature", ""),
                body,
                clock(),
            )
        except links.LinkError as error:
            return JSONResponse({"error": str(error)}, 401)
        gathered, refused = await asyncio.to_thread(receive, work(), source, body, clock())
        after = BackgroundTask(judge) if judge is not None and gathered.ingested.changed else None
        return JSONResponse(_answer(gathered, refused), 202 if gathered.poll.good else 422, background=after)

    return Route("/inbound", take, methods=["POST"])


def _secrets(work: Work) -> list[str]:
    """Newest first, comma separated, as with our own: both are taken while a sender changes over."""
    said = str(work.options.get("webhook", {}).get("webhook_secret") or "")
    return [word.strip() for word in said.split(",") if word.strip()]


def _answer(gathered: Gathered, refused: tuple[Refused, ...]) -> dict[str, object]:
    done = gathered.ingested
    return {
        "outcome": gathered.poll.outcome,
        "message": gathered.poll.message,
        "new": done.new,
        "revised": done.revised,
        "unchanged": done.unchanged,
        "refused": [{"row": one.line, "reason": one.reason} for one in refused[:MOST_TOLD]],
    }
