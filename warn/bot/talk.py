"""What each command and each tap does. Every function takes the visit, answers it, and knows nothing of updates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from html import escape
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from warn.bot import reporting, starts
from warn.bot.choices import FIELDS, changed, lines
from warn.bot.farewell import wish
from warn.bot.joining import tap_take
from warn.bot.visit import Rows, Visit
from warn.bot.welcome import begin, by_mail, show_subscribed, welcome
from warn.model import Level, Preferences

Command = Callable[[Visit], Awaitable[None]]
Tap = Callable[[Visit, tuple[str, ...]], Awaitable[None]]
_KINDS = ("resident", "ngo", "press")


async def start(visit: Visit) -> None:
    """Who speaks, what the levels mean, the defaults, a sample, how to check: then one tap subscribes, or three."""
    if wanted := starts.asked(visit.words):
        await wanted[0](visit, wanted[1])
        return
    await begin(visit)


async def status(visit: Visit) -> None:
    for part in await visit.parts.desk.situation(visit.lang):
        await visit.say(part)


async def digest(visit: Visit) -> None:
    parts = await visit.parts.desk.digest(visit.chat, visit.lang)
    for part in parts or (visit.text("no_digest"),):
        await visit.say(part)


async def settings(visit: Visit) -> None:
    preferences = await visit.parts.desk.preferences(visit.chat)
    if preferences is None:
        await visit.show(visit.text("not_subscribed"))
        return
    visit.lang = preferences.lang
    parts = visit.parts
    names = [name for name in FIELDS if parts.ground.offers(name)]
    buttons = [(parts.translate(visit.lang, f"field.{name}"), f"set:{name}") for name in names]
    rows = [*_in_rows(buttons, 2), [(visit.text("close"), "close")]]
    await visit.show(visit.text("settings", lines=lines(preferences, parts.translate, parts.ground)), rows)


async def stop(visit: Visit) -> None:
    """The command erases at once; asking back would be one more way not to be let go."""
    had = await visit.parts.desk.stop(visit.chat)
    await visit.say(visit.text("stopped" if had else "not_subscribed"))


async def erase(visit: Visit) -> None:
    await visit.say(
        visit.text("erase_ask"), [[(visit.text("erase_yes"), "erase"), (visit.text("stop_no"), "keep")]]
    )


async def show_help(visit: Visit) -> None:
    text = visit.text("help", levels=visit.text("levels"))
    await visit.say("\n\n".join(filter(None, (text, by_mail(visit)))))


async def unknown(visit: Visit) -> None:
    """Plain words, or a command there is not; in groups and channels it may be meant for somebody else."""
    if visit.chat.kind != "private":
        return
    match wish(visit.words):
        case "leave":
            await stop(visit)
        case "perhaps":
            rows = [[(visit.text("leave_yes"), "stop:yes"), (visit.text("leave_no"), "keep")]]
            await visit.say(visit.text("leave_ask"), rows)
        case _:
            await visit.say(visit.text("unknown"))


async def _tap_welcome(visit: Visit, words: tuple[str, ...]) -> None:
    visit.lang = words[0]
    await welcome(visit)


async def _tap_kind(visit: Visit, words: tuple[str, ...]) -> None:
    visit.lang = words[0]
    rows = [[(visit.text(f"kind.{kind}"), f"level:{visit.lang}:{kind}")] for kind in _KINDS]
    await visit.show(visit.text("ask_kind"), rows)


async def _tap_level(visit: Visit, words: tuple[str, ...]) -> None:
    visit.lang, kind = words
    rows = [[(visit.text(f"level.{level}"), f"join:{visit.lang}:{kind}:{level}")] for level in (2, 3, 4)]
    await visit.show(visit.text("ask_level"), rows)


async def _tap_join(visit: Visit, words: tuple[str, ...]) -> None:
    visit.lang, kind, level = words
    wish = Preferences(lang=visit.lang, immediate_from=Level(int(level)))
    wish = FIELDS["kind"].change(wish, kind)
    kept = await visit.parts.desk.subscribe(visit.chat, wish)
    await show_subscribed(visit, kept)


async def _tap_set(visit: Visit, words: tuple[str, ...]) -> None:
    """`set:` the list, `set:FIELD` its choices, `set:FIELD:VALUE` the choice."""
    preferences = await visit.parts.desk.preferences(visit.chat)
    if preferences is None or not words:
        await settings(visit)
        return
    name, say, ground = words[0], visit.parts.translate, visit.parts.ground
    if len(words) > 1:
        wanted = changed(preferences, name, words[1], ground, say)
        if wanted is not None and wanted != preferences:
            await visit.parts.desk.change(visit.chat, wanted)
            preferences = wanted
    visit.lang = preferences.lang
    if name not in FIELDS or (len(words) > 1 and not FIELDS[name].several):
        await settings(visit)
        return
    options = [
        (label, f"set:{name}:{value}") for label, value in FIELDS[name].options(preferences, say, ground)
    ]
    shown = f"<b>{visit.text(f'field.{name}')}</b>\n{escape(FIELDS[name].show(preferences, say, ground))}"
    await visit.show(shown, [*_in_rows(options, 2), [(visit.text("back"), "set")]])


async def _tap_stop(visit: Visit, words: tuple[str, ...]) -> None:
    """Under an alert: asks once, in a message of its own, so that the alert stays readable."""
    if not words:
        rows = [[(visit.text("stop_yes"), "stop:yes"), (visit.text("stop_no"), "keep")]]
        await visit.say(visit.text("stop_ask"), rows)
    elif words[0] == "yes":
        preferences = await visit.parts.desk.preferences(visit.chat)
        until = await visit.parts.desk.leave(visit.chat)
        if until is None or preferences is None:
            await visit.show(visit.text("not_subscribed"))
        else:
            text = visit.text("left", until=f"{_local(until, preferences):%H:%M}")
            await visit.show(text, [[(visit.text("undo"), "stop:undo")]])
    elif words[0] == "undo":
        undone = await visit.parts.desk.undo_leave(visit.chat)
        await visit.show(visit.text("undone" if undone else "too_late"))


async def _tap_keep(visit: Visit, _words: tuple[str, ...]) -> None:
    await visit.show(visit.text("kept"))


async def _tap_close(visit: Visit, _words: tuple[str, ...]) -> None:
    await visit.show(visit.text("closed"))


async def _tap_erase(visit: Visit, _words: tuple[str, ...]) -> None:
    await visit.parts.desk.erase(visit.chat)
    await visit.show(visit.text("erased"))


async def _tap_mute(visit: Visit, words: tuple[str, ...]) -> None:
    preferences = await visit.parts.desk.preferences(visit.chat)
    until = await visit.parts.desk.mute(visit.chat, words[0]) if preferences else None
    if until is None or preferences is None:
        await visit.toast(visit.text("no_details"), alert=True)
        return
    shown = f"{_local(until, preferences):%d/%m, %H:%M}"
    await visit.toast(visit.text("muted", until=shown), alert=True)


async def _tap_details(visit: Visit, words: tuple[str, ...]) -> None:
    parts = await visit.parts.desk.details(visit.chat, words[0], visit.lang)
    for part in parts or (visit.text("no_details"),):
        await visit.say(part)


def _local(moment: datetime, preferences: Preferences) -> datetime:
    try:
        return moment.astimezone(ZoneInfo(preferences.timezone))
    except (ZoneInfoNotFoundError, ValueError):
        return moment


def _in_rows(buttons: list[tuple[str, str]], width: int) -> Rows:
    return [buttons[at : at + width] for at in range(0, len(buttons), width)]


COMMANDS: Mapping[str, Command] = MappingProxyType({
    "start": start,
    "statut": status, "status": status,
    "bulletin": digest, "digest": digest,
    "reglages": settings, "settings": settings,
    "stop": stop, "arret": stop,
    "effacer": erase, "erase": erase,
    "signaler": reporting.begin, "report": reporting.begin,
    "aide": show_help, "help": show_help,
})  # fmt: skip

TAPS: Mapping[str, tuple[Tap, int]] = MappingProxyType({
    "welcome": (_tap_welcome, 1), "kind": (_tap_kind, 1), "level": (_tap_level, 2), "join": (_tap_join, 3),
    "set": (_tap_set, 0), "stop": (_tap_stop, 0), "keep": (_tap_keep, 0), "close": (_tap_close, 0),
    "erase": (_tap_erase, 0), "mute": (_tap_mute, 1), "details": (_tap_details, 1), "take": (tap_take, 1),
    "report": (reporting.tap, 1), "send": (reporting.send, 5), "drop": (reporting.drop, 0),
})  # fmt: skip
"""By the first word of a button's data, with the number of words that must follow at least."""

_GOOD = MappingProxyType({"welcome": ({"fr", "en"},), "kind": ({"fr", "en"},), "level": ({"fr", "en"}, set(_KINDS)),
                          "join": ({"fr", "en"}, set(_KINDS), {"2", "3", "4"})})  # fmt: skip


def tapped(data: str) -> tuple[Tap, tuple[str, ...]] | None:
    """What a button asks for; None for data that no button of ours carries (anybody can send any data)."""
    name, *words = data.split(":")
    found = TAPS.get(name)
    allowed = _GOOD.get(name, ())
    if found is None or len(words) < found[1] or (allowed and len(words) != len(allowed)):
        return None
    if any(word not in good for word, good in zip(words, allowed, strict=False)):
        return None
    return found[0], tuple(words)
