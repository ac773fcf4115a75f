"""The live service as an operator has it: `warn run`, signals, restarts, edits while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import signal
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warn.sources import SOURCES

from tests.app.running import RULES, ask, warn
from tests.fakes.bot_api import TOKEN, bot_api
from tests.fakes.smtp import smtp_relay
from tests.service.living import QUIET, Live, channels_of, living, subscribe

MOST_CPU_S = (
    5.0  # seconds of work, since a busy machine must not fail a test; bench/service.py has the real figures
)
LARGEST_MB = 175.0
FILES_ONLY = ",".join(name for name in SOURCES if name != "file")


def trouble(live: Live) -> list[str]:
    """Lines nobody should ever have to read."""
    return [
        line for line in live.lines if re.search(r"Traceback|Task was destroyed|never awaited|CRITICAL", line)
    ]


def shortage(folder: Path, key: str = "1") -> None:
    """A partner's file that says today what opens an alert."""
    folder.mkdir(parents=True, exist_ok=True)
    today = datetime.now(UTC) - timedelta(hours=2)
    (folder / f"facts-{key}.csv").write_text(
        "indicator,occurred_at,known_at,origin,place,lat,lon,precision,grade,title,key\n"
        f"fuel_shortage_report,{today:%Y-%m-%d},{today:%Y-%m-%dT%H:%MZ},RFI,Bamako,12.65,-8.0,town,B2,"
        f"Longues files devant les stations,{key}\n",
        encoding="utf-8",
    )


async def test_it_starts_soon_stays_small_and_sigterm_ends_it_in_good_order(tmp_path: Path) -> None:
    async with living(tmp_path / "var") as live:
        assert live.up_cpu_s < MOST_CPU_S
        await live.until((tmp_path / "var" / "warn.db").exists)
        await ready(live)
        assert live.rss_mb() < LARGEST_MB
        assert await live.stop() == 0
    assert trouble(live) == []
    assert not (tmp_path / "var" / "warn.db-wal").exists(), "the database was not closed"


async def ready(live: Live) -> None:
    async with asyncio.timeout(30):
        while (await live.get("/readyz")).status_code != 200:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_at_the_very_start_ends_it_too(tmp_path: Path, how: signal.Signals) -> None:
    async with living(tmp_path / "var") as live:
        assert await live.stop(how) == 0
    assert trouble(live) == []


async def test_a_new_fact_reaches_mail_and_phone_within_seconds_and_a_restart_repeats_nothing(
    tmp_path: Path,
) -> None:
    var, inbox = tmp_path / "var", tmp_path / "inbox"
    async with smtp_relay() as relay, bot_api() as api:
        subscribe(var, "email", "reader@example.org")
        subscribe(var, "telegram", "1001")
        shortage(inbox)
        more = channels_of(relay, api) | {"WARN_SOURCE__FILES": str(inbox), "WARN_SOURCE__OFF": FILES_ONLY}
        async with living(var, **more) as live:
            await live.until(lambda: relay.mails and api.taken(chat="1001"))
            assert await live.stop() == 0
        assert trouble(live) == []
        assert TOKEN not in live.said
        async with living(var, **more) as again:
            await ready(again)
            await asyncio.sleep(2.5)
            assert await again.stop() == 0
        assert len(relay.mails) == 1
        assert len(api.taken(chat="1001")) == 1
    assert trouble(again) == []


async def test_killed_between_a_fact_and_its_message_it_is_told_after_the_restart(tmp_path: Path) -> None:
    var, inbox = tmp_path / "var", tmp_path / "inbox"
    async with smtp_relay() as relay, bot_api() as api:
        subscribe(var, "email", "reader@example.org")
        relay.say("connect", *[30.0] * 4)  # the relay is silent, so the message is in flight
        shortage(inbox)
        more = channels_of(relay, api) | {"WARN_SOURCE__FILES": str(inbox), "WARN_SOURCE__OFF": FILES_ONLY}
        async with living(var, **more) as live:
            await live.until(lambda: relay.connections)
            assert await live.stop(signal.SIGKILL) == -signal.SIGKILL
        relay.answers.clear()
        async with living(var, **more) as again:
            await again.until(lambda: relay.mails)
            assert await again.stop() == 0
        assert len(relay.mails) == 1
    assert ask(var / "warn.db", "SELECT state FROM delivery") == [{"state": "sent"}]


async def test_rules_that_are_broken_while_it_runs_are_named_and_not_used(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules, ignore=shutil.ignore_patterns("history"))
    async with living(tmp_path / "var", WARN_RULES=str(rules), WARN_LANG="en") as live:
        good = (rules / "supply.yaml").read_text(encoding="utf-8")
        (rules / "supply.yaml").write_text(
            good.replace("rises_to: {alert: 1}", "rises_to: {alrt: 1}", 1), encoding="utf-8"
        )
        await live.until(lambda: "the former ones stay" in live.said)
        line = next(line for line in live.lines if "the former ones stay" in line)
        assert re.search(r"supply\.yaml:\d+:\d+: ", line)
        assert (await live.get("/methode")).status_code == 200
        assert "Pénurie de carburant" in (await live.get("/methode")).text
        (rules / "supply.yaml").write_text(good + "\n# better\n", encoding="utf-8")
        await live.until(lambda: "rules reloaded" in live.said)
        assert await live.stop() == 0
    assert trouble(live) == []


