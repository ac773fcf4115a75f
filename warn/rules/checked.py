"""What the lint looks at: one rule with its place in the text, and the folder around it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from warn.documents import Document, Spot
from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import EMPTY, SourceFacts
from warn.rules.filters import Filtered, Measured
from warn.rules.measures import Ratio, State
from warn.rules.rule import Rule
from warn.rules.wording import Wording

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """What stands beside the rules. `places` and `scenarios` None: not asked."""

    indicators: Indicators
    places: Geography | None
    wording: Wording
    sources: tuple[SourceFacts, ...] = ()
    scenarios: Collection[str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """One rule and where it is written. `touched`: keys whose faults were told already and that were mended."""

    rule: Rule
    document: Document
    at: Path
    raw: Mapping[str, Any]
    defaults: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    touched: frozenset[str] = frozenset()

    def spot(self, *path: str | int, key: bool = False) -> Spot:
        return self.document.spot((*self.at, *path), key=key)

    def written(self, *path: str | int) -> str:
        """A value as it is spelled in the file ("0.60")."""
        node = self.document.find((*self.at, *path))
        return "" if node is None else node.text

    def stands(self, *path: str | int) -> bool:
        return self.document.find((*self.at, *path)) is not None

    def leaves(self) -> Iterator[tuple[Measured, Path]]:
        """Every measure of reports in the rule, and where it stands."""
        measure = self.rule.measure
        if isinstance(measure, Ratio):
            yield measure.ratio.of, ("measure", "ratio", "of")
            yield measure.ratio.to, ("measure", "ratio", "to")
        else:
            yield measure, ("measure",)

    def named(self) -> Iterator[tuple[str, Path]]:
        """Every name of an indicator, and where it stands."""
        for leaf, path in self.leaves():
            if not isinstance(leaf, Filtered):
                continue
            keys = ("on", "off") if isinstance(leaf, State) else ("",)
            for key in keys:
                at = (*path, leaf.kind, key) if key else (*path, leaf.kind)
                yield from self._names(at)

    def _names(self, path: Path) -> Iterator[tuple[str, Path]]:
        node = self.document.find((*self.at, *path))
        if node is None or node.kind == "map":
            return
        if node.kind == "scalar":
            yield node.text, path
        for nth, item in enumerate(node.items):
            yield item.text, (*path, nth)
