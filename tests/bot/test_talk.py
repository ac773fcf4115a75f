"""What the bot answers, over the wire."""

import re

import pytest
from warn.bot import Ground
from warn.bot.admin import FIELD, VERBS
from warn.bot.texts import COMMANDS
from warn.model import Level, Preferences

from tests.bot.conftest import ADMIN, talking


async def test_the_first_start_tells_who_speaks_the_levels_the_defaults_a_sample_and_how_to_check(talk):
    (welcome,) = await talk.say("/start")
    for words in ("l’équipe <warn>", "Ni les autorités".lower(), "3 Alerte", "bulletin à 6", "exemple inventé",
                  "ALERTE 3/4", "https://alertes.example.org", "/stop"):  # fmt: skip
        assert words in welcome["text"]
    assert talk.desk.kept == {}, "nobody is subscribed by looking"


async def test_four_taps_choose_a_reader_and_a_level_and_subscribe(talk):
    await talk.say("/start")
    for wanted in ("kind:fr", "level:fr:ngo", "join:fr:ngo:2"):
        assert wanted in talk.data()
        await talk.tap(wanted)
    kept = talk.desk.kept["1001"]
    assert (kept.kind, kept.immediate_from, kept.lang) == ("ngo", Level.TENSION, "fr")
    assert kept.digest_at == Preferences().digest_at
    assert len(talk.api.taken(chat=1001)) == 1, "one message, edited"
    assert "C’est fait" in talk.last()["text"]


async def test_one_tap_subscribes_with_the_defaults(talk):
    await talk.say("/start")
    await talk.tap("join:fr:resident:3")
    assert talk.desk.kept["1001"] == Preferences()


async def test_an_english_speaker_is_answered_in_english_and_may_choose_french(talk):
    (welcome,) = await talk.say("/start", lang="en-GB")
    assert "Who speaks" in welcome["text"]
    await talk.tap("welcome:fr", lang="en-GB")
    assert "Qui parle" in talk.last()["text"]
    await talk.tap("join:fr:resident:3", lang="en-GB")
    assert talk.desk.kept["1001"].lang == "fr"
    (status,) = await talk.say("/status", lang="en-GB")
    assert status["text"] == "Tension 2/4 (fr)"


async def test_any_other_language_reads_french_first(talk):
    (welcome,) = await talk.say("/start", lang="bm")
    assert "Qui parle" in welcome["text"]


async def test_a_language_with_a_text_of_its_own_is_offered_and_chosen():
    async with talking(ground=Ground(languages=("fr", "en", "bm"))) as talk:
        talk.desk.kept["1001"] = Preferences()
        await talk.say("/reglages")
        await talk.tap("set:lang")
        assert "Bamanankan" in str(talk.last()["reply_markup"])
        await talk.tap("set:lang:bm")
        assert talk.desk.kept["1001"].lang == "bm"
        assert "Bamanankan" in talk.last()["text"]


@pytest.mark.parametrize("command", ["/statut", "/status", "/statut@warn_test_bot", "/STATUT"])
async def test_the_situation_comes_under_both_names(talk, command):
    (status,) = await talk.say(command)
    assert status["text"] == "Tension 2/4 (fr)"


async def test_the_digest_of_the_day_comes_in_its_parts_or_says_it_is_not_made(talk):
    (absent,) = await talk.say("/bulletin")
    assert "pas encore fait" in absent["text"]
    talk.desk.kept["1001"] = Preferences()
    assert [part["text"] for part in await talk.say("/digest")] == ["BULLETIN", "suite"]


async def test_every_setting_can_be_changed_by_taps_and_the_conversation_stays_one_message(talk):
    talk.desk.kept["1001"] = Preferences()
    await talk.say("/reglages")
    for tap in ("set:kind:press", "set:immediate:4", "set:least:1", "set:digest:18", "set:evening:yes", "set:weekly:yes",
                "set:quiet:none", "set:families:supply", "set:families:price", "set:corridors:rn7", "set:places:Ségou",
                "set:zone:Europe/Paris", "set:text:yes", "set:embassy:yes"):  # fmt: skip
        name = tap.rpartition(":")[0]
        if name not in talk.data() and tap not in talk.data():
            await talk.tap("set")
        if tap not in talk.data():
            await talk.tap(name)
        assert tap in talk.data()
        await talk.tap(tap)
        talk.seconds += 60
    kept = talk.desk.kept["1001"]
    assert (kept.kind, kept.immediate_from, kept.least_level) == ("press", Level.CRISIS, Level.WATCH)
    assert (kept.digest_at.hour, kept.evening, kept.weekly, kept.quiet_from) == (18, True, True, None)
    assert (kept.families, kept.corridors, kept.places) == (("price", "supply"), ("rn7",), ("Ségou",))
    assert (kept.timezone, kept.text_only, kept.embassy_notices) == ("Europe/Paris", True, True)
    assert len(talk.api.taken(chat=1001)) == 1


