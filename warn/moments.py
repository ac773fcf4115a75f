"""Moments as whole microseconds since 1970, so that arithmetic on thousands of them is exact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.int64]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR
NEVER: Final = 2**61
"""Later than any moment; `-NEVER` is earlier than any. Sums of two still fit into 64 bits."""


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def span(length: timedelta) -> int:
    return length // MICROSECOND


def moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=int(at))


def moments(values: Iterable[datetime | None], missing: int = NEVER) -> Moments:
    """Vectorised `micros`; None becomes `missing`. Seconds as floats tell microseconds apart for 285 years."""
    seconds = np.array([np.nan if value is None else value.timestamp() for value in values], dtype=np.float64)
    there = ~np.isnan(seconds)
    return np.where(there, np.rint(np.where(there, seconds, 0.0) * 1e6).astype(np.int64), missing)


def distinct(*several: Moments) -> Moments:
    """All of them once, in order. Sorting is quicker here than the table of `numpy.unique`."""
    found = np.concatenate(several)
    found.sort()
    keep = np.ones(len(found), dtype=np.bool_)
    np.not_equal(found[1:], found[:-1], out=keep[1:])
    return found[keep]
