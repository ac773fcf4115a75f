"""What waits for a person: rises of rules of mode `approve`, and rises that only an edit of the rules brought about.

A person is asked, asked again after an hour, and not for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from warn.model import Level, Mode, RuleText, Transition
from warn.pipeline import admin_words, admins
from warn.pipeline.episodes import histories
from warn.pipeline.work import Work
from warn.store import Tx, acts, alerts
from warn.store.acts import Act
from warn.store.alerts import Episode

AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert at a level that nobody has agreed to.

    `agreed`: up to which level it is told; `edited`: only an edit brought it where it is. `dropped` once it waited
    longer than its message is valid; `denied` where a person said no to this level.
    """

    episode: Episode
    since: datetime
    agreed: Level
    edited: bool
    dropped: bool
    denied: bool


def approved_levels(tx: Tx, now: datetime) -> dict[int, Level]:
    """Public number -> the highest level that a person has agreed to by then."""
    return _highest(tx, "approve", now)


def denied_levels(tx: Tx, now: datetime) -> dict[int, Level]:
    """Public number -> the highest level that a person has refused by then."""
    return _highest(tx, "deny", now)


def _highest(tx: Tx, kind: str, now: datetime) -> dict[int, Level]:
    found: dict[int, Level] = {}
    for act in acts.acts(tx, kind=kind):
        if act.at <= now:
            number = int(act.target)
            found[number] = max(found.get(number, Level.CALM), Level(int(act.details.get("level", 4))))
    return found


def free_level(history: Sequence[Transition], mode: Mode) -> Level:
    """Up to which level an episode is told without anybody's agreement."""
    if mode == "approve":
        return Level.CALM
    if not any(_by_edit(moved) for moved in history):
        return Level.CRISIS
    plain = (moved.level for moved in history if moved.level > moved.before and moved.kind != "edited")
    return max(plain, default=Level.CALM)


def waits_since(
    history: Sequence[Transition], agreed: Level, text: RuleText, now: datetime
) -> datetime | None:
    """When it first stood above what was agreed to; None where it does not, or waited longer than its text is valid."""
    if history[-1].level <= agreed:
        return None
    since = next(moved.at for moved in history if moved.level > agreed)
    return since if now - since <= timedelta(seconds=text.valid_for_s) else None


def waiting(tx: Tx, work: Work, now: datetime) -> Iterator[Waiting]:
    """Every open alert whose present level nobody has agreed to."""
    if work.approves:
        return
    texts = work.knowledge.texts
    edited = {one.number for one in alerts.transitions(tx, kind="edited", open_only=True)}
    modes = {name for name, text in texts.items() if text.mode == "approve"}
    found = [
        *(alerts.episodes(tx, rules=modes, open_only=True) if modes else ()),
        *(alerts.episodes(tx, numbers=edited, open_only=True) if edited else ()),
    ]
    asked = sorted({one for one in found if one.rule in texts}, key=lambda one: one.number)
    if not asked:
        return
    approved, denied = approved_levels(tx, now), denied_levels(tx, now)
    told = histories(alerts.transitions(tx, numbers=[one.number for one in asked], until=now))
    for episode in asked:
        text, history = texts[episode.rule], [one.transition for one in told.get(episode.number, ())]
        agreed = max(free_level(history, text.mode), approved.get(episode.number, Level.CALM))
        if episode.level > agreed:
            since = next((moved.at for moved in history if moved.level > agreed), episode.opened_at)
            yield Waiting(
                episode,
                since,
                agreed,
                edited=text.mode != "approve",
                dropped=waits_since(history, agreed, text, now) is None,
                denied=episode.level <= denied.get(episode.number, Level.CALM),
            )


def ask(tx: Tx, work: Work, now: datetime) -> list[str]:
    """Asks administrators: at once, again after an hour, and tells them once when it is dropped. Each is recorded."""
    lines = []
    for one in waiting(tx, work, now):
        target = str(one.episode.number)
        asked = [
            act for act in acts.acts(tx, target=target, since=one.since) if act.kind in {"asked", "dropped"}
        ]
        kind = _next(one, asked, now)
        if kind:
            act = acts.record(tx, Act(kind, target, "warn", now, details={"level": int(one.episode.level)}))
            text = _text(work, one, kind, again=bool(asked))
            lines.append(admins.notify(tx, work, f"{kind} {act}", text, now))
    return lines


def _next(one: Waiting, asked: list[Act], now: datetime) -> str:
    if one.denied or any(act.kind == "dropped" for act in asked):
        return ""
    if one.dropped:
        return "dropped"
    if not asked or (len(asked) == 1 and now - asked[0].at >= AGAIN):
        return "asked"
    return ""


def _text(work: Work, one: Waiting, kind: str, *, again: bool) -> str:
    episode, lang = one.episode, work.lang
    title = work.knowledge.texts[episode.rule].title
    alert = admin_words.alert_name(lang, episode.number, episode.rule, title, episode.level)
    key = "asked edited" if kind == "asked" and one.edited else kind
    since = admin_words.when(one.since)
    text = admin_words.phrase(
        lang, key, alert=alert, number=episode.number, level=int(episode.level), since=since
    )
    return admin_words.phrase(lang, "again", text=text) if kind == "asked" and again else text


def _by_edit(moved: Transition) -> bool:
    return moved.kind == "edited" and moved.level > moved.before
