"""What our own reporters on the ground say: never told singly, nor with their marks, which would join their reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from warn.digest.languages import Words
from warn.links import REPORTER
from warn.model import Observation


def from_field(report: Observation) -> bool:
    """Whether a reporter of ours said it."""
    return any(origin.startswith(REPORTER) for origin in report.origins)


def named(origins: Iterable[str], w: Words) -> Sequence[str]:
    """Origins as readers see them: all reporters together are one name."""
    return tuple(dict.fromkeys(w._("field reports") if one.startswith(REPORTER) else one for one in origins))
