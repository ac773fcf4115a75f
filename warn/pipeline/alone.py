"""One service at a time works on a database: two would poll every source twice and speak twice as fast as they may.

On SQLite a lock of the system beside the file, which ends with its process however that ends: a second service says so
and ends, a restart after a kill begins at once. On PostgreSQL a lease: a second service stands by, and takes over as
soon as the first one's lease runs out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from warn.errors import StoreError
from warn.pipeline.dispatch import Dispatcher
from warn.store import Store, Tx, aside, jobs

log = logging.getLogger("warn.alone")
ROLE = "service"
TTL_S = 10.0
LAST_BREATH_S = 1.0  # for one that was just told to end, or killed


@dataclass(frozen=True, slots=True)
class Post:
    """The only one of its kind. `owner` names this process; `ttl_s` passes after a crash before another takes over."""

    store: Store
    owner: str
    ttl_s: float = TTL_S

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Entered when this process has it; StoreError where a file is another's."""
        if self.store.path is not None:
            await self._lock()
            yield
            return
        await self._wait()
        try:
            yield
        finally:
            with contextlib.suppress(StoreError):
                await aside.write(self.store, lambda tx: jobs.release_lease(tx, ROLE, self.owner))

    async def run(self, dispatcher: Dispatcher) -> None:
        """The dispatcher, for as long as this process has the post; when it is lost what flies still ends."""
        dispatching = asyncio.create_task(dispatcher.run(), name="dispatching")
        keeping = asyncio.create_task(self._keep(), name="keeping the post")
        try:
            await asyncio.wait({dispatching, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if not dispatching.done():
                await dispatcher.drain()
            if dispatching.done():
                await dispatching
        finally:
            for task in (dispatching, keeping):
                task.cancel()
            await asyncio.gather(dispatching, keeping, return_exceptions=True)

    async def _lock(self) -> None:
        for _ in range(20):
            if self.store.lock_sender():
                return
            await asyncio.sleep(LAST_BREATH_S / 20)
        where = self.store.where
        raise StoreError(
            f"A service is running on {where} already.",
            "One works on a database at a time: stop it first, or give this one a database of its own.",
            french=(
                f"Un service fonctionne déjà sur {where}.",
                "Un seul à la fois par base : arrêtez-le d'abord, ou donnez à celui-ci sa propre base.",
            ),
        )

    async def _wait(self) -> None:
        said = False
        while not await self._taken():
            if not said:
                log.warning(
                    "another service works on %s; this one stands by and takes over", self.store.where
                )
                said = True
            await asyncio.sleep(self.ttl_s / 10)

    async def _keep(self) -> None:
        """Ends when another service took over. While the database cannot be reached nobody can, and nothing is sent."""
        while True:
            await asyncio.sleep(self.ttl_s / 4)
            try:
                if self.store.path is None and not await self._taken():
                    log.critical("another service took over while this one did not answer; this one ends")
                    return
            except StoreError as error:
                log.error("the lease of the service is not renewed: %s", error)  # noqa: TRY400  # the line says it

    async def _taken(self) -> bool:
        def take(tx: Tx) -> bool:
            return jobs.take_lease(tx, ROLE, self.owner, self.ttl_s, datetime.now(UTC)) is not None

        return await aside.write(self.store, take)
