"""The one level shown in subjects, page and badge (rules.md, vocabulary)."""

from __future__ import annotations

from warn.digest.facts import Facts, Situation


def situation(facts: Facts) -> Situation:
    """The highest level among shown alerts that count; calm only if all core rules are known, else unclear."""
    raise NotImplementedError
