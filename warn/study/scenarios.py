"""Runs the scenarios of `rules/tests` at virtual time; what fails is said in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import AlertState, SourceFacts, Transition
from warn.rules.ruleset import LoadedRule

Render = Callable[[Transition, AlertState, Mapping[str, Any]], str]
"""(transition, state after it, the `reader` of the scenario) -> the message's text as that reader gets it."""


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario. `failures` are sentences with what was expected and what was found; none: it passed."""

    file: str
    name: str
    rule: str
    line: int
    failures: tuple[str, ...] = ()
    steps: int = 0

    @property
    def passed(self) -> bool:
        return not self.failures


def run_scenarios(
    documents: Sequence[tuple[str, Any]],
    rules: Sequence[LoadedRule],
    indicators: Indicators,
    geography: Geography,
    sources: Sequence[SourceFacts],
    render: Render | None = None,
) -> list[ScenarioResult]:
    """`documents`: (file name, the list that the YAML file holds). A malformed scenario is a failure, not an error."""
    raise NotImplementedError
