"""The long-running process: scheduler, bot, page and dispatcher in one event loop, and one clean shutdown.

Closing is opening in reverse: take no new work, let what is in flight end, close the channels.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType

import uvicorn
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from starlette.applications import Starlette

from warn.errors import ConfigError

log = logging.getLogger("warn.service")


@dataclass(frozen=True, slots=True)
class Job:
    """Something done again and again; `first_at` spreads the first runs over time."""

    id: str
    run: Callable[[], Awaitable[None]]
    every: timedelta
    first_at: datetime


class Timetable:
    """The jobs, by id; they may be changed while it runs.

    APScheduler set never to skip in silence: late runs are made, doubled ones are merged and said.
    """

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    def put(self, job: Job) -> None:
        """Adds a job, or takes the place of the one of that id."""
        self._scheduler.add_job(
            _until_stopped(job),
            "interval",
            id=job.id,
            seconds=job.every.total_seconds(),
            next_run_time=job.first_at,
            replace_existing=True,
        )

    def drop(self, job_id: str) -> None:
        self._scheduler.remove_job(job_id)

    def ids(self) -> set[str]:
        return {job.id for job in self._scheduler.get_jobs()}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._scheduler.start()
        try:
            yield
        finally:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Service:
    """What the process holds. `dispatch` runs until it is cancelled; `drain` lets what is in flight end.

    `proxies`: whose word on a visitor's address is taken.
    """

    timetable: Timetable
    dispatch: Callable[[], Coroutine[None, None, None]]
    drain: Callable[[], Awaitable[None]]
    channels: AbstractAsyncContextManager[object]
    bot: AbstractAsyncContextManager[object] | None
    page: Starlette
    host: str
    port: int
    proxies: str = "127.0.0.1"


async def serve(service: Service, ready: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT; `ready` is told the page's address once everything is up."""
    async with stopping() as stop, AsyncExitStack() as stack:
        await stack.enter_async_context(service.channels)
        address = await stack.enter_async_context(
            page_running(service.page, service.host, service.port, service.proxies)
        )
        if service.bot is not None:
            await stack.enter_async_context(service.bot)
        dispatching = await stack.enter_async_context(_dispatching(service, stop))
        await stack.enter_async_context(service.timetable.running())
        ready(address)
        await stop.wait()
        log.info("stopping: no new work is taken, what is in flight ends")
        dead = dispatching.done()
    if dead:
        raise RuntimeError(
            "The dispatcher ended by itself; a service that sends nothing must not look alive."
        )


@contextlib.asynccontextmanager
async def stopping() -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set, instead of killing what still has to be put away."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    try:
        yield stop
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: it would raise the signal again and kill our clean-up."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del sig, frame


@contextlib.asynccontextmanager
async def page_running(
    page: Starlette, host: str, port: int, proxies: str = "127.0.0.1"
) -> AsyncIterator[str]:
    """The page served on `host:port` (0: a free one); yields its address.

    `proxies`: addresses or networks, with commas, whose X-Forwarded-For tells who asks.
    """
    config = uvicorn.Config(
        page, host=host, port=port, lifespan="off", log_config=None, access_log=False,
        server_header=False, timeout_graceful_shutdown=5, forwarded_allow_ips=proxies,
    )  # fmt: skip
    server = _Server(config)
    listening = _listening(host, port)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            if task.done():
                await task
                raise RuntimeError("the page ended before it began")
            await asyncio.sleep(0.01)
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def _listening(host: str, port: int) -> socket.socket:
    """Ours, because uvicorn ends the whole process where the port is taken."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(
            f"The page cannot be served on {host}:{port} ({reason}).",
            "Set WARN_WEB__HOST and WARN_WEB__PORT, or --port, to what is free.",
        ) from None


@contextlib.asynccontextmanager
async def _dispatching(service: Service, stop: asyncio.Event) -> AsyncIterator[asyncio.Task[None]]:
    """If it ends before it is told to, everything ends: whoever keeps the service running starts it anew."""
    task = asyncio.create_task(service.dispatch(), name="dispatcher")
    task.add_done_callback(lambda _: stop.set())
    try:
        yield task
    finally:
        await service.drain()
        task.cancel()
        (end,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(end, Exception):
            log.critical("the dispatcher stopped", exc_info=end)


def _until_stopped(job: Job) -> Callable[[], Coroutine[None, None, None]]:
    """A job that the shutdown cuts off has not failed: what it had not stored, it reads again after the restart."""

    async def run() -> None:
        try:
            await job.run()
        except asyncio.CancelledError:
            log.info("job %s was cut off by the shutdown", job.id)

    return run


def _report(event: JobExecutionEvent) -> None:
    match event.code:
        case _ if event.code == EVENT_JOB_ERROR:
            log.error("job %s failed; it runs again at its next time", event.job_id, exc_info=event.exception)
        case _ if event.code == EVENT_JOB_MISSED:
            log.warning("job %s missed its time and is made up", event.job_id)
        case _:
            log.warning("job %s is still running; this turn joins the next", event.job_id)
