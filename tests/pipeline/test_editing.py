"""An edit of the rules while alerts are open: what it alone causes waits for a person, and readers are told why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from warn.app import build
from warn.app.editing import announce
from warn.app.former import adopt, resume
from warn.model import Level
from warn.pipeline.facts import gather
from warn.pipeline.judge import judge, spread_all

from tests.pipeline.city import NOON, City, city, page_of
from tests.pipeline.ruled import (
    ADMIN,
    CHAT,
    COUNTED,
    HOUR,
    RULE,
    act,
    altered,
    another,
    asked,
    heads,
    number,
    shortage,
)

STRICT: dict[str, Any] = {"measure": COUNTED, "rises_to": {"alert": 1, "crisis": 2}}
LOOSE: dict[str, Any] = {"measure": COUNTED, "rises_to": {"crisis": 1}}
MILD: dict[str, Any] = {"measure": COUNTED, "rises_to": {"tension": 1}}


async def alarmed(bamako: City, **keys: Any) -> None:
    """An alert of level 3 is open and told."""
    known = altered(bamako.work.knowledge, "before", **(keys or STRICT))
    bamako.work.knowledge, bamako.work.engine = known, build.engine(known, bamako.work.sources)
    bamako.work.admins = {"admins": (77,)}
    bamako.reader("telegram", CHAT)
    await shortage(bamako)
    bamako.clock.now += HOUR


async def edited(bamako: City, edit: str = "edit", **keys: Any) -> str:
    """What the service does at a reload; what administrators were written."""
    former = adopt(bamako.work, altered(bamako.work.knowledge, edit, **keys))
    told = judge(bamako.work, bamako.clock.now)
    announce(bamako.work, former, told, bamako.clock.now)
    await bamako.judge()
    await asked(bamako)
    return "\n".join(message["text"] for message in bamako.api.taken(chat=ADMIN))


def awaiting(bamako: City) -> list[int]:
    with bamako.work.store.read() as tx:
        facts = gather(tx, bamako.work, bamako.clock.now)
    return [one.number for one in facts.alerts if one.waiting_since is not None]


async def test_a_rise_that_only_the_edit_causes_waits_with_the_difference_shown_and_goes_out_once_approved(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        await alarmed(bamako)
        said = await edited(bamako, **LOOSE)
        assert bamako.levels()[RULE] == Level.CRISIS
        assert f"{number(bamako)} ({RULE}, 4/4)" in said
        assert f"/approve {number(bamako)}" in said
        assert "la modification aurait donné" in said
        assert f"Jugent autrement : {RULE}" in said.replace("\u00a0", " ")
        assert len(heads(bamako)) == 1
        assert awaiting(bamako) == [int(number(bamako))]
        page = await page_of(bamako).get(f"/a/{number(bamako)}")
        assert "4/4" not in page.text
        act(bamako, "approve", number(bamako))
        await bamako.judge()
        await bamako.send()
        assert heads(bamako)[-1].startswith("CRISE 4/4")
        assert "règle a été modifiée" in bamako.api.taken(chat=CHAT)[-1]["text"]
        assert awaiting(bamako) == []


async def test_what_is_denied_is_not_sent_nor_asked_again_until_the_facts_raise_it(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        await alarmed(bamako, measure=COUNTED, rises_to={"tension": 1, "crisis": 3})
        await edited(bamako, measure=COUNTED, rises_to={"tension": 0.5, "alert": 1, "crisis": 2})
        act(bamako, "deny", number(bamako))
        for n in range(3):
            bamako.clock.now += 2 * HOUR
            await bamako.judge()
            assert await asked(bamako) == [], n
        assert awaiting(bamako) == []
        assert heads(bamako) == []  # tension is not told at once
        another(bamako)
        await bamako.judge()
        await bamako.send()
        assert heads(bamako)[-1].startswith("CRISE")


async def test_the_second_asking_comes_after_an_hour_and_nobody_s_answer_drops_it(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        await alarmed(bamako)
        await edited(bamako, **LOOSE, valid_for="7d")
        counts = []
        for hours in (0.5, 0.6, 3, 24 * 7, 1):
            bamako.clock.now += hours * HOUR
            counts.append(len(await asked(bamako)))
        assert counts == [0, 1, 0, 1, 0]
        assert awaiting(bamako) == []
        assert len(heads(bamako)) == 1


async def test_what_the_edit_lowers_is_told_with_its_reason_at_once(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        await alarmed(bamako, **STRICT, eases_after="0h", clears_after="0h")
        await edited(bamako, **MILD, eases_after="0h", clears_after="0h")
        (_, lower) = bamako.api.taken(chat=CHAT)
        assert "2/4" in lower["text"].splitlines()[0]
        assert "notre règle a été modifiée, les faits sont les mêmes" in lower["text"]


async def test_alerts_of_a_removed_rule_stand_through_a_restart_until_an_administrator_withdraws_them(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        bamako.work.admins = {"admins": (77,)}
        bamako.reader("telegram", CHAT)
        resume(bamako.work, bamako.settings)
        await shortage(bamako)
        said = await edited(bamako)
        assert f"/approve rule:{RULE}" in said
        assert len(heads(bamako)) == 1
        files = bamako.work.knowledge.files
    async with city(tmp_path) as again:
        again.clock.now = NOON + HOUR / 2
        again.work.admins = {"admins": (77,)}
        again.work.knowledge = replace(altered(again.work.knowledge, "edit"), files=files)
        again.work.engine = build.engine(again.work.knowledge, again.work.sources)
        assert resume(again.work, again.settings) is None
        await again.judge()
        assert await asked(again) == []
        assert (await page_of(again).get(f"/a/{number(again)}")).status_code == 200
        act(again, "approve", f"rule:{RULE}")
        await again.judge()
        await again.send()
        (correction,) = [str(entry.data["text"]) for entry in again.api.calls("sendMessage")]
        assert "CORRECTION" in correction
        assert "Ce n'est pas une fin d'alerte" in correction
        assert RULE not in again.levels()


async def test_an_edit_made_while_nothing_ran_is_one_too(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.work.admins = {"admins": (77,)}
        bamako.reader("telegram", CHAT)
        resume(bamako.work, bamako.settings)
        await shortage(bamako)
        assert bamako.levels()[RULE] == Level.ALERT
    async with city(tmp_path) as again:
        again.clock.now = NOON + HOUR
        again.work.knowledge = altered(again.work.knowledge, "edit", **LOOSE)
        again.work.engine = build.engine(again.work.knowledge, again.work.sources)
        assert resume(again.work, again.settings) is not None
        await again.judge()
        await again.send()
        assert again.levels()[RULE] == Level.CRISIS
        assert heads(again) == []
        assert awaiting(again) == [int(number(again))]
        again.clock.now += HOUR
        await again.judge()
        assert awaiting(again) == [int(number(again))]


async def test_words_alone_are_no_edit_that_anybody_must_agree_to(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        await alarmed(bamako)
        said = await edited(bamako, edit="before", **STRICT)
        assert "/approve" not in said
        assert awaiting(bamako) == []
        spread_all(bamako.work, bamako.clock.now)
        assert len(heads(bamako)) == 1
