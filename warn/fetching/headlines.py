"""Titles that services list (articles, reports, alerts) -> observations, through the reader of free text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from warn.model import Observation, Refused
from warn.reading import Reading, read, to_observations
from warn.source import Context

AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Headline:
    """One text. `key` is its id at the provider; `own`: all that this outlet lists is about our country.

    `said` is what is read, where it is not the title as shown; `grade` stands where nobody better graded is named.
    """

    key: str
    title: str
    published: datetime | None
    url: str = ""
    outlet: str = ""
    lang: str = ""
    grade: str = ""
    own: bool = False
    said: str = ""


def read_all(
    headlines: Iterable[Headline], source: str, context: Context
) -> tuple[tuple[Observation, ...], tuple[Refused, ...]]:
    """What they say that is watched, and those that cannot be dated."""
    found: dict[str, Observation] = {}
    refused: list[Refused] = []
    for one in headlines:
        if not one.title:
            refused.append(Refused("a text without a title", one.url[:80]))
        elif one.published is None:
            refused.append(Refused("a text without a date", one.title[:80]))
        elif one.published > context.now + AHEAD:
            refused.append(Refused(f"dated {one.published:%Y-%m-%d}, in the future", one.title[:80]))
        elif context.lexicon is not None:
            told = to_observations(
                _read(one, context),
                source=source,
                known_at=min(one.published, context.now),  # what bears no date happened when it was published
                title=one.title,
                url=one.url,
                key=one.key,
            )
            found |= {row.key: replace(row, known_at=context.now) for row in told}
    return tuple(found.values()), tuple(refused)


def _read(one: Headline, context: Context) -> Reading:
    return read(
        one.said or one.title,
        reader=context.lexicon,
        published=min(one.published or context.now, context.now).date(),
        lang=one.lang,
        outlet=one.outlet,
        url=one.url,
        local=one.own,
        grade=one.grade,
    )
