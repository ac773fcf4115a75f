"""Services that give JSON or CSV over HTTP, described in rules/sources.yaml: a field office adds its own there.

    described = listing.load(text)          # or check(text, ...) -> (described, faults)
    source = source_of(described[0])        # an ordinary warn.source.Source

Terms, cadence, lag and grade stand with each description.
"""

from functools import partial

from warn.source import Source
from warn.sources.generic.asking import fetch
from warn.sources.generic.listing import FILE, check, load
from warn.sources.generic.reading import parse
from warn.sources.generic.schema import Described

__all__ = ["FILE", "Described", "check", "load", "source_of"]


def source_of(described: Described) -> Source:
    """A key that is needed is the setting `key_<name>`; without it the source is off and says so."""
    key = described.key
    named = (f"key_{key.name}",) if key is not None else ()
    return Source(
        id=described.id,
        title=described.title,
        indicators=described.indicators,
        every=described.every,
        lag=described.lag,
        publishes_every=described.publishes_every,
        terms=described.terms,
        homepage=described.homepage,
        fetch=partial(fetch, described),
        parse=partial(parse, described),
        needs=() if key is None or key.optional else named,
        uses=named if key is not None and key.optional else (),
        vouches=described.vouches,
        republish=described.republish,
        off_by_default=described.off,
    )
