"""Who hears what and when (rules.md, semantics 6; readers.md, preferences). Decides only; nothing is sent here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from warn.model import EMPTY, Level, Preferences, Transition

Way = Literal["now", "hold", "digest", "never"]
Turn = Literal["rise", "fall", "end", "fact", "fix", "blind", "sighted", "remind", "same"]
LOUD: Final = Level.ALERT
BLIND_PAUSE: Final = timedelta(days=7)
ALL: Final = "*"
_SAME_LEVEL: Final[Mapping[str, Turn]] = {"updated": "fact", "reminded": "remind"}
"""What is still told after a hold although the level is the one last told."""


@dataclass(frozen=True, slots=True)
class News:
    """One transition as the selection sees it. `episode` is any stable name of the episode.

    `parts`: ids of the rules a composite counts, for which it speaks. `inhibited_by`: episodes whose rule
    inhibits this one. `corridor` and `places` are ids; news without them concerns everybody. `held`: judged
    again because a hold ended, with the newest transition of its episode.
    """

    transition: Transition
    episode: str
    family: str = ""
    corridor: str = ""
    places: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    embassy: bool = False
    inhibited_by: tuple[str, ...] = ()
    held: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What one reader was last told of one episode, and how; `highest` is the most it ever was told at."""

    level: Level
    at: datetime
    way: Literal["now", "digest"] = "now"
    highest: Level = Level.CALM
    blind: bool = False
    blind_told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holds:
    """What holds messages back besides preferences: episode -> (until, level at which it was set).

    `muted` by this reader, `silenced` by an administrator, where the episode "*" stands for all. A rise above
    that level breaks through. `acknowledged`: episodes of which nobody is reminded until they rise.
    """

    muted: Mapping[str, tuple[datetime, Level]] = field(default_factory=lambda: EMPTY)
    silenced: Mapping[str, tuple[datetime, Level]] = field(default_factory=lambda: EMPTY)
    acknowledged: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to one piece of news for one reader, with the reason that `explain` prints.

    `way`: now (a message leaves), hold (judge again at `until`), digest (it stands in the next edition),
    never. `quiet` asks for no sound; `edits`: the earlier message is edited, none is sent.
    """

    news: News
    way: Way
    reason: str
    until: datetime | None = None
    quiet: bool = False
    edits: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one message of a tick for one reader: `lead` speaks, `also` is named in it; `edits` change earlier ones.

    `decisions` holds every piece of news, in the order given.
    """

    decisions: tuple[Decision, ...]
    lead: Decision | None = None
    also: tuple[Decision, ...] = ()
    edits: tuple[Decision, ...] = ()


def decide(
    news: Sequence[News], who: Preferences, heard: Mapping[str, Heard], now: datetime, holds: Holds
) -> Verdict:
    """Judge all news of one tick (or of an ended hold) for one reader. `heard`: episode -> what was last told."""
    decisions = [_judge(item, who, heard, now, holds) for item in news]
    told = {d.news.episode for d in decisions if d.way == "now"} | set(heard)
    decisions = [_inhibit(decision, heard, told) for decision in decisions]
    speaking = sorted((d for d in decisions if d.way == "now" and not d.edits), key=_weight, reverse=True)
    return Verdict(
        decisions=tuple(decisions),
        lead=speaking[0] if speaking else None,
        also=tuple(_spoken_for(d, speaking[0]) for d in speaking[1:]),
        edits=tuple(d for d in decisions if d.way == "now" and d.edits),
    )


def turn(news: News, heard: Heard | None) -> Turn:
    """What a transition means to this reader: after a hold only the difference to what was last told counts."""
    kind, level = news.transition.kind, news.transition.level
    if news.held and heard and heard.at >= news.transition.at:
        return "same"  # whatever it was, this reader was told of the alert since
    if kind in {"closed", "withdrawn"}:
        return "end"
    if kind == "eased" and heard and level >= heard.level and not news.held:
        return "same"  # it comes down from a level that this reader was never told
    if kind in {"blind", "lapsed"}:
        return "blind"
    if kind == "sighted":
        return "sighted"
    if news.held or kind == "edited":
        before = heard.level if heard else Level.CALM
        if level == before and kind in _SAME_LEVEL and heard and heard.at < news.transition.at:
            return _SAME_LEVEL[kind]
        return "rise" if level > before else "fall" if level < before else "same"
    turns: Mapping[str, Turn] = {
        "opened": "rise", "raised": "rise", "eased": "fall", "corrected": "fix", "updated": "fact",
        "reminded": "remind",
    }  # fmt: skip
    return turns[kind]


def quiet_until(who: Preferences, now: datetime) -> datetime | None:
    """When this reader's present quiet hours end (UTC), or None outside them.

    In a night that repeats an hour they end at its second pass for whoever is past the first.
    """
    if who.quiet_from is None or who.quiet_until is None or who.quiet_from == who.quiet_until:
        return None
    zone = ZoneInfo(who.timezone)
    here = now.astimezone(zone)
    if not _between(here.time(), who.quiet_from, who.quiet_until):
        return None
    day = here.date() + timedelta(days=1 if here.time() >= who.quiet_until else 0)
    end = datetime.combine(day, who.quiet_until, zone)
    passes = (end.replace(fold=fold).astimezone(ZoneInfo("UTC")) for fold in (0, 1))
    return next((at for at in passes if at > now), None)


def concerns(news: News, who: Preferences) -> str:
    """Why this news lies outside what the reader asked for; empty where it concerns them."""
    if who.families and news.family and news.family not in who.families:
        return f"family {news.family} is not among those chosen"
    if who.corridors and news.corridor and news.corridor not in who.corridors:
        return f"corridor {news.corridor} is not among those chosen"
    if who.places and news.places and not set(news.places) & set(who.places):
        return "none of its places is among those chosen"
    return ""


