"""One service at a time works on a database."""

import asyncio
import time
from collections.abc import Callable

import pytest
from warn.errors import StoreError
from warn.pipeline.alone import Post
from warn.store import Store, jobs, open_store

from tests.dispatch.desk import Desk, Scripted
from tests.store.letters import NOW


@pytest.fixture
def postgres_store(postgres_server: Callable[..., str], postgres_tables: str):
    store = open_store(postgres_server(postgres_tables))
    yield store
    store.close()


async def test_a_second_service_on_one_file_says_so_and_ends(sqlite_store: Store):
    second = open_store(f"sqlite:///{sqlite_store.path}")
    async with Post(sqlite_store, "first").held():
        with pytest.raises(StoreError, match=f"running on {sqlite_store.path} already"):
            async with Post(second, "second").held():
                pytest.fail("both have it")
    sqlite_store.close()
    async with Post(second, "second").held():
        pass
    second.close()


async def test_a_second_service_on_a_server_stands_by_and_takes_over_at_once(postgres_store: Store, caplog):
    order = []

    async def second():
        async with Post(postgres_store, "second", 5.0).held():
            order.append("second has it")

    async with Post(postgres_store, "first", 5.0).held():
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.6)
        order.append("first leaves")
    await asyncio.wait_for(waiting, 3.0)
    assert order == ["first leaves", "second has it"]
    assert [record.message for record in caplog.records if "stands by" in record.message]


async def test_the_post_of_a_service_that_was_killed_is_free_when_its_lease_ends(postgres_store: Store):
    with postgres_store.write() as tx:
        assert jobs.take_lease(tx, "service", "killed", 0.5, NOW)
    began = time.monotonic()
    async with asyncio.timeout(5), Post(postgres_store, "next", 1.0).held():
        assert time.monotonic() - began > 0.3


async def test_a_service_keeps_its_post_and_lets_what_flies_end_when_it_is_lost(postgres_store: Store):
    mails = Scripted(width=1, gate=asyncio.Event())
    desk = Desk(postgres_store, {"email": mails})
    for name in ("one", "two"):
        desk.queue(desk.reader(name), name)
    post = Post(postgres_store, "first", 0.4)

    def taken() -> int | None:
        with postgres_store.write() as tx:
            return jobs.take_lease(tx, "service", "another", 60.0, NOW)

    async with asyncio.timeout(10), post.held():
        running = asyncio.create_task(post.run(desk.dispatcher))
        await desk.until(lambda: mails.flying == 1)
        await asyncio.sleep(1.0)
        assert taken() is None, "it is renewed"
        with postgres_store.write() as tx:
            jobs.release_lease(tx, "service", "first")
            assert jobs.take_lease(tx, "service", "another", 60.0, NOW)
        await asyncio.wait_for(desk.dispatcher.stopping.wait(), 5.0)
        assert mails.gate
        mails.gate.set()
        await running
    assert sorted(desk.states().values()) == ["ready", "sent"]
    assert taken(), "who has it now keeps it"
