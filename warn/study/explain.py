"""Why an alert stands where it stands: everything as data; `explain_text` puts it into lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from warn.codec import transition_to_json
from warn.geo import Geography
from warn.model import AlertState, By, Coverage, Evidence, Level, Observation, Poll, SourceFacts, Transition
from warn.moments import micros
from warn.rules.evaluate import Engine
from warn.rules.rule import Rule
from warn.study.explain_text import explain_text

__all__ = ["Stretch", "explain", "explain_text", "stretches"]

AHEAD = timedelta(days=90)
CURATED: Final = "file"
"""The source whose rows a person entered and graded."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when a source was read for an indicator; `reads` of how many polls went well, None for records."""

    source: str
    indicator: str
    start: datetime
    end: datetime
    good: int | None = None
    polls: int | None = None


def explain(
    engine: Engine,
    rule_id: str,
    at: datetime,
    *,
    by: By = (),
    state: AlertState | None = None,
    history: Sequence[Transition] = (),
    number: int | None = None,
    watched: Sequence[Stretch] = (),
    standing: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything `warn rules explain` says, JSON-serialisable: head, why, known, what would change it, history.

    Without a state, the alert is judged hour by hour from the first row on. `watched`: who was reading for these
    indicators. `standing`: rule id -> status of its alert, for the rules that keep this one open.
    """
    loaded = next(found for found in engine.loaded if found.rule.id == rule_id)
    rule = loaded.rule
    if state is None:
        state, history = engine.stand(rule_id, by, at)
    evidence = engine.evidence(rule_id, by, at)
    rows = {row.ref: row for row in engine.history.visible(_indicators(evidence.tree), at)}
    told = [t for t in history if t.at <= at]
    return {
        "rule": rule_id,
        "by": dict(by),
        "number": number,
        "title": dict(rule.title),
        "as_of": at.isoformat(),
        "state": state.status,
        "level": int(state.level),
        "since": _text(state.since),
        "opened_at": _text(state.opened_at) if state.is_open else None,
        "blind_since": _text(state.blind_since),
        "rule_at": loaded.at,
        "rule_hash": loaded.digest,
        "unchanged": _unchanged(told, loaded.digest),
        "mode": rule.mode,
        "rising": rule.rising,
        "value": evidence.value,
        "lo": evidence.lo,
        "hi": evidence.hi,
        "known": evidence.known,
        "unit": evidence.unit,
        "thresholds": dict(evidence.thresholds),
        "clears_at": rule.clears_at,
        "tree": _enriched(evidence, rule, rows, engine.history.geography),
        "watched": [_stretch(one) for one in watched],
        "up": _up(state.level, evidence, rising=rule.rising),
        "down": _down(engine, rule, state, at, evidence.tree) if state.is_open else [],
        "keep_open_while": list(rule.keep_open_while),
        "keepers": _keepers(engine, rule, at, standing),
        "history": list(_history(told, engine, rule)),
    }


def stretches(
    indicators: Iterable[str],
    sources: Sequence[SourceFacts],
    polls: Iterable[Poll],
    records: Iterable[Coverage],
    at: datetime,
) -> list[Stretch]:
    """Who was reading for these indicators up to a moment: polled sources with how often it went well, then records."""
    asked: dict[str, list[Poll]] = {}
    for poll in polls:
        if poll.at <= at:
            asked.setdefault(poll.source, []).append(poll)
    found = []
    for name in indicators:
        for facts in sources:
            tried = asked.get(facts.id, [])
            good = [poll.at for poll in tried if poll.good]
            if facts.vouches and name in facts.lag_s and good:
                lag = timedelta(seconds=facts.lag_s[name])
                found.append(Stretch(facts.id, name, good[0], good[-1] - lag, len(good), len(tried)))
        found += [
            Stretch(one.source, name, one.start, min(one.end, at))
            for one in records
            if (not one.indicators or name in one.indicators) and one.start <= at
        ]
    return found


def _indicators(tree: Mapping[str, Any]) -> list[str]:
    inner = [name for part in ("of", "to") if part in tree for name in tree[part]["indicators"]]
    return [*tree.get("indicators", ()), *inner]


def _unchanged(told: Sequence[Transition], digest: str) -> bool | None:
    """Whether the rule still reads as when this episode opened; None where nothing is open."""
    if not told or told[-1].kind in {"closed", "withdrawn"}:
        return None
    opening = next((t for t in reversed(told) if t.kind == "opened"), told[0])
    return opening.evidence.rule_hash in {"", digest}


def _enriched(
    evidence: Evidence, rule: Rule, rows: Mapping[str, Observation], geography: Geography
) -> dict[str, Any]:
    """The tree with names of roads, who graded, doubtful dates, and what a report left out would change."""
    tree = _part(evidence.tree, rows, geography)
    for one in tree.get("incidents", ()):
        if not one["counted"]:
            one["if_counted"] = _if_counted(evidence, rule, one)
    return tree


def _part(tree: Mapping[str, Any], rows: Mapping[str, Observation], geography: Geography) -> dict[str, Any]:
    found = dict(tree)
    for name in ("of", "to"):
        if name in found:
            found[name] = _part(found[name], rows, geography)
    for name in ("incidents", "reports"):
        if name in found:
            found[name] = [_one(one, rows, geography) for one in found[name]]
    near = found.get("filters", {}).get("near")
    zone = geography.zones.get(near) if isinstance(near, str) else None
    if zone is not None:
        found["near"] = {"name": near, "km": zone.km, "place": zone.place, "corridors": list(zone.corridors)}
        found["near"]["all"] = len(zone.corridors) == len(geography.corridors)
    return found


def _one(one: Mapping[str, Any], rows: Mapping[str, Observation], geography: Geography) -> dict[str, Any]:
    reports = [rows[r["ref"]] for r in one.get("reports", [one]) if r["ref"] in rows]
    road = geography.corridor(one["corridor"]) if one.get("corridor") else None
    return {
        **one,
        "corridor_name": dict(road.names) if road else {},
        "approximate": bool(road and road.approximate),
        "curated": any(row.source == CURATED for row in reports),
        "doubtful": [said for row in reports for said in _doubts(row)],
    }


def _doubts(row: Observation) -> Iterator[dict[str, str]]:
    """A page written after the moment at which we claim to have known what it says."""
    written = row.attributes.get("page_date", "")
    try:
        page = date.fromisoformat(written)
    except ValueError:
        return
    if page > (row.known_at - timedelta(microseconds=1)).date():
        yield {"ref": row.ref, "page_date": written, "known_at": row.known_at.isoformat()}


def _if_counted(evidence: Evidence, rule: Rule, one: Mapping[str, Any]) -> dict[str, Any] | None:
    """The value and the level with one incident more."""
    if evidence.value is None or rule.measure.kind not in {"count", "sum"}:
        return None
    value = evidence.value + (1 if rule.measure.kind == "count" else one["value"])
    met = [level for level, number in rule.ladder.items() if (value >= number) == rule.rising]
    return {"value": value, "level": int(max(met, default=Level.CALM))}


def _down(
    engine: Engine, rule: Rule, state: AlertState, at: datetime, tree: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What follows if nothing more becomes known; `from` is when the reading has fallen that starts the wait."""
    waits = {"eased": rule.eases_after, "closed": rule.clears_after}
    found = []
    for t in engine.foresee(state, at, at + AHEAD):
        if t.kind in waits:
            since = t.at - waits[t.kind]
            value = _still_counted(rule, tree, since)
            found.append({
                "at": t.at.isoformat(), "kind": t.kind, "level": int(t.level),
                "value": t.evidence.value if value is None else value,
                "from": since.isoformat(), "after_h": waits[t.kind] / timedelta(hours=1),
            })  # fmt: skip
        elif t.kind in {"blind", "lapsed"}:
            found.append({
                "at": t.at.isoformat(), "kind": t.kind, "level": int(t.level),
                "value": t.evidence.value, "from": None, "after_h": None,
            })  # fmt: skip
    return found


def _still_counted(rule: Rule, tree: Mapping[str, Any], at: datetime) -> int | None:
    """How many of the incidents counted now will still lie in the window then."""
    over: timedelta | None = getattr(rule.measure, "over", None)
    if rule.measure.kind != "count" or over is None:
        return None
    counted = [one for one in tree["incidents"] if one["counted"]]
    return sum(datetime.fromisoformat(one["occurred_at"]) > at - over for one in counted)


def _keepers(
    engine: Engine, rule: Rule, at: datetime, standing: Mapping[str, str] | None
) -> list[dict[str, str]]:
    """Each rule that could keep this one open, and whether it does now."""
    return [{"rule": name, "state": _keeper(engine, name, at, standing)} for name in rule.keep_open_while]


def _keeper(engine: Engine, name: str, at: datetime, standing: Mapping[str, str] | None) -> str:
    """open, blind, lapsed or closed; never: without any data so far; unasked: the caller does not know."""
    keeper = engine.rules.get(name)
    if standing is not None and standing.get(name, "closed") != "closed":
        return standing[name]
    if keeper is not None and keeper.measure.indicators:
        if not engine.history.heard(keeper.measure.indicators, micros(at)):
            return "never"
    return "unasked" if standing is None else "closed"


def _history(told: Sequence[Transition], engine: Engine, rule: Rule) -> Iterator[dict[str, Any]]:
    """Each transition, and of which day the reports are that it counts for the first time."""
    rows = {
        row.ref: row for name in rule.measure.indicators for row in engine.history.frame(name).columns.rows
    }
    seen: set[str] = set()
    for one in told:
        days = sorted(
            {rows[ref].occurred_at.date() for ref in one.evidence.counted if ref in rows and ref not in seen}
        )
        seen |= set(one.evidence.counted)
        yield transition_to_json(one) | {"news_of": [day.isoformat() for day in days]}


def _stretch(one: Stretch) -> dict[str, Any]:
    return {
        "source": one.source,
        "indicator": one.indicator,
        "from": one.start.isoformat(),
        "to": one.end.isoformat(),
        "good": one.good,
        "polls": one.polls,
    }


def _up(level: Level, evidence: Evidence, *, rising: bool) -> dict[str, Any] | None:
    """The next level above the present one, its number and how far it is."""
    higher = [
        (rung, evidence.thresholds[rung.word])
        for rung in Level
        if rung > level and rung.word in evidence.thresholds
    ]
    if not higher:
        return None
    rung, number = higher[0]
    missing = None if evidence.value is None else (number - evidence.value) * (1 if rising else -1)
    return {"level": int(rung), "number": number, "missing": missing}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