def _judge(news: News, who: Preferences, heard: Mapping[str, Heard], now: datetime, holds: Holds) -> Decision:
    last = heard.get(news.episode)
    meaning = turn(news, last)
    decision = {
        "rise": _rise, "fall": _told, "end": _told, "fix": _told, "fact": _fact, "remind": _fact,
        "blind": _sight, "sighted": _sight, "same": _same,
    }[meaning](news, who, last, now)  # fmt: skip
    if meaning == "remind" and decision.way == "now" and news.episode in holds.acknowledged:
        # Its term is renewed in place: an alert that goes on must not read as run out.
        decision = replace(decision, reason="acknowledged: nobody is reminded until it rises", edits=True)
    return _hold(decision, meaning, who, now, holds) if decision.way == "now" else decision


def _rise(news: News, who: Preferences, last: Heard | None, _now: datetime) -> Decision:
    level = news.transition.level
    if outside := concerns(news, who):
        return Decision(news, "never", outside)
    if level < who.least_level:
        return Decision(
            news, "never", f"level {level:d} is below this subscriber's least level {who.least_level:d}"
        )
    if last and last.level == level and last.way == "now":
        return _same(news, who, last, _now)
    if news.embassy and who.kind == "resident" and not who.embassy_notices:
        return Decision(news, "digest", "embassy notices are off in a resident's immediate alerts")
    if who.immediate_from is None or level < who.immediate_from:
        return Decision(news, "digest", f"level {level:d} is below the level of immediate alerts")
    return Decision(news, "now", f"level {level:d} reached", quiet=level < LOUD)


def _told(news: News, _who: Preferences, last: Heard | None, _now: datetime) -> Decision:
    """Eases, ends and corrections follow those who had a message, whatever their least level is now."""
    if last is None:
        return Decision(news, "never", "had no message of this episode")
    kind = news.transition.kind
    if last.way == "digest":
        return Decision(news, "digest", f"{kind}; was told of this episode by digest")
    if kind == "corrected" and news.transition.level == last.level:
        return Decision(news, "now", "corrected, level unchanged", quiet=True)
    return Decision(news, "now", f"{kind}; had a message of this episode", quiet=last.highest < LOUD)


def _fact(news: News, who: Preferences, last: Heard | None, _now: datetime) -> Decision:
    kind = news.transition.kind
    if last and last.way == "now":
        edits = kind == "updated"
        reason = "new evidence at the same level: the message is edited" if edits else "still in force"
        return Decision(news, "now", reason, quiet=True, edits=edits)
    if last or not (concerns(news, who) or news.transition.level < who.least_level):
        return Decision(news, "digest", f"{kind}; was not told at once")
    return Decision(news, "never", concerns(news, who) or "below this subscriber's least level")


def _sight(news: News, who: Preferences, last: Heard | None, now: datetime) -> Decision:
    """No news, lost from sight, news again: at once to those told at level 3 or above, once a week for one alert."""
    lost = news.transition.kind != "sighted"
    if last is None:
        return _fact(news, who, last, now)
    if last.highest < LOUD or last.way == "digest":
        return Decision(news, "digest", "was not told at level 3 or above at once")
    if not lost and not last.blind:
        return Decision(news, "digest", "had no notice that it was without news")
    if last.blind_told_at and now - last.blind_told_at < BLIND_PAUSE:
        return Decision(news, "digest", "had a notice of this kind less than a week ago")
    return Decision(news, "now", f"{news.transition.kind}; was told at level 3 or above", quiet=not lost)


def _same(news: News, _who: Preferences, last: Heard | None, _now: datetime) -> Decision:
    told = f"level {last.level:d} is what was last told" if last else "nothing was told, nothing has changed"
    return Decision(news, "never", told)


def _hold(decision: Decision, meaning: Turn, who: Preferences, now: datetime, holds: Holds) -> Decision:
    news, level = decision.news, decision.news.transition.level
    until: list[tuple[datetime, str]] = []
    if (quiet := quiet_until(who, now)) and not (meaning == "rise" and level == Level.CRISIS):
        until.append((quiet, "quiet hours"))
    for name, held in (("muted by the reader", holds.muted), ("silenced", holds.silenced)):
        for episode in (news.episode, ALL):
            end, at = held.get(episode, (now, Level.CRISIS))
            if end > now and not (meaning == "rise" and level > at):
                until.append((end, name))
    if not until:
        return decision
    end, reason = max(until)
    return replace(decision, way="hold", reason=reason, until=end)


def _inhibit(decision: Decision, heard: Mapping[str, Heard], told: set[str]) -> Decision:
    """Only a rise of something never told at once steps back, and only behind what this reader is told of."""
    news = decision.news
    behind = sorted(set(news.inhibited_by) & told - {news.episode})
    if decision.way != "now" or not behind or turn(news, heard.get(news.episode)) != "rise":
        return decision
    return replace(decision, way="digest", reason=f"inhibited by {behind[0]}, which this reader is told of")


def _weight(decision: Decision) -> tuple[bool, int, bool, bool, str]:
    """What leads: a rise before anything else, then the level, then the composite, then the name for one order."""
    moved = decision.news.transition
    rises = moved.kind in {"opened", "raised"} or moved.level > moved.before
    ends = moved.kind in {"withdrawn", "corrected"}
    return rises, int(moved.level), bool(decision.news.parts), ends, decision.news.episode


def _spoken_for(decision: Decision, lead: Decision) -> Decision:
    if decision.news.transition.rule in lead.news.parts:
        return replace(decision, reason=f"{lead.news.transition.rule} speaks for it")
    return decision


def _between(at: time, start: time, end: time) -> bool:
    return start <= at < end if start < end else at >= start or at < end
