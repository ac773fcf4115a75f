"""Sending beside the peers: mail, chats, kills, latency, fan-out, picture. What is absent here is said and left out.

`python -m bench.delivery mail killed` measures these parts alone and writes nothing down. The peers run in a virtual environment of their own (var/peers), outside the lock. Runs are interleaved; a figure is the
median of its runs, a target is a ratio of medians of the same minutes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.digest import world
from warn.digest.charts import composite
from warn.digest.raster import rasterise

from bench.post.kills import CONNECTIONS, torment

ROOT = Path(__file__).parents[1]
PEERS = ROOT / "var" / "peers"
WANTED = ("apprise", "aiosmtplib", "python-telegram-bot[rate-limiter]")
MAIL_RUNS, MAILS, WIDE = 5, 8000, 50  # as many connections as the settings allow
CHAT_RUNS, CHATS = 2, 300
KILLS, KILL_S = 200, 120.0
NOISY = "99"


@dataclass
class Board:
    """What was measured, line by line; `short` counts the targets that were missed."""

    short: int = 0
    absent: list[str] = field(default_factory=list)

    def line(self, what: str, result: str, target: str = "", *, good: bool = True) -> None:
        self.short += not good
        print(f"{what:58} {target:>16} {result:>22}{'' if good else '   SHORT'}", flush=True)

    def ratio(self, what: str, ours: list[float], theirs: list[float], least: float) -> None:
        """The median over rounds: a machine that others use is faster in one round than in the next."""
        if ours and theirs:
            found = median(mine / other for mine, other in zip(ours, theirs, strict=True))
            self.line(what, f"{found:.2f}", f">= {least:g}", good=found >= least)

    def most(self, what: str, result: float, most: float, unit: str = "") -> None:
        self.line(what, f"{result:.2f} {unit}".strip(), f"<= {most:g} {unit}".strip(), good=result <= most)


def main(*only: str) -> int:
    board = Board()
    python = peers(board)
    print(f"{'delivery':58} {'target':>16} {'result':>22}")
    for part in (mail, far, chats, killed, latency, fan_out, picture):
        if not only or part.__name__ in only:
            part(board, python)
    for one in board.absent:
        print(f"left out: {one}")
    return int(board.short > 0)


def mail(board: Board, python: str) -> None:
    """Fan-out of 10 kB over loopback into Postfix's smtp-sink."""
    sink, source = program("smtp-sink"), program("smtp-source")
    if not sink or not source:
        board.absent.append("mail fan-out: smtp-sink and smtp-source are not here (apt-get install postfix)")
        return
    rates: dict[str, list[float]] = defaultdict(list)
    works: list[float] = []
    with postfix_sink(sink) as port:
        for _ in range(MAIL_RUNS):
            found = asked(sys.executable, "bench.post.ours", "mail", port, MAILS, WIDE)
            rates["ours"].append(found["rate"])
            works.append(found["cpu_ms"])
            for wide in (10, 20, 40):
                rates[f"smtp-source, {wide} connections"].append(smtp_source(source, port, wide))
            rates["smtplib"].append(peer(sys.executable, "smtplib", port, 800)["rate"])
            rates["smtplib, bytes"].append(peer(sys.executable, "smtplib-bytes", port, 2000)["rate"])
            for wide in (10, 20):
                name = f"aiosmtplib send_message, {wide} connections"
                rates[name].append(peer(sys.executable, "aiosmtplib", port, 1000, wide)["rate"])
            rates["aiosmtplib, bytes, 20 connections"].append(
                peer(sys.executable, "aiosmtplib-bytes", port, 2000, 20)["rate"]
            )
            if python:
                rates["Apprise, one text for all"].append(peer(python, "apprise", port, 300)["rate"])
                rates["Apprise, a link of each reader's own"].append(
                    peer(python, "apprise-personal", port, 100)["rate"]
                )
    for name, runs in rates.items():
        board.line(f"  {name}", f"{median(runs):,.0f}/s")
    board.line("  ours: CPU of a mail", f"{median(works):.3f} ms")
    board.ratio("mail with ledger and lanes: of smtp-source", rates["ours"], best(rates, "smtp-source"), 0.25)
    board.ratio("  times smtplib", rates["ours"], rates["smtplib"], 8)
    board.ratio("  times aiosmtplib send_message", rates["ours"], best(rates, "aiosmtplib send"), 5)
    board.ratio(
        "  times Apprise doing the same", rates["ours"], rates["Apprise, a link of each reader's own"], 10
    )
    if python:  # less work than a digest asks for: nobody could leave by a link of such a mail
        all_alike = median(rates["ours"]) / median(rates["Apprise, one text for all"])
        board.line("  times Apprise with one text for all", f"{all_alike:.2f}")


