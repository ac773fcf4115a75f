"""Alert states, ticks, transitions and episodes with their public numbers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from warn import codec
from warn.model import AlertState, By, Level, Transition, TransitionKind
from warn.store.conflicts import alone
from warn.store.database import Tx
from warn.store.tables import EpisodeRow, StateRow, TickRow, TransitionRow, table

ENDS = {"closed", "withdrawn"}
STATE = table(StateRow)


@dataclass(frozen=True, slots=True)
class StoredTransition:
    """`number` is the episode's public number, `revision` counts the transitions of the episode from 1."""

    id: int
    number: int
    revision: int
    transition: Transition


@dataclass(frozen=True, slots=True)
class Episode:
    """One opening of an alert until it closes."""

    number: int
    rule: str
    by: By
    opened_at: datetime
    closed_at: datetime | None
    level: Level
    peak: Level
    revision: int


@dataclass(frozen=True, slots=True)
class Tick:
    """One evaluation; `transitions` counts those it stored."""

    at: datetime
    rules_hash: str
    transitions: int


def judging(tx: Tx) -> None:
    """First of all in a transaction that judges: whoever judges too waits, and then reads what this one left."""
    alone(tx.connection(), "episode")


def states(tx: Tx) -> list[AlertState]:
    """Ordered by rule and by."""
    texts = tx.exec(select(StateRow.state).order_by(col(StateRow.rule), col(StateRow.by)))
    return [codec.state_from_json(json.loads(text)) for text in texts]


def open_alerts(tx: Tx) -> list[tuple[str, By]]:
    """Rule and `by` of every open alert, without the rest of its state."""
    rows = tx.exec(select(StateRow.rule, StateRow.by).where(StateRow.status != "closed"))
    return [(rule, codec.by_from_json(json.loads(by))) for rule, by in rows]


def apply(
    tx: Tx,
    tick: datetime,
    states: Iterable[AlertState],
    transitions: Iterable[Transition],
    rules_hash: str = "",
) -> list[StoredTransition]:
    """Stores the tick, the states that changed and the transitions; numbers episodes in order of opening.

    Call `judging` before `states` is read. A transition that is stored already (same episode, moment, kind and level)
    is left out of the answer.
    """
    judging(tx)
    _save(tx, states)
    told = list(transitions)
    homes = _number(tx, told)
    stored = [
        kept for transition, home in zip(told, homes, strict=True) if (kept := _keep(tx, home, transition))
    ]
    tx.add(TickRow(at=tick, rules_hash=rules_hash, transitions=len(stored)))
    tx.flush()
    return stored


def transitions(
    tx: Tx,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    rule: str | None = None,
    number: int | None = None,
    numbers: Collection[int] | None = None,
    kind: TransitionKind | None = None,
    open_only: bool = False,
) -> list[StoredTransition]:
    """With since <= at <= until, of one episode or several (or those that are open), in the order they were stored."""
    question = select(
        col(TransitionRow.id),
        col(TransitionRow.number),
        col(TransitionRow.revision),
        col(TransitionRow.content),
    ).order_by(col(TransitionRow.id))
    if since is not None:
        question = question.where(TransitionRow.at >= since)
    if until is not None:
        question = question.where(TransitionRow.at <= until)
    if rule is not None:
        question = question.where(TransitionRow.rule == rule)
    if number is not None:
        question = question.where(TransitionRow.number == number)
    if numbers is not None:
        question = question.where(col(TransitionRow.number).in_(numbers))
    if kind is not None:
        question = question.where(TransitionRow.kind == kind)
    if open_only:
        still = select(EpisodeRow.number).where(col(EpisodeRow.closed_at).is_(None))
        question = question.where(col(TransitionRow.number).in_(still))
    return [
        StoredTransition(id_, of, revision, _content(content))
        for id_, of, revision, content in tx.exec(question)
        if id_ is not None
    ]


def transition(tx: Tx, transition_id: int) -> StoredTransition | None:
    row = tx.get(TransitionRow, transition_id)
    return None if row is None else _stored(row)


def episodes(
    tx: Tx,
    *,
    rule: str | None = None,
    rules: Collection[str] | None = None,
    numbers: Collection[int] | None = None,
    open_only: bool = False,
) -> list[Episode]:
    """In order of their numbers; of one rule, of several, or those named."""
    question = select(EpisodeRow).order_by(col(EpisodeRow.number))
    if rule is not None:
        question = question.where(EpisodeRow.rule == rule)
    if rules is not None:
        question = question.where(col(EpisodeRow.rule).in_(rules))
    if numbers is not None:
        question = question.where(col(EpisodeRow.number).in_(numbers))
    if open_only:
        question = question.where(col(EpisodeRow.closed_at).is_(None))
    return [_episode(row) for row in tx.exec(question)]


def rules_told(tx: Tx) -> set[str]:
    """Every rule that ever had an alert."""
    return set(tx.exec(select(EpisodeRow.rule).distinct()))


def episode(tx: Tx, number: int) -> Episode | None:
    row = tx.get(EpisodeRow, number)
    return None if row is None else _episode(row)