async def test_a_family_tapped_twice_is_off_again_and_all_empties_the_list(talk):
    talk.desk.kept["1001"] = Preferences()
    await talk.say("/settings")
    for tap in ("set:families:supply", "set:families:price", "set:families:supply"):
        await talk.tap(tap)
    assert talk.desk.kept["1001"].families == ("price",)
    await talk.tap("set:families:all")
    assert talk.desk.kept["1001"].families == ()


@pytest.mark.parametrize(
    "data",
    ["set:kind:general", "set:immediate:9", "set:zone:../../etc", "set:corridors:x", "set:places:Paris", "join:fr:resident:0", "join:xx:resident:3",
     "join:fr:boss:3", "mute", "kind:", "level:fr", "nothing", "", "set:lang:zz", "admin:abc"],
)  # fmt: skip
async def test_data_that_no_button_of_ours_carries_changes_nothing(talk, data):
    talk.desk.kept["1001"] = Preferences()
    await talk.say("/aide")
    if data:
        await talk.tap(data)
    assert talk.desk.kept["1001"] == Preferences()
    assert talk.desk.asked == []


async def test_the_stop_command_erases_at_once_and_start_comes_back(talk):
    talk.desk.kept["1001"] = Preferences()
    (answer,) = await talk.say("/stop")
    assert "effacés" in answer["text"]
    assert talk.desk.kept == {}
    (again,) = await talk.say("arrêter !")
    assert "/start" in again["text"]


async def test_who_says_nothing_but_that_they_leave_is_let_go_at_once(talk):
    for said in ("«stop»", "Arrêtez svp", "/unsubscribe"):
        talk.desk.kept["1001"] = Preferences()
        (answer,) = await talk.say(said)
        assert "effacés" in answer["text"]
        assert talk.desk.kept == {}


async def test_a_sentence_that_holds_the_word_is_asked_back_and_nothing_is_done(talk):
    talk.desk.kept["1001"] = Preferences()
    (question,) = await talk.say("Bonjour, est-ce que le bus fait un stop à Kati ?")
    assert "vous désabonner" in question["text"]
    assert talk.data() == ["stop:yes", "keep"]
    await talk.tap("keep", question["message_id"])
    assert talk.desk.kept
    await talk.tap("stop:yes", question["message_id"])
    assert talk.desk.kept == {}
    await talk.tap("stop:undo", question["message_id"])
    assert talk.desk.kept


async def test_the_stop_button_asks_once_and_can_be_undone_and_leaves_the_alert_readable(talk):
    talk.desk.kept["1001"] = Preferences()
    (alert,) = await talk.say("/aide")
    (question,) = await talk.tap("stop", alert["message_id"])
    assert talk.desk.kept, "asking is not stopping"
    await talk.tap("stop:yes", question["message_id"])
    assert talk.desk.kept == {}
    assert "06:10" in talk.last()["text"]
    await talk.tap("stop:undo", question["message_id"])
    assert "1001" in talk.desk.kept
    assert talk.api.messages["1001", alert["message_id"]]["text"] == alert["text"]


async def test_mute_answers_with_the_hour_of_the_reader(talk):
    talk.desk.kept["1001"] = Preferences(timezone="Europe/Paris")
    await talk.say("/aide")
    await talk.tap("mute:12")
    await talk.tap("mute:99")
    assert talk.toasts()[0] == "Silence sur cette alerte jusqu’au 08/10, 08:10, sauf aggravation."
    assert "ne trouvons pas" in talk.toasts()[1]


async def test_erasing_asks_first(talk):
    talk.desk.kept["1001"] = Preferences()
    await talk.say("/effacer")
    assert talk.desk.kept
    await talk.tap("erase")
    assert ("erase", "1001") in talk.desk.asked
    assert "30" in talk.last()["text"]


async def test_each_language_has_its_menu(talk):
    await talk.say("/aide")
    assert {code: [c["command"] for c in menu] for code, menu in talk.api.commands.items()} == {
        "": list(COMMANDS["fr"]),
        "fr": list(COMMANDS["fr"]),
        "en": list(COMMANDS["en"]),
    }


async def test_a_failure_of_ours_is_admitted_and_the_next_command_works(talk):
    talk.desk.broken = True
    (answer,) = await talk.say("/statut")
    assert "par notre faute" in answer["text"]
    talk.desk.broken = False
    (status,) = await talk.say("/statut")
    assert "Tension" in status["text"]


async def test_the_eleventh_command_within_a_minute_meets_silence_and_another_person_does_not(talk):
    for _ in range(10):
        assert await talk.say("/statut")
    assert await talk.say("/statut") == []
    assert await talk.say("/statut", chat=1002)
    talk.seconds += 6
    assert await talk.say("/statut")