def far(board: Board, _python: str) -> None:
    """The same with 100 ms of round trip between, as from Bamako to a relay in Europe."""
    rates: dict[str, list[float]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as folder,
        server("smtp", f"{folder}/journal") as near,
        server("proxy", near, 0.05) as port,
    ):
        for _ in range(MAIL_RUNS):
            rates["ours"].append(asked(sys.executable, "bench.post.ours", "mail", port, 300, 10)["rate"])
            rates["theirs"].append(peer(sys.executable, "aiosmtplib-bytes", port, 150, 10)["rate"])
    for name, found in (("ours", rates["ours"]), ("aiosmtplib, kept connections", rates["theirs"])):
        board.line(f"  100 ms away, 10 connections: {name}", f"{median(found):.1f}/s")
    board.ratio("mail 100 ms away: times aiosmtplib", rates["ours"], rates["theirs"], 1.9)


def chats(board: Board, python: str) -> None:
    """Telegram through a server that enforces limits and punishes."""
    ours: list[dict[str, float]] = []
    best_aio: list[dict[str, float]] = []
    for _ in range(CHAT_RUNS):
        ours.append(talk([sys.executable, "-m", "bench.post.ours", "chat"], CHATS, "-"))
        if python:
            best_aio.append(talk([python, PEER, "chats"], CHATS, "best", "-"))
    for found in ours:
        found["rate"] = found["taken"] / found["seconds"]
    lost = sum(CHATS - found["taken"] for found in ours)
    refused = sum(found["refused"] for found in ours)
    board.line("  ours, the whole dispatcher", f"{median(one['rate'] for one in ours):.1f}/s")
    if best_aio:
        rates = [one["taken"] / one["seconds"] for one in best_aio]
        board.line("  AIORateLimiter(1 per 1/28 s, 5 retries)", f"{median(rates):.1f}/s")
        missed = sum(CHATS - one["taken"] for one in best_aio)
        board.line("    lost, refused", f"{missed:.0f}, {sum(one['refused'] for one in best_aio):.0f}")
        board.ratio("chats: of AIORateLimiter at its best", [one["rate"] for one in ours], rates, 0.95)
        default = talk([python, PEER, "chats"], CHATS, "default", "-")
        board.line("  AIORateLimiter as it comes: delivered", f"{default['taken'] / CHATS:.0%}")
    else:
        board.absent.append("AIORateLimiter: its extra could not be installed")
    board.most("chats: lost", lost, 0)
    board.most("chats: refused (429) per thousand", 1000 * refused / (CHAT_RUNS * CHATS), 1)
    noisy = talk([sys.executable, "-m", "bench.post.ours", "chat"], CHATS, NOISY, noisy=NOISY)
    board.most(
        "chats: with a noisy one, all others, of the quiet run",
        noisy["seconds"] / median(one["seconds"] for one in ours),
        1.2,
    )
    if python:
        theirs = talk([python, PEER, "chats"], CHATS, "best", NOISY, noisy=NOISY)
        board.line(
            "  AIORateLimiter likewise",
            f"{theirs['seconds'] / median(one['seconds'] for one in best_aio):.2f}",
        )


def killed(board: Board, _python: str) -> None:
    with tempfile.TemporaryDirectory() as folder, server("smtp", f"{folder}/journal") as port:
        found = torment(port, Path(folder, "journal"), KILLS, KILL_S)
    board.line(f"  kill -9 under load, in {found.seconds:.0f} s", f"{found.kills} kills")
    board.line("  alerts and digests queued", f"{found.alerts:,} + {found.digests:,}")
    board.most("killed: alerts lost", found.lost, 0)
    board.most("killed: doubles of the worst kill (connections)", found.worst, CONNECTIONS)
    board.line("  doubles of a kill on average", f"{found.doubled / max(1, found.kills):.1f}")
    board.most("killed: digests doubled", found.digests_doubled, 0)
    board.most("killed: digests that ended in no clear state", found.digests_unended, 0)
    board.line("  digests uncertain, listed to the administrator", f"{found.uncertain}")


