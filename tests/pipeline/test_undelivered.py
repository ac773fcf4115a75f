"""Bulletins that are given up: administrators hear of it, once for each edition and reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

from warn.model import Preferences
from warn.store import subscribers

from tests.pipeline.city import NOON, City, city
from tests.pipeline.ruled import ADMIN, asked

SIX = NOON.replace(hour=6)
CALM = Preferences(immediate_from=None)
MINUTE = timedelta(minutes=1)
CLOSED = "Bad Request: TOPIC_CLOSED"
RIGHTS = "Bad Request: not enough rights"


def shared(bamako: City, address: str, name: str) -> None:
    with bamako.work.store.write() as tx:
        joined = bamako.clock.now - timedelta(days=1)
        known = subscribers.add_pending(tx, bamako.work.vault, "telegram", address, CALM, joined, name)
        subscribers.confirm(tx, known.id, joined)


async def heard(bamako: City, *minutes: int) -> list[str]:
    """What administrators are told, the service looking that many minutes after six."""
    lines = []
    for n in minutes:
        bamako.clock.now = SIX + n * MINUTE
        await bamako.send()
        lines += await asked(bamako)
    return [" ".join(line.replace("\u00a0", " ").split()) for line in lines]


async def test_a_bulletin_that_a_channel_refuses_is_told_once_and_those_with_one_reason_are_summed(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        bamako.clock.now = SIX
        bamako.work.admins = {"admins": (int(ADMIN),)}
        for n in range(3):
            shared(bamako, f"-100{n}", f"group-{n}")
        bamako.reader("telegram", "1001", CALM)
        bamako.api.refused |= {"-1000": CLOSED, "-1001": CLOSED, "-1002": RIGHTS}
        bamako.print_editions()
        assert await heard(bamako, 1, 5) == [], "others may follow"
        told = sorted(await heard(bamako, 17, 18, 60, 500, 1000))
        assert told == [
            "Bulletin du 2026-11-20 : 2 envois (telegram) ont été abandonnés. Topic_closed. /dead les montre.",
            "Bulletin du 2026-11-20 : l'envoi à group-2 (telegram) a été abandonné. Not enough rights. /dead le montre.",
        ]
        assert len(bamako.api.taken(chat=ADMIN)) == 2
        bamako.clock.now = SIX + timedelta(days=1)
        bamako.print_editions()
        assert len(await heard(bamako, 1441, 1457, 1458)) == 2, "the edition of the next day"


async def test_who_left_or_has_a_full_mailbox_is_no_matter_for_administrators(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.clock.now = SIX
        bamako.work.admins = {"admins": (int(ADMIN),)}
        bamako.reader("email", "full@example.org", replace(CALM, digest_at=time(6)))
        bamako.reader("telegram", "1002", CALM)
        bamako.api.blocked["1002"] = "Forbidden: bot was blocked by the user"
        bamako.relay.say("rcpt", "552 5.2.2 mailbox full")
        bamako.print_editions()
        assert await heard(bamako, 1, 17, 30) == []
        assert {one["state"] for one in bamako.deliveries(kind="digest")} == {"dead"}
