"""Texts of rule files -> one RuleSet, or every fault in them. All or nothing: a wrong file replaces no good set."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from warn.documents import Document, Fault, did_you_mean, read, shape_faults
from warn.geo import Geography
from warn.indicators import Indicators
from warn.model import SourceFacts
from warn.rules.checked import Checked, Folder
from warn.rules.lint import lint_rule, lint_set
from warn.rules.mend import mended
from warn.rules.order import in_order
from warn.rules.rule import Rule, Timing
from warn.rules.ruleset import LoadedRule, RuleSet
from warn.rules.sentences import tell
from warn.rules.wording import Wording

JUDGING = frozenset(
    {
        "measure", "by", "rises_to", "falls_to", "clears_at", "clears_after", "eases_after", "lapses_after",
        "holds_for", "stale_after", "keep_open_while", "mode",
    }
)  # fmt: skip
"""The keys by which a rule judges; the rest is what it says and to whom."""
_TOP = ("rules", "defaults")
_OF_A_RULE = frozenset({"measure", "rises_to", "falls_to"})
"""By these a rule is known that stands in a file without `rules:`."""
_BLANK = "[ \t\u00a0\u202f]"
_SPELLED = re.compile(f"^{_BLANK}*-{_BLANK}*id(?:{_BLANK}|:)+['\"]?([a-z][a-z0-9-]*)", re.MULTILINE)


def load(
    files: Mapping[str, str],
    *,
    indicators: Indicators,
    places: Geography | None = None,
    wording: Wording | None = None,
    sources: Sequence[SourceFacts] = (),
    scenarios: Collection[str] | None = None,
) -> tuple[RuleSet | None, tuple[Fault, ...]]:
    """The same of texts by name of their file."""
    documents = [read(text, file) for file, text in files.items()]
    return load_documents(
        documents,
        indicators=indicators,
        places=places,
        wording=wording,
        sources=sources,
        scenarios=scenarios,
    )


def load_documents(
    documents: Sequence[Document],
    *,
    indicators: Indicators,
    places: Geography | None = None,
    wording: Wording | None = None,
    sources: Sequence[SourceFacts] = (),
    scenarios: Collection[str] | None = None,
) -> tuple[RuleSet | None, tuple[Fault, ...]]:
    """Every rule of every file with the top key `rules:`; files of other kinds are passed over.

    Faults come sorted by file and place; warnings among them do not keep the set from loading. `places` None leaves
    names of places unchecked; `sources` tell how late each speaks; `scenarios` are the ids of rules that have one
    (None: not asked). Linear in the size of the files.
    """
    folder = Folder(indicators, places, wording or Wording(), tuple(sources), scenarios)
    faults: list[Fault] = []
    checked: list[Checked] = []
    for document in documents:
        if not _has_rules(document):
            faults += _passed_over(document)
            continue
        faults += document.faults
        found, wrong = _rules(document)
        checked += found
        spelled = {(fault.line, fault.column) for fault in document.faults}
        faults += [fault for fault in wrong if (fault.line, fault.column) not in spelled]
    for one in checked:
        faults += lint_rule(one, folder)
    order, circles = in_order([one.rule for one in checked])
    faults += lint_set(checked, circles, ids_in(documents))
    faults = sorted(set(faults), key=_place)
    if any(fault.severity == "error" for fault in faults):
        return None, tuple(faults)
    loaded = {one.rule.id: _loaded(one) for one in checked}
    ordered = tuple(loaded[name] for name in order)
    return RuleSet(ordered, indicators, places, MappingProxyType(loaded)), tuple(faults)


def _place(fault: Fault) -> tuple[str, int, int, str, str]:
    return fault.file, fault.line, fault.column, fault.code, fault.message


def rule_ids(files: Mapping[str, str]) -> tuple[str, ...]:
    """The same of texts by name of their file."""
    return ids_in(read(text, file) for file, text in files.items())


def ids_in(documents: Iterable[Document]) -> tuple[str, ...]:
    """The ids of the rules that stand in the files, whether or not the rest is sound."""
    return tuple(dict.fromkeys(name for document in documents for name in _ids(document)))


def _ids(document: Document) -> Iterator[str]:
    """Where a part could not be read, as its lines spell them: else every mention would be a fault more."""
    entries = _entries(document)
    yield from (str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry)
    if document.root is None or document.left_out or not entries:
        yield from _SPELLED.findall(document.text)


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What `defaults:` of a file says, as far as it is sound."""

    values: Mapping[str, Any]
    faults: tuple[Fault, ...]