def latency(board: Board, _python: str) -> None:
    first, late = [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder, server("smtp", f"{folder}/journal") as port:
            began = asked(sys.executable, "bench.post.ours", "latency", port, 1000)["triggered"]
            lines = Path(folder, "journal").read_bytes().splitlines()
            after = sorted((int(line.split()[0]) - began) / 1e9 for line in lines)
        first.append(after[0])
        late.append(after[int(len(after) * 0.99) - 1])
    board.most("from the trigger to the first mail", median(first), 1, "s")
    board.most("from the trigger to the mails, 1,000 of them, p99", median(late), 2, "s")


def fan_out(board: Board, _python: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asked(sys.executable, "bench.post.ours", "fill", folder, 100_000)
        found = asked(sys.executable, "bench.post.ours", "spread", folder, 100_000)
    board.most("an alert composed and queued for 100,000 readers", found["seconds"], 20, "s")
    board.most("  memory", found["mb"], 300, "MB")


def picture(board: Board, _python: str) -> None:
    env = world.shipped_environment()
    for lang in ("fr", "en"):
        size = len(rasterise(composite(env, world.october(), lang), world.FONTS)) / 1000
        board.most(f"picture pair of a full digest ({lang})", size, 35, "kB")


def talk(command: list[str], count: int, *more: str, noisy: str = "-") -> dict[str, float]:
    """What the enforcing server says of one run."""
    with server_process("chat", noisy) as process:
        assert process.stdout
        port = process.stdout.readline().strip()
        run([*command, port, str(count), *more])
        process.terminate()
        answer: dict[str, float] = json.loads(process.stdout.readline())
        return answer


PEER = str(ROOT / "bench" / "post" / "peers.py")


def peer(python: str, *words: object) -> dict[str, float]:
    return last_line(run([python, PEER, *map(str, words)]))


def asked(python: str, module: str, *words: object) -> dict[str, float]:
    return last_line(run([python, "-m", module, *map(str, words)]))


def run(command: list[str]) -> str:
    env = {**os.environ, "PTB_TIMEDELTA": "1"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def last_line(said: str) -> dict[str, float]:
    answer: dict[str, float] = json.loads(said.strip().splitlines()[-1])
    return answer


def smtp_source(source: str, port: int, wide: int) -> float:
    count = 10_000
    began = time.perf_counter()
    run([source, "-d", "-s", str(wide), "-m", str(count), "-l", "10000", "-f", "a@example.org", "-t", "b@example.net",
         f"127.0.0.1:{port}"])  # fmt: skip
    return count / (time.perf_counter() - began)


def best(rates: dict[str, list[float]], begin: str) -> list[float]:
    """The runs of the best setting."""
    return max((found for name, found in rates.items() if name.startswith(begin)), key=median, default=[])


def program(name: str) -> str:
    folders = os.pathsep.join(
        [os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/postfix", "/usr/libexec/postfix"]
    )
    return shutil.which(name, path=folders) or ""


def peers(board: Board) -> str:
    """The Python that has them, made once; empty where it cannot be made."""
    python = PEERS / "bin" / "python"
    if not (PEERS / ".ready").exists():
        with contextlib.suppress(OSError):
            made = subprocess.run(
                [sys.executable, "-m", "venv", str(PEERS)], capture_output=True, check=False
            )
            got = subprocess.run(
                [str(python), "-m", "pip", "install", "--quiet", *WANTED], capture_output=True, check=False
            )
            if made.returncode == got.returncode == 0:
                (PEERS / ".ready").touch()
    if (PEERS / ".ready").exists():
        return str(python)
    board.absent.append("Apprise and AIORateLimiter: they could not be installed")
    return ""


@contextlib.contextmanager
def postfix_sink(sink: str) -> Iterator[int]:
    port = 20_000 + os.getpid() % 20_000
    who = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen(
        [sink, *who, f"127.0.0.1:{port}", "200"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(0.5)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def server(*words: object) -> Iterator[int]:
    with server_process(*words) as process:
        assert process.stdout
        yield int(process.stdout.readline())


@contextlib.contextmanager
def server_process(*words: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.post.servers", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
