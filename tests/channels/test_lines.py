"""Many mails over few lines: one behind the other in the same write, and what a fault of one means for the others."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from warn.errors import DeliveryError

from tests.channels.parcels import mail
from tests.channels.test_email import channel
from tests.fakes.smtp import HANG_UP, Relay, smtp_relay


async def sent(post, count, **changes):
    """What became of so many mails, all asked for at once."""
    return await asyncio.gather(
        *(post.send(mail(key=str(n), address=f"r{n}@example.net", **changes)) for n in range(count)),
        return_exceptions=True,
    )


def kinds(ends):
    return [one.kind if isinstance(one, DeliveryError) else "sent" for one in ends]


def arrived(relay):
    return sorted(one.recipient for one in relay.mails)


def everybody(count, but=()):
    return sorted(f"r{n}@example.net" for n in range(count) if n not in but)


@pytest.mark.parametrize("pipelining", [True, False])
async def test_what_waits_travels_behind_what_goes_and_each_reader_gets_his_own(pipelining):
    async with smtp_relay(pipelining=pipelining) as relay:
        post = channel(relay, connections=1)
        ends = await sent(post, 20)
        await post.close()
    assert kinds(ends) == ["sent"] * 20
    assert (arrived(relay), relay.connections) == (everybody(20), 1)
    assert all(f"To: {one.recipient}\r\n".encode() in one.content for one in relay.mails)


async def test_the_next_envelope_leaves_before_the_relay_has_taken_the_message():
    """The relay answers a message only when it has read the commands behind it."""
    commands = []

    async def serve(reader, writer):
        writer.write(b"220 here\r\n")
        while command := await reader.readline():
            commands.append(command[:4])
            if command.startswith(b"EHLO"):
                writer.write(b"250-here\r\n250 PIPELINING\r\n")
            elif command.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                if commands.count(b"DATA") < 3:
                    commands.append((await reader.readline())[:4])
                    writer.write(b"250 taken\r\n")
                writer.write(b"250 ok\r\n")
            else:
                writer.write(b"250 ok\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    relay = Relay(port=server.sockets[0].getsockname()[1])
    post = channel(relay, connections=1, timeout_s=2.0)
    ends = await sent(post, 3)
    await post.close()
    server.close()
    assert kinds(ends) == ["sent"] * 3
    assert commands == [b"EHLO", *[b"MAIL", b"RCPT", b"DATA"] * 3, b"QUIT"]


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "end"])
@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_refusal_is_of_one_mail_and_not_of_those_behind_it(stage, pipelining):
    async with smtp_relay(pipelining=pipelining) as relay:
        post = channel(relay, connections=1)
        relay.say(stage, 0.0, 0.0, "452 4.3.1 not this one")
        ends = await sent(post, 6)
        await post.close()
    assert kinds(ends) == ["sent", "sent", "retry", "sent", "sent", "sent"]
    assert (arrived(relay), relay.connections) == (everybody(6, but={2}), 1)


@pytest.mark.parametrize("stage", ["mail", "end"])
async def test_a_relay_that_says_goodbye_is_asked_again_for_those_behind(stage):
    async with smtp_relay() as relay:
        post = channel(relay, connections=1)
        relay.say(stage, 0.0, "421 4.7.0 closing")
        ends = await sent(post, 5)
        await post.close()
    assert kinds(ends) == ["sent", "retry", "sent", "sent", "sent"]
    assert (arrived(relay), relay.connections) == (everybody(5, but={1}), 2)


async def test_a_connection_that_breaks_leaves_in_doubt_only_what_was_handed_over():
    async with smtp_relay() as relay:
        post = channel(relay, connections=1)
        relay.say("end", 0.0, HANG_UP)
        ends = await sent(post, 5)
        await post.close()
    assert kinds(ends) == ["sent", "uncertain", "sent", "sent", "sent"]
    assert sorted(one.recipient for one in relay.handed_over) == everybody(5)


async def test_silence_after_a_message_leaves_in_doubt_that_message_alone():
    async with smtp_relay() as relay:
        post = channel(relay, connections=1, timeout_s=0.3)
        relay.say("end", 0.0, 1.0)
        ends = await sent(post, 4)
        await post.close()
    assert kinds(ends) == ["sent", "uncertain", "sent", "sent"]
    assert sorted(one.recipient for one in relay.handed_over) == everybody(4)


class Odd(asyncio.Protocol):
    """A relay in a few lines: `answers` (command -> bytes) in the place of the usual ones; that to "." once.

    `forgets` so many commands that came before its answer to a message; `drips` at a RCPT without ever answering it.
    """

    def __init__(self, answers=None, *, forgets=0, drips=b""):
        self.answers = {"EHLO": b"250-here\r\n250 PIPELINING\r\n", "DATA": b"354 go on\r\n"} | (answers or {})
        self.forgets, self.drips = forgets, drips
        self.connections, self.taken = 0, []

    def connection_made(self, transport):
        self.transport, self.buffer, self.reading = transport, b"", True
        self.connections += 1
        transport.write(b"220 here\r\n")

    def data_received(self, data):
        self.buffer += data
        while self.reading and b"\r\n" in self.buffer:
            line, _, self.buffer = self.buffer.partition(b"\r\n")
            command = line[:4].decode()
            if command == ".":
                self.reading = False
                asyncio.get_running_loop().call_later(0.02, self.take)
            elif command == "RCPT" and self.drips:
                self.drip()
            elif not self.transport.is_closing() and (said := self.answer(line.decode())):
                self.transport.write(said)

    def answer(self, line):
        """None within a message."""
        command = line[:4]
        if command == "RCPT":
            self.recipient = line.partition("<")[2].partition(">")[0]
        known = command in {"EHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT"}
        return self.answers.get(command, b"250 ok\r\n") if known else None

    def take(self):
        self.taken.append(self.recipient)
        self.buffer = self.buffer.split(b"\r\n", self.forgets)[-1] if self.forgets else self.buffer
        self.reading = True
        self.transport.write(self.answers.pop(".", b"250 taken\r\n"))
        self.data_received(b"")

    def drip(self):
        if not self.transport.is_closing():
            self.transport.write(self.drips)
            asyncio.get_running_loop().call_later(0.05, self.drip)


@asynccontextmanager
async def odd(relay):
    """Yields a channel with one line to it; all its connections share what it knows."""
    server = await asyncio.get_running_loop().create_server(lambda: relay, "127.0.0.1", 0)
    post = channel(Relay(port=server.sockets[0].getsockname()[1]), connections=1, timeout_s=0.4)
    async with server, asyncio.timeout(4):
        yield post
        await post.close()


@pytest.mark.parametrize("drops", [b"250-please wait\r\n", b"2", b"250-" + b"x" * 20_000, b"250-x\r\n" * 400])
async def test_a_reply_that_never_ends_is_none(drops):
    async with odd(Odd(drips=drops)) as post:
        (end,) = await sent(post, 1)
    assert (end.kind, end.code) == ("refund", "lost")


@pytest.mark.parametrize("forgets", [1, 3])
async def test_a_relay_that_forgets_what_was_sent_ahead_costs_one_silence_and_no_mail(forgets):
    relay = Odd(forgets=forgets)
    async with odd(relay) as post:
        ends = await sent(post, 8) + await sent(post, 3)
    assert kinds(ends) == ["sent"] * 11
    assert sorted(relay.taken) == sorted(everybody(8) + everybody(3))
    assert relay.connections == 2, "each silence ends a connection"


@pytest.mark.parametrize(
    "said", [b"queued as 1234\r\n", b"354 more?\r\n", b"\r\n", b"999 what\r\n", b"\xff\xfe\r\n"]
)
async def test_what_cannot_be_understood_after_a_message_leaves_it_in_doubt_and_nothing_else(said):
    relay = Odd({".": said})
    async with odd(relay) as post:
        ends = await sent(post, 3)
    assert kinds(ends) == ["uncertain", "sent", "sent"]
    assert (sorted(relay.taken), relay.connections) == (everybody(3), 2)


async def test_a_line_that_is_held_up_holds_up_nobody_who_waits():
    async with smtp_relay() as relay:
        post = channel(relay, connections=3)
        await sent(post, 1)
        relay.say("end", 0.5)
        slow = asyncio.create_task(post.send(mail(key="slow")))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(0.3):
            ends = await sent(post, 10)
        await slow
        await post.close()
    assert kinds(ends) == ["sent"] * 10
    assert relay.connections > 1


async def test_those_who_wait_for_a_relay_that_is_gone_all_hear_of_it():
    async with smtp_relay() as relay:
        port = relay.port
    ends = await sent(channel(Relay(port=port), connections=2), 9)
    assert kinds(ends) == ["refund"] * 9


async def test_who_is_cut_off_takes_nobody_along():
    async with smtp_relay() as relay:
        post = channel(relay, connections=1)
        await sent(post, 1)
        relay.say("end", 0.2)
        tasks = [
            asyncio.create_task(post.send(mail(key=str(n), address=f"r{n}@example.net"))) for n in range(4)
        ]
        await asyncio.sleep(0.1)
        tasks[0].cancel()
        tasks[2].cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        await post.close()
    assert [type(one).__name__ for one in ends] == ["CancelledError", "Receipt", "CancelledError", "Receipt"]
    assert {"r1@example.net", "r3@example.net"} <= {one.recipient for one in relay.mails}
    assert "r2@example.net" not in {one.recipient for one in relay.handed_over}
