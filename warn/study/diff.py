"""What an edit would have changed: two folders of rules over the same history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from warn.digest.typography import typeset
from warn.rules.ruleset import LoadedRule
from warn.study.backtest import Backtest
from warn.study.table import QUIET, Words, columns, number
from warn.study.table import words_in as table_words

BRIEF = 8
SHOWN = 60
"""So many gained and lost transitions stand in the text; the JSON holds all."""


def diff(old: Backtest, new: Backtest) -> dict[str, Any]:
    """JSON-serialisable. Transitions are the same when moment, alert, level and kind agree, whatever their value."""
    before, after = (_entries(one) for one in (old, new))
    missing = Counter(map(_key, before)) - Counter(map(_key, after))
    added = Counter(map(_key, after)) - Counter(map(_key, before))
    readers = {
        name: {"old": one["messages"], "new": new.result["messages_per_week"][name]["messages"]}
        for name, one in old.result["messages_per_week"].items()
    }
    return {
        "from": old.result["from"],
        "to": old.result["to"],
        "observations": {"old": old.result["observations"], "new": new.result["observations"]},
        "rules": rules_changed(old.trial.rules, new.trial.rules),
        "more_messages": readers["resident"]["new"] - readers["resident"]["old"],
        "more_hits": new.result["score"]["hits"] - old.result["score"]["hits"],
        "messages": readers,
        "lost": _taken(before, missing),
        "gained": _taken(after, added),
        "days_at_level": _days(old, new),
        "score": {"old": old.result["score"], "new": new.result["score"]},
    }


def rules_changed(old: Sequence[LoadedRule], new: Sequence[LoadedRule]) -> dict[str, list[str]]:
    """By what they say and how they judge; `judges` holds those that judge otherwise."""
    before, after = ({one.id: one for one in rules} for rules in (old, new))
    both = [name for name in after if name in before]
    return {
        "added": [name for name in after if name not in before],
        "removed": [name for name in before if name not in after],
        "changed": [name for name in both if before[name].digest != after[name].digest],
        "judges": [name for name in both if before[name].judges != after[name].judges],
    }


def diff_text(found: Mapping[str, Any], lang: str = "en") -> str:
    """What changes first, then what came and went, line by line."""
    words = _WORDS["fr" if lang == "fr" else "en"]
    sections = [
        [_headline(found, words)],
        _rules(found, words),
        _moves(found, words, lang),
        _table(found, words, lang),
    ]
    text = "\n\n".join("\n".join(section) for section in sections if section) + "\n"
    return typeset(text, lang)


def diff_brief(found: Mapping[str, Any], lang: str = "en") -> str:
    """The same without the table, short enough for a message on a phone."""
    words = _WORDS["fr" if lang == "fr" else "en"]
    sections = [[_headline(found, words)], _rules(found, words), _moves(found, words, lang, BRIEF)]
    return typeset("\n".join("\n".join(section) for section in sections if section), lang)


def _entries(one: Backtest) -> list[dict[str, Any]]:
    return [entry for entry in one.result["timeline"] if entry["reason"] not in QUIET]


def _key(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return entry["at"], entry["rule"], tuple(sorted(entry["by"].items())), entry["level"], entry["reason"]


def _taken(entries: Sequence[dict[str, Any]], wanted: Counter[tuple[Any, ...]]) -> list[dict[str, Any]]:
    left = Counter(wanted)
    found = []
    for entry in entries:
        if left[_key(entry)] > 0:
            left[_key(entry)] -= 1
            found.append(entry)
    return found


def _days(old: Backtest, new: Backtest) -> dict[str, dict[str, dict[str, float]]]:
    """Only rules whose days differ; one that stands on one side only has none on the other."""
    before, after = old.result["days_at_level"], new.result["days_at_level"]
    none = dict.fromkeys("1234", 0.0)
    pairs = {
        name: {"old": before.get(name, none), "new": after.get(name, none)} for name in {**before, **after}
    }
    return {name: pair for name, pair in pairs.items() if pair["old"] != pair["new"]}


def _headline(found: Mapping[str, Any], words: Words) -> str:
    said = [
        _change(found["more_messages"], words, "message"),
        _change(found["more_hits"], words, "hit"),
        _change(
            found["score"]["new"]["false_alarms"] - found["score"]["old"]["false_alarms"],
            words,
            "false_alarm",
        ),
    ]
    changes = [one for one in said if one]
    told = ", ".join(changes) if changes else words["same"]
    return words["headline"].format(start=found["from"][:10], end=found["to"][:10], told=told)


def _change(by: int, words: Words, what: str) -> str:
    if not by:
        return ""
    one, many, to = words[what].split("|")
    said = words["more" if by > 0 else "fewer"].format(n=abs(by), what=one if abs(by) == 1 else many)
    return f"{said} {to}".rstrip()


def _rules(found: Mapping[str, Any], words: Words) -> list[str]:
    named = {key: names for key, names in found["rules"].items() if names}
    texts_only = [name for name in named.get("changed", ()) if name not in named.get("judges", ())]
    shown = {"added": named.get("added"), "removed": named.get("removed"), "judges": named.get("judges"),
             "texts": texts_only}  # fmt: skip
    lines = [f"{words[key]} {', '.join(names)}" for key, names in shown.items() if names]
    if found.get("files"):
        lines.append(f"{words['files']} {', '.join(found['files'])}")
    if found.get("readings"):
        lines.append(words["readings"].format(n=len(found["readings"])))
        lines += [_reading(one) for one in found["readings"][:10]]
    numbers = found["observations"]
    if numbers["old"] != numbers["new"]:
        lines.append(words["observations"].format(**numbers))
    return lines


def _reading(one: Mapping[str, Any]) -> str:
    marks = [*(f"-{name}" for name in one["lost"]), *(f"+{name}" for name in one["gained"])]
    return f"  {' '.join(marks)}  {one['title'][:90]}"


def _moves(found: Mapping[str, Any], words: Words, lang: str, shown: int = SHOWN) -> list[str]:
    """Lost and gained in one order of time, as in any diff."""
    told = table_words(lang)
    moves = [(e["at"], "-", e) for e in found["lost"]] + [(e["at"], "+", e) for e in found["gained"]]
    moves.sort(key=lambda move: (move[0], move[2]["rule"], move[1] == "+"))
    lines = []
    for at, sign, entry in moves[:shown]:
        by = ", ".join(entry["by"].values())
        name = entry["rule"] + (f" [{by}]" if by else "")
        value = number(entry["value"], lang)
        lines.append(f"{sign} {at[:16]}  {told[entry['reason']]}  {entry['level']}/4  {name}  ({value})")
    if len(moves) > shown:
        lines.append(words["further"].format(n=len(moves) - shown))
    return lines


def _table(found: Mapping[str, Any], words: Words, lang: str) -> list[str]:
    told = table_words(lang)
    rows = [["", words["old"], words["new"], ""]]
    rows += [
        [words["to"].format(who=told[name]), str(one["old"]), str(one["new"]), ""]
        for name, one in found["messages"].items()
    ]
    for name, pair in found["days_at_level"].items():
        spent = [
            " ".join(f"{level}:{number(round(days[level], 1), lang)}" for level in "1234" if days[level])
            or "-"
            for days in (pair["old"], pair["new"])
        ]
        rows.append([words["days"].format(rule=name), *spent, ""])
    return [columns(rows)]


_WORDS: Mapping[str, Words] = {
    "en": {
        "headline": "From {start} to {end} the edit would have meant: {told}.",
        "same": "as many messages and hits as before",
        "more": "{n} more {what}",
        "fewer": "{n} fewer {what}",
        "message": "message|messages|for a resident",
        "hit": "hit|hits|",
        "false_alarm": "false alarm|false alarms|",
        "added": "New rules:",
        "removed": "Rules removed:",
        "judges": "Judges otherwise:",
        "texts": "Only its texts changed:",
        "files": "Other files changed:",
        "readings": "Titles read otherwise: {n} (a text that was never kept cannot be read again)",
        "observations": "Observations: {new} instead of {old}.",
        "further": "... and {n} more; --json tells all",
        "old": "old",
        "new": "new",
        "to": "messages, {who}",
        "days": "days at level, {rule}",
    },
    "fr": {
        "headline": "Du {start} au {end}, la modification aurait donné : {told}.",
        "same": "autant de messages et d'impacts annoncés qu'avant",
        "more": "{n} {what} de plus",
        "fewer": "{n} {what} de moins",
        "message": "message|messages|pour un habitant",
        "hit": "impact annoncé|impacts annoncés|",
        "false_alarm": "fausse alerte|fausses alertes|",
        "added": "Règles nouvelles :",
        "removed": "Règles retirées :",
        "judges": "Jugent autrement :",
        "texts": "Seuls les textes changent :",
        "files": "Autres fichiers modifiés :",
        "readings": "Titres lus autrement : {n} (un texte jamais gardé ne peut pas être relu)",
        "observations": "Observations : {new} au lieu de {old}.",
        "further": "... et {n} de plus ; --json les donne toutes",
        "old": "avant",
        "new": "après",
        "to": "messages, {who}",
        "days": "jours par niveau, {rule}",
    },
}
