"""`warn rules backtest` for a person: timeline, score, what each rule adds, what readers would have got."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Words = Mapping[str, str]
QUIET = frozenset({"updated", "reminded"})


def backtest_table(result: Mapping[str, Any], lang: str = "en") -> str:
    """All of a result that a screen can hold; what is left out stands in the JSON."""
    words = words_in(lang)
    sections = [
        [words["head"].format(**{**result, "from": _day(result["from"]), "to": _day(result["to"])})],
        list(_timeline(result["timeline"], words)),
        list(_score(result, words)),
        list(_rules(result, words)),
        list(_readers(result["messages_per_week"], words)),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def sweep_table(entries: Sequence[Mapping[str, Any]], lang: str = "en") -> str:
    """One line for each combination of values."""
    words = words_in(lang)
    names = list(entries[0]["values"]) if entries else []
    head = [*names, *(words[key] for key in _SWEPT), words["leads"]]
    rows = []
    for entry in entries:
        values = [_plain(entry["values"][name]) for name in names]
        if "fault" in entry:
            rows.append([*values, f"{words['not_run']} {entry['fault']}"])
            continue
        found, told = entry["score"], entry["messages_per_week"]
        numbers = [found["hits"], found["misses"], found["false_alarms"], found["confirming"]]
        rows.append([
            *values,
            *map(str, numbers),
            words["percent"].format(n=round(100 * found["share_of_days"])),
            *(number(told[name], lang) for name in ("resident", "everything")),
            " ".join(number(days, lang) for days in found["lead_days"]) or "-",
        ])  # fmt: skip
    return columns([head, *rows]) + "\n\n" + words["sweep_note"] + "\n"


_SWEPT = ("hits", "misses", "false_alarms", "confirming", "days", "resident", "everything")


def columns(rows: Sequence[Sequence[str]], indent: str = "") -> str:
    """Aligned; numbers to the right. The last cell of a row may be as long as it likes."""
    full = max((len(row) for row in rows), default=0)
    widths = [max((len(row[i]) for row in rows if len(row) == full), default=0) for i in range(full)]
    return "\n".join(indent + _row(row, widths).rstrip() for row in rows)


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        f"{cell:<{width}}" if i in {0, len(widths) - 1} or len(row) < len(widths) else f"{cell:>{width}}"
        for i, (cell, width) in enumerate(zip(row, widths, strict=False))
    ]
    return "  ".join(cells)


def number(value: float | None, lang: str = "en") -> str:
    """`2.58` as each language writes it; at most two decimals."""
    if value is None:
        return "?"
    said = f"{round(value, 2):g}"
    return said.replace(".", ",") if lang == "fr" else said


def _plain(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else value


def _day(moment: str) -> str:
    return moment[:10] if moment[11:16] == "00:00" else f"{moment[:10]} {moment[11:16]}Z"


def _timeline(entries: Iterable[Mapping[str, Any]], words: Words) -> Iterator[str]:
    shown = [entry for entry in entries if entry["reason"] not in QUIET]
    if not shown:
        yield words["nothing"]
    width = max((len(words[entry["reason"]]) for entry in shown), default=0)
    for entry in shown:
        by = ", ".join(entry["by"].values())
        name = entry["rule"] + (f" [{by}]" if by else "")
        value = number(entry["value"], words["lang"])
        yield f"{entry['at'][:16]}  {words[entry['reason']]:<{width}}  {entry['level']}/4  {name}  ({value})"


def _score(result: Mapping[str, Any], words: Words) -> Iterator[str]:
    found = result["score"]
    yield words["score"].format(level=found["level"])
    if not found["impacts"]:
        yield f"  {words['no_impacts']}"
        return
    rows = [
        [
            "",
            *(words[key] for key in ("hits", "misses", "false_alarms", "confirming", "days")),
            words["leads"],
        ]
    ]
    named = {"these": found, "later": result["score_3_days_later"], **result["baselines"]}
    for name, one in named.items():
        leads = " ".join(number(days, words["lang"]) for days in one["lead_days"])
        numbers = (one["hits"], one["misses"], one["false_alarms"], one["confirming"])
        share = words["percent"].format(n=round(100 * one["share_of_days"]))
        rows.append([words[name], *map(str, numbers), share, leads or "-"])
    yield columns(rows, "  ")
    for impact in found["impacts"]:
        sign = "+" if impact["hit"] else "-"
        lead = (
            words["warned"].format(days=number(impact["lead_days"], words["lang"]), rule=impact["rule"])
            if impact["hit"]
            else words["missed"]
        )
        yield f"  {sign} {impact['id']}  {impact['date']}  {lead}"


def _rules(result: Mapping[str, Any], words: Words) -> Iterator[str]:
    """Days at each level per rule, and what would be missing without it."""
    rows = [[words["rule"], "1", "2", "3", "4", words["alone_hits"], words["alone_days"]]]
    for rule, days in result["days_at_level"].items():
        alone = result["alone"].get(rule)
        share = "-" if alone is None else words["percent"].format(n=round(100 * alone["share_of_days"]))
        hits = "-" if alone is None else str(alone["hits"])
        if any(days.values()):
            spent = (number(round(days[level], 1), words["lang"]) for level in "1234")
            rows.append([rule, *spent, hits, share])
    if len(rows) > 1:
        yield words["per_rule"]
        yield columns(rows, "  ")
    never = [rule for rule, days in result["days_at_level"].items() if not any(days.values())]
    if never:
        yield words["never"].format(rules=", ".join(never))


def _readers(told: Mapping[str, Mapping[str, Any]], words: Words) -> Iterator[str]:
    yield words["readers"]
    rows = [["", words["per_week"], words["busiest_week"], words["edits"], words["digests"]]]
    for name, one in told.items():
        per_week = number(one["per_week"], words["lang"])
        counts = (one["busiest_week"], one["edits"], one["digests_per_week"])
        rows.append([words[name], per_week, *map(str, counts)])
    yield columns([[*row, ""] for row in rows], "  ")


def words_in(lang: str) -> Words:
    return _FR if lang == "fr" else _EN


_EN: Words = {
    "lang": "en",
    "head": "From {from} to {to}, judged every {every}; rules: {rules}, observations: {observations}.",
    "nothing": "No alert in this time.",
    "score": "Against what happened (warnings of level {level} or above, at least 2 days before; leads in days):",
    "no_impacts": "no impacts to compare with; --against FILE names them (id,date,impact)",
    "these": "these rules",
    "later": "all known 3 days later",
    "two_in_14d": "two attacks in 14 days",
    "two_in_18d": "two attacks in 18 days",
    "blind_clock": "a blind clock, same share",
    "always_on": "always on",
    "hits": "hits",
    "misses": "misses",
    "false_alarms": "false",
    "confirming": "confirming",
    "days": "days on",
    "leads": "leads",
    "percent": "{n} %",
    "warned": "warned {days} days before, by {rule}",
    "missed": "missed",
    "per_rule": "Days at each level, and what each rule alone gave (hits; share of days at the level):",
    "rule": "rule",
    "alone_hits": "hits alone",
    "alone_days": "days alone",
    "never": "  Never above calm: {rules}",
    "readers": "Messages readers would have got with the settings they start with:",
    "per_week": "a week",
    "busiest_week": "in the fullest",
    "edits": "edits",
    "digests": "digests a week",
    "resident": "resident",
    "ngo": "NGO",
    "press": "press",
    "everything": "all at once",
    "sweep_note": "resident, all at once: messages a week. Leads in days.",
    "not_run": "not run:",
    "open": "open",
    "opened": "opened",
    "raised": "raised",
    "eased": "eased",
    "closed": "closed",
    "blind": "blind",
    "sighted": "sighted",
    "lapsed": "lapsed",
    "withdrawn": "withdrawn",
    "corrected": "corrected",
    "edited": "edited",
}
_FR: Words = {
    "lang": "fr",
    "head": "Du {from} au {to}, pas {every} ; règles : {rules}, observations : {observations}.",
    "nothing": "Aucune alerte sur cette période.",
    "score": "Face à ce qui est arrivé (niveau {level} ou plus, au moins 2 jours avant ; avances en jours) :",
    "no_impacts": "aucun impact à comparer ; --against FICHIER les nomme (id,date,impact)",
    "these": "ces règles",
    "later": "tout su 3 jours plus tard",
    "two_in_14d": "deux attaques en 14 jours",
    "two_in_18d": "deux attaques en 18 jours",
    "blind_clock": "horloge aveugle, même part",
    "always_on": "toujours en alerte",
    "hits": "annoncés",
    "misses": "manqués",
    "false_alarms": "fausses",
    "confirming": "confirm.",
    "days": "des jours",
    "leads": "avances",
    "percent": "{n} %",
    "warned": "averti {days} jours avant, par {rule}",
    "missed": "manqué",
    "per_rule": "Jours à chaque niveau, et l'apport de chaque règle seule (impacts annoncés ; part des jours) :",
    "rule": "règle",
    "alone_hits": "annoncés seule",
    "alone_days": "jours seule",
    "never": "  Jamais au-dessus de calme : {rules}",
    "readers": "Messages que les lecteurs auraient reçus avec les réglages de départ :",
    "per_week": "par semaine",
    "busiest_week": "la plus chargée",
    "edits": "modifiés",
    "digests": "bulletins par semaine",
    "resident": "habitant",
    "ngo": "ONG",
    "press": "presse",
    "everything": "tout, tout de suite",
    "sweep_note": "habitant ; tout, tout de suite : messages par semaine. Avances en jours.",
    "not_run": "pas essayé :",
    "open": "en cours",
    "opened": "ouverte",
    "raised": "relevée",
    "eased": "abaissée",
    "closed": "fermée",
    "blind": "sans nouvelles",
    "sighted": "nouvelles revenues",
    "lapsed": "perdue de vue",
    "withdrawn": "retirée",
    "corrected": "corrigée",
    "edited": "modifiée",
}
