"""Why an alert stands where it stands: the tree of its measure, as text for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from warn.codec import transition_to_json
from warn.model import AlertState, By, Evidence, Level, Transition
from warn.rules.evaluate import Engine
from warn.study.explain_words import Words, words_in

AHEAD = timedelta(days=90)


def explain(
    engine: Engine,
    rule_id: str,
    at: datetime,
    *,
    by: By = (),
    state: AlertState | None = None,
    history: Sequence[Transition] = (),
    number: int | None = None,
) -> dict[str, Any]:
    """Everything `warn rules explain` says, JSON-serialisable: head, why, known, what would change it, history.

    Without a state, the alert is judged hour by hour from the first row on.
    """
    loaded = next(found for found in engine.loaded if found.rule.id == rule_id)
    rule = loaded.rule
    if state is None:
        state, history = engine.stand(rule_id, by, at)
    evidence = engine.evidence(rule_id, by, at)
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
        "mode": rule.mode,
        "rising": rule.rising,
        "value": evidence.value,
        "lo": evidence.lo,
        "hi": evidence.hi,
        "known": evidence.known,
        "unit": evidence.unit,
        "thresholds": dict(evidence.thresholds),
        "clears_at": rule.clears_at,
        "tree": dict(evidence.tree),
        "up": _up(state.level, evidence, rising=rule.rising),
        "down": [
            {"at": t.at.isoformat(), "kind": t.kind, "level": int(t.level), "value": t.evidence.value}
            for t in engine.foresee(state, at, at + AHEAD)
            if t.kind in {"eased", "closed", "blind", "lapsed"}
        ]
        if state.is_open
        else [],
        "keep_open_while": list(rule.keep_open_while),
        "history": [transition_to_json(t) for t in history if t.at <= at],
    }


def explain_text(explained: dict[str, Any], lang: str = "en", heard: Sequence[str] = ()) -> str:
    """The same as a tree for a terminal; `heard`: lines on who was told, from the caller."""
    words = words_in(lang)
    sections = [
        _head(explained, words, lang),
        _why(explained, words),
        _known(explained, words),
        _change(explained, words),
        _history(explained, words),
    ]
    if heard:
        sections.append([words["heard"], *(f"  {line}" for line in heard)])
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _head(e: Mapping[str, Any], words: Words, lang: str) -> list[str]:
    by = ", ".join(f"{name} {value}" for name, value in e["by"].items())
    number = f"{words['number']} {e['number']}  " if e["number"] is not None else ""
    title = e["title"].get(lang) or next(iter(e["title"].values()))
    if e["opened_at"] is None:
        stands = words["calm"]
    else:
        seen = (
            words["seen"]
            if e["state"] == "open"
            else words[e["state"]].format(since=_short(e["blind_since"]))
        )
        stands = words["stands"].format(
            level=words["levels"].split()[e["level"]], n=e["level"], since=_short(e["since"]),
            opened=_short(e["opened_at"]), seen=seen,
        )  # fmt: skip
    return [
        f"{number}{e['rule']}{f' [{by}]' if by else ''}   {title}",
        f"  {stands}",
        f"  {words['as_of'].format(at=_short(e['as_of']))}",
        f"  {words['rule'].format(at=e['rule_at'], mode=e['mode'])}",
    ]


def _why(e: Mapping[str, Any], words: Words) -> list[str]:
    value = (
        words["unknown"] if e["value"] is None else f"{e['value']:g}{' ' + e['unit'] if e['unit'] else ''}"
    )
    known = words["exact"] if e["known"] else words["at_least"] if e["lo"] is not None else ""
    reached = _met(e)
    steps = "   ".join(
        (f"[{said.upper()}]" if name == reached else said)
        for name, number in e["thresholds"].items()
        for said in [words["step"].format(level=words["levels"].split()[_LEVELS[name]], number=f"{number:g}")]
    )
    lines = [words["why"].format(level=e["level"]), f"  {words['value']} {value}{known}      {steps}"]
    return lines + [f"  {line}" for line in _measure(e["tree"], words)]


_LEVELS = {level.word: int(level) for level in Level}


def _met(e: Mapping[str, Any]) -> str:
    if e["value"] is None:
        return ""
    sign = 1 if e["rising"] else -1
    met = [name for name, number in e["thresholds"].items() if sign * e["value"] >= sign * number]
    return met[-1] if met else ""


def _measure(tree: Mapping[str, Any], words: Words) -> Iterator[str]:
    if "rules" in tree:
        yield words["composite"].format(measure=words[tree["measure"]], level=tree["at"])
        for found in tree["rules"]:
            sign = "+" if found["counted"] else "-"
            note = f"  ({words['absent']})" if found["absent"] else ""
            yield f"  {sign} {found['rule']}{note}"
        return
    yield f"= {words[tree['measure']]} {', '.join(tree['indicators'])}"
    if "window" in tree:
        window = tree["window"]
        ends = {"to": _short(window["to"]), "start": _short(window["from"])}
        yield f"  {words['window'].format(days=_number(window['days']), **ends)}"
    for name, value in tree.get("filters", {}).items():
        yield f"  {name}: {_plain(value)}"
    for part in ("of", "to"):
        if part in tree:
            yield f"{words[part]}:"
            yield from (f"  {line}" for line in _measure(tree[part], words))
    if "of" in tree:
        return
    for counted, word in ((True, "counted"), (False, "left_out")):
        found = [i for i in tree.get("incidents", tree.get("reports", ())) if i["counted"] == counted]
        if found or counted:
            yield f"+- {words[word]}: {len(found)}"
        for one in found:
            yield from (f"|  {line}" for line in _one(one, words))


def _one(one: Mapping[str, Any], words: Words) -> Iterator[str]:
    """An incident, or a single report."""
    place = one["place"] or words["no_place"]
    amount = "" if one["value"] == 1 else f"  {one['value']:g}"
    yield f"+- {one['occurred_at'][:10]}  {place}{amount}    {words['known_on'].format(at=_short(one['known_at']))}"
    if one.get("corridor"):
        yield f"|    {words['km'].format(km=_number(one['corridor_km']), corridor=one['corridor'])}"
    origins = ", ".join(one["origins"]) or words["no_origin"]
    yield f"|    {words['origins'].format(n=len(one['origins']), origins=origins, grade=one['grade'])}" + (
        f" {words['precision']} {one['precision']}." if "precision" in one else ""
    )
    reports = one.get("reports", [one])
    if len(reports) > 1:
        spread = f"; {one['low']:g}-{one['high']:g}" if one["low"] != one["high"] else ""
        yield f"|    {words['merged'].format(n=len(reports))}{spread}"
    yield from (f"|    {url}" for url in dict.fromkeys(r["url"] for r in reports if r["url"]))
    if one.get("why_not"):
        yield f"|    {words.get('why: ' + one['why_not'], one['why_not'])}"


def _known(e: Mapping[str, Any], words: Words) -> list[str]:
    if "rules" in e["tree"]:
        return [words["is_known"], f"  {words['always']}"]
    said = "yes" if e["known"] else "no" if e["lo"] is None else "or_more"
    lines = [f"  {words[said].format(value=_number(e['lo']))}"]
    gaps = [
        f"    {words['gap']}  {gap['indicator']}  {_short(gap['from'])} - {_short(gap['to'])}"
        for gap in e["tree"].get("gaps", ())
    ]
    return [words["is_known"], *lines, *gaps]


def _change(e: Mapping[str, Any], words: Words) -> list[str]:
    lines = [words["would_change"]]
    if e["up"] is not None:
        level = words["levels"].split()[e["up"]["level"]]
        lines.append(f"  {words['up'].format(level=level, number=_number(e['up']['number']))}")
    lines += [
        f"  {words['down'].format(at=_short(move['at']), kind=words['will be ' + move['kind']], n=move['level'])}"
        for move in e["down"]
    ]
    if e["keep_open_while"]:
        lines.append(f"  {words['keepers'].format(rules=', '.join(e['keep_open_while']))}")
    return lines if len(lines) > 1 else []


def _history(e: Mapping[str, Any], words: Words) -> list[str]:
    told = [
        f"  {_short(t['at'])}  {words[t['kind']]:<10} {words['level']} {t['level']}   "
        f"{words['value']} {_number(t['evidence']['value'])}   {t['why']}"
        for t in e["history"]
    ]
    return [words["history"], *told] if told else []


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


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:g}"


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _short(text: str | None) -> str:
    return "-" if text is None else text[:16].replace("T", " ") + "Z"
