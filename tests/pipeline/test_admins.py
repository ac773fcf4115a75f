"""Who is written to as an administrator."""

from __future__ import annotations

from pathlib import Path

from warn.pipeline import admins

from tests.pipeline.city import NOON, city


async def test_who_is_no_administrator_any_more_gets_nothing_that_was_queued_before(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.work.admins = {"admins": (77, 78), "direction": (79,)}
        with bamako.work.store.write() as tx:
            admins.notify(tx, bamako.work, "one", "A question", NOON)
            admins.notify(tx, bamako.work, "two", "Another", NOON)
            admins.notify(tx, bamako.work, "three", "A third", NOON, "direction")
        bamako.work.admins = {"admins": (78,), "direction": (79,)}
        with bamako.work.store.write() as tx:
            assert admins.dismiss(tx, bamako.work) == 2
        await bamako.send()
        assert [len(bamako.api.taken(chat=chat)) for chat in ("77", "78", "79")] == [0, 2, 1]
        assert sorted(one["state"] for one in bamako.deliveries()) == ["sent"] * 3 + ["suppressed"] * 2
