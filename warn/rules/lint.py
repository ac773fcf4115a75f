"""The semantic lint: what would load and still not do what its author means. Each check is a generator of faults."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from warn.documents import Fault, did_you_mean
from warn.rules import lint_blanks, lint_ladder, lint_names, lint_texts
from warn.rules.checked import Checked, Folder
from warn.rules.filters import Measured
from warn.rules.measures import Change, Families, Rules
from warn.rules.order import links
from warn.rules.sentences import tell

Check = Callable[[Checked, Folder], Iterator[Fault]]
CHECKS: tuple[tuple[Check, frozenset[str]], ...] = (
    (lint_names.indicators, frozenset()),
    (lint_names.places, frozenset()),
    (lint_names.twice, frozenset()),
    (lint_names.attributes, frozenset({"by"})),
    (lint_names.exclusive, frozenset()),
    (lint_names.cadence, frozenset({"stale_after"})),
    (lint_names.origins, frozenset()),
    (lint_names.field_only, frozenset({"mode", "rises_to", "falls_to"})),
    (lint_ladder.ladder, frozenset({"rises_to", "falls_to"})),
    (lint_ladder.clears, frozenset()),
    (lint_ladder.timing, frozenset()),
    (lint_texts.languages, frozenset()),
    (lint_texts.variables, frozenset({"by"})),
    (lint_texts.braces, frozenset()),
    (lint_blanks.values, frozenset()),
    (lint_blanks.dots, frozenset()),
    (lint_texts.countdown, frozenset()),
    (lint_texts.plurals, frozenset()),
    (lint_texts.wording, frozenset()),
    (lint_texts.reviewed, frozenset()),
)
"""Every check of one rule, with the keys whose own faults would only lead it astray."""


def lint_rule(one: Checked, folder: Folder) -> list[Fault]:
    """Every remark on one rule by itself."""
    return [
        fault
        for check, needs in CHECKS
        if not needs & one.touched
        for fault in check(one, folder)
        if _new(fault, one)
    ]


def _new(fault: Fault, one: Checked) -> bool:
    """A remark on the very place of a fault of spelling would only repeat it."""
    return all((fault.line, fault.column) != (told.line, told.column) for told in one.document.faults)


def lint_set(
    rules: Sequence[Checked], circles: Sequence[Sequence[str]], ids: Collection[str]
) -> Iterator[Fault]:
    """Every remark on the rules together. `ids`: of all rules, those that could not be read among them."""
    seen: dict[str, Checked] = {}
    for one in rules:
        if one.rule.id in seen and "id" not in one.touched:
            first = seen[one.rule.id]
            where = f"{first.document.file}:{first.spot('id').line}"
            yield tell(one.document, one.spot("id"), "duplicate-id", id=one.rule.id, where=where)
        seen.setdefault(one.rule.id, one)
    yield from _unknown_rules(rules, {*seen, *ids})
    for circle in circles:
        yield _circle(circle, seen)
    yield from _changes(rules)
    yield from _families(rules)


def _unknown_rules(rules: Sequence[Checked], known: Collection[str]) -> Iterator[Fault]:
    for one in rules:
        for link in links(one.rule):
            name = link.later if link.path[0] == "inhibits" else link.earlier
            if name not in known:
                spot = one.spot(*link.path)
                yield tell(
                    one.document, spot, "unknown-rule", name=name, meant=did_you_mean(name, list(known))
                )


def _circle(circle: Sequence[str], known: dict[str, Checked]) -> Fault:
    """Told at the first rule of the circle, at the word that closes it."""
    members = set(circle)
    for name in sorted(circle, key=list(known).index):
        one = known[name]
        for link in links(one.rule):
            if {link.earlier, link.later} <= members:
                spot = one.spot(*link.path)
                return tell(one.document, spot, "cycle", circle=" -> ".join([*circle, circle[0]]))
    one = known[circle[0]]
    return tell(one.document, one.spot("measure"), "cycle", circle=" -> ".join([*circle, circle[0]]))


def _changes(rules: Sequence[Checked]) -> Iterator[Fault]:
    """A change rule needs a partner that watches the same indicator by a fixed number."""
    absolute = {name for one in rules for name in one.rule.measure.indicators if _absolute(one.rule.measure)}
    for one in rules:
        measure = one.rule.measure
        if isinstance(measure, Change) and not absolute & set(measure.indicators):
            spot = one.spot("measure", "change")
            yield tell(one.document, spot, "change-alone", name=measure.indicators[0])


def _absolute(measure: Measured) -> bool:
    return measure.kind in {"latest", "mean", "median", "min", "max", "ratio"}


def _families(rules: Sequence[Checked]) -> Iterator[Fault]:
    """Every rule belongs to a family, but for those that count rules."""
    for one in rules:
        composite = isinstance(one.rule.measure, Families | Rules)
        if (
            one.rule.family is None
            and not composite
            and not ("family" in one.touched or one.stands("family"))
        ):
            yield tell(one.document, one.spot("id", key=True), "missing-key", key="family")