async def test_leaving_and_what_must_not_stay_in_a_chat_are_heard_from_who_asked_too_much(talk):
    talk.desk.kept["1001"] = Preferences()
    (alert,) = await talk.say("/aide")
    for _ in range(10):
        await talk.say("/statut")
    assert await talk.say("/statut") == []
    await talk.say("", location={"latitude": 12.6, "longitude": -8.0})
    assert talk.api.calls("deleteMessage"), "a position is out of the chat"
    (question,) = await talk.tap("stop", alert["message_id"])
    await talk.tap("stop:yes", question["message_id"])
    assert talk.desk.kept == {}
    talk.desk.kept["1001"] = Preferences()
    assert await talk.say("/stop")
    assert talk.desk.kept == {}
    assert await talk.say("/statut") == []


async def test_a_command_of_eleven_minutes_ago_is_ignored_but_a_stop_never_is(talk):
    talk.desk.kept["1001"] = Preferences()
    assert await talk.say("/statut", age_s=660) == []
    for said in ("/stop", "stop", "Arrêter !"):
        talk.desk.kept["1001"] = Preferences()
        assert await talk.say(said, age_s=86_000)
        assert talk.desk.kept == {}
    assert await talk.say("un stop à Kati ?", age_s=660) == []


async def test_in_a_group_only_administrators_are_heard(talk):
    talk.api.admins["-5"] = {42}
    assert await talk.say("/start", chat=-5, user=41, kind="supergroup") == []
    assert await talk.say("/start", chat=-5, user=42, kind="supergroup")
    await talk.tap("join:fr:resident:3", chat=-5, user=41, kind="supergroup")
    assert talk.desk.kept == {}
    await talk.tap("join:fr:resident:3", chat=-5, user=42, kind="supergroup")
    assert ("subscribe", "-5", "group") in talk.desk.asked


async def test_in_a_channel_its_administrators_tap_and_everybody_elses_tap_is_let_go(talk):
    talk.api.admins["-6"] = {42}
    await talk.say("/start", chat=-6, user=42, kind="channel")
    for person in (41, 42):
        assert ("subscribe", "-6", "channel") not in talk.desk.asked
        await talk.tap("join:fr:resident:3", chat=-6, user=person, kind="channel")
    assert ("subscribe", "-6", "channel") in talk.desk.asked
    assert len(talk.api.calls("answerCallbackQuery")) == 2


async def test_a_topic_subscribes_as_a_topic_and_is_answered_there(talk):
    talk.api.admins["-5"] = {42}
    (answer,) = await talk.say("/statut", chat=-5, user=42, kind="supergroup", thread=7)
    assert answer["message_thread_id"] == 7


async def test_groups_talk_without_being_answered(talk):
    talk.api.admins["-5"] = {42}
    assert await talk.say("bonjour", chat=-5, user=42, kind="supergroup") == []
    assert await talk.say("/statut@another_bot", chat=-5, user=42, kind="supergroup") == []
    assert talk.api.calls("getChatMember") == [], "nobody is looked up for words not meant for us"
    (answer,) = await talk.say("bonjour")
    assert "/aide" in answer["text"]


async def test_whoever_blocks_the_bot_is_erased_now(talk):
    talk.desk.kept["1001"] = Preferences()
    talk.api.member("kicked")
    await talk.say("/aide", chat=1002)
    assert ("gone", "1001", "private") in talk.desk.asked
    assert talk.desk.kept == {}


async def test_administrators_act_by_numeric_id_and_twice_where_it_matters(talk):
    (done,) = await talk.say("/approve 12", chat=ADMIN)
    assert done["text"] == "done: approve"
    await talk.say("/withdraw 12 wrong date", chat=ADMIN)
    assert ("act", "77", "withdraw", "12", "wrong", "date") not in talk.desk.asked
    confirm = talk.data(ADMIN)[0]
    await talk.tap(confirm, chat=ADMIN)
    await talk.tap(confirm, chat=ADMIN)
    assert talk.desk.asked.count(("act", "77", "withdraw", "12", "wrong", "date")) == 1
    (usage,) = await talk.say("/ack", chat=ADMIN)
    assert usage["text"] == "Which alert? /ack 12"


async def test_administrators_can_ask_what_they_can_do_and_every_verb_is_named(talk):
    (told,) = await talk.say("/admin", chat=ADMIN)
    assert set(re.findall(r"/(\w+)", told["text"])) == {*VERBS, *FIELD}
    (english,) = await talk.say("/admin", chat=ADMIN, lang="en")
    assert set(re.findall(r"/(\w+)", english["text"])) == {*VERBS, *FIELD}
    (other,) = await talk.say("/admin")
    assert "Je ne lis que" in other["text"]


async def test_to_others_and_in_groups_an_administrators_command_does_not_exist(talk):
    (answer,) = await talk.say("/approve 12")
    assert "Je ne lis que" in answer["text"]
    talk.api.admins["-5"] = {ADMIN}
    assert await talk.say("/approve 12", chat=-5, user=ADMIN, kind="supergroup") == []
    assert talk.desk.asked == []


async def test_a_confirmation_is_its_authors_alone(talk):
    await talk.say("/pause", chat=ADMIN)
    confirm = talk.data(ADMIN)[0]
    await talk.say("/aide", chat=1001)
    await talk.tap(confirm)
    assert talk.desk.asked == []
