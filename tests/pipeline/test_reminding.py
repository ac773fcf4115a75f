"""Reminders and escalation: from a rule's two lines to a phone, through restarts, holds and acknowledgements."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

from warn.model import Level
from warn.pipeline.asking import ask_all

from tests.pipeline.city import EAGER, NOON, city
from tests.pipeline.ruled import (
    ADMIN,
    CHAT,
    COUNTED,
    HOUR,
    act,
    another,
    asked,
    at_hours,
    heads,
    number,
    ruled,
    shortage,
)

REPEATS = {"every": "6h", "backoff": 2, "at_most": "7d"}
STEPS = [{"after": "6h", "to": "admins"}, {"after": "12h", "to": "direction"}]


async def test_an_open_alert_is_told_again_ever_more_rarely(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        ruled(bamako, repeat_every=REPEATS)
        bamako.reader("telegram", CHAT)
        bamako.reader("email", "reader@example.org")
        await shortage(bamako)
        counts = {}
        for n in (5, 6, 7, 17, 18, 41, 42):
            await bamako.at(NOON + n * HOUR)
            counts[n] = (len(heads(bamako)), len(bamako.relay.mails))
        assert counts == {5: (1, 1), 6: (2, 2), 7: (2, 2), 17: (2, 2), 18: (3, 3), 41: (3, 3), 42: (4, 4)}
        assert [head.startswith("RAPPEL") for head in heads(bamako)] == [False, True, True, True]


async def test_reminders_go_on_in_the_next_process_where_they_stood(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        ruled(bamako, repeat_every=REPEATS)
        bamako.reader("telegram", CHAT)
        await shortage(bamako)
        await at_hours(bamako, 1, 7)
        assert len(heads(bamako)) == 2
    async with city(tmp_path) as again:
        ruled(again, repeat_every=REPEATS)
        await at_hours(again, 8, 17)
        assert heads(again) == []
        await at_hours(again, 18, 20)
        assert len(heads(again)) == 1


async def test_a_reminder_that_quiet_hours_hold_comes_once_at_their_end(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        ruled(bamako, repeat_every=REPEATS)
        bamako.reader("telegram", CHAT, replace(EAGER, quiet_from=time(17), quiet_until=time(23)))
        bamako.reader("telegram", "1002")
        await shortage(bamako)
        await at_hours(bamako, 6, 10)
        assert len(heads(bamako)) == 1
        await at_hours(bamako, 11, 13)
        assert len(heads(bamako)) == 2
        assert len(heads(bamako, "1002")) == 2


async def test_a_silence_holds_reminders_and_a_raise_breaks_through_it(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        ruled(bamako, repeat_every=REPEATS, measure=COUNTED, rises_to={"alert": 1, "crisis": 2})
        bamako.reader("telegram", CHAT)
        await shortage(bamako)
        act(bamako, "silence", number(bamako), "2d")
        await at_hours(bamako, 6, 18)
        assert len(heads(bamako)) == 1
        another(bamako)
        await at_hours(bamako, 20)
        assert len(heads(bamako)) == 2
        assert heads(bamako)[-1].startswith("CRISE")


async def test_an_acknowledged_alert_is_renewed_in_place_and_reminds_again_after_a_raise(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        ruled(bamako, repeat_every=REPEATS, measure=COUNTED, rises_to={"alert": 1, "crisis": 2})
        bamako.reader("telegram", CHAT)
        bamako.reader("email", "reader@example.org")
        await shortage(bamako)
        bamako.clock.now = NOON + HOUR
        act(bamako, "ack", number(bamako))
        await at_hours(bamako, 2, 6, 8)
        assert (len(heads(bamako)), len(bamako.relay.mails)) == (1, 1)
        assert len(bamako.api.calls("editMessageText")) == 1
        another(bamako)
        await bamako.at(NOON + 9 * HOUR)
        assert bamako.levels()["fuel-shortage"] == Level.CRISIS
        assert heads(bamako)[-1].startswith("CRISE")
        await at_hours(bamako, 10, 15, 16)
        assert heads(bamako)[-1].startswith("RAPPEL")


async def test_nobody_s_answer_is_told_to_those_the_rule_names_once(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        ruled(bamako, escalate=STEPS)
        bamako.work.admins = {"admins": (77,), "direction": (88,)}
        await shortage(bamako)
        bamako.clock.now = NOON + timedelta(hours=5, minutes=59)
        assert await asked(bamako) == []
        bamako.clock.now = NOON + 6 * HOUR
        act(bamako, "pause")
        (line,) = await asked(bamako)
        assert "/ack 1" in line
        assert await asked(bamako) == []
        texts = [message["text"] for message in bamako.api.taken(chat=ADMIN)]
        assert len(texts) == 1
        assert "sans réponse depuis 6" in texts[0]
    async with city(tmp_path) as again:
        ruled(again, escalate=STEPS)
        again.work.admins = {"admins": (77,), "direction": (88,)}
        again.clock.now = NOON + 13 * HOUR
        await asked(again)
        await asked(again)
        assert (len(heads(again, ADMIN)), len(heads(again, "88"))) == (0, 1)


async def test_a_kill_between_the_record_and_the_message_loses_nothing(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        ruled(bamako, escalate=STEPS[:1])
        bamako.work.admins = {"admins": (77,)}
        await shortage(bamako)
        bamako.clock.now = NOON + 7 * HOUR
        with bamako.work.store.write() as tx:
            assert len(ask_all(tx, bamako.work, bamako.clock.now)) == 1
    async with city(tmp_path) as again:
        ruled(again, escalate=STEPS[:1])
        again.work.admins = {"admins": (77,)}
        again.clock.now = NOON + 8 * HOUR
        assert await asked(again) == []
        assert len(heads(again, ADMIN)) == 1


async def test_an_acknowledgement_stops_escalation_and_a_raise_starts_it_anew(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        ruled(bamako, escalate=STEPS[:1], measure=COUNTED, rises_to={"alert": 1, "crisis": 2})
        bamako.work.admins = {"admins": (77,)}
        await shortage(bamako)
        act(bamako, "ack", number(bamako))
        bamako.clock.now = NOON + 30 * HOUR
        assert await asked(bamako) == []
        another(bamako)
        await bamako.judge()
        assert bamako.levels()["fuel-shortage"] == Level.CRISIS
        bamako.clock.now += 5 * HOUR
        assert await asked(bamako) == []
        bamako.clock.now += HOUR
        (line,) = await asked(bamako)
        assert "crise 4/4" in line


async def test_an_alert_that_ended_or_is_silenced_is_not_escalated(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        ruled(bamako, escalate=STEPS[:1])
        bamako.work.admins = {"admins": (77,)}
        await shortage(bamako)
        act(bamako, "silence", number(bamako), "12h")
        bamako.clock.now = NOON + 7 * HOUR
        assert await asked(bamako) == []
        bamako.clock.now = NOON + 13 * HOUR
        assert len(await asked(bamako)) == 1
