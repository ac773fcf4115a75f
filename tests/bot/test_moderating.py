"""Moderators in the chat: what they see of a report, what a tap does, and that nobody else can."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from warn.model import Level, Poll, Preferences
from warn.store import observations, polls, subscribers

from tests.bot.conftest import ADMIN
from tests.bot.newsroom import AWA, BOUBA, COUMBA, STRANGER, Newsroom, newsroom

ALL = (AWA, BOUBA, COUMBA)
DRY = ("Essence à la station", "non", "Bamako")


@pytest_asyncio.fixture
async def news(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path) as found:
        found.vetted(*ALL)
        async with found.bot():
            yield found


async def _reported(news: Newsroom, *chats: int, when: str = "maintenant") -> None:
    for chat in chats:
        await news.through(*DRY, when, "Envoyer", chat=chat)


async def _judged(news: Newsroom, label: str) -> None:
    """The newest of what waits, by its button."""
    await news.tap(news.buttons(ADMIN)[label], news.shown(ADMIN)["message_id"], ADMIN)


async def test_a_moderator_sees_what_is_said_and_never_who_said_it(news: Newsroom) -> None:
    await _reported(news, AWA)
    await news.say("/reports", ADMIN)
    text = news.shown(ADMIN)["text"]
    assert text.startswith("N° 1. Essence à la station\u00a0: non\nBamako, ")
    assert "Même auteur\u00a0: 0 acceptés, 0 refusés." in text
    assert not [one for one in (str(AWA), "reporter-") if one in text]


async def test_three_accepted_reports_count_hours_later_and_are_judged(news: Newsroom) -> None:
    await _reported(news, *ALL)
    await _reported(news, *ALL[:2], when="il y a 3 h")
    for number in range(1, 6):
        assert news.rows("SELECT 1 FROM observation") == [] or number > 3
        await news.say("/reports", ADMIN)
        await news.tap(f"judge:a:{number}", news.shown(ADMIN)["message_id"], ADMIN)
    with news.work.store.read() as tx:
        found = observations.load(tx)
    assert {(o.source, o.grade, o.indicator, o.value, o.place, o.precision) for o in found} == {
        ("bot", "C3", "station_has_fuel", 0.0, "Bamako", "town")
    }
    assert len({o.origins for o in found}) == 3
    for one in found:
        assert timedelta(hours=2, minutes=59) < one.known_at - news.now() < timedelta(hours=6)
    assert [one for one in news.judged if one.transition.rule == "station-fuel"] == []
    for _ in range(5):  # the rule asks that it holds for six hours
        news.later(hours=3)
        await news._acted()
    (opened,) = (one.transition for one in news.judged if one.transition.rule == "station-fuel")
    assert opened.level == Level.CRISIS
    (act, *_) = news.rows("SELECT target, \"by\", reason FROM act WHERE kind = 'accept'")
    assert tuple(act) == ("report 1", f"telegram:{ADMIN}", "")


async def test_what_is_refused_is_counted_and_shown_no_more(news: Newsroom) -> None:
    await _reported(news, AWA)
    await news.say("/reports", ADMIN)
    await _judged(news, "Refuser")
    assert news.shown(ADMIN)["text"] == "Signalement 1 refusé\u00a0: ce qu'il disait est effacé."
    assert [tuple(row) for row in news.rows("SELECT state, value, place, lat, attributes FROM report")] == [
        ("refused", None, "", None, "")
    ]
    await news.say("/reports", ADMIN)
    assert news.shown(ADMIN)["text"] == "Aucun signalement n’attend."
    await news.tap("judge:a:1", news.shown(ADMIN)["message_id"], ADMIN)
    assert "n’attend plus" in news.shown(ADMIN)["text"]


async def test_nobody_else_moderates_or_invites(news: Newsroom) -> None:
    await _reported(news, AWA)
    news.api.admins["-5"] = {ADMIN}
    for words in ("/reports", "/invite", "/accept 1"):
        await news.say(words, STRANGER)
        assert "Je ne lis que" in news.shown(STRANGER)["text"]
        await news.say(words, -5, user=ADMIN, kind="supergroup")
    assert news.api.taken(chat=-5) == []
    for chat, how in ((AWA, {}), (STRANGER, {}), (-5, {"user": ADMIN, "kind": "supergroup"})):
        await news.forge("judge:a:1", 1, chat, **how)
    assert [row.state for row in news.rows("SELECT state FROM report")] == ["waiting"]


async def test_an_invitation_is_a_link_to_this_bot(news: Newsroom) -> None:
    await news.say("/invite", ADMIN)
    link = next(word for word in news.shown(ADMIN)["text"].split() if word.startswith("https://t.me/"))
    await news.say(f"/start {link.partition('=')[2]}", STRANGER)
    await news.say("/signaler", STRANGER)
    assert "Que signalez-vous" in news.shown(STRANGER)["text"]
    assert link.partition("-")[2] not in "".join(str(row) for row in news.rows("SELECT * FROM act"))


async def test_words_to_readers_are_asked_back_twice(news: Newsroom) -> None:
    with news.work.store.write() as tx:
        known = subscribers.add_pending(tx, news.work.vault, "telegram", "1500", Preferences(), news.now())
        subscribers.confirm(tx, known.id, news.now())
    await news.say("/say 3 Le port est fermé", ADMIN)
    assert news.shown(ADMIN)["text"].startswith("Personne ne lit"), (
        "refused before anybody is asked to confirm it"
    )
    await news.say("/say 3 fr Le port est <fermé> \u202e", ADMIN)
    assert news.shown(ADMIN)["text"].endswith("Lecteurs : 1.")
    for question in ("Confirmer", "ne peut être repris"):
        assert question in news.shown(ADMIN)["text"]
        assert news.rows("SELECT * FROM act WHERE kind = 'say'") == []
        await _judged(news, "Confirmer")
    assert news.shown(ADMIN)["text"] == "Part au niveau 3 en fr ; lecteurs : 1."
    (said,) = news.rows("SELECT reason FROM act WHERE kind = 'say'")
    assert said.reason.startswith("Le port est <fermé>")


async def test_what_a_server_answered_cannot_break_an_answer(news: Newsroom) -> None:
    page = "<html><b>502 " + "x" * 900
    with news.work.store.write() as tx:
        for number in range(9):
            polls.record_poll(tx, Poll(f"feed{number}", news.now(), "error", page))
    await news.say("/health", ADMIN)
    text = news.shown(ADMIN)["text"]
    assert "feed0: error (<html><b>502 x" in text
    assert text.endswith("…")
    await news.say("/requeue 12 <b>", ADMIN)
    assert news.shown(ADMIN)["text"].startswith("«\u00a0<b>\u00a0» n'est pas un numéro.")
    await news.say(f"/accept {'9' * 400}", ADMIN)
    assert "n'est pas un numéro" in news.shown(ADMIN)["text"]
