"""One body of a described service -> what it says. Pure, and never an exception."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final

from warn.fetching import form, ground_for, judged
from warn.fetching import opened as unpacked
from warn.model import Observation, Outcome, Refused
from warn.rows import CellError, Ground, RowError, observation_from, plain, revised
from warn.rows.foreign import link
from warn.source import Context, Parsed
from warn.sources.generic.bodies import Opened, Unreadable, opened, text_of
from warn.sources.generic.schema import Choice, Described, Given, PrecisionChoice, Table
from warn.sources.generic.values import (
    LeftOut,
    all_hold,
    amount,
    at,
    chosen,
    fill,
    first,
    said,
    time_of,
    word,
)

BEGINNING: Final = 2_000
JUDGED: Final = 50  # rows by which a table is told; optional columns are absent from some
MOST_TOLD: Final = 3
TURNED_AWAY: Final = (
    "unauthorized", "unauthorised", "not authorized", "forbidden", "access denied", "permission", "api key", "apikey",
    "invalid token", "token expired", "credential", "authenticat", "too many requests", "rate limit", "quota",
    "throttl",
)  # fmt: skip
COMPLAINTS: Final = (
    "error.message",
    "error",
    "errors.0.message",
    "errors.0",
    "detail.0.msg",
    "detail",
    "fault.message",
    "message",
)
OTHER: Final = "of another kind"
Records = tuple[tuple[int, Any], ...]


def parse(described: Described, content: bytes, context: Context) -> Parsed:
    """`context.part` begins with the table that was asked for; without it the columns tell which one it is."""
    return judged(partial(_parsed, described), content, context)


def _parsed(described: Described, content: bytes, context: Context) -> Parsed:
    content = unpacked(content)
    early = _by_its_look(described, content)
    if early is not None:
        return early
    try:
        body = opened(content)
    except Unreadable as error:
        return Parsed("error" if error.broken else "schema_changed", message=str(error))
    told = _by_its_words(described, body.tree)
    if told is not None:
        return told
    return _by_its_rows(described, body, context)


def records_of(table: Table, body: Opened) -> Records | None:
    """The rows of a table in a body, each with its number; None where they do not stand where they should."""
    if body.rows is not None:
        return body.rows
    found = body.tree if isinstance(body.tree, list) else at(body.tree, table.records)
    return tuple(enumerate(found, 1)) if isinstance(found, list) else None


def _by_its_look(described: Described, content: bytes) -> Parsed | None:
    """What a body begins with; a short text that is neither JSON nor a table is a turning away or a complaint."""
    start = text_of(content[:BEGINNING]).casefold()
    for rule in described.outcomes:
        if any(piece.casefold() in start for piece in rule.text) and not rule.when:
            return Parsed(rule.outcome, message=fill(rule.says, {}) or plain(start)[:120])
    kind = form(content)
    if kind in {"gzip", "xml"}:
        return Parsed("schema_changed", message=f"{kind} came instead of JSON or CSV")
    if kind == "text" and "\n" not in start.strip() and any(piece in start for piece in TURNED_AWAY):
        return Parsed("blocked", message=f"the service says: {plain(start)[:120]}")
    return None


def _by_its_words(described: Described, tree: Any) -> Parsed | None:
    """What the body itself says of how it went."""
    if tree is None:
        return None
    for rule in described.outcomes:
        if rule.when and all_hold(rule.when, tree):
            message = fill(rule.says, tree) or f"the service says {rule.outcome}"
            return Parsed(rule.outcome, message=message[:300])
    return _complaint(described, tree)


def _complaint(described: Described, tree: Any) -> Parsed | None:
    """What most services say when they say no, where their description has no rule for it."""
    if not isinstance(tree, dict) or any(_filled(tree, table) for table in described.tables):
        return None
    told = next((text for path in COMPLAINTS if (text := said(tree, path))), "")
    if not told:
        return None
    outcome: Outcome = "blocked" if any(piece in told.casefold() for piece in TURNED_AWAY) else "error"
    return Parsed(outcome, message=f"the service says: {told[:200]}")


def _filled(tree: Any, table: Table) -> bool:
    found = at(tree, table.records)
    return isinstance(found, list) and bool(found)


def _by_its_rows(described: Described, body: Opened, context: Context) -> Parsed:
    asked = context.part.partition(" ")[0]
    tables = [table for table in described.tables if not asked or table.id == asked]
    found = [(table, records) for table in tables if (records := records_of(table, body)) is not None]
    for table, records in sorted(found, key=lambda pair: -len(pair[0].has)):
        if records and not _lacking(table, records, body):
            return _read(described, table, records, context)
    reference = _reference(described, body)
    if reference:
        outcome: Outcome = "schema_changed" if asked else "no_data"
        return Parsed(outcome, message=reference)
    if not found:
        where = " or ".join(sorted({f"'{table.records or 'a list'}'" for table in tables}))
        return Parsed("schema_changed", message=f"no rows at {where}")
    for table, records in found:
        if not records and not (body.header and _lacking(table, records, body)):
            return Parsed(table.empty, message="an empty table")
    lacking = min((_lacking(table, records, body) for table, records in found), key=len)
    wanting = lacking[0] if lacking else "that tells the table"
    return Parsed("schema_changed", message=f"the column {wanting} is missing; has the service changed?")


def _lacking(table: Table, records: Records, body: Opened) -> list[str]:
    if body.header:
        return [name for name in table.has if name not in body.header]
    seen = [record for _, record in records[:JUDGED]]
    return [name for name in table.has if not any(_stands(record, name) for record in seen)]


def _stands(record: Any, path: str) -> bool:
    """Whether a column is there at all, if only with null."""
    if not isinstance(record, dict):
        return False
    head, _, rest = path.partition(".")
    return path in record or (head in record and (not rest or _stands(record[head], rest)))


def _reference(described: Described, body: Opened) -> str:
    """What a known body without data is; its columns stand in the header, the body, or its first rows."""
    trees = [body.tree, *_firsts(body.tree)]
    for reference in described.references:
        if body.header and set(reference.has) <= set(body.header):
            return reference.says
        if any(all(_stands(tree, name) for name in reference.has) for tree in trees):
            return reference.says
    return ""


def _firsts(tree: Any) -> Iterator[Any]:
    lists = [tree] if isinstance(tree, list) else list(tree.values()) if isinstance(tree, dict) else []
    yield from (one[0] for one in lists if isinstance(one, list) and one)


def _read(described: Described, table: Table, records: Records, context: Context) -> Parsed:
    ground = ground_for(context)
    left_out: Counter[str] = Counter()
    found: list[Observation] = []
    refused: list[Refused] = []
    for line, record in records:
        fault = _torn(record)
        if fault:
            refused.append(Refused(fault, plain(record)[:80], line))
            continue
        taken, reason, faults = _row(described, table, record, ground, context)
        found += taken
        refused += [Refused(fault, _excerpt(record), line) for fault in faults]
        if reason and not taken and not faults:
            left_out[reason] += 1
    kept = revised(found)
    message = _told(len(records), len(kept), left_out, refused)
    outcome: Outcome = "ok" if kept else "schema_changed" if refused else "no_data"
    return Parsed(outcome, kept, message, tuple(refused))


def _row(
    described: Described, table: Table, record: Any, ground: Ground, context: Context
) -> tuple[list[Observation], str, list[str]]:
    """What a row gives, why it is left out where it gives nothing, and what is wrong with it."""
    taken: list[Observation] = []
    faults: list[str] = []
    reason = ""
    try:
        _meant_for_us(table, record, context)
    except LeftOut as left:
        return taken, str(left), faults
    for given in table.gives:
        try:
            taken.append(_observation(described, table, given, record, ground, context))
        except LeftOut as left:
            reason = str(left) if reason in {"", OTHER} else reason
        except (CellError, RowError) as error:
            faults.append(str(error)[:200])
    return taken, reason, faults


def _torn(record: Any) -> str:
    if not isinstance(record, dict):
        return "not a row with columns"
    return str(record[""]) if len(record) == 1 and "" in record else ""


def _meant_for_us(table: Table, record: Any, context: Context) -> None:
    """Filtered here too: services ignore parameters they do not know and send the whole world."""
    if table.country is not None and context.area is not None:
        ours = context.area.codes.get(table.country.code, "")
        value = first(record, table.country.column)
        codes = [
            plain(code)[:20] for code in (value if isinstance(value, list) else [value]) if code is not None
        ]
        if word(ours) not in {word(code) for code in codes}:
            raise LeftOut(f"of another country ({codes[0] if codes else 'not named'})")
    if not all_hold(table.only, record):
        raise LeftOut(OTHER)


def _observation(
    described: Described, table: Table, given: Given, record: Any, ground: Ground, context: Context
) -> Observation:
    if not all_hold(given.only, record):
        raise LeftOut(OTHER)
    value = amount(given.value, record) if given.value is not None else None
    place = said(record, given.place) if given.place else ""
    row: dict[str, Any] = {
        "indicator": _indicator(given, record),
        "value": value,
        "low": _bound(given, record, "low"),
        "high": _bound(given, record, "high"),
        "occurred_at": time_of(given.occurred_at, record),
        "known_at": context.now,
        "source": described.id,
        "origin": [described.origin],
        "place": place,
        "lat": said(record, given.lat) if given.lat else None,
        "lon": said(record, given.lon) if given.lon else None,
        "precision": _precision(given, record, place),
        "grade": given.grade or described.grade,
        "attributes": {
            name: text for name, said_ in given.attributes.items() if (text := fill(said_, record))
        },
        "title": fill(given.title, record),
        "url": link(fill(given.url, record)),
        "key": f"{table.id}:{fill(given.key, record)}",
    }
    return observation_from(row, ground)


def _indicator(given: Given, record: Any) -> str:
    if isinstance(given.indicator, Choice):
        value = said(record, given.indicator.column)
        return chosen(given.indicator.map, value, lambda word_: f"no indicator for {word_}")
    return given.indicator


def _precision(given: Given, record: Any, place: str) -> str | None:
    if isinstance(given.precision, PrecisionChoice):
        value = said(record, given.precision.column)
        if value:
            return chosen(given.precision.map, value, lambda word_: f"of an unknown precision ({word_})")
        return None if place else "country"
    return given.precision or (None if place else "country")


def _bound(given: Given, record: Any, name: str) -> float | None:
    wanted = given.low if name == "low" else given.high
    try:
        return amount(wanted, record) if wanted is not None else None
    except LeftOut:
        return None


def _excerpt(record: Any) -> str:
    shown = [f"{name}={plain(value)[:30]}" for name, value in list(record.items())[:6]]
    return plain(", ".join(shown))[:80]


def _told(rows: int, kept: int, left_out: Counter[str], refused: Iterable[Refused]) -> str:
    """`56 rows: 0 taken, 56 of another country (TCD)`."""
    said_ = [f"{count} {reason}" for reason, count in left_out.most_common(MOST_TOLD)]
    slip = next(iter(refused), None)
    if slip is not None:
        said_.append(f"refused: {slip.reason} (row {slip.line})")
    return f"{rows} rows: {', '.join([f'{kept} taken', *said_])}"[:400]
