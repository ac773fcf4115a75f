"""The HTTP layer, and one poll of one source.

    fetcher = Fetcher(Manners(contact="https://example.org/warn"))
    collected = await collect_one(source, fetcher, context, options, validators)   # never raises
    collected.poll, collected.observations, collected.refused, collected.coverage, collected.validators
    await fetcher.close()

`validators` (fingerprint of the address -> ETag and Last-Modified) come from the store and go back to it, in
the transaction that stores the observations.
"""

from warn.fetching.answers import (
    Record,
    Table,
    code_of,
    demand,
    document,
    gathered,
    is_home,
    judged,
    listed,
    opened,
    records,
    stop,
    table,
    words_of,
)
from warn.fetching.client import Fetcher, Manners, Visit, shown
from warn.fetching.collect import Collected, collect_one, ground_for, outcome_of, read_body
from warn.fetching.limits import Limits, unzip
from warn.fetching.sniffing import challenged, form

__all__ = [
    "Collected",
    "Fetcher",
    "Limits",
    "Manners",
    "Record",
    "Table",
    "Visit",
    "challenged",
    "code_of",
    "collect_one",
    "demand",
    "document",
    "form",
    "gathered",
    "ground_for",
    "is_home",
    "judged",
    "listed",
    "opened",
    "outcome_of",
    "read_body",
    "records",
    "shown",
    "stop",
    "table",
    "unzip",
    "words_of",
]
