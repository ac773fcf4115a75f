"""Letters of subscribing by mail, and the way from a mail into the chat."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest
from jinja2 import Environment
from warn.digest import compose
from warn.digest.subscribing import Sender, confirmation, reminder
from warn.model import Message, Placeholder, Preferences

from tests.digest import world
from tests.digest.test_golden import GOLDEN

UNTIL = datetime(2025, 10, 10, 14, 5, tzinfo=UTC)
LINK = "https://alertes.example.org/c/TOKEN"
READERS = {
    "fr": Preferences(),
    "en": Preferences(lang="en", weekly=True, evening=True, timezone="Europe/Paris"),
}
LETTERS = [(kind, lang) for kind in ("confirm", "known") for lang in READERS]


def letter(env: Environment, kind: str, lang: str, **changes: Any) -> Message:
    sender = Sender(world.geography_of_tests().area, "https://alertes.example.org")
    who = replace(READERS[lang], **changes)
    return confirmation(env, sender, who, LINK, UNTIL) if kind == "confirm" else reminder(env, sender, who)


@pytest.mark.parametrize(("kind", "lang"), LETTERS)
def test_a_letter_says_what_was_agreed(kind: str, lang: str, env: Environment) -> None:
    message = letter(env, kind, lang)
    told = f"Subject: {message.subject}\n\n{message.text}"
    path = GOLDEN / f"{kind}.email.{lang}.txt"
    if os.environ.get("WARN_GOLDEN") == "write":
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "lang"), LETTERS)
def test_a_letter_is_short_plain_and_loads_nothing(kind: str, lang: str, env: Environment) -> None:
    message = letter(env, kind, lang)
    assert len(message.subject) <= 70
    assert all(len(line) <= 68 for line in message.text.split("\n") if "://" not in line)
    assert len(message.html.encode()) <= 8_000
    assert not re.search(r"<(img|script|link)|url\(", message.html)
    assert f'lang="{lang}"' in message.html
    assert Placeholder in message.text
    assert Placeholder in message.html
    assert (LINK in message.text) == (LINK in message.html) == (kind == "confirm")
    if lang == "fr":
        assert not re.search(r"[ \u202f][:;?!%»]|\b(the|of|and|you|this)\b", message.text)


def test_hours_are_those_of_the_reader_and_what_is_off_is_said_to_be(env: Environment) -> None:
    text = letter(env, "confirm", "fr", timezone="Europe/Paris").text.replace("\u00a0", " ")
    assert "avant vendredi 10/10, 16 h 05" in text
    assert "6 h (Europe/Paris)" in text
    none = letter(env, "known", "fr", digest_at=None, immediate_from=None).text.replace("\u00a0", " ")
    assert "Bulletin : aucun" in none
    assert "Messages immédiats : aucun" in none
    assert "Heures calmes" not in none
    assert "à 6 h 30" in letter(env, "known", "fr", digest_at=time(6, 30)).text.replace("\u00a0", " ")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_mail_leads_into_the_chat_where_there_is_a_bot_and_to_nothing_where_there_is_none(
    lang: str, env: Environment
) -> None:
    link = f"https://t.me/our_bot?start=read-{lang}-ngo"
    for bot in ("our_bot", ""):
        facts = world.october(bot=bot)
        variant = world.daily(lang=lang, kind="ngo")
        alert = replace(variant, edition="")
        for message in (
            compose.compose_digest(env, facts, variant),
            compose.compose_alert(env, facts, facts.alerts[0], alert),
        ):
            assert (link in message.text, link in message.html) == (bool(bot), bool(bot))
            assert ("t.me" in message.text + message.html) == bool(bot)
