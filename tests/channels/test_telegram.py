"""Telegram messages over a faithful Bot API server: what arrives, and what every refusal and silence means."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from warn.channels.pacer import Pace, Pacer
from warn.channels.telegram import TelegramChannel, TelegramConfig
from warn.errors import DeliveryError

from tests.channels.parcels import chat
from tests.fakes.bot_api import LOST, TOKEN, bot_api

FAST = Pace(start=1000, ceiling=1000, chat_s=0.001, group_s=0.001, patience_s=0.3)


@asynccontextmanager
async def channel(api, *, token=TOKEN, **changes):
    config = {"token": token, "pacer": Pacer(FAST), "base_url": api.base_url, "timeout_s": 2.0}
    post = TelegramChannel(TelegramConfig(**(config | changes)))
    await post.open()
    try:
        yield post
    finally:
        await post.close()


async def refused(post, parcel) -> DeliveryError:
    with pytest.raises(DeliveryError) as raised:
        await post.send(parcel)
    return raised.value


async def test_parts_arrive_in_order_with_the_keyboard_under_the_last_and_no_preview():
    buttons = [
        ("Détails", "details:12"),
        ("Silence 24 h (sauf aggravation)", "mute:12"),
        ("Page", "https://a.example/12"),
    ]
    async with bot_api() as api, channel(api) as post:
        receipt = await post.send(chat("<b>Un</b> &amp; un", "Deux", buttons=buttons))
        one, two = api.taken(chat=1001)
    assert (one["text"], two["text"]) == ("Un & un", "Deux")
    assert "reply_markup" not in one
    rows = [[button["text"] for button in row] for row in two["reply_markup"]["inline_keyboard"]]
    assert rows == [["Détails"], ["Silence 24 h (sauf aggravation)"], ["Page"]]
    assert (one["silent"], two["silent"]) == (False, True)
    assert all(
        call.data["link_preview_options"] == {"is_disabled": True} for call in api.calls("sendMessage")
    )
    assert receipt.provider_id == f"{one['message_id']},{two['message_id']}"


async def test_what_is_said_softly_makes_no_sound():
    async with bot_api() as api, channel(api) as post:
        await post.send(chat("Veille", silent=True))
    assert api.taken()[0]["silent"] is True


async def test_a_picture_is_uploaded_once_and_then_named():
    async with bot_api() as api, channel(api) as post:
        first = await post.send(chat("Bulletin", picture=b"\x89PNG" * 100))
        second = await post.send(
            chat("Bulletin", picture=b"\x89PNG" * 100, picture_ref=first.picture_ref, address="1002", key="2")
        )
        assert api.uploaded_bytes == 400
        assert [message["caption"] for message in api.taken()] == ["Bulletin", "Bulletin"]
    assert second.picture_ref == first.picture_ref
    assert first.provider_id.startswith("p")


async def test_a_picture_telegram_forgot_is_uploaded_again():
    async with bot_api() as api, channel(api) as post:
        receipt = await post.send(chat("Bulletin", picture=b"\x89PNG", picture_ref="of another year"))
        assert api.files[receipt.picture_ref] == b"\x89PNG"


async def test_a_text_too_long_for_a_caption_hangs_below_its_picture():
    async with bot_api() as api, channel(api) as post:
        await post.send(chat("x" * 1025, picture=b"\x89PNG", subject="Bulletin du 8/10"))
        photo, text = api.taken()
    assert photo["caption"] == "Bulletin du 8/10"
    assert text["reply_to"] == photo["message_id"]


async def test_an_update_edits_the_earlier_message_and_says_so_in_no_new_one():
    async with bot_api() as api, channel(api) as post:
        first = await post.send(chat("15/9", buttons=[("Détails", "details:12")]))
        again = await post.send(chat("complété le 16/9", edits=first.provider_id, key="2"))
        same = await post.send(chat("complété le 16/9", edits=first.provider_id, key="3"))
        (message,) = api.taken()
    assert message["text"] == "complété le 16/9"
    assert message["reply_markup"] is None
    assert first.provider_id == again.provider_id == same.provider_id


async def test_the_caption_of_a_picture_is_edited_in_place():
    async with bot_api() as api, channel(api) as post:
        first = await post.send(chat("avant", picture=b"\x89PNG"))
        await post.send(chat("après", edits=first.provider_id, key="2"))
        assert [message["caption"] for message in api.taken()] == ["après"]


async def test_where_the_earlier_message_is_gone_a_new_one_is_sent():
    async with bot_api() as api, channel(api) as post:
        receipt = await post.send(chat("complété", edits="999"))
        (message,) = api.taken()
    assert receipt.provider_id == str(message["message_id"])


async def test_a_mark_on_an_earlier_message_is_never_sent_as_a_new_one():
    async with bot_api() as api, channel(api) as post:
        error = await refused(post, chat("dépassé", edits="999", edit_only=True))
        assert api.taken() == []
    assert error.kind == "suppressed"


async def test_where_the_group_moved_nothing_is_edited_for_the_number_may_be_anothers():
    async with bot_api() as api, channel(api) as post:
        another = await post.send(chat("un autre message", address="-1005"))
        api.moved["-5"] = -1005
        receipt = await post.send(chat("complété", address="-5", edits=another.provider_id, key="2"))
        assert [message["text"] for message in api.taken(chat=-1005)] == ["un autre message", "complété"]
    assert (receipt.provider_id != another.provider_id, receipt.detail) == (True, "migrated:-1005")


@pytest.mark.parametrize(
    ("facts", "kind", "code"),
    [
        ({"blocked": {"1001": "Forbidden: bot was blocked by the user"}}, "gone", "403"),
        ({"blocked": {"1001": "Forbidden: user is deactivated"}}, "gone", "403"),
        ({"blocked": {"1001": "Forbidden: bot was kicked from the supergroup chat"}}, "gone", "403"),
        ({"missing": {"1001"}}, "gone", "400"),
        (
            {"blocked": {"1001": "Forbidden: bot can't initiate conversation with a user"}},
            "refund",
            "stranger",
        ),
        ({"token": "1:another"}, "refund", "token"),
    ],
)
async def test_a_chat_that_is_not_there_is_gone_and_a_revoked_token_concerns_the_channel(facts, kind, code):
    async with bot_api(**facts) as api, channel(api) as post:
        error = await refused(post, chat())
    assert (error.kind, error.code) == (kind, code)
    assert TOKEN not in str(error)


@pytest.mark.parametrize("text", ["<b>unclosed", "a < b", "<script>x</script>", "x" * 4097, " "])
async def test_a_text_telegram_refuses_is_dead_and_named(text):
    async with bot_api() as api, channel(api) as post:
        error = await refused(post, chat(text))
        await post.send(chat("the next one", key="2"))
    assert (error.kind, error.code) == ("dead", "400")


@pytest.mark.parametrize("address", ["", "x", "--1", "1001:x", "1001; drop"])
async def test_an_address_that_is_no_chat_is_dead_before_any_call(address):
    async with bot_api() as api, channel(api) as post:
        assert (await refused(post, chat(address=address))).kind == "dead"
        assert api.journal == []


async def test_a_group_that_moved_is_followed_and_its_new_id_told():
    async with bot_api(moved={"-5": -1005}) as api, channel(api) as post:
        receipt = await post.send(chat("un", "deux", address="-5"))
        assert [message["text"] for message in api.taken(chat=-1005)] == ["un", "deux"]
    assert receipt.detail == "migrated:-1005"


async def test_a_topic_is_kept_and_a_deleted_one_left_for_the_general_one():
    async with bot_api(threads_gone={8}) as api, channel(api) as post:
        await post.send(chat("un", address="-1005:7"))
        await post.send(chat("deux", address="-1005:8", key="2"))
        one, two = api.taken(chat=-1005)
    assert one["message_thread_id"] == 7
    assert "message_thread_id" not in two


async def test_an_answer_lost_after_the_message_was_taken_is_uncertain():
    async with bot_api() as api, channel(api) as post:
        api.fault(LOST)
        error = await refused(post, chat())
        assert len(api.taken()) == 1
    assert (error.kind, error.code) == ("uncertain", "no answer")


async def test_an_answer_that_does_not_come_is_uncertain():
    async with bot_api() as api, channel(api, timeout_s=0.2) as post:
        api.fault(1.0)
        assert (await refused(post, chat())).kind == "uncertain"


async def test_a_server_that_is_not_there_costs_no_attempt():
    async with bot_api() as api:
        pass
    async with channel(api) as post:
        error = await refused(post, chat())
    assert (error.kind, error.code) == ("refund", "connect")
    assert TOKEN not in str(error)


@pytest.mark.parametrize(
    "fault",
    [(500, '{"ok":false,"error_code":500,"description":"Internal"}'), (502, "<html>Bad Gateway</html>")],
)
async def test_trouble_at_telegram_concerns_the_channel_and_costs_no_attempt(fault):
    async with bot_api() as api, channel(api) as post:
        api.fault(fault)
        error = await refused(post, chat())
        assert (error.kind, error.code, error.whole) == ("refund", "5xx", True)
        assert "html" not in str(error)
        await post.send(chat())
        assert len(api.taken()) == 1


async def test_a_later_try_goes_on_behind_the_parts_that_arrived_also_after_a_restart():
    async with bot_api() as api:
        async with channel(api) as post:
            api.fault(None, (502, "<html>"))
            error = await refused(post, chat("un", "deux", "trois"))
        async with channel(api) as another:
            receipt = await another.send(chat("un", "deux", "trois", begun=error.begun))
        assert [message["text"] for message in api.taken()] == ["un", "deux", "trois"]
    assert receipt.provider_id.count(",") == 2


async def test_a_noisy_chat_waits_alone():
    async with bot_api(noisy={"1001": 30}) as api, channel(api) as post:
        first = await refused(post, chat())
        again = await refused(post, chat())
        await asyncio.gather(
            *(post.send(chat(address=str(2000 + number), key=str(number))) for number in range(20))
        )
        assert len(api.taken()) == 20
        assert len(api.calls("sendMessage")) == 21, "the second try must not reach the server"
    assert (first.kind, first.code, first.retry_after_s) == ("refund", "429", 30)
    assert (again.kind, again.code) == ("refund", "held back")
    assert again.retry_after_s
    assert 29 < again.retry_after_s < 31


async def test_two_chats_refused_within_a_second_halt_all():
    async with bot_api(noisy={"1001": 30, "1002": 30}) as api, channel(api) as post:
        await refused(post, chat())
        await refused(post, chat(address="1002", key="2"))
        error = await refused(post, chat(address="1003", key="3"))
    assert (error.kind, error.code) == ("refund", "held back")


async def test_the_doctor_is_told_who_answers():
    async with bot_api() as api, channel(api) as post:
        assert await post.check() == "@warn_test_bot answers."