def last_tick(tx: Tx) -> datetime | None:
    return tx.exec(select(func.max(TickRow.at))).one()


def first_tick(tx: Tx) -> datetime | None:
    """Since when this service judges."""
    return tx.exec(select(func.min(TickRow.at))).one()


def ticks(tx: Tx, since: datetime | None = None) -> list[Tick]:
    question = select(TickRow).order_by(col(TickRow.at), col(TickRow.id))
    if since is not None:
        question = question.where(TickRow.at >= since)
    return [Tick(row.at, row.rules_hash, row.transitions) for row in tx.exec(question)]


def _save(tx: Tx, states: Iterable[AlertState]) -> None:
    changed = {(one.rule, _by_text(one.by)): one for one in states}
    if not changed:
        return
    rules = {rule for rule, _ in changed}
    known = set(tx.exec(select(StateRow.rule, StateRow.by).where(col(StateRow.rule).in_(rules))))
    rows = [
        {
            "rule": rule,
            "by": by,
            "status": one.status,
            "state": json.dumps(codec.state_to_json(one), ensure_ascii=False),
        }
        for (rule, by), one in changed.items()
    ]
    if new := [row for row in rows if (row["rule"], row["by"]) not in known]:
        tx.connection().execute(STATE.insert(), new)
    old = [row for row in rows if (row["rule"], row["by"]) in known]
    if old:
        mine = (STATE.c.rule == bindparam("its_rule"), STATE.c.by == bindparam("its_by"))
        values: dict[str, Any] = {"status": bindparam("its_status"), "state": bindparam("its_state")}
        tx.connection().execute(STATE.update().where(*mine).values(values), [_named(row) for row in old])


def _named(row: Mapping[str, str]) -> dict[str, str]:
    """Parameters must not be called like the columns that they are compared with."""
    return {f"its_{name}": value for name, value in row.items()}


def _number(tx: Tx, transitions: Sequence[Transition]) -> list[EpisodeRow]:
    """The episode of each transition; new ones get the next numbers in order of opening, whatever the rules' order."""
    homes: dict[int, EpisodeRow] = {}
    born: dict[tuple[str, str, datetime], EpisodeRow] = {}
    following = (tx.exec(select(func.max(EpisodeRow.number))).one() or 0) + 1
    order = sorted(range(len(transitions)), key=lambda index: (_opening(transitions[index]), index))
    for index in order:
        transition = transitions[index]
        key = (transition.rule, _by_text(transition.by), _opening(transition))
        home = born.get(key) or _find(tx, transition)
        if home is None:
            home = EpisodeRow(
                number=following, rule=key[0], by=key[1], opened_at=key[2], level=0, peak=0, revision=0
            )
            following += 1
            tx.add(home)
            tx.flush()
            born[key] = home
        homes[index] = home
    return [homes[index] for index in range(len(transitions))]


def _opening(transition: Transition) -> datetime:
    return transition.opened_at or transition.at


def _find(tx: Tx, transition: Transition) -> EpisodeRow | None:
    question = select(EpisodeRow).where(
        EpisodeRow.rule == transition.rule, EpisodeRow.by == _by_text(transition.by)
    )
    if transition.opened_at is None and transition.kind != "opened":
        return tx.exec(question.order_by(col(EpisodeRow.number).desc())).first()
    return tx.exec(question.where(EpisodeRow.opened_at == _opening(transition))).first()


def _keep(tx: Tx, home: EpisodeRow, transition: Transition) -> StoredTransition | None:
    level = int(transition.level)
    same = select(TransitionRow.id).where(
        TransitionRow.number == home.number, TransitionRow.at == transition.at,
        TransitionRow.kind == transition.kind, TransitionRow.level == level,
    )  # fmt: skip
    if tx.exec(same).first() is not None:
        return None
    home.revision += 1
    home.level, home.peak = level, max(home.peak, level)
    if transition.kind in ENDS:
        home.closed_at = transition.at
    row = TransitionRow(
        number=home.number, revision=home.revision, at=transition.at, rule=transition.rule,
        kind=transition.kind, level=level,
        content=json.dumps(codec.transition_to_json(transition), ensure_ascii=False),
    )  # fmt: skip
    tx.add(home)
    tx.add(row)
    tx.flush()
    assert row.id is not None
    return StoredTransition(row.id, home.number, home.revision, transition)


def _stored(row: TransitionRow) -> StoredTransition:
    assert row.id is not None
    return StoredTransition(row.id, row.number, row.revision, _content(row.content))


@lru_cache(maxsize=2048)
def _content(text: str) -> Transition:
    """Rows never change once stored, and every edition reads those of all open episodes again."""
    return codec.transition_from_json(json.loads(text))


def _episode(row: EpisodeRow) -> Episode:
    return Episode(
        number=row.number,
        rule=row.rule,
        by=codec.by_from_json(json.loads(row.by)),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        level=Level(row.level),
        peak=Level(row.peak),
        revision=row.revision,
    )


def _by_text(by: By) -> str:
    return json.dumps(dict(sorted(by)), ensure_ascii=False, separators=(",", ":"))
