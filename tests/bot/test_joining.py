"""Links into the chat, from a mail and from the page."""

from __future__ import annotations

import pytest
from warn.bot.talk import tapped
from warn.bot.texts import TEXTS
from warn.model import Level, Preferences

from tests.bot.conftest import parts_for, until
from tests.bot.desk import DictDesk
from tests.fakes.bot_api import bot_api

CODE = "aQEAAPmJpZ2jW0dGBxmR8jJrWJgwMTIzNDU2Nzg5YWJjZGVm"
WANTED = Preferences(kind="ngo", lang="en", immediate_from=Level.TENSION)


async def test_a_link_from_ones_preferences_shows_them_and_one_tap_takes_them_over_once(talk):
    talk.desk.codes[CODE] = WANTED
    (offer,) = await talk.say(f"/start mail-{CODE}")
    assert "Your settings by e-mail" in offer["text"]
    assert "NGO" in offer["text"]
    assert talk.desk.kept == {}, "nobody is subscribed by looking"
    await talk.tap(f"take:{CODE}")
    assert talk.desk.kept == {"1001": WANTED}
    assert "Done" in talk.last()["text"]
    await talk.tap(f"take:{CODE}")
    assert "no longer valid" in talk.last()["text"]


async def test_the_settings_of_a_chat_that_is_subscribed_make_way_only_after_the_tap(talk):
    talk.desk.kept["1001"] = Preferences()
    talk.desk.codes[CODE] = WANTED
    await talk.say(f"/start mail-{CODE}")
    assert talk.desk.kept["1001"] == Preferences()
    await talk.tap(f"take:{CODE}")
    assert talk.desk.kept["1001"] == WANTED


async def test_a_code_that_is_over_says_so_and_what_to_do(talk):
    (answer,) = await talk.say(f"/start mail-{CODE}")
    assert "n’est plus valable" in answer["text"]
    assert "/start" in answer["text"]


async def test_a_link_that_is_the_same_for_many_makes_the_welcome_out_for_that_reader(talk):
    (welcome,) = await talk.say("/start read-en-press", lang="fr")
    assert "Who speaks" in welcome["text"]
    assert "join:en:press:3" in talk.data()
    await talk.tap("join:en:press:3")
    assert (talk.desk.kept["1001"].kind, talk.desk.kept["1001"].lang) == ("press", "en")
    (again,) = await talk.say("/start read-fr-ngo")
    assert "You are subscribed" in again["text"]


@pytest.mark.parametrize("payload", ["read-xx-boss", "read-fr", "other-1", "mail-", "read-fr-ngo-3"])
async def test_any_other_link_is_a_plain_start(talk, payload):
    (welcome,) = await talk.say(f"/start {payload}")
    assert "Qui parle" in welcome["text"]
    assert "join:fr:resident:3" in talk.data()


def test_a_button_of_a_take_over_is_one_of_ours():
    assert tapped(f"take:{CODE}") is not None
    assert tapped("take") is None


async def test_the_way_to_the_mails_is_told_where_there_are_mails():
    from warn.bot.running import run_bot

    async with bot_api() as api:
        desk = DictDesk()
        async with run_bot(parts_for(api, desk, sign_up=True)):
            api.says("/aide", chat=1001)
            await until(lambda: api.taken(chat=1001))
            api.says("/help", chat=1002, lang="en")
            await until(lambda: api.taken(chat=1002))
        assert "https://alertes.example.org/subscribe" in api.taken(chat=1001)[0]["text"]
        assert "https://alertes.example.org/en/subscribe" in api.taken(chat=1002)[0]["text"]


async def test_where_no_mail_is_sent_none_is_promised(talk):
    (told,) = await talk.say("/aide")
    assert "/subscribe" not in told["text"]
    assert TEXTS["by_mail"]["fr"].split("{")[0] not in told["text"]
