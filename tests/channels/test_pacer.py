"""The pacer against a server that enforces Telegram's documented limits."""

import asyncio
import time
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio
from telegram.error import RetryAfter
from telegram.ext import ExtBot
from warn.channels.pacer import Pace, Pacer

from tests.fakes.bot_api import Limits, bot_api


@pytest_asyncio.fixture
async def bot():
    """Makes bots, and closes their connections at the end."""
    made = []

    def make(api, pacer) -> ExtBot[Any]:
        made.append(ExtBot(api.token, base_url=api.base_url, rate_limiter=pacer))
        return made[-1]

    yield make
    for speaker in made:
        for request in speaker._request:
            await request.shutdown()


def gaps(entries):
    return [later.at - earlier.at for earlier, later in pairwise(entries)]


@pytest.mark.slow
async def test_many_chats_at_once_are_served_evenly_and_none_is_refused(bot):
    async with bot_api(limits=Limits()) as api:
        speaker = bot(api, Pacer())
        began = time.monotonic()
        await asyncio.gather(
            *(speaker.send_message(1000 + number, "x", rate_limit_args=2) for number in range(75))
        )
        took = time.monotonic() - began
        assert len(api.taken()) == 75
        assert [entry.answer for entry in api.calls("sendMessage")] == [200] * 75
    assert 75 / 28 - 0.5 < took < 75 / 25 + 6


async def test_one_chat_hears_at_most_one_message_an_interval_in_the_order_asked(bot):
    async with bot_api() as api:
        speaker = bot(api, Pacer(Pace(start=500, ceiling=500, chat_s=0.1)))
        await asyncio.gather(
            *(speaker.send_message(1001, str(number), rate_limit_args=2) for number in range(5))
        )
        assert [message["text"] for message in api.taken()] == ["0", "1", "2", "3", "4"]
        assert min(gaps(api.calls("sendMessage"))) > 0.09


async def test_a_group_is_spared_more_than_a_person(bot):
    async with bot_api() as api:
        speaker = bot(api, Pacer(Pace(start=500, ceiling=500, chat_s=0.01, group_s=0.2)))
        await asyncio.gather(*(speaker.send_message(-1005, "x", rate_limit_args=2) for _ in range(2)))
        assert min(gaps(api.calls("sendMessage"))) > 0.19


async def test_the_more_urgent_overtakes_and_an_answer_overtakes_all(bot):
    async with bot_api() as api:
        speaker = bot(api, Pacer(Pace(start=8, ceiling=8, replies=0.01)))
        waiting = [
            asyncio.create_task(speaker.send_message(1000 + n, "digest", rate_limit_args=3)) for n in range(6)
        ]
        await asyncio.sleep(0.02)
        waiting.append(asyncio.create_task(speaker.send_message(2001, "crisis", rate_limit_args=0)))
        waiting += [asyncio.create_task(speaker.send_message(3001, "answer")) for _ in range(2)]
        await asyncio.gather(*waiting)
        texts = [message["text"] for message in api.taken()]
    assert texts.index("crisis") < 4
    assert texts.index("answer") < 4
    assert texts[-2:] == ["digest", "digest"]


async def test_a_short_refusal_is_waited_out_and_slows_nobody_else(bot):
    async with bot_api(limits=Limits(chat_burst=1, chat_s=0.5)) as api:
        speaker = bot(api, Pacer(Pace(start=500, ceiling=500, chat_s=0.0)))
        pacer = speaker.rate_limiter
        await asyncio.gather(*(speaker.send_message(1001, str(n), rate_limit_args=2) for n in range(2)))
        assert [message["text"] for message in api.taken()] == ["0", "1"]
        assert (pacer.refusals, pacer.rate) == (1, 500)


async def test_a_flood_slows_the_whole_bot_and_clean_sends_speed_it_up_again(bot):
    async with bot_api(noisy={"1": 9, "2": 9}) as api:
        pacer = Pacer(Pace(start=100, ceiling=101, step=1, clean_sends=5, patience_s=20))
        speaker = bot(api, Pacer(Pace(start=100, patience_s=0)))
        slowed = speaker.rate_limiter
        for chat in (1, 2):
            with pytest.raises(RetryAfter):
                await speaker.send_message(chat, "x", rate_limit_args=2)
        assert slowed.rate == pytest.approx(90)
        await asyncio.gather(
            *(bot(api, pacer).send_message(1000 + n, "x", rate_limit_args=2) for n in range(20))
        )
        assert pacer.rate == 101


async def test_whoever_is_cancelled_while_waiting_leaves_the_queue(bot):
    async with bot_api() as api:
        speaker = bot(api, Pacer(Pace(start=10, ceiling=10)))
        first, second, third = (
            asyncio.create_task(speaker.send_message(1000 + n, str(n), rate_limit_args=2)) for n in range(3)
        )
        await asyncio.sleep(0.02)
        second.cancel()
        await asyncio.gather(first, third)
        assert [message["text"] for message in api.taken()] == ["0", "2"]


async def test_calls_that_concern_no_chat_are_not_held(bot):
    async with bot_api() as api:
        speaker = bot(api, Pacer(Pace(start=0.01)))
        assert (await speaker.get_me()).username == "warn_test_bot"
