"""Letters of subscribing by mail, and what was agreed in words. The city's own, of no edition and no alert."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

from jinja2 import Environment

from warn.digest.compose import compose_letter
from warn.digest.editions import EVENING, WEEKLY_DAY
from warn.digest.languages import Words, words
from warn.digest.phrases import level_word
from warn.digest.typography import hour, local, weekday_named, weekday_short
from warn.geo import Area
from warn.model import Message, Placeholder, Preferences

Agreed = tuple[tuple[str, str], ...]  # (label, text)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose letters these are: the city, and the public address without a slash at its end."""

    area: Area
    base: str


def confirmation(env: Environment, sender: Sender, who: Preferences, link: str, until: datetime) -> Message:
    """Asks whoever reads the mailbox whether they want this. Never says whose address it is: bytes are stored."""
    w = words(env, who.lang)
    here = local(until, who.timezone)
    day = f"{weekday_short(here.date(), w.lang)}, {hour(here, w.lang)}"
    subject = w._("Confirm: alerts and bulletin, %(city)s", city=sender.area.name(w.lang))
    context = {"link": link, "until": day, "agreed": agreed(w, who, sender.area), **_common(sender, w)}
    return compose_letter(env, "confirm", w.lang, subject, context)


def reminder(env: Environment, sender: Sender, who: Preferences) -> Message:
    """To one who is subscribed and was typed in again: nothing has changed, and here is where to change it."""
    w = words(env, who.lang)
    subject = w._("Subscribed already: alerts and bulletin, %(city)s", city=sender.area.name(w.lang))
    context = {"agreed": agreed(w, who, sender.area), **_common(sender, w)}
    return compose_letter(env, "known", w.lang, subject, context)


def agreed(w: Words, who: Preferences, area: Area) -> Agreed:
    """What will come, and when; a line each."""
    return tuple((f"{label}{w._(': ')}", text) for label, text in _agreed(w, who, area))


def _agreed(w: Words, who: Preferences, area: Area) -> Iterator[tuple[str, str]]:
    yield w._("Bulletin"), _bulletin(w, who, area)
    if who.evening:
        yield w._("Evening edition"), w._("every day at %(hour)s", hour=hour(EVENING, w.lang))
    level = who.immediate_from
    yield (
        w._("Messages at once"),
        w._("none")
        if level is None
        else w._("from level %(n)s (%(word)s)", n=int(level), word=level_word(w, level)),
    )
    if level is not None and who.quiet_from is not None and who.quiet_until is not None:
        yield (
            w._("Quiet hours"),
            w._(
                "from %(start)s to %(end)s, but for a crisis",
                start=hour(who.quiet_from, w.lang),
                end=hour(who.quiet_until, w.lang),
            ),
        )


def _bulletin(w: Words, who: Preferences, area: Area) -> str:
    if who.digest_at is None and not who.weekly:
        return w._("none")
    at = hour(who.digest_at or time(6), w.lang)
    if who.timezone == area.timezone:
        at = w._("%(hour)s, %(city)s time", hour=at, city=area.name(w.lang))
    else:
        at = f"{at} ({who.timezone})"
    if who.weekly:
        return w._("every %(day)s at %(hour)s", day=weekday_named(WEEKLY_DAY, w.lang), hour=at)
    return w._("every day at %(hour)s", hour=at)


def _common(sender: Sender, w: Words) -> dict[str, object]:
    return {
        "city": sender.area.name(w.lang),
        "preferences": f"{sender.base}/r/{Placeholder}",
        "unsubscribe": f"{sender.base}/u/{Placeholder}",
    }
