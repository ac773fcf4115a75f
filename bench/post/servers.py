"""Servers in processes of their own, so that they do not share a core's time with who is measured more than they must.

`python -m bench.post.servers smtp JOURNAL`, `proxy PORT SECONDS`, `chat NOISY`: each prints its port, then serves.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable

from tests.fakes.bot_api import Limits, bot_api

GREETING = b"220 sink ESMTP\r\n"
EHLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"


class Sink(asyncio.Protocol):
    """Takes everything; of each message it writes moment and Message-ID before it says that it was taken."""

    def __init__(self, journal: int) -> None:
        self.journal = journal
        self.buffer = b""
        self.in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP
        self.transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            if self.in_data:
                message, dot, rest = self.buffer.partition(b"\r\n.\r\n")
                if not dot:
                    return
                self.buffer, self.in_data = rest, False
                self.keep(message)
                self.transport.write(b"250 2.0.0 taken\r\n")
                continue
            line, end, rest = self.buffer.partition(b"\r\n")
            if not end:
                return
            self.buffer = rest
            self.command(line[:4].upper())

    def keep(self, message: bytes) -> None:
        begin = message.find(b"Message-ID: ") + 12
        name = message[begin : message.find(b"\r\n", begin)]
        os.write(self.journal, b"%d %s\n" % (time.time_ns(), name))

    def command(self, verb: bytes) -> None:
        self.in_data = verb == b"DATA"
        said = {b"EHLO": EHLO, b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
        self.transport.write(said.get(verb, b"250 2.0.0 ok\r\n"))
        if verb == b"QUIT":
            self.transport.close()


async def smtp(journal: str) -> None:
    handle = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    server = await asyncio.get_running_loop().create_server(lambda: Sink(handle), "127.0.0.1", 0, backlog=200)
    say(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def proxy(port: str, seconds: str) -> None:
    """Every byte is late by `seconds` each way, in order, without holding back what follows it."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop, late = asyncio.get_running_loop(), float(seconds)
        while data := await reader.read(65536):
            loop.call_later(late, writer.write, data)
        loop.call_later(late, writer.close)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", int(port))
        try:
            await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
        except ConnectionError:  # a side that breaks breaks the other too: else it would look like silence
            far_writer.close()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=200)
    say(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def chat(noisy: str) -> None:
    """The Bot API with its limits enforced; when told to end it says what it took and refused."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with bot_api(limits=Limits(), latency_s=0.05) as api:
        if noisy != "-":
            api.noisy[noisy] = 5.0
        say(api.port)
        await stop.wait()
        others = [entry for entry in api.journal if entry.chat != noisy]
        good = [entry.at for entry in others if entry.answer == 200]
        taken = deque(good, maxlen=1)
        took = taken[0] - others[0].at if good else 0.0
        say(
            json.dumps(
                {"taken": len(good), "refused": sum(entry.answer == 429 for entry in others), "seconds": took}
            )
        )


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    verbs: dict[str, Callable[..., Awaitable[None]]] = {"smtp": smtp, "proxy": proxy, "chat": chat}
    with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
        asyncio.run(verbs[sys.argv[1]](*sys.argv[2:]))  # type: ignore[arg-type]  # all are coroutines
