"""An administrator's words to readers: who hears them, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest
from warn.errors import UsageError
from warn.model import Level

from tests.pipeline.city import EAGER, NOON, city
from tests.pipeline.ruled import CHAT, act

HOUR = timedelta(hours=1)


async def test_words_reach_those_who_want_messages_of_that_level_and_the_answer_counts_them(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        bamako.reader("telegram", CHAT)
        bamako.reader("telegram", "1002", replace(EAGER, lang="en"))
        bamako.reader("telegram", "1003", replace(EAGER, immediate_from=Level.CRISIS))
        bamako.reader("telegram", "1004", replace(EAGER, immediate_from=None))
        answer = act(bamako, "say", "3", "FR", "Le", "pont", "est", "fermé")
        await bamako.at(NOON)
        assert "readers: 1" in answer
        told = {chat: len(bamako.api.taken(chat=chat)) for chat in (CHAT, "1002", "1003", "1004")}
        assert told == {CHAT: 1, "1002": 0, "1003": 0, "1004": 0}


async def test_words_in_no_language_or_for_nobody_are_refused_and_not_reported_as_sent(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        bamako.reader("telegram", CHAT)
        for words in (
            ("4", "Attention", "au", "pont"),
            ("4", "en", "Mind", "the", "bridge"),
            ("1", "fr", "Pont"),
        ):
            with pytest.raises(UsageError):
                act(bamako, "say", *words)
        await bamako.at(NOON)
        assert bamako.api.taken(chat=CHAT) == []


async def test_words_wait_for_the_end_of_quiet_hours_unless_it_is_a_crisis(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.reader("telegram", CHAT, replace(EAGER, quiet_from=time(22), quiet_until=time(6)))
        night = NOON.replace(hour=2)
        bamako.clock.now = night
        act(bamako, "say", "3", "fr", "Le", "pont", "est", "fermé")
        await bamako.at(night)
        assert bamako.api.taken(chat=CHAT) == []
        act(bamako, "say", "4", "fr", "Quittez", "le", "pont")
        await bamako.at(night + HOUR)
        (crisis,) = bamako.api.taken(chat=CHAT)
        assert "Quittez" in crisis["text"]
        await bamako.at(night + 4 * HOUR)
        assert len(bamako.api.taken(chat=CHAT)) == 2
