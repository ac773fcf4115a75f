"""Field reports by taps: who may send them, what is kept, and that nothing stays in a phone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from warn.app.field import invite
from warn.store import reporters

from tests.bot.conftest import until
from tests.bot.newsroom import AWA, BOUBA, STRANGER, Newsroom, newsroom

ASK = "SELECT indicator, value, place, attributes, state FROM report"
PETROL_NO = ("Essence à la station", "non", "Kati", "maintenant")


@pytest_asyncio.fixture
async def news(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path) as found:
        found.vetted(AWA)
        async with found.bot():
            yield found


async def test_taps_make_one_report_in_quarantine_and_nothing_stays_in_the_chat(news: Newsroom) -> None:
    await news.through(*PETROL_NO)
    assert news.shown()["text"] == "Essence à la station\u00a0: non, Kati, maintenant\n\nEnvoyer\u00a0?"
    assert news.rows(ASK) == [], "nothing is sent before it is confirmed"
    message = news.shown()["message_id"]
    await news.tap(news.buttons()["Envoyer"], message)
    assert [tuple(row) for row in news.rows(ASK)] == [
        ("station_has_fuel", 0.0, "Kati", '{"product": "petrol"}', "waiting")
    ]
    assert news.left_in() == []
    assert news.toasts()[-1].startswith("Reçu, merci")
    assert news.rows("SELECT * FROM observation") == []


async def test_what_is_kept_names_neither_the_chat_nor_the_minute(news: Newsroom) -> None:
    await news.through(*PETROL_NO, "Envoyer")
    ((mark, key, occurred, received),) = news.rows("SELECT mark, key, occurred_at, received_at FROM report")
    assert mark.startswith("reporter-")
    assert str(AWA) not in f"{mark}{key}"
    for at in (occurred, received):
        assert str(at).partition(".")[0].endswith(":00:00")
    assert news.work.store.path
    for file in news.work.store.path.parent.glob("warn.db*"):
        assert f"{AWA}:".encode() not in file.read_bytes()


async def test_back_change_and_cancel_send_nothing(news: Newsroom) -> None:
    await news.through(
        "Essence à la station", "Retour", "Attente à la station", "6\u00a0h", "Bamako", "il y a 3 h"
    )
    assert "Attente à la station\u00a0: 6\u00a0h, Bamako" in news.shown()["text"]
    await news.tap(news.buttons()["Modifier"], news.shown()["message_id"])
    assert "Que signalez-vous" in news.shown()["text"]
    await news.tap(news.buttons()["Annuler"], news.shown()["message_id"])
    assert (news.left_in(), news.rows(ASK)) == ([], [])


async def test_an_english_speaker_reports_in_english(news: Newsroom) -> None:
    await news.say("/report", lang="en")
    assert "Petrol at the station" in news.buttons()
    await news.tap(news.buttons()["Hours of power in 24 h"], news.shown()["message_id"], lang="en")
    assert "4\u00a0h a day" in news.buttons()
    await news.say("/report", lang="en")
    await news.tap(news.buttons()["Road cut"], news.shown()["message_id"], lang="en")
    assert "In which town" in news.shown()["text"], "where there is one answer only, nobody is asked"


async def test_to_strangers_the_command_does_not_exist(news: Newsroom) -> None:
    await news.say("/signaler", STRANGER)
    await news.say("/unsinn", STRANGER)
    told = [one["text"] for one in news.api.taken(chat=STRANGER)]
    assert told[0] == told[1]
    await news.through(*PETROL_NO)
    send = news.buttons()["Envoyer"]
    await news.forge(send, news.shown(STRANGER)["message_id"], STRANGER)
    assert (news.rows(ASK), news.toasts()) == ([], [])
    assert all("signaler" not in one["command"] for menu in news.api.commands.values() for one in menu)


async def test_in_a_group_nobody_reports(news: Newsroom) -> None:
    news.api.admins["-5"] = {AWA}
    await news.say("/signaler", -5, user=AWA, kind="supergroup")
    assert news.api.taken(chat=-5) == []
    await news.through(*PETROL_NO)
    await news.forge(news.buttons()["Envoyer"], 1, -5, user=AWA, kind="supergroup")
    assert news.rows(ASK) == []


FORGED = (
    "send:{}:0:0:0", "send:{}:0:0:0:1", "send:{}:99:0:0:0", "send:{}:0:9:0:0", "send:{}:0:0:99:0", "send:{}:0:0:0:0:0",
    "send:{}:-1:0:0:0", "send:{}:\u0660:0:0:0", "send:00000000:0:0:0:0", "send:{}:0:0:0:1000", "report:{}:0:0:0:\u202e",
    "report:{}:<b>", "judge:a:1", "judge:a:99999999999999",
)  # fmt: skip


async def test_data_that_no_button_carries_sends_nothing(news: Newsroom) -> None:
    await news.say("/signaler")
    mark = next(iter(news.buttons().values())).split(":")[1]
    for forged in FORGED:
        await news.forge(forged.format(mark), 100)
    assert news.rows(ASK) == []
    await news.through(*PETROL_NO, "Envoyer")
    assert len(news.rows(ASK)) == 1, "and harms nothing"


async def test_sent_twice_it_is_one_report_and_soon_again_it_is_told_so(news: Newsroom) -> None:
    await news.through(*PETROL_NO)
    send, message = news.buttons()["Envoyer"], news.shown()["message_id"]
    await news.tap(send, message)
    await news.tap(send, message)
    assert news.toasts()[-1] == "C’est déjà reçu."
    await news.through(*PETROL_NO, "Envoyer")
    assert "déjà signalé" in news.toasts()[-1]
    assert len(news.rows(ASK)) == 1


async def test_enough_is_enough_for_one_day(news: Newsroom) -> None:
    await news.through(*PETROL_NO, "Envoyer")
    with news.work.store.write() as tx:
        for number in range(19):
            tx.connection().exec_driver_sql(
                "INSERT INTO report (key, mark, state, indicator, attributes, place, grade, occurred_at, received_at) "
                f"SELECT 'k{number}', mark, 'refused', indicator, '', '', grade, occurred_at, received_at FROM report "
                "WHERE state = 'waiting'"
            )
    await news.through("Heures de courant en 24 h", "4\u00a0h par jour", "Bamako", "maintenant", "Envoyer")
    assert "assez pour un jour" in news.toasts()[-1]
    news.later(hours=26)
    await news.through("Heures de courant en 24 h", "4\u00a0h par jour", "Bamako", "maintenant", "Envoyer")
    assert "Reçu" in news.toasts()[-1]


async def test_a_link_makes_one_reporter_once_and_leaves_no_trace(news: Newsroom) -> None:
    with news.work.store.write() as tx:
        _, link = invite(tx, "test", news.now())
    await news.say(f"/start {link}", BOUBA)
    assert "trois personnes" in news.shown(BOUBA)["text"]
    await news.tap(news.buttons(BOUBA)["Lu, retirer d’ici"], news.shown(BOUBA)["message_id"], BOUBA)
    assert news.left_in(BOUBA) == []
    await news.say("/signaler", BOUBA)
    assert "Que signalez-vous" in news.shown(BOUBA)["text"]
    await news.say(f"/start {link}", STRANGER)
    assert "ne sert plus" in news.shown(STRANGER)["text"]
    assert link not in "".join(news.left_in(STRANGER))
    for bad in ("/start report-", "/start report-x", "/start report-\u202egood"):
        await news.say(bad, STRANGER)
    with news.work.store.read() as tx:
        assert len(reporters.listed(tx)) == 2


OTHER: list[dict[str, Any]] = [
    {"location": {"latitude": 12.61234, "longitude": -8.01234}},
    {
        "photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}],
        "caption": "/signaler 12.61234",
    },
]


async def test_a_position_or_a_photograph_is_refused_and_taken_away(news: Newsroom) -> None:
    for other in OTHER:
        await news.say("", **other)
    first, second = news.left_in()
    assert first == second
    assert first.startswith("Nous ne prenons ni position")
    assert news.work.store.path
    for file in news.work.store.path.parent.glob("warn.db*"):
        assert b"12.61234" not in file.read_bytes()


async def test_what_arrives_late_is_taken_away_all_the_same(news: Newsroom) -> None:
    await news.say("/signaler", age_s=3600)
    assert "Que signalez-vous" in news.shown()["text"]
    await news.say("", age_s=3600, **OTHER[0])
    assert len(news.left_in()) == 2, "the questions, and that no position is taken"
    assert not [one for one in news.api.incoming.values() if one["from"]["id"] == AWA]


async def test_a_conversation_survives_a_restart(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as news:
        news.vetted(AWA)
        async with news.bot():
            await news.through(*PETROL_NO[:2])
        async with news.bot():
            for label in (*PETROL_NO[2:], "Envoyer"):
                await news.tap(news.buttons()[label], news.shown()["message_id"])
        assert len(news.rows(ASK)) == 1


async def test_what_is_left_unfinished_goes_by_itself_also_after_a_restart(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as news:
        news.vetted(AWA)
        async with news.bot():
            await news.through(*PETROL_NO[:2])
        assert len(news.left_in()) == 1
        news.later(minutes=16)
        async with news.bot():
            await news.say("/aide")
        assert [one for one in news.left_in() if "station" in one] == []
        assert news.rows("SELECT * FROM trace") == []


async def test_a_command_that_a_flood_kept_in_the_chat_is_taken_away_later(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as news:
        news.vetted(AWA)
        news.api.undeletable.add(str(AWA))
        async with news.bot():
            news.api.says("/signaler", chat=AWA)
            await until(lambda: 429 in [one.answer for one in news.api.calls("deleteMessage")])
        assert news.left_in() == ["/signaler"]
        news.api.undeletable.clear()
        news.later(minutes=16)
        async with news.bot():
            await until(lambda: news.left_in() == [])
            await until(lambda: news.rows("SELECT * FROM trace") == [])


async def test_a_conversation_too_old_to_be_deleted_says_nothing_any_more(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as news:
        news.vetted(AWA)
        async with news.bot():
            await news.through(*PETROL_NO[:2])
        news.shown()["date"] -= 49 * 3600
        news.later(days=2)
        async with news.bot():
            await until(lambda: news.rows("SELECT * FROM trace") == [])
        assert (news.left_in(), news.buttons()) == (["\u2026"], {})


async def test_an_old_button_and_one_of_a_former_form_end_politely(news: Newsroom) -> None:
    await news.through(*PETROL_NO)
    shown, send = news.shown(), news.buttons()["Envoyer"]
    await news.tap(send, shown["message_id"], age_s=16 * 60)
    assert "expiré" in news.toasts()[-1]
    await news.through(*PETROL_NO)
    await news.tap(send.replace(send.split(":")[1], "abcdef01"), news.shown()["message_id"])
    assert "expiré" in news.toasts()[-1]
    assert (news.rows(ASK), news.left_in()) == ([], [])


async def test_erasing_takes_the_reports_and_the_place_on_the_list(news: Newsroom) -> None:
    await news.through(*PETROL_NO, "Envoyer")
    await news.say("/effacer")
    await news.tap("erase", news.shown()["message_id"])
    assert (news.rows(ASK), news.rows("SELECT * FROM reporter")) == ([], [])


async def test_a_new_secret_does_not_make_two_reporters_of_one(news: Newsroom) -> None:
    await news.through(*PETROL_NO, "Envoyer")
    news.work.keys = ("a secret of the tests that is newer and long enough", *news.work.keys)
    await news.through("Essence à la station", "non", "Bamako", "maintenant", "Envoyer")
    found = [one.mark for one in news.rows("SELECT mark FROM report")]
    assert (len(found), len(set(found))) == (2, 1)


async def test_the_hour_told_is_the_hour_it_was(news: Newsroom) -> None:
    await news.through(*PETROL_NO[:3], "hier à cette heure", "Envoyer")
    ((said,),) = news.rows("SELECT occurred_at FROM report")
    at = datetime.fromisoformat(str(said)).replace(tzinfo=UTC)
    assert timedelta(hours=24) <= news.now() - at < timedelta(hours=25)
