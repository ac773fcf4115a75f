"""What administrators do, the same from the command line, the bot and the page. Every act is recorded.

Each verb takes the words after it and answers one line; a wrong word is a UsageError that says what is allowed.
An act is a row; what follows from it (a message that waited, a held delivery) the pipeline does when it next looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from warn.documents.durations import parse_duration
from warn.errors import UsageError
from warn.store import Store, Tx, acts, alerts, dispatch, polls
from warn.store.acts import Act
from warn.store.alerts import Episode

LONGEST_SILENCE = timedelta(days=14)
USUAL_SILENCE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for what, when."""

    by: str
    words: Sequence[str]
    now: datetime


def act(store: Store, verb: str, request: Request) -> str:
    """Does what was asked in one transaction and records it; the answer is one line."""
    if verb not in VERBS:
        raise UsageError(f"'{verb}' is not known.", f"Verbs: {', '.join(VERBS)}.")
    with store.write() as tx:
        return VERBS[verb](tx, request)


def approve(tx: Tx, request: Request) -> str:
    """What waited for a person goes out, as it stands now."""
    episode = _episode(tx, request)
    _record(tx, "approve", str(episode.number), request)
    return f"No. {episode.number} ({episode.rule}) is approved and goes out."


def ack(tx: Tx, request: Request) -> str:
    """Reminders and escalation stop until the next raise; nothing else does."""
    episode = _episode(tx, request)
    _record(tx, "ack", str(episode.number), request, level=int(episode.level))
    return f"No. {episode.number} ({episode.rule}) is acknowledged until it rises."


def silence(tx: Tx, request: Request) -> str:
    """Messages of one alert, or of all (`all`), are held for a while, but for a rise above the present level."""
    words = list(request.words)
    length = USUAL_SILENCE
    if len(words) > 1:
        try:
            length = parse_duration(words[1])
        except ValueError:
            raise UsageError(f"'{words[1]}' is not a duration.", "Write 6h or 2d.") from None
    if length > LONGEST_SILENCE:
        raise UsageError("A silence lasts 14 days at most.", "Silence it again when it ends.")
    whole = words[:1] in (["all"], ["*"])
    target, level = ("*", 3) if whole else _target(_episode(tx, request))
    until = request.now + length
    _record(tx, "silence", target, request, until=until, level=level)
    return f"Silenced until {until:%Y-%m-%d %H:%M} UTC, unless it rises."


def pause(tx: Tx, request: Request) -> str:
    """Holds every delivery but administrators', from the next claim on."""
    _record(tx, "pause", "*", request)
    return "Paused: nothing leaves but messages to administrators. `resume` goes on."


def resume(tx: Tx, request: Request) -> str:
    _record(tx, "resume", "*", request)
    return "Deliveries go on."


def dead(tx: Tx, _request: Request) -> str:
    """Deliveries that ended without arriving, or of which nobody knows."""
    found = dispatch.letters(tx)
    lines = [
        f"{one.id} {one.channel} {one.kind} {one.state} after {one.attempt}: {one.error}" for one in found
    ]
    return "\n".join(lines) or "No dead letters."


def requeue(tx: Tx, request: Request) -> str:
    """Dead or uncertain deliveries, by number or `all`, start again with a full count of attempts."""
    if list(request.words) == ["all"]:
        ids = [one.id for one in dispatch.letters(tx, limit=100_000)]
    else:
        ids = [_number(word) for word in request.words]
    if not ids:
        raise UsageError("Which deliveries?", "Give their numbers (see `dead`), or `all`.")
    count = dispatch.requeue(tx, ids, request.now)
    _record(tx, "requeue", " ".join(request.words), request)
    return f"{count} deliveries are tried again."


def health(tx: Tx, request: Request) -> str:
    """Newest tick, sources that do not answer, and what waits in the outbox."""
    tick = alerts.last_tick(tx)
    lines = [f"last evaluation {tick:%Y-%m-%d %H:%M} UTC" if tick else "never evaluated"]
    for source, (tried, good) in sorted(polls.newest_polls(tx).items()):
        if not tried.good:
            since = f"{good.at:%Y-%m-%d %H:%M}" if good else "ever"
            lines.append(f"{source}: {tried.outcome} ({tried.message}), nothing good since {since}")
    waiting = {
        key: count for key, count in dispatch.counts(tx).items() if key[1] not in {"sent", "suppressed"}
    }
    lines += [f"{channel}: {count} {state}" for (channel, state), count in sorted(waiting.items())]
    late = dispatch.oldest_due(tx, request.now)
    if late > 0:
        lines.append(f"the oldest delivery waits since {late / 60:.0f} minutes")
    if acts.paused(tx):
        lines.append("deliveries are paused")
    return "\n".join(lines)


VERBS: Mapping[str, Callable[[Tx, Request], str]] = {
    "approve": approve,
    "ack": ack,
    "silence": silence,
    "pause": pause,
    "resume": resume,
    "dead": dead,
    "requeue": requeue,
    "health": health,
}


def _episode(tx: Tx, request: Request) -> Episode:
    number = _number(request.words[0]) if request.words else None
    found = alerts.episode(tx, number) if number is not None else None
    if found is None:
        known = ", ".join(f"{one.number} ({one.rule})" for one in alerts.episodes(tx, open_only=True))
        raise UsageError("Which alert?", f"Open ones: {known or 'none'}.")
    return found


def _target(episode: Episode) -> tuple[str, int]:
    return str(episode.number), int(episode.level)


def _number(word: str) -> int:
    digits = word.lstrip("#")
    if not digits.isdecimal():
        raise UsageError(f"'{word}' is not a number.", "Alerts and deliveries are named by their numbers.")
    return int(digits)


def _record(
    tx: Tx,
    kind: str,
    target: str,
    request: Request,
    *,
    until: datetime | None = None,
    level: int | None = None,
) -> None:
    details = {} if level is None else {"level": level}
    reason = " ".join(request.words[1:])
    acts.record(tx, Act(kind, target, request.by, request.now, until=until, reason=reason, details=details))
