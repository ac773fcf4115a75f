"""Rules of mode `approve`: each opening and raise waits for a person, who is asked, asked again, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from warn.model import Level
from warn.pipeline.work import Work
from warn.store import Tx, acts, alerts
from warn.store.acts import Act
from warn.store.alerts import Episode

AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert at a level that nobody has agreed to yet; `dropped` once it waited longer than its message is valid."""

    episode: Episode
    since: datetime
    approved: Level
    dropped: bool


def approved_levels(tx: Tx, now: datetime) -> dict[int, Level]:
    """Public number -> the highest level that a person has agreed to by then."""
    found: dict[int, Level] = {}
    for act in acts.acts(tx, kind="approve"):
        if act.at <= now:
            number = int(act.target)
            found[number] = max(found.get(number, Level.CALM), Level(int(act.details.get("level", 4))))
    return found


def waiting(tx: Tx, work: Work, now: datetime) -> Iterator[Waiting]:
    """Every open alert whose present level waits for a person."""
    if work.approves:
        return
    agreed = approved_levels(tx, now)
    for episode in alerts.episodes(tx, open_only=True):
        text = work.knowledge.texts.get(episode.rule)
        approved = agreed.get(episode.number, Level.CALM)
        if text is None or text.mode != "approve" or episode.level <= approved:
            continue
        since = _since(tx, episode, approved)
        yield Waiting(episode, since, approved, now - since > timedelta(seconds=text.valid_for_s))


def ask(tx: Tx, work: Work, now: datetime) -> list[str]:
    """Lines for administrators: at once, again after an hour, and once when it is dropped. Each is recorded."""
    lines = []
    for one in waiting(tx, work, now):
        asked = [
            act
            for act in acts.acts(tx, target=str(one.episode.number), since=one.since)
            if act.kind in {"asked", "dropped"}
        ]
        kind = _next(one, asked, now)
        if kind:
            acts.record(
                tx, Act(kind, str(one.episode.number), "warn", now, details={"level": int(one.episode.level)})
            )
            lines.append(_line(one, kind, len(asked)))
    return lines


def _next(one: Waiting, asked: list[Act], now: datetime) -> str:
    if any(act.kind == "dropped" for act in asked):
        return ""
    if one.dropped:
        return "dropped"
    if not asked or (len(asked) == 1 and now - asked[0].at >= AGAIN):
        return "asked"
    return ""


def _line(one: Waiting, kind: str, times: int) -> str:
    name = f"No. {one.episode.number} ({one.episode.rule}) at level {int(one.episode.level)}"
    if kind == "dropped":
        return f"{name}: nobody answered, it is not sent."
    again = "still " if times else ""
    return f"{name} {again}waits for approval since {one.since:%Y-%m-%d %H:%M} UTC: /approve {one.episode.number}"


def _since(tx: Tx, episode: Episode, approved: Level) -> datetime:
    """When it first stood above what was agreed to."""
    moved = (one.transition for one in alerts.transitions(tx, number=episode.number))
    return next((one.at for one in moved if one.level > approved), episode.opened_at)
