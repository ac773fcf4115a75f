"""Field reports by taps in the bot (/signaler): sent to us, never asked.

Terms: the operator's own reports. They reach us through the quarantine (`warn.quarantine`), not through a poll; that
nobody reported says nothing, so they vouch for nothing, and they never leave by `warn export`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from warn.errors import SourceError
from warn.source import Body, Context, Http, Parsed, Source
from warn.sources.forms import Form


def configured(forms: Sequence[Form]) -> Source:
    """With the indicators that the bot asks about."""
    asked = (answer.indicator for form in forms for answer in form.answers if answer.ask)
    return replace(SOURCE, indicators=tuple(dict.fromkeys(asked)))


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    """Never asked."""
    del http, options
    raise SourceError("error", "nothing can be asked here: reporters send it through the bot")


def parse(content: bytes, context: Context) -> Parsed:
    """There are no bodies: what reporters tap is stored as it comes."""
    del content, context
    return Parsed("no_data", message="reports come through the bot, not in a body")


SOURCE: Final = Source(
    id="bot",
    title="Field reports (bot)",
    indicators=(),
    every=timedelta(days=1),
    lag=timedelta(hours=6),
    terms="The operator's own reports; never published singly.",
    homepage="",
    fetch=fetch,
    parse=parse,
    needs=("telegram_token",),
    vouches=False,
    pushed=True,
    republish=False,
)
