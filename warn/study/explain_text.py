"""`warn rules explain` as a tree for a terminal: the same for everyone who asks at the same moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from warn.digest.languages import pick
from warn.digest.typography import typeset
from warn.model import Level
from warn.study.explain_words import Words, words_in
from warn.study.table import columns, number

LEVELS = {level.word: int(level) for level in Level}


def explain_text(explained: Mapping[str, Any], lang: str = "en", heard: Sequence[str] = ()) -> str:
    """Every section of an explanation; `heard`: lines on who was told, from the caller."""
    words = words_in(lang)
    sections = [
        _head(explained, words),
        _why(explained, words),
        _known(explained, words),
        _change(explained, words),
        _history(explained, words),
    ]
    if done := _acts(explained, words):
        sections.append(done)
    if heard:
        sections.append([words["heard"], *(f"  {line}" for line in heard)])
    return typeset("\n\n".join("\n".join(section) for section in sections if section) + "\n", lang)


def _head(e: Mapping[str, Any], words: Words) -> list[str]:
    by = ", ".join(f"{name} {value}" for name, value in e["by"].items())
    number = f"{words['number']} {e['number']}  " if e["number"] is not None else ""
    if e["opened_at"] is None:
        stands = words["calm"]
    else:
        seen = words[f"stands {e['state']}"].format(since=_short(e["blind_since"]))
        stands = words["stands"].format(
            level=_level(e["level"], words), n=e["level"], since=_short(e["since"]),
            opened=_short(e["opened_at"]), seen=seen,
        )  # fmt: skip
    changed = {True: words["unchanged"], False: words["changed"], None: ""}[e["unchanged"]]
    return [
        f"{number}{e['rule']}{f' [{by}]' if by else ''}   {pick(e['title'], words['lang'])}",
        f"  {stands}",
        f"  {words['as_of'].format(at=_short(e['as_of']))}",
        f"  {words['rule'].format(at=e['rule_at'], changed=changed, mode=e['mode'])}",
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
        for said in [words["step"].format(level=_level(LEVELS[name], words), number=f"{number:g}")]
    )
    lines = [words["why"].format(level=e["level"]), f"  {words['value']} {value}{known}      {steps}"]
    return lines + [f"  {line}" for line in _measure(e["tree"], e, words)]


def _met(e: Mapping[str, Any]) -> str:
    if e["value"] is None:
        return ""
    sign = 1 if e["rising"] else -1
    met = [name for name, number in e["thresholds"].items() if sign * e["value"] >= sign * number]
    return met[-1] if met else ""


def _measure(tree: Mapping[str, Any], e: Mapping[str, Any], words: Words) -> Iterator[str]:
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
        yield f"  {_filter(name, value, tree, words)}"
    if "of" in tree:
        for part in ("of", "to"):
            yield f"{words[part]}:"
            yield from (f"  {line}" for line in _measure(tree[part], e, words))
        return
    yield "|"
    found = tree.get("incidents", tree.get("reports", ()))
    groups = [(word, [i for i in found if i["counted"] == counted]) for counted, word in _GROUPS]
    shown = [(word, group) for word, group in groups if group or word == "counted"]
    for nth, (word, group) in enumerate(shown):
        last = nth == len(shown) - 1
        yield f"+- {words[word]}{words['colon']} {len(group)}"
        for k, one in enumerate(group):
            bar, inner = (" " if last else "|"), (" " if k == len(group) - 1 else "|")
            head, *rest = _one(one, e, words)
            yield f"{bar}  +- {head}"
            yield from (f"{bar}  {inner}    {line}" for line in rest)
        if not last:
            yield "|"


_GROUPS = ((True, "counted"), (False, "left_out"))


def _filter(name: str, value: Any, tree: Mapping[str, Any], words: Words) -> str:
    """A filter as a phrase; what has no phrase is shown as it is written."""
    near = tree.get("near")
    if name == "near" and near:
        where = (
            words["any_road"]
            if near["all"]
            else ", ".join(near["corridors"]) or near["place"] or near["name"]
        )
        return words["within"].format(km=_number(near["km"]), where=where)
    if name == "confirmed_by":
        return words["confirmed_by"].format(ways=words["or"].join(_ways(value, words)))
    if name in {"min_reports", "min_origins", "min_grade", "unconfirmed"}:
        shown = _level(LEVELS[value], words) if value in LEVELS else value
        return words[name].format(n=shown)
    if name == "where":
        pairs = (f"{key} = {_plain(one)}" for key, one in value.items())
        return words["where"].format(pairs=", ".join(pairs))
    return f"{name}: {_plain(value)}"


def _ways(confirmed: Mapping[str, Any], words: Words) -> Iterator[str]:
    if confirmed.get("origins"):
        yield words["by_origins"].format(n=confirmed["origins"])
    if confirmed.get("grade"):
        yield words["by_grade"].format(grade=confirmed["grade"])


def _one(one: Mapping[str, Any], e: Mapping[str, Any], words: Words) -> Iterator[str]:
    """An incident, or a single report: its day and place, then what is known of it."""
    place = one["place"] or words["no_place"]
    amount = "" if one["value"] == 1 else f"  {one['value']:g}"
    head = f"{one['occurred_at'][:10]}  {place}{amount}"
    yield f"{head:<44}  {words['known_on'].format(at=_day(one['known_at'], words))}"
    if one.get("corridor"):
        road = pick(one["corridor_name"], words["lang"]) or one["corridor"]
        straight = words["straight"] if one["approximate"] else ""
        yield words["km"].format(km=number(one["corridor_km"], words["lang"]), corridor=road) + straight
    yield _said_by(one, words)
    if len(told := one.get("event_origins", ())) > len(one["origins"]):
        yield words["event_origins"].format(n=len(told), origins=", ".join(told))
    reports = one.get("reports", [one])
    if len(reports) > 1:
        spread = f"; {one['low']:g}-{one['high']:g}" if one["low"] != one["high"] else ""
        yield f"{words['merged'].format(n=len(reports))}{spread}"
    yield from dict.fromkeys(r["url"] for r in reports if r["url"])
    for doubt in one["doubtful"]:
        yield words["doubtful"].format(
            page=_day(doubt["page_date"], words), known=_day(doubt["known_at"], words)
        )
    if one.get("why_not"):
        yield _why_not(one["why_not"], words)
    if one.get("if_counted"):
        level = one["if_counted"]["level"]
        change = words["still"] if level == e["level"] else words["then"]
        yield words["if_counted"].format(
            value=_number(one["if_counted"]["value"]), change=change.format(n=level)
        )


def _said_by(one: Mapping[str, Any], words: Words) -> str:
    origins = ", ".join(one["origins"]) or words["no_origin"]
    count = len(one["origins"])
    said = words["origin" if count == 1 else "origins"].format(n=count, origins=origins)
    graded = words["curated" if one["curated"] else "graded"].format(grade=one["grade"])
    precision = f" {words['precision']} {one['precision']}" if one.get("precision") else ""
    return f"{said}. {graded}.{precision}"


def _why_not(reason: str, words: Words) -> str:
    """The engine says it in English; in French the parts that take a number are put together again."""
    known = words.get(f"why: {reason}")
    if known:
        return known
    for english, other in words.items():
        if english.startswith("part: "):
            reason = reason.replace(english.removeprefix("part: "), other)
    return reason


def _known(e: Mapping[str, Any], words: Words) -> list[str]:
    """Whether the value can be relied on: who was reading, and what nobody read."""
    if "rules" in e["tree"]:
        return [words["is_known"], f"  {words['always']}"]
    sure = "yes" if "gaps" in e["tree"] else "fresh"
    said = sure if e["known"] else "no" if e["lo"] is None else "or_more"
    lines = [f"  {words[said].format(value=_number(e['lo']))}"]
    rows = [
        [one["source"], one["indicator"], f"{one['from'][:10]} - {one['to'][:10]}", _polls(one, words)]
        for one in e["watched"]
    ]
    gaps = [
        f"    {words['gap']}  {gap['indicator']}  {_short(gap['from'])} - {_short(gap['to'])}"
        for gap in e["tree"].get("gaps", ())
    ]
    return [words["is_known"], *lines, *(columns(rows, "    ").splitlines() if rows else ()), *gaps]


def _polls(one: Mapping[str, Any], words: Words) -> str:
    return "" if one["polls"] is None else words["polls"].format(good=one["good"], n=one["polls"])


def _change(e: Mapping[str, Any], words: Words) -> list[str]:
    lines = []
    if e["up"] is not None:
        up = e["up"]
        more = words["more" if e["rising"] else "less"]
        missing = "" if up["missing"] is None else more.format(n=_number(abs(up["missing"])))
        level = _level(up["level"], words)
        lines.append(f"  {words['up'].format(level=level, number=_number(up['number']))}{missing}")
    for nth, move in enumerate(e["down"]):
        lead = words["down"] if nth == 0 else " " * len(words["down"])
        lines.append(f"  {lead} {_move(move, words)}")
    lines += [f"        {words['keeper ' + one['state']].format(rule=one['rule'])}" for one in e["keepers"]]
    return [words["would_change"], *lines] if lines else []


def _move(move: Mapping[str, Any], words: Words) -> str:
    on = _day(move["at"], words)
    if move["from"] is None:
        return words[f"will be {move['kind']}"].format(level=_level(move["level"], words), on=on)
    hours = move["after_h"]
    after = f"{hours:g} h" if hours <= 48 else words["days"].format(n=f"{hours / 24:g}")
    return words[f"will be {move['kind']}"].format(
        value=_number(move["value"]), since=_day(move["from"], words), level=_level(move["level"], words),
        on=on, after=after,
    )  # fmt: skip


def _acts(e: Mapping[str, Any], words: Words) -> list[str]:
    """What people did, and whom the rule calls if they do nothing."""
    lines = [
        f"  {_short(act['at'])}  {words['act ' + act['kind']]}{_whose(act, words)}"
        for act in e.get("acts", ())
    ]
    lines += [
        f"  {_short(call['at'])}  {words['would call'].format(to=call['to'])}" for call in e.get("calls", ())
    ]
    return [words["people"], *lines] if lines else []


def _whose(act: Mapping[str, Any], words: Words) -> str:
    until = words["act until"].format(until=_short(act["until"])) if act["until"] else ""
    who = "" if act["by"] == "warn" else f" ({act['by']})"
    why = f"{words['colon']} {act['reason']}" if act["reason"] and act["kind"] == "escalated" else ""
    return f"{until}{why}{who}"


def _history(e: Mapping[str, Any], words: Words) -> list[str]:
    width = max([10, *(len(words[t["kind"]]) for t in e["history"])])
    told = [
        f"  {_short(t['at'])}  {words[t['kind']]:<{width}} {words['level']} {t['level']}   "
        f"{words['value']} {number(t['evidence']['value'], words['lang']):<5} {_cause(t, words)}"
        for t in e["history"]
    ]
    return [words["history"], *told] if told else []


def _cause(told: Mapping[str, Any], words: Words) -> str:
    if told["news_of"] and told["kind"] in {"opened", "raised", "updated"}:
        days = ", ".join(_day(day, words) for day in told["news_of"][-3:])
        return words["news"].format(days=days)
    return _why_not(told["why"], words)


def _level(level: int, words: Words) -> str:
    return words["levels"].split()[level]


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:g}"


def _day(text: str, words: Words) -> str:
    """`14 Sep`, `14/9`; with the hour where it is not midnight."""
    on = date.fromisoformat(text[:10])
    said = f"{on.day}/{on.month}" if words["lang"] == "fr" else f"{on:%-d %b}"
    hour = text[11:16]
    return f"{said} {hour}Z" if hour not in {"", "00:00"} else said


def _short(text: str | None) -> str:
    return "-" if text is None else text[:16].replace("T", " ") + "Z"
