"""The peers, at their best settings; run by the Python that has them. Imports nothing of ours. Prints one JSON line."""

from __future__ import annotations

import asyncio
import importlib
import json
import smtplib
import sys
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

TOKEN = "123456789:AAfakeFAKEfakeFAKEfakeFAKEfake_-123"
LINE = "Carburant : 775 FCFA, les files s'allongent devant les stations"
TEXT = f"{LINE}.\n" * 60
HTML = f"<html><body>{f'<p>{LINE}.</p>' * 80}</body></html>"  # with the text some 10 kB, as a digest is


def message(number: int) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@example.org", f"r{number}@example.net", "Bulletin"
    made.set_content(TEXT)
    made.add_alternative(HTML, subtype="html")
    return made


def smtplib_message(port: int, count: int) -> dict[str, float]:
    """One kept connection, messages built once each as its users do."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        began = time.perf_counter()
        for number in range(count):
            client.send_message(message(number))
        return {"rate": count / (time.perf_counter() - began)}


def smtplib_bytes(port: int, count: int) -> dict[str, float]:
    raw = message(0).as_bytes()
    with smtplib.SMTP("127.0.0.1", port) as client:
        began = time.perf_counter()
        for number in range(count):
            client.sendmail("a@example.org", f"r{number}@example.net", raw)
        return {"rate": count / (time.perf_counter() - began)}


def aiosmtplib_run(port: int, count: int, connections: int, *, whole: bool) -> dict[str, float]:
    """So many kept connections side by side; `whole`: messages given as objects, else as bytes made once."""
    library = importlib.import_module("aiosmtplib")

    async def run() -> float:
        numbers = iter(range(count))
        raw = message(0).as_bytes()
        clients = [
            library.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
            for _ in range(connections)
        ]
        for client in clients:
            await client.connect()
        began = time.perf_counter()

        async def work(client: Any) -> None:
            for number in numbers:
                if whole:
                    await client.send_message(message(number))
                else:
                    await client.sendmail("a@example.org", [f"r{number}@example.net"], raw)

        await asyncio.gather(*map(work, clients))
        took = time.perf_counter() - began
        await asyncio.gather(*(client.quit() for client in clients))
        return count / took

    return {"rate": asyncio.run(run())}


def apprise(port: int, count: int) -> dict[str, float]:
    """One address with many targets, its fastest way: a message to each over one connection."""
    library = importlib.import_module("apprise")
    targets = ",".join(f"r{number}@example.net" for number in range(count))
    sender = library.Apprise()
    assert sender.add(f"mailto://127.0.0.1:{port}/?from=a@example.org&to={targets}&mode=insecure&format=html")
    began = time.perf_counter()
    assert sender.notify(body=HTML, title="Bulletin", body_format="html")
    return {"rate": count / (time.perf_counter() - began)}


def apprise_personal(port: int, count: int) -> dict[str, float]:
    """A text with each reader's own link, as a digest has one: a message is then one address and one connection."""
    library = importlib.import_module("apprise")
    began = time.perf_counter()
    for number in range(count):
        sender = library.Apprise()
        target = f"r{number}@example.net"
        assert sender.add(
            f"mailto://127.0.0.1:{port}/?from=a@example.org&to={target}&mode=insecure&format=html"
        )
        assert sender.notify(body=f"{HTML}<a href='/u/{number}'>x</a>", title="Bulletin", body_format="html")
    return {"rate": count / (time.perf_counter() - began)}


def chats(port: int, count: int, how: str, noisy: str) -> dict[str, float]:
    """AIORateLimiter at its best known settings, or as it comes; all asked for at once."""
    library = importlib.import_module("telegram.ext")
    limiter = library.AIORateLimiter(1, 1 / 28, max_retries=5) if how == "best" else library.AIORateLimiter()

    async def run() -> int:
        bot = library.ExtBot(TOKEN, base_url=f"http://127.0.0.1:{port}/bot", rate_limiter=limiter)
        quiet = [100_000 + n for n in range(count)]
        names = (
            [int(noisy)] * 5 if noisy != "-" else []
        ) + quiet  # first, as with ours: last it would disturb nobody
        lost = await asyncio.gather(
            *(bot.send_message(name, "Bulletin") for name in names), return_exceptions=True
        )
        return sum(isinstance(one, BaseException) for one in lost)

    return {"lost": asyncio.run(run())}


def main(verb: str, port: str, count: str, *more: str) -> dict[str, float]:
    verbs: dict[str, Callable[..., dict[str, float]]] = {
        "smtplib": smtplib_message,
        "smtplib-bytes": smtplib_bytes,
        "aiosmtplib": lambda port, count, n: aiosmtplib_run(port, count, int(n), whole=True),
        "aiosmtplib-bytes": lambda port, count, n: aiosmtplib_run(port, count, int(n), whole=False),
        "apprise": apprise,
        "apprise-personal": apprise_personal,
        "chats": chats,
    }
    return verbs[verb](int(port), int(count), *more)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