def _has_rules(document: Document) -> bool:
    """A file of rules has one of their top keys; one that cannot be read may be one, and is told as such."""
    if document.root is None:
        return any(line.startswith(("rules:", "defaults:")) for line in document.text.splitlines())
    return isinstance(document.data, dict) and any(key in document.data for key in _TOP)


def _passed_over(document: Document) -> Iterable[Fault]:
    """A top key one slip away from `rules:`, or a file that cannot be read, must not vanish without a word."""
    if document.root is None or document.left_out:
        yield from document.faults
    if document.root is None:
        return
    if _headless(document.data):
        yield tell(document, document.root.spot, "no-rules")
    if not isinstance(document.data, dict):
        return
    for key, _ in document.root.pairs:
        if (
            did_you_mean(key.text, _TOP, closest=0.75)
            and document.data[key.text]
            and len(document.root.pairs) < 3
        ):
            yield tell(document, key.spot, "unknown-top-key", key=key.text, meant="rules")


def _headless(data: Any) -> bool:
    """Rules, or a rule, without `rules:` above; or words that are no YAML to speak of."""
    entries = data if isinstance(data, list) else [data]
    return isinstance(data, str) or any(
        isinstance(one, dict) and not _OF_A_RULE.isdisjoint(one) for one in entries
    )


def _entries(document: Document) -> Sequence[Any]:
    entries = document.data.get("rules") if isinstance(document.data, dict) else None
    return entries if isinstance(entries, list) else ()


def _rules(document: Document) -> tuple[list[Checked], list[Fault]]:
    """The rules of one file, and what is wrong with their shape."""
    root = document.root
    if root is None:
        return [], []
    faults = [
        tell(document, key.spot, "unknown-top-key", key=key.text, meant=did_you_mean(key.text, _TOP))
        for key, _ in root.pairs
        if key.text not in _TOP
    ]
    entries = root.get("rules")
    if entries is not None and entries.kind != "list" and entries.value is not None:
        faults.append(tell(document, entries.spot, "rules-not-a-list"))
    defaults = _defaults(document)
    faults += defaults.faults
    checked: list[Checked] = []
    for nth in range(len(_entries(document))):
        one, wrong = _rule(document, nth, defaults.values)
        faults += wrong
        if one is not None:
            checked.append(one)
    return checked, faults


def _defaults(document: Document) -> _Defaults:
    raw = document.data.get("defaults") or {}
    if not isinstance(raw, dict):
        return _Defaults({}, (tell(document, document.spot(("defaults",)), "defaults-not-a-map"),))
    try:
        Timing.model_validate(raw)
    except ValidationError as error:
        bad = {one["loc"][0] for one in error.errors() if one["loc"]}
        sound = {key: value for key, value in raw.items() if key not in bad}
        return _Defaults(sound, tuple(shape_faults(error, Timing, document, ("defaults",))))
    return _Defaults(raw, ())


def _rule(document: Document, nth: int, defaults: Mapping[str, Any]) -> tuple[Checked | None, list[Fault]]:
    """One entry as a rule. What is wrong in one place is mended for the sake of faults in others."""
    at = ("rules", nth)
    raw = document.data["rules"][nth]
    if not isinstance(raw, dict):
        return None, [tell(document, document.spot(at), "rule-not-a-map")]
    merged = {**defaults, **raw}
    try:
        return Checked(_fitting(Rule.model_validate(merged), raw), document, at, raw, defaults), []
    except ValidationError as error:
        faults = shape_faults(error, Rule, document, at)
        rule, touched = mended(merged, error)
    if rule is None:
        return None, faults
    return Checked(_fitting(rule, raw), document, at, raw, defaults, touched), faults


def _fitting(rule: Rule, raw: Mapping[str, Any]) -> Rule:
    """`eases_after`, where the rule does not state it, is never longer than `clears_after`."""
    if "eases_after" in raw or rule.eases_after <= rule.clears_after:
        return rule
    return rule.model_copy(update={"eases_after": rule.clears_after})


def _loaded(one: Checked) -> LoadedRule:
    merged = {**one.defaults, **one.raw}
    judging = {key: value for key, value in merged.items() if key in JUDGING}
    line = one.document.spot(one.at).line
    return LoadedRule(one.rule, one.document.file, line, _digest(merged), _digest(judging))


def _digest(values: Mapping[str, Any]) -> str:
    """The same for the same content, whatever its spelling, order of keys or comments."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
