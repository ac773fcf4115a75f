"""No token of a bot and no password ever reaches a log."""

import io
import logging

import httpx
import pytest
from warn.channels.redact import install, redact, without_addresses

CANARY = "123456789:AAcanaryCANARYcanaryCANARYcanary_-12"


@pytest.fixture
def log():
    """A handler of our own on the root logger, as the service has one."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setLevel(logging.DEBUG)
    root = logging.getLogger()
    before = {
        name: logging.getLogger(name).level for name in ("", "httpx", "httpcore", "telegram", "apscheduler")
    }
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    install([handler], ["my password"])
    yield stream
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_tokens_and_secrets_are_hidden_in_messages_arguments_and_traces(log):
    logger = logging.getLogger("some.library")
    logger.info("POST https://api.telegram.org/bot%s/sendMessage", CANARY)
    logger.info({"url": f"/bot{CANARY}"})
    try:
        int(f"refused: {CANARY} my password")
    except ValueError:
        logger.exception("it failed with %r", "my password")
    written = log.getvalue()
    assert "canaryCANARY" not in written
    assert "my password" not in written
    assert written.count("[hidden]") >= 4
    assert "sendMessage" in written
    assert "ValueError: invalid literal" in written


async def test_httpx_does_not_tell_addresses_at_its_usual_level(log):
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:1/bot{CANARY}/getMe")
    assert "127.0.0.1" not in log.getvalue()


@pytest.mark.parametrize(
    "harmless", ["à 12:30", "N° 12, rév. 2 : alertes.example.org/a/12", "2025-10-08T06:00:00Z"]
)
def test_what_is_no_secret_stays_as_it_is(harmless):
    assert redact(harmless) == harmless


@pytest.mark.parametrize(
    ("said", "left"),
    [('unknown user: "awa"', 'unknown user: "[hidden]"'), ("AWA is gone.", "[hidden] is gone."), ("awas, awa.b", "awas, awa.b"),
     ("<awa@e.org>: 5.1.1", "<[hidden]>: 5.1.1")],
)  # fmt: skip
def test_a_readers_name_is_hidden_where_it_stands_alone_and_other_words_are_left(said, left):
    assert without_addresses(said, "awa@e.org") == left
