"""Rules of mode `approve`: nothing leaves before a person agreed, and what leaves is what stands then."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from warn.errors import UsageError
from warn.model import Preferences
from warn.pipeline.facts import gather

from tests.pipeline.city import EAGER, City, city
from tests.pipeline.ruled import CHAT, COUNTED, HOUR, act, another, asked, heads, number, ruled, shortage

APPROVED: dict[str, Any] = {"mode": "approve", "measure": COUNTED, "rises_to": {"alert": 1, "crisis": 3}}


async def waiting(bamako: City, who: Preferences = EAGER, **keys: Any) -> None:
    """An alert is open that nobody agreed to."""
    ruled(bamako, **APPROVED | keys)
    bamako.work.admins = {"admins": (77,)}
    bamako.reader("telegram", CHAT, who)
    await shortage(bamako)


async def passed(bamako: City, length: timedelta) -> None:
    bamako.clock.now += length
    await bamako.judge()
    await bamako.send()


def shown(bamako: City) -> list[str]:
    with bamako.work.store.read() as tx:
        facts = gather(tx, bamako.work, bamako.clock.now)
    return [one.state.rule for one in facts.alerts if one.shown]


async def test_what_a_person_agreed_to_goes_out_though_new_evidence_came_meanwhile(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        await waiting(bamako)
        (line,) = await asked(bamako)
        assert f"/approve {number(bamako)}" in line
        await passed(bamako, HOUR)
        another(bamako)
        await passed(bamako, HOUR)
        assert heads(bamako) == []
        assert shown(bamako) == []
        said = act(bamako, "approve", number(bamako))
        assert said.endswith("is approved at level 3; what waited of it goes out.")
        await passed(bamako, timedelta(0))
        assert [head.split(" - ")[0] for head in heads(bamako)] == ["ALERTE 3/4"]
        await passed(bamako, HOUR)
        assert len(heads(bamako)) == 1
        assert shown(bamako) == ["fuel-shortage"]


async def test_a_raise_above_what_was_agreed_waits_again_while_the_rest_is_told(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        await waiting(bamako, rises_to={"alert": 1, "crisis": 2})
        act(bamako, "approve", number(bamako))
        await passed(bamako, HOUR)
        assert len(heads(bamako)) == 1
        another(bamako)
        await passed(bamako, HOUR)
        assert [head.split(" - ")[0] for head in heads(bamako)] == ["ALERTE 3/4"]
        assert "crise 4/4" in (await asked(bamako))[0]
        act(bamako, "approve", number(bamako))
        await passed(bamako, HOUR)
        assert heads(bamako)[-1].startswith("CRISE 4/4")


async def test_a_word_given_for_one_level_agrees_to_no_higher_one(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        await waiting(bamako, rises_to={"alert": 1, "crisis": 2})
        (line,) = await asked(bamako)
        assert f"/approve {number(bamako)} 3" in line
        another(bamako)
        await passed(bamako, HOUR)
        for verb in ("approve", "deny"):
            for words in ((), ("3",)):
                with pytest.raises(UsageError, match="risen from level 3 to 4") as refused:
                    act(bamako, verb, number(bamako), *words)
                assert refused.value.remedy == f"{verb} {number(bamako)} 4"
        await passed(bamako, HOUR)
        assert heads(bamako) == []
        act(bamako, "approve", number(bamako), "4")
        await passed(bamako, HOUR)
        assert heads(bamako)[-1].startswith("CRISE 4/4")


async def test_the_end_of_quiet_hours_lets_nothing_out_that_still_waits(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        resting = replace(EAGER, quiet_from=time(14), quiet_until=time(18))
        await waiting(bamako, resting, rises_to={"alert": 1, "crisis": 2})
        act(bamako, "approve", number(bamako))
        await passed(bamako, HOUR)
        another(bamako, "Gao")
        await passed(bamako, 2 * HOUR)
        bamako.clock.now += HOUR / 2
        another(bamako, "Kidal")
        await passed(bamako, HOUR)
        await passed(bamako, 3 * HOUR)
        assert [head.split(" - ")[0] for head in heads(bamako)] == ["ALERTE 3/4"]


async def test_a_mail_is_neither_edited_nor_said_to_be_superseded_by_another(tmp_path: Path) -> None:
    """Both would be one more mail: new evidence stands in the next bulletin, and the raise speaks for itself."""
    async with city(tmp_path) as bamako:
        ruled(bamako, measure=COUNTED, rises_to={"alert": 1, "crisis": 2.5})
        bamako.reader("email", "reader@example.org")
        bamako.reader("telegram", CHAT)
        await shortage(bamako)
        await passed(bamako, HOUR)
        another(bamako, "Gao")
        await passed(bamako, HOUR)
        assert len(bamako.api.calls("editMessageText")) == 1
        assert len(bamako.relay.mails) == 1
        another(bamako, "Kidal")
        await passed(bamako, HOUR)
        assert heads(bamako)[-1].startswith("CRISE 4/4")
        assert len(bamako.relay.mails) == 2
