"""A group's subscription, from the tap to its alert."""

from __future__ import annotations

from pathlib import Path

from warn.bot.ports import Chat
from warn.store import subscribers

from tests.app.running import ask
from tests.app.test_leaving import CHAT, desk_of
from tests.pipeline.city import EAGER, SHORTAGE, city


async def test_an_alert_in_a_group_or_a_channel_offers_details_alone(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        chats = (CHAT, Chat(-5, "group"), Chat(-5, "group", 7), Chat(-6, "channel"))
        for chat in chats:
            await desk_of(bamako).subscribe(chat, EAGER)
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await bamako.send()
        sent = {
            chat: [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]
            for chat in ("1001", "-5", "-6")
            for message in bamako.api.taken(chat=chat)
        }
        assert len(sent["1001"]) == 3
        assert sent["-5"] == sent["-6"] == ["Détails"]


async def test_a_group_that_throws_the_bot_out_is_erased_with_its_topics_and_no_other(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        desk = desk_of(bamako)
        for chat in (Chat(-5, "group"), Chat(-5, "group", 7), Chat(-5, "group", 8), Chat(-55, "group", 7)):
            await desk.subscribe(chat, EAGER)
        await desk.gone(Chat(-5, "group"))
        assert await desk.preferences(Chat(-55, "group", 7)) == EAGER
        assert len(ask(bamako.database, "SELECT * FROM subscriber")) == 1


async def test_a_deleted_topic_becomes_the_chat_or_ends_where_the_chat_subscribed_itself(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        desk = desk_of(bamako)
        for chat in (Chat(-5, "group"), Chat(-5, "group", 8), Chat(-55, "group", 8)):
            await desk.subscribe(chat, EAGER)
        bamako.api.threads_gone = {8}
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await bamako.send()
        assert await desk.preferences(Chat(-55, "group")) == EAGER
        with bamako.work.store.read() as tx:
            everybody = [one.id for one in subscribers.recipients(tx)]
            addresses = subscribers.addresses_of(tx, bamako.work.vault, everybody)
        assert sorted(addresses.values()) == ["-5", "-55"]