async def test_the_page_answers_in_two_languages_with_headers_that_load_nothing_from_elsewhere(
    tmp_path: Path,
) -> None:
    var, inbox = tmp_path / "var", tmp_path / "inbox"
    shortage(inbox)
    async with living(var, WARN_SOURCE__FILES=str(inbox), WARN_SOURCE__OFF=FILES_ONLY) as live:
        await live.until(lambda: "level 3" in live.said or "fuel-shortage" in live.said)
        number = ask(var / "warn.db", "SELECT number FROM episode WHERE rule = 'fuel-shortage'")[0]["number"]
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        wanted = {
            "/": "fr", "/en": "en", f"/a/{number}": "fr", f"/en/a/{number}": "en", f"/bulletins/{today}": "fr",
            "/methode": "fr", "/en/methode": "en",
        }  # fmt: skip
        for path, lang in wanted.items():
            answer = await live.get(path)
            assert answer.status_code == 200, path
            assert f'<html lang="{lang}"' in answer.text, path
            assert "<script" not in answer.text, path
            assert not re.search(
                r'(?:src|href)="https?://(?!127\.0\.0\.1)[^"]*\.(?:js|css|png|woff2?)', answer.text
            ), path
            guarded(answer.headers)
        for path in (
            "/nowhere",
            "/a/999999",
            "/bulletins/yesterday",
            "/bulletins/1999-01-01",
            "/u/x",
            "/r/x",
        ):
            answer = await live.get(path)
            assert answer.status_code == 404, path
            assert "<html" in answer.text, path
            guarded(answer.headers)
        assert (await live.get("/healthz")).text == "ok\n"
        assert (await live.get("/readyz")).json()["ready"] is True
        assert (await live.get("/style.css")).headers["content-type"].startswith("text/css")
        assert "Alerte 3/4" in (await live.get("/")).text
        assert await live.stop() == 0
    assert trouble(live) == []


def guarded(headers: object) -> None:
    get = headers.get  # type: ignore[attr-defined]
    assert "default-src 'none'" in get("content-security-policy")
    assert "frame-ancestors 'none'" in get("content-security-policy")
    assert get("x-content-type-options") == "nosniff"
    assert get("referrer-policy") == "no-referrer"
    assert get("set-cookie") is None
    assert get("server") is None


async def test_a_bot_api_that_is_down_at_the_start_keeps_nobody_waiting(tmp_path: Path) -> None:
    var, inbox = tmp_path / "var", tmp_path / "inbox"
    async with smtp_relay() as relay, bot_api() as api:
        more = channels_of(relay, api)
    async with smtp_relay() as relay:
        subscribe(var, "email", "reader@example.org")
        shortage(inbox)
        more |= {
            "WARN_EMAIL__PORT": str(relay.port),
            "WARN_SOURCE__FILES": str(inbox),
            "WARN_SOURCE__OFF": FILES_ONLY,
        }
        async with living(var, **more) as live:
            await live.until(lambda: relay.mails)
            assert await live.stop() == 0
    assert trouble(live) == []
    assert TOKEN not in live.said


def test_a_port_that_is_taken_is_one_line_that_names_the_setting(tmp_path: Path) -> None:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = warn("run", var=tmp_path / "var", WARN_WEB__PORT=str(port), WARN_LOG_LEVEL="ERROR")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "WARN_WEB__PORT" in done.stderr
    assert str(port) in done.stderr


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("WARN_WEB__PORT", "many", "WARN_WEB__PORT"),
        ("WARN_SECRET", "short", "WARN_SECRET"),
        ("WARN_RULES", "/nowhere", "WARN_RULES"),
        ("WARN_TEMPLATES", "/nowhere", "WARN_TEMPLATES"),
        ("WARN_DATABASE", "nonsense", "sqlite:///"),
    ],
)
def test_a_setting_that_cannot_be_used_ends_the_start_in_one_line(
    tmp_path: Path, setting: str, value: str, named: str
) -> None:
    done = warn("run", var=tmp_path / "var", WARN_LOG_LEVEL="ERROR", **{setting: value})
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


async def test_a_second_service_on_the_same_file_ends_in_one_line_and_after_a_kill_the_next_is_up_at_once(
    tmp_path: Path,
) -> None:
    var = tmp_path / "var"
    async with living(var) as live:
        more = {"WARN_SOURCE__OFF": QUIET, "WARN_WEB__PORT": "0", "WARN_LOG_LEVEL": "ERROR"}
        second = await asyncio.to_thread(warn, "run", var=var, **more)
        assert second.returncode == 1
        assert "A service is running on" in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1
        await live.stop(signal.SIGKILL)
    async with living(var) as again:
        assert again.up_s < 2 * live.up_s + 1
        assert await again.stop() == 0
