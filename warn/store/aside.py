"""A transaction in a thread, for those who live in the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from warn.store.database import Store, Tx

T = TypeVar("T")


async def read(store: Store, verb: Callable[[Tx], T]) -> T:
    def run() -> T:
        with store.read() as tx:
            return verb(tx)

    return await asyncio.to_thread(run)


async def write(store: Store, verb: Callable[[Tx], T]) -> T:
    def run() -> T:
        with store.write() as tx:
            return verb(tx)

    return await asyncio.to_thread(run)
